"""Exports of other platforms: every frequency equals the answers they were written from."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from runtime.plain_text import plain
from tests.drafting import Computed, computed
from tests.platform_files import MEDIA, SHAPES, Answers

CASES = [(name, shape) for name, (_, shapes) in SHAPES.items() for shape in shapes]
# they have no headings of their own
NAMED = ("enalyzer",)


def told(found: Computed) -> dict[str, Counter[str]]:
    """What was counted, by question or line and by the answer's text."""
    by_item: dict[str, Counter[str]] = {}
    labels = {i.variable: i for i in found.study.items.values()}
    for (variable, cell), n in found.counts.items():
        item = labels[variable]
        question = found.study.question[item.question]
        if item.type == "multiple":
            if cell == "1":
                by_item.setdefault(question.label.da, Counter())[item.label.da] += n
            continue
        text = next(code.label.da for code in item.scale if code.cell == cell)
        by_item.setdefault(item.label.da, Counter())[text] += n
    return by_item


def same(one: Counter[str], other: Counter[str]) -> bool:
    def spelt(counts: Counter[str]) -> dict[str, int]:
        return {plain(text).replace(";", ","): n for text, n in counts.items() if n}

    return spelt(one) == spelt(other)


@pytest.mark.parametrize(("platform", "shape"), CASES)
def test_every_frequency_is_that_of_the_answers(tmp_path: Path, platform: str, shape: str) -> None:
    check_platform(tmp_path, platform, shape, Answers(seed=CASES.index((platform, shape))))


def check_platform(tmp_path: Path, platform: str, shape: str, answers: Answers) -> None:
    """Draft and compute an export of the answers; AssertionError where a count is another."""
    write = SHAPES[platform][0]
    given = write(tmp_path / "download", answers, shape)
    chosen = platform if platform in NAMED else "auto"
    found = computed(given, tmp_path / "studies", platform=chosen)
    assert found.study.source_sheet("1").kind == platform
    counted = told(found)
    bare = {f"m{n}": text for n, text in enumerate(MEDIA, 1)}
    counted = {q: Counter({bare.get(t, t): n for t, n in c.items()}) for q, c in counted.items()}
    expected = answers.counts
    if (platform, shape) == ("surveymonkey", "expanded"):
        # a question of one answer whose columns are boxes: the same figures
        assert same(counted.pop("Er du enig?"), expected.pop("agree"))
    for name, own in expected.items():
        hits = [label for label, counts in counted.items() if same(counts, own)]
        assert hits, f"{name}: {dict(own)} not among {counted}"
    boxes = [i for i in found.study.items.values() if i.type == "multiple" and i.label.da in MEDIA]
    if boxes:
        assert [item.label.da for item in boxes] == MEDIA
        assert {found.bases[item.variable] for item in boxes} == {answers.base}
    ages = [i.variable for i in found.study.items.values() if i.type == "numeric"]
    assert [sorted(found.numbers(age)) for age in ages] == [sorted(map(float, answers.age))]
    assert found.outcome.answers["rule"].isna().all()
    assert not [m for m in found.check.lines if "would stop" in m]

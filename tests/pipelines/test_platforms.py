"""Exports of other platforms: every frequency equals that of the answers they were written from."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from assets.raw.readers.platforms.cells import Split, choices_of, find_split
from pipelines.draft.source import find_export
from runtime.plain_text import plain
from tests.drafting import Computed, computed
from tests.platform_files import (
    AGREE,
    MEDIA,
    SHAPES,
    Answers,
    any_table,
    codebook,
    redcap,
    write_book,
    write_csv,
)

CASES = [(name, shape) for name, (_, shapes) in SHAPES.items() for shape in shapes]
# they have no headings of their own
NAMED = ("enalyzer",)


def told(found: Computed) -> dict[str, Counter[str]]:
    """The counts, by question or line and by the text of the answer."""
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
    """Draft and compute an export of the answers. AssertionError if a count differs."""
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


def redcap_labels(a: Answers) -> list[list[Any]]:
    """Labels under headings that are labels: boxes are `Question (choice=Label)`."""
    head = [
        "Record ID",
        "Survey Timestamp",
        "Er du enig?",
        *(f"Medier? (choice={m})" for m in MEDIA),
    ]
    return [[*head, "Complete?"], *(
        [n + 1, "2024-03-01 10:00", a.agree[n],
         *("Checked" if m in a.media[n] else "Unchecked" for m in MEDIA), "Complete"]
        for n in range(a.people)
    )]  # fmt: skip


def kobo_names(a: Answers) -> list[list[Any]]:
    """Names of choices between blanks, without the form."""
    head = ["start", "end", "enig", "medier", "_id", "_uuid", "_submission_time"]
    return [head, *(
        ["", "", a.agree[n] and f"a{AGREE.index(a.agree[n])}",
         " ".join(f"m_{MEDIA.index(m)}" for m in a.media[n]), n, f"u{n}", "2024-03-01"]
        for n in range(a.people)
    )]  # fmt: skip


def enalyzer_two(a: Answers) -> list[list[Any]]:
    """Names above texts, with nothing that identifies the platform."""
    return [["respondent", "q1", "q2"],
            ["Respondentens nummer", "Er du enig i det?", "Hvilke medier bruger du?"],
            *([n + 1, a.agree[n], ";".join(a.media[n])] for n in range(a.people))]  # fmt: skip


def qualtrics_two(a: Answers) -> list[list[Any]]:
    """The older export with two header lines."""
    return [["StartDate", "EndDate", "ResponseId", "Q1", "Q2"],
            ["Start Date", "End Date", "Response ID", "Er du enig?", "Medier?"],
            *(["2024-03-01", "2024-03-01", f"R_{n}", a.agree[n], ";".join(a.media[n])]
              for n in range(a.people))]  # fmt: skip


OTHERS = {"redcap": redcap_labels, "kobo": kobo_names, "enalyzer": enalyzer_two,
          "qualtrics": qualtrics_two}  # fmt: skip


@pytest.mark.parametrize("platform", OTHERS)
def test_other_shapes_are_known_by_their_first_lines(tmp_path: Path, platform: str) -> None:
    a = Answers(seed=11)
    found = computed(write_csv(tmp_path / "data.csv", OTHERS[platform](a)), tmp_path / "studies")
    assert found.study.source_sheet("1").kind == platform
    assert len(found.study.questions) == 2 + (platform == "redcap")
    agree, media = (q for q in found.study.questions if "Complete" not in q.label.da)
    counts = {code.cell: found.counts[(agree.items[0].variable, code.cell)]
              for code in agree.items[0].scale}  # fmt: skip
    given = Counter(a.agree)
    assert list(counts.values()) == [given[text] for text in AGREE]
    assert media.type == "multiple"
    ticked = [found.counts[(item.variable, "1")] for item in media.items]
    assert ticked == [a.counts["media"][m] for m in MEDIA]
    assert {found.bases[item.variable] for item in media.items} == {a.base}


def test_a_codebook_may_be_a_sheet_of_the_workbook_and_codes_may_have_none(tmp_path: Path) -> None:
    a = Answers(seed=12)
    data: list[list[Any]] = [["id", "enig", "kids"], *(
        [n + 1, AGREE.index(a.agree[n]) + 1 if a.agree[n] else None, a.age[n] % 4]
        for n in range(a.people)
    )]  # fmt: skip
    book: list[list[Any]] = [["variable", "label", "code", "code label"],
            *(["enig", "Er du enig?", n, text] for n, text in enumerate(AGREE, 1)),
            ["kids", "Børn", None, None]]  # fmt: skip
    given = write_book(tmp_path / "a.xlsx", {"data": data, "codebook": book})
    found = computed(given, tmp_path / "studies")
    assert [q.label.da for q in found.study.questions] == ["Er du enig?", "Børn"]
    for place, text in enumerate(AGREE, 1):
        assert found.counts[("enig", str(place))] == Counter(a.agree)[text]
    kids = Counter(age % 4 for age in a.age)
    assert {k: found.counts[("kids", str(k))] for k in range(4)} == kids


@pytest.mark.parametrize(
    ("cell", "by", "choices", "parts"),
    [
        ("a; b; c", "; ", ("a; b", "c"), ["a; b", "c"]),
        ("c;a; b", ";", ("a; b", "c"), ["a; b", "c"]),
        ("a. b|c", "|", ("a. b", "c"), ["a. b", "c"]),
        ("new york x", " ", ("new york", "x"), ["new york", "x"]),
        ("a,b,a", ",", ("a", "b"), ["a", "b"]),
    ],
)
def test_a_choice_that_holds_the_separator_is_one_choice(
    cell: str, by: str, choices: tuple[str, ...], parts: list[str]
) -> None:
    assert choices_of(cell, Split(by, choices)) == parts


@pytest.mark.parametrize(
    ("name", "describes", "taken"),
    [
        ("codebook.csv", True, True),
        ("my variables.csv", True, True),
        # a table of answers is none, whatever its name
        ("codebook.csv", False, False),
        # and nothing says that this one belongs to the file that was given
        ("other.csv", True, False),
        ("other.csv", False, False),
    ],
)
def test_a_file_beside_the_given_one_describes_it_if_name_and_content_say_so(
    tmp_path: Path, name: str, describes: bool, taken: bool
) -> None:
    table = any_table(Answers(), True)
    given = write_csv(tmp_path / "answers.csv", table)
    beside = write_csv(tmp_path / name, codebook("bars") if describes else table)
    _, paths = find_export(given)
    assert paths == {"dataset": given, **({"definition": beside} if taken else {})}


def test_a_dictionary_of_redcap_is_known_by_its_content(tmp_path: Path) -> None:
    folder = redcap(tmp_path, Answers(), "raw")
    (data,) = [path for path in folder.iterdir() if path.name != "DataDictionary.csv"]
    beside = (folder / "DataDictionary.csv").rename(folder / "other.csv")
    assert find_export(data) == ("redcap", {"dataset": data, "definition": beside})


def test_choices_recur_if_half_of_them_occur_twice() -> None:
    pairs = ["tea, milk", "milk, juice", "juice, tea"]
    found = find_split([*pairs, "water", "wine", "rum"])
    assert found is not None
    assert (found.by, sorted(found.choices)) == (
        ", ", ["juice", "milk", "rum", "tea", "water", "wine"]
    )  # fmt: skip
    assert find_split([*pairs, "water", "wine", "rum", "gin"]) is None

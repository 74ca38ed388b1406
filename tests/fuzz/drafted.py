"""Exports drafted at random: every count equals pandas, or the case says what is wrong.

Kinds: an export of each platform, labelled special codes in every form, tick boxes in every
coding, texts in every encoding.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from tests.drafting import computed
from tests.foreign import tables, write_tables
from tests.pipelines.test_platforms import check_platform
from tests.pipelines.test_silent_faults import CHOICES, NAMES, TEXTS, boxes_sav, numbers_export
from tests.platform_files import SHAPES, Answers


def special_codes(folder: Path, rng: random.Random) -> None:
    """A number of many values with one or two labelled ones that are none."""
    count = rng.randrange(40, 120)
    codes = rng.sample([999, 998, 9999, -9, -8, -1], rng.randrange(1, 3))
    words = ["Vil ikke svare", "Ved ikke", "Refused", "Don't know", "Not applicable"]
    labels = {code: rng.choice(words) for code in codes}
    values = [float(rng.randrange(0, 95)) for _ in range(count)]
    values += [float(rng.choice(codes)) for _ in range(count // 8 + 1)]
    rng.shuffle(values)
    form = rng.choice(["sav", "delimited", "excel"])
    found = computed(numbers_export(folder / form, form, values, labels), folder)
    valid = pd.Series([v for v in values if v not in labels])
    told = pd.Series(found.numbers("tal"))
    assert sorted(told) == sorted(valid), f"{form}, {labels}: {found.notes}"


def tick_boxes(folder: Path, rng: random.Random) -> None:
    """Boxes of 0 and 1, of 1 alone or of their own code, under any names and texts."""
    names, text = NAMES[rng.choice(list(NAMES))], TEXTS[rng.choice(list(TEXTS))]
    coding, count = rng.choice(["0 and 1", "1 alone", "own code"]), rng.randrange(20, 90)
    columns: dict[str, list[float | None]] = {}
    labels: dict[str, dict[int, str]] = {}
    for place, name in enumerate(names, start=1):
        code = place if coding == "own code" else 1
        ticked = [rng.random() < 0.4 for _ in range(count)]
        other = 0.0 if coding == "0 and 1" else None
        columns[name] = [float(code) if each else other for each in ticked]
        labels[name] = {code: "Valgt"} if other is None else {0: "Ikke valgt", 1: "Valgt"}
    given = boxes_sav(folder / "a.sav", columns, [text.format(c) for c in CHOICES], labels)
    found = computed(given, folder)
    raw = pd.DataFrame(columns).fillna(0) != 0
    for name in names:
        assert found.counts.get((name, "1"), 0) == raw[name].sum(), f"{name}, {coding}, {text}"
        assert found.bases[name] == raw.any(axis=1).sum(), f"{name}, {coding}, {text}"


def encodings(folder: Path, rng: random.Random) -> None:
    """The same export in two encodings gives the same texts and counts."""
    export = tables(rng.randrange(20, 60), rng.randrange(1000))
    encoding = rng.choice(["cp850", "cp865", "mac-roman", "utf-8", "utf-8-sig", "utf-16"])
    plain = computed(write_tables(folder / "a", export), folder / "x")
    other = computed(write_tables(folder / "b", export, ",", encoding), folder / "y")
    assert other.counts == plain.counts, encoding
    told = [q.label for q in plain.study.questions]
    assert [q.label for q in other.study.questions] == told, encoding


def platform(name: str) -> Callable[[Path, random.Random], None]:
    """A case of a platform: any shape, any number of people."""

    def case(folder: Path, rng: random.Random) -> None:
        shape = rng.choice(SHAPES[name][1])
        answers = Answers(rng.randrange(45, 120), rng.randrange(10_000))
        check_platform(folder, name, shape, answers)

    return case


DRAFTED: dict[str, Callable[[Path, random.Random], None]] = {
    "special_codes": special_codes, "tick_boxes": tick_boxes, "encodings": encodings,
    **{name: platform(name) for name in SHAPES},
}  # fmt: skip


def check_drafted(kind: str, seed: int) -> None:
    """One case."""
    with tempfile.TemporaryDirectory(prefix="samspil_drafted_") as name:
        DRAFTED[kind](Path(name), random.Random(f"{kind} {seed}"))

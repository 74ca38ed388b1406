"""Exports drafted at random: every count equals that of pandas, or the case names the fault.

Kinds: an export of each platform, labelled special codes of numbers and scales in every form, tick
boxes in every coding, multiple-response sets, texts in every encoding and normal form, surplus
fields, header lines.
"""

from __future__ import annotations

import random
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from tests.drafting import computed
from tests.foreign import tables, write_tables
from tests.pipelines.test_platforms import check_platform
from tests.pipelines.test_silent_faults import (
    CHOICES,
    NAMES,
    TEXTS,
    boxes_sav,
    numbers_export,
    with_sets,
)
from tests.platform_files import SHAPES, Answers, write_csv


def special_codes(folder: Path, rng: random.Random) -> None:
    """A numeric item with many values, one or two of which are labelled special codes."""
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
    # a .sav has no brackets in names
    known = [name for name in NAMES if name != "brackets"]
    names, text = NAMES[rng.choice(known)], TEXTS[rng.choice(list(TEXTS))]
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


def scales(folder: Path, rng: random.Random) -> None:
    """A scale with labels on some codes, with special codes in addition."""
    top = rng.randrange(3, 11)
    labelled = rng.choice([{1, top}, set(range(1, top + 1)), set(range(1, top + 1, 2))])
    special = rng.sample([-9, -8, 77, 88, 98, 99, 999], rng.randrange(0, 3))
    labels = {code: f"trin {code}" for code in sorted(labelled)}
    labels |= {code: rng.choice(["Ved ikke", "Refused", "Uoplyst"]) for code in special}
    codes = (*range(1, top + 1), *special)
    values = [float(code) for code in codes for _ in range(rng.randrange(2, 9))]
    rng.shuffle(values)
    form = rng.choice(["sav", "delimited", "excel"])
    found = computed(numbers_export(folder / form, form, values, labels), folder)
    (item,) = [item for item in found.study.items.values() if item.variable == "tal"]
    case = f"{form}, {labels}, {top}"
    valid = [code.code for code in item.scale if not code.missing]
    assert valid == list(range(1, top + 1)), f"{case}: {valid}"
    for code, n in pd.Series(values).astype(int).value_counts().items():
        assert found.counts[("tal", str(code))] == n, f"{case}: {code}"


def response_sets(folder: Path, rng: random.Random) -> None:
    """Boxes that only the file's set combines to one question, with any counted value."""
    ticked, other = rng.choice([(1, 2), (2, 1), (1, 0), (5, 9)])
    names = rng.sample(["alpha", "beta", "gamma", "delta", "eps"], rng.randrange(2, 6))
    count = rng.randrange(20, 80)
    columns = {
        name: [float(ticked if rng.random() < 0.4 else other) for _ in range(count)]
        for name in names
    }
    labels = {name: {ticked: "Yes", other: "No"} for name in names}
    given = boxes_sav(folder / "a.sav", columns, [f"Media {name}" for name in names], labels)
    kind = rng.choice([7, 19])
    head = f"$media={'D' if kind == 7 else 'E 1 '}{len(str(ticked))} {ticked}"
    with_sets(given, f"{head} 11 Which media {' '.join(names)}\n", kind)
    found = computed(given, folder)
    (question,) = found.study.questions
    assert question.type == "multiple", f"{names}, {ticked}, {other}"
    raw = pd.DataFrame(columns) == ticked
    for name in names:
        assert found.counts.get((name, "1"), 0) == raw[name].sum(), f"{name}, {ticked}, {other}"
        assert found.bases[name] == raw.any(axis=1).sum(), f"{name}, {ticked}, {other}"


LOOKS: tuple[Callable[[str], str], ...] = (
    str, lambda text: unicodedata.normalize("NFD", text), lambda text: f"  {text}\t",
    lambda text: text.replace(" ", "\u00a0"), lambda text: text.replace(" ", "   "),
    lambda text: text.replace(" ", "\u2009"), lambda text: text[:1] + "\u00ad" + text[1:],
    lambda text: text[:1] + "\u200b" + text[1:], lambda text: text.replace(" ", "\n"),
)  # fmt: skip


def normal_forms(folder: Path, rng: random.Random) -> None:
    """Answers and choices that look the same to a reader are one answer and one choice."""
    towns, media = ["Ærø", "Århus by", "Små øer"], ["Radio på å", "Avis", "Børne tv"]
    lines: list[list[str]] = [["id", "by", "medier"]]
    answers, ticked = [], []
    for n in range(rng.randrange(45, 90)):
        town, own = rng.choice(towns), [m for m in media if rng.random() < 0.5]
        answers.append(town)
        ticked += own
        cell = ";".join(rng.choice(LOOKS)(m) for m in own)
        lines.append([str(n), rng.choice(LOOKS)(town), cell])
    found = computed(write_csv(folder / "a.csv", [*map(list, lines)]), folder)
    for town, n in Counter(answers).items():
        assert found.counts.get(("by", town)) == n, f"{town}: {found.counts}"
    boxes = {i.label.da: i.variable for i in found.study.items.values() if i.type == "multiple"}
    for medium, n in Counter(ticked).items():
        assert found.counts.get((boxes.get(medium, ""), "1")) == n, f"{medium}: {found.counts}"


def surplus_fields(folder: Path, rng: random.Random) -> None:
    """Empty fields at the end of lines change no figure, and `init` reports them."""
    export = tables(rng.randrange(20, 60), rng.randrange(1000))
    plain = computed(write_tables(folder / "a", export), folder / "x")
    delimiter, chosen = rng.choice(";,\t"), rng.randrange(3)
    lines = export[chosen]
    # the first line has the names of the data set and the structure
    some = rng.sample(range(1, len(lines)), rng.randrange(1, len(lines)))
    for at in some:
        lines[at] = [*lines[at], *[rng.choice(["", " "])] * rng.randrange(1, 4)]
    found = computed(write_tables(folder / "b", export, delimiter), folder / "y")
    case = f"file {chosen}, {len(some)} lines, {delimiter!r}"
    assert found.counts == plain.counts, case
    assert f"{len(some)} lines end in empty fields" in found.notes, f"{case}: {found.notes}"


def header_lines(folder: Path, rng: random.Random) -> None:
    """Text before the header, and a renamed or moved heading, lose no text."""
    data, structure, labels = tables(rng.randrange(20, 60), rng.randrange(1000))
    plain = computed(write_tables(folder / "a", (data, structure, labels)), folder / "x")
    if rng.random() < 0.5:
        order = rng.sample(range(7), 7)
        for row in structure:
            row[:] = [row[place] for place in order]
    renamed = rng.sample(range(7), rng.randrange(0, 3))
    for place in renamed:
        structure[0][place] = rng.choice(["Overskrift", "x", "Spalte"]) + str(place)
    given = write_tables(folder / "b", (data, structure, labels), ";", "utf-8")
    mark = b"\xef\xbb\xbf"
    before = rng.choice([b"", mark * 2, b"sep=;\r\n", b"sep=,\n", mark + b"sep=;\n"])
    for path in given.iterdir():
        path.write_bytes(before + path.read_bytes())
    found = computed(given, folder / "y")
    case = f"{structure[0]}, {before!r}"
    assert found.counts == plain.counts, f"{case}: {found.notes}"
    told = [q.label for q in plain.study.questions]
    same = [q.label for q in found.study.questions] == told
    # a heading that nothing tells is named
    assert same or "expected the headings" in found.notes, f"{case}: {found.notes}"


def platform(name: str) -> Callable[[Path, random.Random], None]:
    """A case of a platform, in any shape and with any number of people."""

    def case(folder: Path, rng: random.Random) -> None:
        shape = rng.choice(SHAPES[name][1])
        answers = Answers(rng.randrange(45, 120), rng.randrange(10_000))
        check_platform(folder, name, shape, answers)

    return case


DRAFTED: dict[str, Callable[[Path, random.Random], None]] = {
    "special_codes": special_codes, "scales": scales, "tick_boxes": tick_boxes,
    "response_sets": response_sets, "encodings": encodings, "normal_forms": normal_forms,
    "surplus_fields": surplus_fields, "header_lines": header_lines,
    **{name: platform(name) for name in SHAPES},
}  # fmt: skip


def check_drafted(kind: str, seed: int) -> None:
    """One case."""
    with tempfile.TemporaryDirectory(prefix="samspil_drafted_") as name:
        DRAFTED[kind](Path(name), random.Random(f"{kind} {seed}"))

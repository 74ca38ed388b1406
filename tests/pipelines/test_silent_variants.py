"""Further variants of figures that were silently wrong: boxes, special codes, headings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.drafting import Computed, computed
from tests.foreign import Table, tables, write_tables
from tests.pipelines.test_silent_faults import CHOICES, boxes_sav
from tests.platform_files import write_csv

# the process is tested with the readers
pytestmark = pytest.mark.usefixtures("sav_in_process")
RNG = range(60)
NAMES = ["q1_1", "q1_2", "q1_3", "q1_4"]
WORDS = ["forening", "borger", "kirke", "andre"]
CHOSEN, YES = ("Ikke valgt", "Valgt"), ("Nej", "Ja")

# names, text, code of what is not ticked, codes of what is, labels
BOXES: dict[str, tuple[list[str], str, float | None, list[int], dict[int, str]]] = {
    "dash": (WORDS, "Hvem – {}", 0, [1] * 4, dict(enumerate(YES))),
    "slash": (WORDS, "Hvem samarbejder I med? / {}", 0, [1] * 4, dict(enumerate(YES))),
    "angle brackets": (WORDS, "{} <Hvem samarbejder I med>", 0, [1] * 4, dict(enumerate(YES))),
    "line feed": (WORDS, "Hvem samarbejder I med?\n{}", 0, [1] * 4, dict(enumerate(YES))),
    "1 and 2": (NAMES, "Hvem: {}", 2, [1] * 4, {1: "Valgt", 2: "Ikke valgt"}),
    "2 is ticked": (NAMES, "Hvem: {}", 1, [2] * 4, {1: "Not selected", 2: "Selected"}),
    "no common text": (NAMES, "{}", 0, [1] * 4, dict(enumerate(CHOSEN))),
    "no labels": (NAMES, "Hvem: {}", 0, [1] * 4, {}),
    "own codes and 0": (NAMES, "Hvem? {}", 0, [1, 2, 3, 4], {0: "Nej"}),
}


@pytest.mark.parametrize("case", BOXES)
def test_tick_boxes_in_any_coding_are_one_question_of_one_base(tmp_path: Path, case: str) -> None:
    names, text, other, ticked, labels = BOXES[case]
    columns: dict[str, list[float | None]] = {}
    given: dict[str, dict[int, str]] = {}
    for place, (name, code) in enumerate(zip(names, ticked, strict=True)):
        columns[name] = [float(code) if n % (place + 2) == 0 else other for n in RNG]
        own = {code: CHOICES[place]} if 0 in labels and 1 not in labels else {}
        if labels:
            given[name] = labels | own
    texts = [text.format(choice) for choice in CHOICES]
    found = computed(boxes_sav(tmp_path / "a.sav", columns, texts, given), tmp_path)
    (question,) = found.study.questions
    assert question.type == "multiple"
    assert [item.label.da for item in question.items] == CHOICES
    raw = pd.DataFrame(
        {n: pd.Series(columns[n]) == code for n, code in zip(names, ticked, strict=True)}
    )
    for name in names:
        assert found.counts[(name, "1")] == int(raw[name].sum())
        assert found.bases[name] == int(raw.any(axis=1).sum())


def test_boxes_of_no_question_are_reported(tmp_path: Path) -> None:
    columns = {name: [float(n % (at + 2) == 0) for n in RNG] for at, name in enumerate(WORDS)}
    labels = {name: dict(enumerate(CHOSEN)) for name in columns}
    found = computed(boxes_sav(tmp_path / "a.sav", columns, CHOICES, labels), tmp_path)
    assert "4 columns labelled as tick boxes of no question" in found.notes
    assert any("tick boxes of no question" in line for line in found.check.lines)


def test_special_numbers_without_a_label_are_reported(tmp_path: Path) -> None:
    lines: list[list[Any]] = [["id", "age", "hours", "x"]]
    for n in RNG:
        age, hours = (999 if n % 15 == 1 else 20 + n), (-9 if n % 15 == 2 else n)
        lines.append([n + 1, age, hours, (-3, -1, 1, 3)[n % 4]])
    found = computed(write_csv(tmp_path / "a.csv", lines), tmp_path)
    assert "age (999 on 4 lines), hours (-9 on 4 lines); they enter every mean" in found.notes


def test_words_among_numbers_are_special_values(tmp_path: Path) -> None:
    ages = ["Ved ikke" if n % 10 == 3 else str(20 + n) for n in RNG]
    found = computed(
        write_csv(tmp_path / "a.csv", [["id", "age"], *([n, a] for n, a in enumerate(ages))]),
        tmp_path,
    )
    item = found.study.items["age"]
    assert (item.type, [code.value for code in item.special]) == ("numeric", ["Ved ikke"])
    valid = pd.to_numeric(pd.Series(ages), errors="coerce").dropna()
    assert sorted(found.numbers("age")) == sorted(valid)


@pytest.mark.parametrize(
    ("values", "labels", "codes"),
    [
        ([1, 2, 3, 4, 5], {5: "Helt"}, ["1", "2", "3", "4", "5"]),
        ([1, 2, 3, 4, 11], {1: "Slet ikke", 11: "Ved ikke"}, ["1", "2", "3", "4", "11"]),
        ([-9, 1, 2, 3], {1: "a", 2: "b", 3: "c"}, ["1", "2", "3", "-9"]),
        ([1, 1.5, 2], {1: "en", 1.5: "halvanden", 2: "to"}, ["1", "1.5", "2"]),
        (list(range(67)), {code: str(code) for code in range(0, 67, 2)}, []),
    ],
)
def test_half_labelled_scales_come_in_order(
    tmp_path: Path, values: list[float], labels: dict[Any, str], codes: list[str]
) -> None:
    cells = [float(value) for value in values * 3]
    found = computed(boxes_sav(tmp_path / "a.sav", {"t": cells}, ["T"], {"t": labels}), tmp_path)
    (item,) = found.study.items.values()
    assert [code.cell for code in item.scale] == codes
    if codes:
        assert all(found.counts[("t", code)] == 3 for code in codes)
    else:
        assert sorted(found.numbers("t")) == sorted(cells)


@pytest.mark.parametrize("value", [0.0, -99.0, 1e15])
def test_what_is_no_date_is_reported_and_costs_no_file(tmp_path: Path, value: float) -> None:
    import pyreadstat

    frame = pd.DataFrame({"q": [1.0, 2.0] * 5, "d": [13_801_000_000.0] * 9 + [value]})
    pyreadstat.write_sav(frame, str(tmp_path / "a.sav"), variable_format={"d": "DATE11"},
                         variable_value_labels={"q": {1: "A", 2: "B"}})  # fmt: skip
    found = computed(tmp_path / "a.sav", tmp_path)
    assert "1 values that are not dates in d" in found.notes
    assert "no table: d (dates or times, except 1 answers)" in found.notes


def _without(place: int) -> Callable[[Table], None]:
    def change(structure: Table) -> None:
        for row in structure:
            del row[place]

    return change


def _in_another_order(structure: Table) -> None:
    for row in structure:
        row[:] = [row[place] for place in (6, 4, 2, 0, 1, 3, 5)]
    structure[0][:] = list("abcdefg")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_without(0), "no heading questionName"),
        (_without(2), "no heading questionType"),
        (_without(6), "no heading choiceText"),
        (_in_another_order, "no heading questionName"),
    ],
)
def test_one_missing_heading_costs_no_question_its_text(
    tmp_path: Path, unchanged: Computed, change: Callable[[Table], None], told: str
) -> None:
    data, structure, labels = tables()
    change(structure)
    found = computed(write_tables(tmp_path / "given", (data, structure, labels)), tmp_path / "x")
    assert [q.label.da for q in found.study.questions] == [
        q.label.da for q in unchanged.study.questions
    ]
    assert found.counts == unchanged.counts
    assert told in found.notes


BEFORE = {
    "three marks": b"\xef\xbb\xbf" * 3,
    "a mark read as Windows-1252": "\ufeff\u00ef\u00bb\u00bf".encode(),
    "sep": b"sep=;\r\n",
    "sep that is not true": b"sep=,\r\n",
}


@pytest.mark.parametrize("case", BEFORE)
def test_what_stands_before_the_header_is_no_part_of_it(
    tmp_path: Path, unchanged: Computed, case: str
) -> None:
    given = write_tables(tmp_path / "given", tables(), ";", "utf-8")
    path = given / "dataset.csv"
    path.write_bytes(BEFORE[case] + path.read_bytes())
    found = computed(given, tmp_path / "x")
    assert found.counts == unchanged.counts
    assert ("dataset.csv: " in found.notes) == (case != "sep")


def test_surplus_fields_of_all_lines_are_left_out_and_filled_ones_are_named(
    tmp_path: Path, unchanged: Computed
) -> None:
    from assets.raw.errors import DataError

    data, structure, labels = tables()
    wide = [[*row, "", ""] for row in labels]
    found = computed(write_tables(tmp_path / "a", (data, structure, wide), ","), tmp_path / "x")
    assert found.counts == unchanged.counts
    assert f"{len(labels)} lines end in empty fields, expected 3 fields" in found.notes
    filled = [[*row, "da"] for row in labels]
    with pytest.raises(DataError, match="row 1, column label: found '4 fields', expected 3 fields"):
        computed(write_tables(tmp_path / "b", (data, structure, filled), ","), tmp_path / "y")


def test_a_data_set_alone_is_read_and_told(tmp_path: Path) -> None:
    data, structure, labels = tables()
    given = write_tables(tmp_path / "given", (data, structure, labels))
    for name in ("structure.csv", "labels.csv"):
        (given / name).unlink()
    found = computed(given, tmp_path / "x")
    assert "SurveyXact's data set alone, expected structure.csv and labels.csv" in found.notes
    raw = pd.DataFrame(data[1:], columns=data[0])
    assert found.counts[("v_1_1", "1")] == int((raw["v_1_1"] == "1").sum())
    for code, n in raw["i_01"][raw["i_01"] != ""].value_counts().items():
        assert found.counts[("i_01", str(code))] == n

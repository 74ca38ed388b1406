"""Labels of an export that differ from the declared ones: exchanged, reworded, doubled."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from assets.raw.cells.judgements import JudgedTable
from assets.raw.cells.wide import Wide, in_memory
from assets.raw.delimited import RawTable
from assets.raw.errors import Finding
from assets.raw.rules.case import Case
from assets.raw.rules.described import structures
from assets.raw.rules.labels import label_codes, label_texts, labels_exchanged
from assets.raw.structure import RawWave
from assets.raw.wave_files import read_wave
from declarations import SourceSheet, Study, load_study
from tests.chain import declared_study

Rows = list[list[str]]


@pytest.fixture(scope="module")
def raw(study: Study) -> RawWave:
    """The committed wave."""
    return read_wave(study.source_sheet("2015"))


def edited(table: RawTable, edit: Callable[[Rows], object]) -> RawTable:
    rows = [list(row) for row in table.rows]
    edit(rows)
    return replace(table, rows=tuple(map(tuple, rows)), lines=tuple(range(1, len(rows) + 1)))


OPENED = ExitStack()


@cache
def wide_of(table: RawTable) -> Wide:
    return OPENED.enter_context(in_memory(table))


def case_of(raw: RawWave, study: Study, sheet: SourceSheet) -> Case:
    wide = wide_of(raw.dataset)
    return Case(raw.stored(wide.known), study, sheet, JudgedTable(wide, study, "judged"))


def found(study: Study, raw: RawWave, edit: Callable[[Rows], object], file: str) -> list[Finding]:
    """The findings of the four rules for a wave with a changed file."""
    changed = replace(raw, **{file: edited(getattr(raw, file), edit)})
    case = case_of(changed, study, study.source_sheet("2015"))
    rules = (label_codes, labels_exchanged, label_texts, structures)
    parts = [part for rule in rules for part in rule(case)]
    return [offence.finding for part in parts for offence in part.offences]


def row_of(rows: Rows, variable: str, code: str, at: int = 0) -> list[str]:
    return next(row for row in rows if row[at] == variable and code in ("", row[at + 1]))


def exchange(one: list[str], other: list[str], place: int) -> None:
    one[place], other[place] = other[place], one[place]


def test_the_committed_wave_has_the_declared_labels(study: Study, raw: RawWave) -> None:
    for file in ("labels", "structure"):
        assert not found(study, raw, lambda rows: None, file)


def test_two_labels_exchanged_are_reported_with_the_code_they_belong_to(
    study: Study, raw: RawWave
) -> None:
    findings = found(
        study, raw, lambda rows: exchange(row_of(rows, "s_1", "1"), row_of(rows, "s_1", "2"), 2),
        "labels",
    )  # fmt: skip
    assert [(f.rule, f.column, f.value, f.expected) for f in findings] == [
        ("label_exchanged", "s_1", "Centerchef",
         "'Fagchef' as declared for code 1 of position; this is code 2's"),
        ("label_exchanged", "s_1", "Fagchef",
         "'Centerchef' as declared for code 2 of position; this is code 1's"),
    ]  # fmt: skip


def test_exchanged_codes_are_reported_as_exchanged_labels_are(study: Study, raw: RawWave) -> None:
    """The same mistake in the other column of labels."""
    findings = found(
        study, raw, lambda rows: exchange(row_of(rows, "s_1", "1"), row_of(rows, "s_1", "3"), 1),
        "labels",
    )  # fmt: skip
    assert [f.rule for f in findings] == ["label_exchanged"] * 2


@pytest.mark.parametrize("text", ["Afdelingschef", "", "Fagchef 2"])
def test_another_text_is_reported_and_stops_nothing(study: Study, raw: RawWave, text: str) -> None:
    def reword(rows: Rows) -> None:
        row_of(rows, "s_1", "1")[2] = text

    (finding,) = found(study, raw, reword, "labels")
    assert (finding.rule, finding.value) == ("label_text", text)
    assert finding.expected == "'Fagchef' as declared for code 1 of position (or add `exported`)"


@pytest.mark.parametrize("text", [" Fagchef\n", "FAGCHEF"])
def test_blanks_and_capitals_are_no_other_text(study: Study, raw: RawWave, text: str) -> None:
    def reword(rows: Rows) -> None:
        row_of(rows, "s_1", "1")[2] = text

    assert not found(study, raw, reword, "labels")


def test_choices_exchanged_in_the_structure_are_reported(study: Study, raw: RawWave) -> None:
    findings = found(
        study, raw,
        lambda rows: exchange(row_of(rows, "s_98_2", "", 1), row_of(rows, "s_98_5", "", 1), 6),
        "structure",
    )  # fmt: skip
    assert [(f.rule, f.column) for f in findings] == [
        ("label_exchanged", "s_98_2"), ("label_exchanged", "s_98_5")
    ]  # fmt: skip
    assert "as declared for box " in findings[0].expected


def test_lines_of_a_grid_exchanged_in_the_structure_are_reported(
    study: Study, raw: RawWave
) -> None:
    findings = found(
        study, raw,
        lambda rows: exchange(row_of(rows, "s_70", "", 1), row_of(rows, "s_71", "", 1), 4),
        "structure",
    )  # fmt: skip
    assert [(f.rule, f.column) for f in findings] == [
        ("label_exchanged", "s_70"), ("label_exchanged", "s_71")
    ]  # fmt: skip


def test_a_box_whose_two_labels_are_reversed_is_reported(study: Study, raw: RawWave) -> None:
    findings = found(
        study, raw,
        lambda rows: exchange(row_of(rows, "s_98_3", "0"), row_of(rows, "s_98_3", "1"), 2),
        "labels",
    )  # fmt: skip
    assert [(f.rule, f.column, f.value) for f in findings] == [
        ("label_exchanged", "s_98_3", "0: valgt, 1: ikke valgt")
    ]


def test_boxes_that_are_all_reversed_are_reported_by_their_words(
    study: Study, raw: RawWave
) -> None:
    def reverse(rows: Rows) -> None:
        words = {"Valgt": "Ikke valgt", "Ikke valgt": "Valgt"}
        for row in rows:
            row[2] = words.get(row[2], row[2])

    boxes = sum(item.type == "multiple" for item in study.items.values())
    findings = found(study, raw, reverse, "labels")
    assert [f.rule for f in findings] == ["label_exchanged"] * boxes


def test_questions_exchanged_in_the_structure_are_reported(study: Study, raw: RawWave) -> None:
    findings = found(
        study, raw,
        lambda rows: exchange(row_of(rows, "s_1", "", 1), row_of(rows, "s_6", "", 1), 4),
        "structure",
    )  # fmt: skip
    assert [(f.rule, f.column) for f in findings] == [
        ("label_exchanged", "s_1"), ("label_exchanged", "s_6")
    ]  # fmt: skip
    assert findings[0].expected == (
        "'Stilling' as declared for question position; this is municipal_policy's"
    )


def test_a_question_with_the_words_of_one_that_keeps_them_stops_nothing(
    study: Study, raw: RawWave
) -> None:
    """Two questions have the text "Please explain", and the declaration distinguishes them."""

    def repeat(rows: Rows) -> None:
        row_of(rows, "s_1", "", 1)[4] = row_of(rows, "s_6", "", 1)[4]

    (finding,) = found(study, raw, repeat, "structure")
    assert (finding.rule, finding.column) == ("label_text", "s_1")


@pytest.mark.parametrize(
    ("variable", "place", "text", "rule", "expected"),
    [
        ("s_1", 4, "Er du tilfreds?", "label_text",
         "'Stilling' as declared for question position (or add `exported`)"),
        ("s_1", 2, "Open", "structure", "Closed, as position is declared single"),
        ("s_1", 3, "Multiple", "structure", "Single, as position is declared single"),
        ("s_98_2", 3, "Single", "structure", None),
        ("s_5", 2, "Closed", "structure", "an open type, as responsibilities is declared open"),
        ("s_98_2", 5, "9", "structure", None),
        ("s_98_2", 5, "2.0", None, None),
    ],
)  # fmt: skip
def test_what_the_structure_says_of_a_variable_is_compared(
    study: Study, raw: RawWave, variable: str, place: int, text: str,
    rule: str | None, expected: str | None,
) -> None:  # fmt: skip
    def change(rows: Rows) -> None:
        row_of(rows, variable, "", 1)[place] = text

    findings = found(study, raw, change, "structure")
    assert [(f.rule, f.column) for f in findings] == ([(rule, variable)] if rule else [])
    assert expected is None or [f.expected for f in findings] == [expected]


def test_column_names_exchanged_are_reported_by_the_order_of_the_structure(
    study: Study, raw: RawWave
) -> None:
    names = list(raw.dataset.columns)
    one, other = names.index("s_77"), names.index("s_78")
    names[one], names[other] = names[other], names[one]
    changed = replace(raw, dataset=replace(raw.dataset, columns=tuple(names)))
    (finding,) = found(study, changed, lambda rows: None, "structure")
    assert (finding.rule, finding.column) in {("structure", "s_77"), ("structure", "s_78")}
    assert "as the structure lists it" in finding.expected
    # a guessed structure knows no more than the data set
    guessed = replace(raw.structure, form="guessed: no such sheet")
    assert not found(study, replace(changed, structure=guessed), lambda rows: None, "structure")


def test_questions_that_the_structure_lost_are_reported(study: Study, raw: RawWave) -> None:
    def lose(rows: Rows) -> None:
        # the respondent list is not the questionnaire's
        lost = ("s_1", "s_98_2", "respondent", "kommune", "stato_4")
        rows[:] = [row for row in rows if row[1] not in lost]

    findings = found(study, raw, lose, "structure")
    assert [(f.rule, f.row, f.column) for f in findings] == [
        ("structure", None, "s_1"), ("structure", None, "s_98_2")
    ]  # fmt: skip
    guessed = replace(raw.structure, form="guessed: no such sheet")
    assert not found(study, replace(raw, structure=guessed), lose, "structure")
    # blanks and capitals are another matter
    respell = next(at for at, row in enumerate(raw.structure.rows) if row[1] == "s_1")
    spelt = found(study, raw, lambda rows: rows[respell].__setitem__(1, "S_1 "), "structure")
    assert not [f for f in spelt if f.row is None]


@pytest.mark.parametrize("file", ["structure", "labels"])
@pytest.mark.parametrize("texts", [("Gennemført", "Frafaldet"), (" completed", "Dropped  out")])
def test_status_flags_exchanged_are_reported_by_the_texts_of_the_platform(
    study: Study, raw: RawWave, file: str, texts: tuple[str, str]
) -> None:
    name, code, text = (1, 5, 6) if file == "structure" else (0, 1, 2)

    def change(rows: Rows, four: str, five: str) -> None:
        for row in rows:
            if row[name] in ("stato_4", "stato_5") and row[code] != "0":
                row[text] = four if row[name] == "stato_4" else five

    done, out = texts
    assert not found(study, raw, lambda rows: change(rows, done, out), file)
    findings = found(study, raw, lambda rows: change(rows, out, done), file)
    assert [(f.rule, f.column) for f in findings] == [
        ("label_exchanged", "stato_4"), ("label_exchanged", "stato_5")
    ]  # fmt: skip
    assert findings[0].expected == (
        "'Gennemført' as declared for the status stato_4; this is stato_5's"
    )
    # words the platform does not have say nothing
    assert not found(study, raw, lambda rows: change(rows, "Slut", "Ude"), file)


MAIL, NUMBER = "zlone.plantesen@zexample.dk", "121287-4321"


@pytest.mark.parametrize(
    ("file", "variable", "place", "text"),
    [
        ("structure", "s_1", 2, "Zebedea"),
        ("structure", "s_1", 2, MAIL),
        ("structure", "s_98_2", 3, "Zebedea Plantesen"),
        ("structure", "s_98_2", 5, NUMBER),
        ("structure", "s_98_2", 6, f"Bus {MAIL}"),
        ("structure", "s_1", 4, f"Ring {NUMBER}"),
        ("labels", "s_1", 2, MAIL),
    ],
)
def test_what_stands_where_types_and_labels_belong_may_be_of_somebody(
    study: Study, raw: RawWave, file: str, variable: str, place: int, text: str
) -> None:
    def change(rows: Rows) -> None:
        for row in rows:
            if row[int(file == "structure")] == variable:
                row[place] = text

    findings = found(study, raw, change, file)
    assert findings
    told = " ".join(map(str, findings)) + " ".join(f.expected for f in findings)
    for word in ("zebedea", "plantesen", "121287"):
        assert word not in told.casefold()


def test_a_code_with_two_labels_is_reported(study: Study, raw: RawWave) -> None:
    def again(text: str) -> Callable[[Rows], object]:
        return lambda rows: rows.append(["s_1", "1", text])

    assert not found(study, raw, again("Fagchef"), "labels")
    (finding,) = found(study, raw, again("Centerchef"), "labels")[:1]
    assert (finding.rule, finding.row, finding.expected) == (
        "label_code", 413, "one label for every code (row 1 has another)"
    )  # fmt: skip


def test_a_text_shortened_on_purpose_is_declared_with_the_exports(
    study: Study, raw: RawWave, study_copy: Path
) -> None:
    path = study_copy / "questions" / "01_position.yaml"
    text = path.read_text(encoding="utf-8")
    code = next(line for line in text.splitlines() if "{code: 1," in line)
    short = code.replace('"Fagchef"', "X").replace("Fagchef", "X")
    path.write_text(text.replace(code, short), encoding="utf-8")
    changed = load_study(study_copy)
    assert [f.rule for f in found_in(changed, raw)] == ["label_text"]
    path.write_text(
        text.replace(code, short.replace("{code: 1,", "{code: 1, exported: Fagchef,")),
        encoding="utf-8",
    )
    assert not found_in(load_study(study_copy), raw)


def found_in(study: Study, raw: RawWave) -> list[Finding]:
    """The committed wave with changed declarations."""
    sheet = declared_study().source_sheet("2015")
    case = case_of(raw, study.in_wave("2015"), sheet)
    return [o.finding for rule in (labels_exchanged, label_texts) for p in rule(case)
            for o in p.offences]  # fmt: skip

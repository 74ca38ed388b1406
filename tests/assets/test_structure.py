"""Structural rules: each finds its own damage with the place, and nothing in a clean wave."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from assets.raw.errors import DataError, Finding
from assets.raw.rules.judge import ANSWER_FINDERS, FILE_FINDERS, ROW_FINDERS, judge
from assets.raw.structure import expected_columns
from assets.raw.wave_files import read_wave
from declarations import SpecError, Study
from declarations.survey.rules import CATALOGUE
from declarations.waves import read_source_sheet
from tests.chain import STUDY, WAVE
from tests.synthetic import write_sheet, write_wave

Lines = list[list[str]]


def load(path: Path) -> Lines:
    delimiter, encoding = (",", "utf-8") if path.name == "municipalities.csv" else (";", "cp1252")
    with path.open(encoding=encoding, newline="") as stream:
        return list(csv.reader(stream, delimiter=delimiter))


def save(path: Path, lines: Lines) -> None:
    delimiter, encoding = (",", "utf-8") if path.name == "municipalities.csv" else (";", "cp1252")
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, delimiter=delimiter, lineterminator="\n").writerows(lines)


@pytest.fixture
def wave(study: Study, tmp_path: Path) -> Path:
    """A small valid wave; its source sheet describes it."""
    return write_wave(study, tmp_path / "2015", rows=12)


def found(study: Study, wave: Path, described: bool = True) -> list[Finding]:
    """All findings of all rules; the source sheet may be brought up to date first."""
    if described:
        write_sheet(wave)
    sheet = read_source_sheet(wave)
    raw = read_wave(sheet)
    return [finding for verdict in judge(raw, study, sheet) for finding in verdict.findings]


def change(path: Path, edit: Callable[[Lines], object]) -> None:
    lines = load(path)
    edit(lines)
    save(path, lines)


def column(lines: Lines, name: str) -> int:
    return lines[0].index(name)


def drop_column(lines: Lines, name: str) -> None:
    at = column(lines, name)
    for line in lines:
        del line[at]


def put(lines: Lines, row: int, name: str, value: str) -> str:
    """Put a value in the cell on a line of the file; returns what was there."""
    at = column(lines, name)
    lines[row - 1][at], before = value, lines[row - 1][at]
    return before


def test_a_clean_wave_has_no_findings(study: Study, wave: Path) -> None:
    assert found(study, wave) == []


def test_the_committed_wave_has_no_findings(study: Study) -> None:
    assert found(study, STUDY / "waves" / WAVE, described=False) == []


def test_a_missing_column_is_named(study: Study, wave: Path) -> None:
    change(wave / "dataset.csv", lambda lines: drop_column(lines, "s_55"))
    (finding,) = found(study, wave)
    assert finding == Finding(
        "missing_column", "dataset.csv", 1, "s_55", None,
        "the column of item actor_volunteers (questions/14_civil_actors.yaml)",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["respondent", "kommune", "stato_3"])
def test_a_missing_background_column_is_named(study: Study, wave: Path, name: str) -> None:
    change(wave / "dataset.csv", lambda lines: drop_column(lines, name))
    (finding,) = found(study, wave)
    assert (finding.rule, finding.row, finding.column) == ("missing_column", 1, name)


def test_an_extra_column_is_named(study: Study, wave: Path) -> None:
    def add(lines: Lines) -> None:
        for number, line in enumerate(lines):
            line.insert(5, "s_999" if number == 0 else "1")

    change(wave / "dataset.csv", add)
    (finding,) = found(study, wave)
    assert (finding.rule, finding.row, finding.column) == ("undeclared_column", 1, "s_999")
    assert "questions/*.yaml" in finding.expected


def test_a_renamed_column_is_missing_and_extra(study: Study, wave: Path) -> None:
    change(wave / "dataset.csv", lambda lines: put(lines, 1, "s_1", "S_01"))
    assert [(f.rule, f.column) for f in found(study, wave)] == [
        ("missing_column", "s_1"),
        ("undeclared_column", "S_01"),
    ]


def test_the_first_respondent_is_not_told_as_names_of_columns(study: Study, wave: Path) -> None:
    change(wave / "dataset.csv", lambda lines: lines.pop(0))
    lines = load(wave / "dataset.csv")
    with pytest.raises(DataError) as stopped:
        found(study, wave)
    told = str(stopped.value)
    # the first cell that occurs twice, by its place instead of its text
    place = next(n for n, cell in enumerate(lines[0], 1) if cell == "" or cell in lines[0][: n - 1])
    assert f"dataset.csv, row 1, column {place}: found '{place}'" in told
    assert not any(cell in told for cell in lines[0] if len(cell) > 3)
    lines[0] = [f"{cell}.{place}" for place, cell in enumerate(lines[0])]
    save(wave / "dataset.csv", lines)
    undeclared = [f for f in found(study, wave) if f.rule == "undeclared_column"]
    assert [(f.column, f.value) for f in undeclared] == [
        (None, f"{len(expected_columns(study))} names, none of them declared")
    ]


def test_columns_in_another_order_are_fine(study: Study, wave: Path) -> None:
    path = wave / "dataset.csv"
    save(path, [line[::-1] for line in load(path)])
    assert found(study, wave) == []


@pytest.mark.parametrize("blank", ["", "  "])
def test_differing_lines_of_a_respondent_are_all_named(
    study: Study, wave: Path, blank: str
) -> None:
    change(wave / "dataset.csv", lambda lines: put(lines, 9, "respondent", f"R0003{blank}"))
    assert found(study, wave) == [
        Finding(
            "unique_respondent", "dataset.csv", row, "respondent", "R0003",
            f"every respondent once (row {other} differs)", "personal",
        )
        for row, other in ((4, 9), (9, 4))
    ]  # fmt: skip


def test_of_lines_that_are_the_same_the_repeats_are_named(study: Study, wave: Path) -> None:
    change(wave / "dataset.csv", lambda lines: lines.extend([lines[3], lines[3]]))
    assert [(f.rule, f.row, f.expected) for f in found(study, wave)] == [
        ("unique_respondent", row, "every respondent once (row 4 repeated)") for row in (14, 15)
    ]


def test_a_respondent_without_identifier_is_named(study: Study, wave: Path) -> None:
    change(wave / "dataset.csv", lambda lines: put(lines, 5, "respondent", " "))
    (finding,) = found(study, wave)
    assert (finding.rule, finding.row, finding.value) == ("unique_respondent", 5, "")


def test_an_unknown_municipality_is_named(study: Study, wave: Path) -> None:
    change(wave / "dataset.csv", lambda lines: put(lines, 6, "kommune", "Aarhuus"))
    (finding,) = found(study, wave)
    assert finding == Finding(
        "unknown_municipality", "dataset.csv", 6, "kommune", "Aarhuus",
        "a municipality named in municipalities.csv (column name); near it: Aarhus",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["code", "name"])
def test_a_municipality_that_stands_twice_is_named(study: Study, wave: Path, name: str) -> None:
    def double(lines: Lines) -> None:
        # in a column no data set row depends on, or in the name of an unused municipality
        used = {line[1] for line in load(wave / "dataset.csv")}
        row = next(
            n for n, line in enumerate(lines[2:], 3) if line[column(lines, "name")] not in used
        )
        put(lines, row, name, lines[1][column(lines, name)])

    change(wave / "municipalities.csv", double)
    (finding,) = found(study, wave)
    assert (finding.rule, finding.file, finding.column) == (
        "unique_municipality", "municipalities.csv", name,
    )  # fmt: skip
    assert "first on row 2" in finding.expected


@pytest.mark.parametrize("name", ["code", "name", "region", "expenditure_pressure"])
def test_a_missing_register_column_is_named(study: Study, wave: Path, name: str) -> None:
    change(wave / "municipalities.csv", lambda lines: drop_column(lines, name))
    (finding,) = found(study, wave)
    assert (finding.rule, finding.file, finding.row, finding.column) == (
        "register_column", "municipalities.csv", 1, name,
    )  # fmt: skip


@pytest.mark.parametrize("flags", ["00000", "00110", "00002", "0010 ", "00100"])
def test_status_flags_are_named_unless_exactly_one_is_set(
    study: Study, wave: Path, flags: str
) -> None:
    def set_flags(lines: Lines) -> None:
        for number, flag in enumerate(flags, 1):
            put(lines, 7, f"stato_{number}", flag.strip())

    change(wave / "dataset.csv", set_flags)
    findings = found(study, wave)
    if flags == "00100":
        assert findings == []
    else:
        # answers on lines without a status of answered break another rule
        (finding,) = (f for f in findings if f.rule != "status_says_unanswered")
        assert (finding.rule, finding.row, finding.column) == ("one_status", 7, "stato_1..stato_5")
        assert finding.value == ",".join(flag.strip() for flag in flags)


def test_a_label_for_an_undeclared_code_is_named(study: Study, wave: Path) -> None:
    change(wave / "labels.csv", lambda lines: lines.insert(2, ["s_1", "9", "Andet"]))
    (finding,) = found(study, wave)
    assert finding == Finding(
        "label_code", "labels.csv", 3, "s_1", "9", "one of the declared codes 1, 2, 3, 4"
    )


def test_a_declared_code_without_label_is_named(study: Study, wave: Path) -> None:
    change(wave / "labels.csv", lambda lines: lines.remove(next(x for x in lines if x[0] == "s_9")))
    (finding,) = found(study, wave)
    assert (finding.rule, finding.column) == ("label_code", "s_9")
    assert "inspiration_rules" in finding.expected


def test_a_closed_variable_without_any_label_is_named(study: Study, wave: Path) -> None:
    def drop(lines: Lines) -> None:
        lines[:] = [line for line in lines if line[0] != "s_9"]

    change(wave / "labels.csv", drop)
    findings = found(study, wave)
    assert {(f.rule, f.column) for f in findings} == {("label_code", "s_9")}
    assert len(findings) == 3


@pytest.mark.parametrize("name", ["dataset", "structure", "labels", "municipalities"])
def test_a_file_cut_off_between_two_rows_is_named(study: Study, wave: Path, name: str) -> None:
    path = wave / f"{name}.csv"
    lines = load(path)
    save(path, lines[:-1])
    findings = [f for f in found(study, wave, described=False) if f.rule == "row_count"]
    assert [(f.file, f.row) for f in findings] == [(path.name, None)]
    declared = len(lines) - (name != "labels")
    assert findings[0].value == f"{declared - 1} lines of data"
    assert f"{declared} as source.yaml declares" in findings[0].expected


def test_another_file_than_described_is_named_and_only_that(study: Study, wave: Path) -> None:
    change(wave / "dataset.csv", lambda lines: put(lines, 3, "s_3", "Et andet svar"))
    (finding,) = found(study, wave, described=False)
    assert (finding.rule, finding.file) == ("checksum", "dataset.csv")
    assert "source.yaml" in finding.expected


# What cannot be read at all, at the level of the whole wave.


def unreadable(wave: Path) -> Finding:
    with pytest.raises(DataError) as caught:
        read_wave(read_source_sheet(wave))
    return caught.value.findings[0]


@pytest.mark.parametrize("name", ["dataset", "structure", "labels", "municipalities"])
def test_a_missing_file_is_named(wave: Path, name: str) -> None:
    (wave / f"{name}.csv").unlink()
    finding = unreadable(wave)
    assert (finding.rule, finding.file) == ("file_present", f"{name}.csv")


@pytest.mark.parametrize("name", ["dataset", "structure", "labels", "municipalities"])
def test_an_empty_file_is_named(wave: Path, name: str) -> None:
    (wave / f"{name}.csv").write_bytes(b"")
    finding = unreadable(wave)
    assert (finding.rule, finding.file) == ("not_empty", f"{name}.csv")


@pytest.mark.parametrize("name", ["dataset", "structure", "labels", "municipalities"])
def test_utf_16_is_named(wave: Path, name: str) -> None:
    path = wave / f"{name}.csv"
    encoding = "utf-8" if name == "municipalities" else "cp1252"
    path.write_bytes(path.read_text(encoding=encoding).encode("utf-16"))
    finding = unreadable(wave)
    assert (finding.rule, finding.file) == ("encoding", path.name)
    assert "UTF-16" in str(finding.value)


@pytest.mark.parametrize("name", ["dataset", "labels"])
def test_utf_8_is_named(wave: Path, name: str) -> None:
    path = wave / f"{name}.csv"
    path.write_bytes(path.read_text(encoding="cp1252").encode("utf-8"))
    finding = unreadable(wave)
    assert (finding.rule, finding.file, finding.value) == ("encoding", path.name, "UTF-8 text")


def test_a_register_in_windows_1252_is_named(wave: Path) -> None:
    path = wave / "municipalities.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp1252"))
    finding = unreadable(wave)
    assert (finding.rule, finding.file, finding.row) == ("encoding", path.name, 2)


@pytest.mark.parametrize("name", ["dataset", "structure", "labels", "municipalities"])
def test_a_wrong_delimiter_is_named(wave: Path, name: str) -> None:
    path = wave / f"{name}.csv"
    own, other = (",", ";") if name == "municipalities" else (";", ",")
    content = path.read_bytes().replace(b",", b" ") if own == ";" else path.read_bytes()
    path.write_bytes(content.replace(own.encode(), other.encode()))
    finding = unreadable(wave)
    assert finding.file == path.name
    assert finding.row == 1
    assert finding.rule == "delimiter"


def test_a_file_cut_off_within_a_row_is_named(wave: Path) -> None:
    path = wave / "dataset.csv"
    content = path.read_bytes()
    path.write_bytes(content[: content.rindex(b";1;")])
    finding = unreadable(wave)
    assert (finding.rule, finding.file, finding.row) == ("complete_file", "dataset.csv", 13)


# The source sheet itself.


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"origin": "guessed"}, "origin: found 'guessed'"),
        ({"format": {"delimiter": ";"}}, "format.encoding: found no such entry"),
        ({"format": {"delimiter": ";;", "encoding": "cp1252"}}, "format.delimiter: found ';;'"),
        ({"format": {"delimiter": ";", "encoding": "windows-danish"}}, "'windows-danish'"),
        ({"files": {}}, "expected a file `dataset`"),
        ({"files": ["dataset.csv"]}, "expected a mapping"),
        ({"statement": {"da": "x"}}, "statement: found"),
    ],
    ids=["origin", "no-encoding", "delimiter", "encoding", "no-files", "file-list", "statement"],
)
def test_a_wrong_source_sheet_is_named(
    wave: Path, changes: dict[str, object], problem: str
) -> None:
    write_sheet(wave, **changes)
    with pytest.raises(SpecError, match=r"source\.yaml") as caught:
        read_source_sheet(wave)
    assert problem in str(caught.value)


@pytest.mark.parametrize("text", ["", "a: [", "- a\n", "waves"])
def test_a_source_sheet_that_is_no_mapping_is_named(wave: Path, text: str) -> None:
    (wave / "source.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SpecError, match=r"source\.yaml"):
        read_source_sheet(wave)


def test_a_wave_without_source_sheet_is_named(wave: Path) -> None:
    (wave / "source.yaml").unlink()
    with pytest.raises(SpecError, match="no source sheet"):
        read_source_sheet(wave)


def test_every_rule_of_the_catalogue_has_its_code() -> None:
    assert {*FILE_FINDERS, *ROW_FINDERS, *ANSWER_FINDERS} == set(CATALOGUE)

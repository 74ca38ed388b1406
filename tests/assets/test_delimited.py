"""Raw files: any text is returned unchanged, and any damage is named."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assets.raw.delimited import RawTable, read_delimited
from assets.raw.errors import DataError, Finding, shorten, summarize

GOOD = 'id;answer;text\nR1;1;"a;b"\nR2;2;"to\nlinjer"\nR3;3;"sagt ""så"""\n'
DELIMITERS = st.sampled_from([";", ",", "\t"])
# everything a spreadsheet cell may hold but the NUL, which no text file has
CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


def write(folder: Path, content: str | bytes, name: str = "dataset.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("cp1252"))
    return path


def delimited(rows: Iterable[Iterable[str]], delimiter: str, end: str, always: bool = False) -> str:
    """Rows as the format asks: cells with a quote, delimiter or line break are quoted."""

    def cell(text: str) -> str:
        plain = text and not set(text) & {'"', delimiter, "\r", "\n"} and not always
        return text if plain else '"' + text.replace('"', '""') + '"'

    return "".join(delimiter.join(map(cell, row)) + end for row in rows)


def read(path: Path) -> RawTable:
    return read_delimited(path, ";", "cp1252")


def attempt(path: Path, delimiter: str = ";", encoding: str = "cp1252") -> RawTable | DataError:
    """The result of reading; any exception other than DataError fails the test."""
    try:
        return read_delimited(path, delimiter, encoding)
    except DataError as error:
        return error


def finding(path: Path) -> Finding:
    with pytest.raises(DataError) as caught:
        read(path)
    assert all(f.file == path.name for f in caught.value.findings)
    assert path.name in str(caught.value)
    return caught.value.findings[0]


def test_a_file_is_read_as_text_with_its_line_numbers(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    table = read(path)
    assert table.columns == ("id", "answer", "text")
    assert table.rows == (("R1", "1", "a;b"), ("R2", "2", "to\nlinjer"), ("R3", "3", 'sagt "så"'))
    # the line on which a row ends: R2 holds a line break
    assert table.lines == (2, 4, 5)
    assert table.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert table.size == path.stat().st_size
    assert table.position("answer") == 1


def test_nothing_is_converted(tmp_path: Path) -> None:
    cells = ("007", " 1 ", "NA", "1,5", "-", "", "NULL", "1e3", "TRUE", "2015-01-01")
    header = ";".join(f"c{n}" for n in range(len(cells)))
    table = read(write(tmp_path, f"{header}\n{';'.join(cells)}\n"))
    assert table.rows == (cells,)


@given(
    rows=st.integers(1, 5).flatmap(
        lambda width: st.lists(
            st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=6
        )
    ),
    delimiter=DELIMITERS,
    end=st.sampled_from(["\n", "\r\n"]),
    always=st.booleans(),
)
def test_any_text_makes_the_round_trip(
    tmp_path: Path, rows: list[list[str]], delimiter: str, end: str, always: bool
) -> None:
    header = [f"v{n}" for n in range(len(rows[0]))]
    path = tmp_path / "round.csv"
    path.write_bytes(delimited([header, *rows], delimiter, end, always).encode("utf-8"))
    table = read_delimited(path, delimiter, "utf-8")
    assert table.columns == tuple(header)
    assert [list(row) for row in table.rows] == rows
    assert list(table.lines) == sorted(table.lines)


@given(rows=st.lists(st.tuples(st.text(max_size=9), st.text(max_size=9)), min_size=1, max_size=5))
def test_danish_text_makes_the_round_trip_in_windows_1252(
    tmp_path: Path, rows: list[tuple[str, str]]
) -> None:
    kept = [tuple(c.encode("cp1252", "ignore").decode("cp1252") for c in row) for row in rows]
    kept = [(first.replace("\x00", ""), second.replace("\x00", "")) for first, second in kept]
    content = delimited([("æ", "ø"), *kept], ";", "\n").encode("cp1252")
    # the one text that is taken for another encoding
    assume(not any(letter.encode() in content for letter in "æøåäöüéÆØÅÄÖÜÉ"))
    path = write(tmp_path, content)
    assert [tuple(row) for row in read(path).rows] == kept


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    found = finding(tmp_path / "dataset.csv")
    assert found.rule == "file_present"
    assert "source.yaml" in found.expected


def test_a_folder_in_place_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "dataset.csv").mkdir()
    assert finding(tmp_path / "dataset.csv").rule == "file_readable"


@pytest.mark.parametrize("content", [b"", b"\n\n", b"  \r\n\t"])
def test_an_empty_file_is_named(tmp_path: Path, content: bytes) -> None:
    found = finding(write(tmp_path, content))
    assert (found.rule, found.value) == ("not_empty", "0 bytes of text")


def test_a_header_without_data_is_named(tmp_path: Path) -> None:
    found = finding(write(tmp_path, "id;answer\n"))
    assert found.rule == "not_empty"
    assert found.expected == "at least one line of data after the header"


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (GOOD.encode("utf-8"), "UTF-8 text"),
        (GOOD.encode("utf-8-sig"), "UTF-8 with a byte-order mark"),
        (GOOD.encode("utf-16"), "UTF-16 little-endian"),
        (b"\xfe\xff" + GOOD.encode("utf-16-be"), "UTF-16 big-endian"),
        (GOOD.encode("utf-16-le"), "\\x00"),
        (GOOD.replace("så", "s?").encode("cp1252").replace(b"?", b"\x81"), "byte 0x81"),
    ],
    ids=["utf8", "utf8-bom", "utf16-bom", "utf16-be-bom", "utf16-no-bom", "undefined-byte"],
)
def test_another_encoding_is_named(tmp_path: Path, content: bytes, value: str) -> None:
    found = finding(write(tmp_path, content))
    assert (found.rule, found.value) == ("encoding", value)


def test_a_byte_that_is_no_character_is_named_with_its_row(tmp_path: Path) -> None:
    found = finding(write(tmp_path, b"id;a\nR1;1\nR2;\x9d\n"))
    assert (found.rule, found.row, found.value) == ("encoding", 3, "byte 0x9d")


@pytest.mark.parametrize(("other", "name"), [(",", "comma"), ("\t", "tab")], ids=["comma", "tab"])
def test_another_delimiter_is_named(tmp_path: Path, other: str, name: str) -> None:
    found = finding(write(tmp_path, f"id{other}answer{other}text\nR1{other}1{other}a\n"))
    assert (found.rule, found.row) == ("delimiter", 1)
    assert found.value == f"fields separated by {name}"
    assert "semicolon" in found.expected


def test_a_file_cut_off_within_a_row_is_named(tmp_path: Path) -> None:
    found = finding(write(tmp_path, "id;answer;text\nR1;1;a\nR2;2"))
    assert (found.rule, found.row, found.column) == ("complete_file", 3, "answer")
    assert "cut off here" in found.expected


def test_a_file_cut_off_within_quotes_is_named(tmp_path: Path) -> None:
    found = finding(write(tmp_path, 'id;answer;text\nR1;1;a\nR2;2;"halv'))
    assert (found.rule, found.row) == ("complete_file", 3)


def test_rows_of_another_width_are_all_named(tmp_path: Path) -> None:
    path = write(tmp_path, "id;answer\nR1;1\nR2\nR3;3;3\nR4;4\n")
    with pytest.raises(DataError) as caught:
        read(path)
    assert [(f.rule, f.row, f.value) for f in caught.value.findings] == [
        ("row_width", 3, "1 fields"),
        ("row_width", 4, "3 fields"),
    ]


@pytest.mark.parametrize(
    ("header", "rule", "column"),
    [
        ("id;a;a", "unique_columns", "a"),
        ("id;a;A", "unique_columns", "A"),
        ("id;a;", "column_name", ""),
        ("id; ;a", "column_name", " "),
        ("id;File_Row;a", "column_name", "File_Row"),
    ],
)
def test_column_names_a_database_would_change_are_named(
    tmp_path: Path, header: str, rule: str, column: str
) -> None:
    # DuckDB ignores case and names unnamed columns
    found = finding(write(tmp_path, f"{header}\n1;2;3\n"))
    assert (found.rule, found.row, found.column) == (rule, 1, column)


def test_a_long_answer_is_read_whole(tmp_path: Path) -> None:
    text = "x" * 300_000
    assert read(write(tmp_path, f"id;text\nR1;{text}\n")).rows == (("R1", text),)


CONTENT = (
    'respondent;kommune;s_1;s_2\nR1;Køge;1;"Skole; og\nfritid"\nR2;Ærø;2;"sagt ""så"""\n'
    "R3;Århus;;tom\n"
).encode("cp1252")


@given(data=st.data())
def test_any_damage_is_a_data_error_or_a_table(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(CONTENT)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        match data.draw(st.sampled_from(["cut", "insert", "replace", "remove"])):
            case "cut":
                del content[at:]
            case "insert":
                content[at:at] = data.draw(st.binary(min_size=1, max_size=6))
            case "replace":
                content[at : at + 1] = data.draw(st.binary(min_size=1, max_size=1))
            case _:
                del content[at : at + data.draw(st.integers(1, 20))]
    path = write(tmp_path, bytes(content), "damaged.csv")
    encoding = data.draw(st.sampled_from(["cp1252", "utf-8"]))
    delimiter = data.draw(DELIMITERS)
    table = attempt(path, delimiter, encoding)
    if isinstance(table, DataError):
        assert table.findings
        assert all(f.file == "damaged.csv" for f in table.findings)
        assert "damaged.csv" in str(table)
    else:
        assert {len(row) for row in table.rows} == {len(table.columns)}
        assert len(table.lines) == len(table.rows)


@given(cut=st.integers(1, len(CONTENT) - 1))
def test_a_file_cut_off_anywhere_never_gives_another_answer(tmp_path: Path, cut: int) -> None:
    whole = read(write(tmp_path, CONTENT, "whole.csv"))
    path = write(tmp_path, CONTENT[:cut], "cut.csv")
    table = attempt(path)
    if isinstance(table, DataError):
        assert "cut.csv" in str(table)
        return
    # What is left reads like the beginning of the file; that it is only the beginning is for the
    # number of lines in the source sheet to say.
    assert table.columns == whole.columns
    last = len(table.rows) - 1
    assert table.rows[:last] == whole.rows[:last]
    assert table.rows[last][:3] == whole.rows[last][:3]


def test_findings_read_as_a_sentence() -> None:
    found = Finding("scale", "dataset.csv", 7, "s_1", "99", "one of the codes 1, 2")
    assert str(found) == (
        "dataset.csv, row 7, column s_1: found '99', expected one of the codes 1, 2 [scale]"
    )
    assert str(Finding("r", "f.csv", None, None, None, "x")) == "f.csv: expected x [r]"


def test_a_long_list_of_findings_is_cut_and_counted() -> None:
    found = [Finding("r", "f.csv", n, None, "v" * 100, "x") for n in range(13)]
    lines = summarize(found).splitlines()
    assert len(lines) == 11
    assert lines[-1] == "... and 3 more"
    assert shorten("v" * 100) == "v" * 59 + "…"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_empty_line_of_a_file_of_one_column_is_a_record(tmp_path: Path, end: str) -> None:
    table = read(write(tmp_path, end.join(("s_1", "1", "", "2", ""))))
    assert (table.rows, table.lines) == ((("1",), ("",), ("2",)), (2, 3, 4))
    # where there are more columns no respondent can be so short
    assert len(read(write(tmp_path, end.join(("a;b", "1;2", "", "3;4", "")))).rows) == 2

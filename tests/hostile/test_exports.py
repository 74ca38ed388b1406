"""Exports from a stranger: sizes, shapes and parts of files that exhaust or mislead."""

from __future__ import annotations

import io
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from assets.raw.delimited import RawTable, read_delimited
from assets.raw.errors import DataError
from assets.raw.limits import MOST_CHARACTERS, MOST_COLUMNS
from assets.raw.readers.export import kind_of, read_export
from assets.raw.readers.platforms.columns import Export
from assets.raw.readers.platforms.limesurvey import definition_of
from tests.foreign import write_excel

SHEET = "xl/worksheets/sheet1.xml"
DTD = '<?xml version="1.0"?><!DOCTYPE x [{}]>'
TENFOLD = [f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
LAUGHS = DTD.format('<!ENTITY a "ha">' + "".join(TENFOLD))


def read(folder: Path, content: bytes, delimiter: str = "auto") -> RawTable:
    path = folder / "dataset.csv"
    path.write_bytes(content)
    return read_delimited(path, delimiter, "auto")


def whole(path: Path) -> Export:
    return read_export(kind_of(path), {"dataset": path})


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_cell_of_ten_megabytes_is_named_at_once(tmp_path: Path, quote: str) -> None:
    began = time.process_time()
    content = f"a;b;c\n1;2;3\n1;{quote}{'x' * 10_000_000}{quote};3\n".encode()
    with pytest.raises(DataError, match=r"dataset\.csv, row 3: .*\[cell_size\]"):
        read(tmp_path, content)
    assert time.process_time() - began < 5


def test_a_cell_of_the_largest_size_is_read(tmp_path: Path) -> None:
    table = read(tmp_path, f"a;b;c\n1;{'x' * (MOST_CHARACTERS - 1)};3\n".encode())
    assert len(table.rows[0][1]) == MOST_CHARACTERS - 1


def test_a_header_of_100000_columns_is_refused_at_once(tmp_path: Path) -> None:
    began = time.process_time()
    names = ";".join(f"v{n}" for n in range(100_000))
    with pytest.raises(DataError, match=rf"100000 columns.*{MOST_COLUMNS}.*\[column_count\]"):
        read(tmp_path, f"{names}\n{';' * 99_999}\n".encode())
    assert time.process_time() - began < 5


@pytest.mark.parametrize("kind", ["pipe", "folder", "device"])
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "dataset.csv"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(DataError, match=r"\[file_readable\]"):
        read_delimited(path, "auto", "auto")
    for suffix in (".xlsx", ".sav"):
        with pytest.raises(DataError, match=r"\[file_readable\]"):
            whole(path.rename(path.with_suffix(suffix)))
        path = path.with_suffix(suffix)


def test_lines_between_two_stray_quotes_are_not_an_answer(tmp_path: Path) -> None:
    lines = ["id;a;b;c", *(f"{n};1;text;2" for n in range(1, 7))]
    lines[2], lines[5] = '2;1;"text;2', '5;1;text";2'
    with pytest.raises(DataError, match=r"row 6, column b: found '4 lines in one field'"):
        read(tmp_path, "\n".join(lines).encode() + b"\n")


def test_an_answer_of_several_lines_is_an_answer(tmp_path: Path) -> None:
    table = read(tmp_path, b'id;a;b;c\n1;1;"one; two\nthree";2\n2;1;"x;y;z\n\n;";2\n')
    assert table.rows[0][2] == "one; two\nthree"
    assert len(table.rows) == 2


@pytest.mark.parametrize("letter", "æøåÆØÅé")
@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "auto"])
def test_a_part_in_another_encoding_is_named(tmp_path: Path, letter: str, encoding: str) -> None:
    path = tmp_path / "dataset.csv"
    own = "id;a\n1;blåbær grød\n2;Ærø\n".encode("cp1252")
    path.write_bytes(own)
    assert read_delimited(path, ";", encoding).rows[1] == ("2", "Ærø")
    path.write_bytes(own + f"9;{letter}\n".encode())
    with pytest.raises(DataError, match=r"row 4: found 'UTF-8 text'.*\[encoding\]"):
        read_delimited(path, ";", encoding)


@pytest.mark.parametrize("between", ["cp1252", "latin-1"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "auto"])
def test_letters_that_were_encoded_twice_are_named(
    tmp_path: Path, between: str, encoding: str
) -> None:
    path = tmp_path / "dataset.csv"
    twice = "id;a\n1;blå\n".replace("å", "å".encode().decode(between))
    path.write_bytes(twice.encode("utf-8" if encoding == "auto" else encoding))
    with pytest.raises(DataError, match=r"row 2: found 'letters encoded twice'.*\[encoding\]"):
        read_delimited(path, ";", encoding)


def rebuilt(path: Path, change: Callable[[str, bytes], bytes | None], **more: bytes) -> Path:
    """The workbook with other parts; None drops one."""
    target = path.with_name(f"changed_{path.name}")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name in more:
                continue
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
        for name, content in more.items():
            new.writestr(name, content)
    return target


def as_strings(name: str, content: bytes) -> bytes:
    """The list of parts with shared strings, which the small workbook does not have."""
    if name != "[Content_Types].xml":
        return content
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    entry = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
    return content.replace(b"</Types>", entry.encode())


def sheet_of(path: Path, name: str) -> str:
    book = openpyxl.load_workbook(path, read_only=True)
    found: str = book[name]._worksheet_path
    book.close()
    return found


def in_dataset(path: Path, old: bytes, new: bytes) -> Path:
    """The workbook with the first `old` of the sheet Dataset replaced."""
    part = sheet_of(path, "Dataset")

    def change(name: str, content: bytes) -> bytes:
        if name != part:
            return content
        assert old in content
        return content.replace(old, new, 1)

    return rebuilt(path, change)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_excel(tmp_path_factory.mktemp("book") / "export.xlsx")


def test_an_archive_of_many_parts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "export.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(6_000):
            archive.writestr(f"xl/{number}.xml", b"")
    with pytest.raises(DataError, match=r"6000 parts.*\[zip_bomb\]"):
        whole(path)


def test_an_archive_in_an_archive_is_not_unpacked(book: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.xml", bytes(1 << 26))
    path = rebuilt(book, lambda _, c: c, **{"xl/embeddings/x.zip": inner.getvalue()})
    assert whole(path).dataset.rows == whole(book).dataset.rows


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/workbook.xml", SHEET])
@pytest.mark.parametrize("kind", ["laughs", "external", "parameter"])
def test_entities_are_refused(book: Path, part: str, kind: str) -> None:
    told = {
        "laughs": LAUGHS + "<x>&i;</x>",
        "external": DTD.format('<!ENTITY a SYSTEM "file:/%2Fetc/issue">') + "<x>&a;</x>",
        "parameter": DTD.format('<!ENTITY % a SYSTEM "http://127.0.0.1:9/x"> %a;') + "<x/>",
    }[kind]
    path = rebuilt(book, lambda _, c: c, **{part: told.encode()})
    with pytest.raises(DataError, match=r"document types and entities \[workbook\]"):
        whole(path)
    # with two bytes a letter, with a mark and without
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        wide = told.replace('version="1.0"', 'version="1.0" encoding="utf-16"').encode(encoding)
        path = rebuilt(book, as_strings, **{part: wide})
        with pytest.raises(DataError, match=r"document types and entities \[workbook\]"):
            whole(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("declared", [LAUGHS, DTD.format('<!ENTITY a SYSTEM "file:/etc/issue">')])
def test_entities_are_refused_in_a_structure_of_limesurvey(declared: str, encoding: str) -> None:
    text = declared.replace('version="1.0"', f'version="1.0" encoding="{encoding[:6]}"')
    with pytest.raises(ValueError, match="document types"):
        definition_of((text + "<document/>").encode(encoding))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_sheet_of_another_name_is_looked_through_too(book: Path, encoding: str) -> None:
    """A part of `xl/` under any name may be read as a sheet, so each is examined."""
    told = LAUGHS + "<x>&i;</x>"
    told = told.replace('version="1.0"', f'version="1.0" encoding="{encoding}"')
    path = rebuilt(book, lambda _, c: c, **{"xl/worksheets/sheet9.bin": told.encode(encoding)})
    with pytest.raises(DataError, match=r"document types and entities \[workbook\]"):
        whole(path)


def test_strings_far_beyond_a_survey_are_refused(tmp_path: Path, book: Path) -> None:
    many = b"<sst>" + b"<si><t>x</t></si>" * 4_000_000 + b"</sst>"
    path = rebuilt(book, as_strings, **{"xl/sharedStrings.xml": many})
    with pytest.raises(DataError, match=r"\[zip_bomb\]"):
        whole(path)


def test_the_size_a_sheet_claims_does_not_matter(book: Path) -> None:
    path = in_dataset(book, b'<dimension ref="A1:P41"', b'<dimension ref="A1:XFD1048576"')
    assert whole(path).dataset.rows == whole(book).dataset.rows


# the empty cells before the second are few, and the rectangle that it spans is not
@pytest.mark.parametrize("row", [1048576, 50000])
def test_a_cell_in_the_last_corner_is_reported(
    book: Path, monkeypatch: pytest.MonkeyPatch, row: int
) -> None:
    monkeypatch.setattr("assets.raw.readers.excel.MOST_CELLS", 1_000_000)
    far = b'<row r="%d"><c r="XFD%d" t="str"><v>x</v></c></row></sheetData>' % (row, row)
    with pytest.raises(DataError, match=r"\[sheet_size\]"):
        whole(in_dataset(book, b"</sheetData>", far))


def test_a_row_that_cannot_be_is_reported(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assets.raw.readers.excel.MOST_CELLS", 1_000_000)
    far = b'<row r="99999999999999"><c t="str"><v>x</v></c></row></sheetData>'
    with pytest.raises(DataError, match=r"sheet Dataset.*\[sheet_size\]"):
        whole(in_dataset(book, b"</sheetData>", far))


def changed(book: Path, name: str, edit: Callable[[openpyxl.Workbook], None]) -> Path:
    own = openpyxl.load_workbook(book)
    edit(own)
    path = book.with_name(name)
    own.save(path)
    return path


def test_merged_cells_are_refused(book: Path) -> None:
    path = changed(book, "merged.xlsx", lambda b: b["Dataset"].merge_cells("A2:A4"))
    with pytest.raises(DataError, match=r"sheet Dataset.*\[merged_cells\]"):
        whole(path)
    # of sheets that are not read they may
    path = changed(book, "other.xlsx", lambda b: b["Complete"].merge_cells("A2:A4"))
    assert whole(path).dataset.rows == whole(book).dataset.rows


def test_a_sheet_that_stands_twice_is_refused(book: Path) -> None:
    path = changed(book, "twice.xlsx", lambda b: setattr(b.create_sheet("x"), "title", "dataset "))
    with pytest.raises(DataError, match=r"every sheet once \[sheet\]"):
        whole(path)


def test_a_first_row_without_names_is_reported(book: Path) -> None:
    path = changed(book, "headless.xlsx", lambda b: b["Dataset"].insert_rows(1))
    with pytest.raises(DataError, match=r"sheet Dataset.*\[not_empty\]"):
        whole(path)


CELLS = {
    "=1+1": "=1+1",
    "#N/A": "#N/A",
    True: "TRUE",
    False: "FALSE",
    1.5: "1.5",
    10**17: "1e+17",
    -3: "-3",
}


@pytest.mark.parametrize(("value", "text"), CELLS.items(), ids=map(str, CELLS))
def test_what_a_cell_can_hold_is_read_as_text(book: Path, value: object, text: str) -> None:
    path = changed(book, "cell.xlsx", lambda b: b["Dataset"].cell(3, 5, value))
    assert whole(path).dataset.rows[1][4] == text


def test_a_date_is_read_in_iso_form_and_an_impossible_one_is_no_crash(book: Path) -> None:
    def dated(serial: float) -> Callable[[openpyxl.Workbook], None]:
        def edit(own: openpyxl.Workbook) -> None:
            cell = own["Dataset"].cell(3, 5, serial)
            cell.number_format = "yyyy-mm-dd"

        return edit

    assert whole(changed(book, "d.xlsx", dated(42005))).dataset.rows[1][4].startswith("2015-01-01")
    assert whole(changed(book, "d.xlsx", dated(1e12))).dataset.rows[1][4] != ""

"""Readers: every form of an export gives the same tables, and damage gives a message."""

from __future__ import annotations

import contextlib
import random
import zipfile
from pathlib import Path

import openpyxl
import pytest

from assets.raw.errors import DataError
from assets.raw.readers.export import kind_of, read_export
from assets.raw.readers.numbers import plain_text
from assets.raw.readers.platforms.columns import Export
from tests.foreign import tables, write_delimited, write_excel, write_spss, write_tables
from tests.platform_files import write_book

ROLES = ("dataset", "structure", "labels")


def delimited(folder: Path, delimiter: str = "auto", encoding: str = "auto") -> Export:
    paths = {role: folder / f"{role}.csv" for role in ROLES}
    return read_export("delimited", paths, delimiter, encoding)


def whole(path: Path) -> Export:
    return read_export(kind_of(path), {"dataset": path})


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Export:
    return delimited(write_delimited(tmp_path_factory.mktemp("plain")), ";", "cp1252")


def same(found: Export, plain: Export, roles: tuple[str, ...] = ROLES) -> None:
    for role in roles:
        one, other = getattr(found, role), getattr(plain, role)
        assert one.columns == other.columns
        assert one.rows == other.rows


def test_the_plain_form_is_what_was_written(plain: Export) -> None:
    data, structure, labels = tables()
    assert [list(plain.dataset.columns), *map(list, plain.dataset.rows)] == data
    assert [list(plain.structure.columns), *map(list, plain.structure.rows)] == structure
    assert list(map(list, plain.labels.rows)) == labels


@pytest.mark.parametrize("delimiter", [";", ",", "\t"], ids=["semicolon", "comma", "tab"])
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_delimiter_and_encoding_are_detected_and_reported(
    tmp_path: Path, plain: Export, delimiter: str, encoding: str
) -> None:
    found = delimited(write_delimited(tmp_path, delimiter, encoding))
    same(found, plain)
    name = {";": "semicolon", ",": "comma", "\t": "tab"}[delimiter]
    assert found.dataset.form == f"{name}, {encoding}"


def test_what_is_declared_wins_over_what_is_seen(tmp_path: Path) -> None:
    write_delimited(tmp_path, ",", "utf-8")
    with pytest.raises(DataError, match=r"dataset\.csv, row 1.*\[delimiter\]"):
        delimited(tmp_path, ";", "utf-8")
    with pytest.raises(DataError, match=r"dataset\.csv.*UTF-8 text.*\[encoding\]"):
        delimited(tmp_path, ",", "cp1252")


def test_a_damaged_utf_8_file_is_not_taken_for_windows_1252(tmp_path: Path) -> None:
    path = write_delimited(tmp_path, ";", "utf-8") / "dataset.csv"
    content = path.read_bytes()
    path.write_bytes(content.replace("ø".encode(), b"\xf8", 1))
    expected = r"byte 0xf8', expected utf-8 throughout, as most of the file is \[encoding\]"
    with pytest.raises(DataError, match=expected):
        delimited(tmp_path)


def test_a_file_cut_in_the_middle_of_a_letter_is_said_to_be_cut_off(tmp_path: Path) -> None:
    path = write_delimited(tmp_path, ";", "utf-8") / "dataset.csv"
    content = path.read_bytes()
    path.write_bytes(content[: content.rindex("ø".encode()) + 1])
    with pytest.raises(DataError, match=r"byte 0xc3'.*seems to be cut off here\) \[encoding\]"):
        delimited(tmp_path)


@pytest.mark.parametrize("codes", ["number", "double", "float", "text"])
@pytest.mark.parametrize(
    "order",
    [
        ("Complete", "Structure", "Labels", "Variables", "Dataset"),
        ("Dataset", "Labels", "Structure"),
    ],
    ids=["all-sheets", "three-sheets"],
)
def test_a_workbook_gives_the_same(
    tmp_path: Path, plain: Export, codes: str, order: tuple[str, ...]
) -> None:
    same(whole(write_excel(tmp_path / "export.xlsx", order, codes)), plain, ("structure", "labels"))
    same(whole(tmp_path / "export.xlsx"), plain, ("dataset",))


def structure_told(export: Export) -> list[tuple[str, ...]]:
    """The structure guessed from labels: type, set and choice text of labelled variables."""
    coded = {row[0] for row in export.labels.rows if not row[0].startswith("stato")}
    rows = [row for row in export.structure.rows if row[1] in coded]
    return [(row[0], row[1], row[2], row[3], row[6].strip()) for row in rows]


def test_a_workbook_without_structure_is_described_by_labels_and_variables(
    tmp_path: Path, plain: Export
) -> None:
    path = write_excel(tmp_path / "export.xlsx", ("Labels", "Variables", "Dataset"))
    found = whole(path)
    same(found, plain, ("dataset", "labels"))
    assert structure_told(found) == structure_told(plain)
    assert found.structure.form.startswith("guessed")


def test_a_workbook_of_data_and_labels_alone_can_be_read(tmp_path: Path, plain: Export) -> None:
    found = whole(write_excel(tmp_path / "export.xlsx", ("Dataset", "Labels")))
    same(found, plain, ("dataset", "labels"))
    assert [row[:4] for row in found.structure.rows][:5] == [
        *(("v_1", f"v_1_{n}", "Closed", "Multiple") for n in range(1, 5)),
        ("s_2", "s_2", "Closed", "Single"),
    ]


def test_an_spss_file_gives_the_same_and_missing_values_are_missing(
    tmp_path: Path, plain: Export
) -> None:
    found = whole(write_spss(tmp_path / "export.sav"))
    assert found.dataset.columns == plain.dataset.columns
    assert found.dataset.rows == plain.dataset.rows
    # SPSS keeps no blanks at the end of a label
    own = [(name, code, label.strip()) for name, code, label in plain.labels.rows]
    assert sorted(found.labels.rows) == sorted(own)
    assert structure_told(found) == structure_told(plain)
    missing = sum(1 for row in plain.dataset.rows if not row[5])
    assert found.dataset.form == f"spss, {missing} values declared as missing"


def test_a_workbook_without_its_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a filled sheet Dataset \[sheet\]"):
        whole(write_excel(tmp_path / "export.xlsx", ("Labels", "Complete")))


def test_a_formula_is_its_text(tmp_path: Path) -> None:
    path = write_excel(tmp_path / "export.xlsx")
    book = openpyxl.load_workbook(path)
    book["Dataset"]["I2"] = '=HYPERLINK("http://example.invalid","x")'
    book.save(path)
    assert whole(path).dataset.rows[0][8] == '=HYPERLINK("http://example.invalid","x")'


def test_cells_beyond_the_header_are_named(tmp_path: Path) -> None:
    path = write_excel(tmp_path / "export.xlsx")
    book = openpyxl.load_workbook(path)
    book["Dataset"].cell(row=3, column=40, value="stray")
    book.save(path)
    with pytest.raises(DataError, match=r"sheet Dataset, row 3.*40 fields.*\[row_width\]"):
        whole(path)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "export.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(64):
            part.write(bytes(1 << 20))
    with pytest.raises(DataError, match=r"\[zip_bomb\]"):
        whole(path)


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("export.xlsx", b"PK\x03\x04 cut off", "workbook"),
        ("export.xlsx", b"", "workbook"),
        ("export.sav", b"$FL2 cut off", "spss_file"),
        ("gone.xlsx", None, "file_present"),
        ("gone.sav", None, "file_present"),
    ],
)
def test_a_damaged_file_is_refused(
    tmp_path: Path, name: str, content: bytes | None, rule: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=rf"{name}.*\[{rule}\]"):
        whole(tmp_path / name)


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("form", ["xlsx", "sav"])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, keep: float, form: str) -> None:
    path = tmp_path / f"export.{form}"
    (write_excel if form == "xlsx" else write_spss)(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(DataError):
        whole(path)


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_spss_file_ends_no_run(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    content = bytearray(write_spss(tmp_path / "export.sav").read_bytes())
    for _ in range(6):
        content[rng.randrange(len(content))] = rng.randrange(256)
    (tmp_path / "export.sav").write_bytes(content)
    # C code reads it: what crashes there must not crash here
    with contextlib.suppress(DataError):
        whole(tmp_path / "export.sav")


def test_a_reader_that_dies_is_a_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_spss(tmp_path / "export.sav")
    monkeypatch.setattr("assets.raw.readers.spss.sav_file.sys.executable", "/bin/false")
    with pytest.raises(DataError, match=r"the reader gave up.*\[spss_file\]"):
        whole(path)


def test_cells_of_blanks_below_a_sheet_make_no_lines(tmp_path: Path, plain: Export) -> None:
    """Somebody pressed the space bar far below the table."""
    path = write_excel(tmp_path / "export.xlsx")
    book = openpyxl.load_workbook(path)
    book["Dataset"].cell(400, 3).value = " "
    book["Dataset"].cell(3, 40).value = "\u00a0"
    book.save(path)
    same(read_export("excel", {"dataset": path}), plain, ("dataset",))


def test_a_number_in_a_cell_is_told_from_a_text_that_may_be_thousands(tmp_path: Path) -> None:
    path = write_excel(tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(path)
    for row, value in enumerate((1.25, 1.125, 1000, 1000.0, "1.000", 0.125, True), start=2):
        book["Dataset"].cell(row, 9).value = value
    book.save(path)
    texts = [row[8] for row in read_export("excel", {"dataset": path}).dataset.rows[:7]]
    assert texts == ["1.25", "1.1250", "1000", "1000", "1.000", "0.125", "TRUE"]


@pytest.mark.parametrize("order", [("Dataset", "Labels", "Structure"), ("Dataset", "Labels")])
def test_status_flags_without_labels_are_codes(
    tmp_path: Path, plain: Export, order: tuple[str, ...]
) -> None:
    path = write_excel(tmp_path / "x.xlsx", order, "float")
    book = openpyxl.load_workbook(path)
    kept = [row for row in book["Labels"].values if not str(row[0]).startswith("stato")]
    del book["Labels"]
    sheet = book.create_sheet("Labels")
    for row in kept:
        sheet.append(row)
    book.save(path)
    for flag in ("stato_1", "stato_4"):
        at = plain.dataset.position(flag)
        found = [row[at] for row in whole(path).dataset.rows]
        assert found == [row[at] for row in plain.dataset.rows]


def with_breaks(table: list[list[str]], form: str) -> list[list[str]]:
    """Every line break of a table in the form that Windows uses."""
    return [[cell.replace("\n", form) for cell in line] for line in table]


@pytest.mark.parametrize("form", ["_x000D_\n", "_x000d__x000A_", "_x000D_", "\n"])
def test_line_breaks_are_the_same_in_all_forms(tmp_path: Path, plain: Export, form: str) -> None:
    data, structure, labels = tables()
    labels[0][2] = "Ja\nx"
    write_tables(tmp_path, tuple(with_breaks(t, "\r\n") for t in (data, structure, labels)))  # type: ignore[arg-type]
    path = tmp_path / "x.xlsx"
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, table in zip(ROLES, (data, structure, labels), strict=True):
        sheet = book.create_sheet(name.capitalize())
        for line in with_breaks(table, form):
            sheet.append(line)
    book.save(path)
    same(whole(path), delimited(tmp_path))
    assert whole(path).labels.rows[0][2] == "Ja\nx"
    same(whole(path), plain, ("dataset", "structure"))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a_x0009_b", "a\tb"),
        ("_x005F_x000D_", "_x000D_"),
        ("_x0000_", "_x0000_"),
        ("_xD83D_", "_xD83D_"),
        ("_x12_", "_x12_"),
    ],
)
def test_what_a_workbook_writes_as_an_escape_is_the_character(written: str, read: str) -> None:
    assert plain_text(written) == read


@pytest.mark.parametrize("drawn", [True, False], ids=["whole", "without-its-parts"])
def test_a_sheet_with_a_chart_is_not_looked_at(tmp_path: Path, plain: Export, drawn: bool) -> None:
    path = write_excel(tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(path)
    # names of single sheets refer to these by number
    book.worksheets[-1].print_area = "A1:B2"
    book.create_chartsheet("Graf", 0)
    book.save(path)
    if not drawn:
        parts = {}
        with zipfile.ZipFile(path) as old:
            parts = {n: old.read(n) for n in old.namelist() if "chartsheets/_rels" not in n}
        with zipfile.ZipFile(path, "w") as new:
            for name, content in parts.items():
                new.writestr(name, content)
    same(whole(path), plain)


def test_labels_that_fit_two_delimiters_have_that_of_the_data_set(tmp_path: Path) -> None:
    data, structure, labels = tables()
    labels = [[name, code, "one, two, three"] for name, code, _ in labels]
    write_tables(tmp_path, (data, structure, labels), "\t", "utf-8")
    found = delimited(tmp_path).labels
    assert found.form == "tab, utf-8"
    assert list(map(list, found.rows)) == labels


def test_boxes_of_a_workbook_have_the_codes_that_their_labels_say(tmp_path: Path) -> None:
    boxes = [[name, code, text] for name in ("m_1", "m_2")
             for code, text in ((1, "Not selected"), (2, "Selected"))]  # fmt: skip
    found = whole(write_book(tmp_path / "a.xlsx", {
        "Dataset": [["id", "m_1", "m_2", "s"], ["a", 1, 2, 1], ["b", 2, 2, 2], ["c", 1, 1, 1]],
        "Labels": [*boxes, ["s", 1, "Yes"], ["s", 2, "No"]],
        "Variables": [["m_1", "Which media? - Paper"], ["m_2", "Which media? - Radio"]],
    }))  # fmt: skip
    assert found.dataset.rows == (
        ("a", "0", "1", "1"), ("b", "1", "1", "2"), ("c", "0", "0", "1")
    )  # fmt: skip
    assert found.dataset.form == (
        "excel; boxes of m that hold 2 where ticked, expected 1 (read as 1, other codes as 0)"
    )
    assert sorted(found.labels.rows) == [
        ("m_1", "0", "Not selected"), ("m_1", "1", "Selected"), ("m_2", "0", "Not selected"),
        ("m_2", "1", "Selected"), ("s", "1", "Yes"), ("s", "2", "No"),
    ]  # fmt: skip
    assert found.structure.rows == (
        ("id", "id", "Open", "", "", "", ""),
        ("m", "m_1", "Closed", "Multiple", "Which media?", "1", "Paper"),
        ("m", "m_2", "Closed", "Multiple", "Which media?", "2", "Radio"),
        ("s", "s", "Closed", "Single", "", "", ""),
    )

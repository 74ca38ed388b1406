"""What reading workbook, document and charts back finds when one thing in them is another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import docx
import openpyxl
import pytest

from declarations import Study
from declarations.labels import Label
from publishing.charts.write import FOLDER
from publishing.document.write import write_document
from publishing.layout.model import Figure
from publishing.published import PublishedWave
from publishing.readback import PNG, charts_problems, document_problems, workbook_problems
from publishing.workbook.write import write_workbook
from tests.publishing.test_hostile import layout_of, wave_of


@pytest.fixture
def wave(study: Study) -> PublishedWave:
    """A table of two lines: 12.3**, 4.5[1], and twice 12.3**."""
    plain = layout_of("Navn", columns=2, lines=2)
    figures = (Figure("12.3", 12.3, "**"), Figure("4.5", 4.5, refs=(1,)))
    lines = (replace(plain.lines[0], figures=figures), plain.lines[1])
    return wave_of(study, replace(plain, title=Label("Titel", "Title"), lines=lines))


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (4.5, 4.6, ["4.5 is missing"]),
        # three times 12.3 are wanted
        (12.3, 12.4, ["12.3 is missing"]),
        (12.3, "12.3", ["12.3 is missing"]),
        ("**", "*", ["mark ** is missing"]),
        ("Navn", "=1+1", ["a formula"]),
        ("Navn", "Name", []),
    ],
)
def test_a_changed_cell_of_the_workbook_is_found(
    wave: PublishedWave, tmp_path: Path, before: object, after: object, found: list[str]
) -> None:
    write_workbook(wave, tmp_path, "da")
    path = tmp_path / "tables.da.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[2]
    cell = next(c for row in sheet.iter_rows() for c in row if c.value == before)
    cell.value = after
    book.save(path)
    assert workbook_problems(wave, tmp_path, "da") == [f"{sheet.title}: {text}" for text in found]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("4,5", "4,6", [": '4,5[1]' is missing"]),
        ("[1]", "[2]", [": '4,5[1]' is missing"]),
        ("Titel", "Andet", [" has no caption"]),
    ],
)
def test_a_changed_text_of_the_document_is_found(
    wave: PublishedWave, tmp_path: Path, before: str, after: str, found: list[str]
) -> None:
    write_document(wave, tmp_path, "da", {})
    path = tmp_path / "tables.da.docx"
    document = docx.Document(str(path))
    (table,) = document.tables
    places = [p for row in table.rows for cell in row.cells for p in cell.paragraphs]
    places += [p for p in document.paragraphs if p.style is not None and p.style.name == "Caption"]
    run = next(run for place in places for run in place.runs if before in run.text)
    run.text = run.text.replace(before, after)
    document.save(str(path))
    problems = document_problems(wave, tmp_path, "da")
    assert problems[: len(found)] == [f"table 1{text}" for text in found]
    # without its caption no figure of a table is known
    assert (len(problems) > 1) == (before == "Titel")


def test_a_picture_that_is_none_or_is_not_there_is_found(
    wave: PublishedWave, tmp_path: Path
) -> None:
    (layout,) = wave.layouts.values()
    columns = tuple(replace(column, statistic="percent") for column in layout.columns)
    wave.__dict__["layouts"] = {layout.id: replace(layout, columns=columns)}
    wave.__dict__["tabulated"] = {}
    folder = tmp_path / FOLDER
    folder.mkdir()
    assert charts_problems(wave, tmp_path) == ["table 1 has no chart"]
    (folder / "own.da.svg").write_text("<svg/>", encoding="utf-8")
    assert charts_problems(wave, tmp_path) == ["own.da.png is not a PNG file"]
    (folder / "own.da.png").write_bytes(PNG)
    assert charts_problems(wave, tmp_path) == []
    (folder / "own.da.png").write_bytes(b"GIF")
    (folder / "own.da.svg").write_text("<html/>", encoding="utf-8")
    assert charts_problems(wave, tmp_path) == [
        "own.da.svg is no SVG",
        "own.da.png is not a PNG file",
    ]
    (folder / "own.da.svg").write_text("<svg", encoding="utf-8")
    assert charts_problems(wave, tmp_path)[0].startswith("own.da.svg: ")

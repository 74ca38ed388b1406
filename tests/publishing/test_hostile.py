"""Hostile labels, wide, empty and unprinted tables in every form."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import docx
import openpyxl
import pytest
import vl_convert

from declarations import Study
from declarations.labels import Label
from publishing.charts.draw import chart_specs
from publishing.charts.kinds import ChartKind
from publishing.document.write import MOST_COLUMNS, _parts, write_document
from publishing.layout.model import Figure, LayoutColumn, LayoutLine, Note, TableLayout
from publishing.layout.plain import FIGURE, LABEL, GridCell, GridColumn, TextGrid
from publishing.published import PublishedWave
from publishing.readback import document_problems, workbook_problems
from publishing.workbook.write import write_workbook

TEXTS = {
    "long": "x" * 500,
    "markup": '<script>alert("1")</script> & <b>fed</b>',
    "formula": '=HYPERLINK("http://x","y")',
    "right to left": "\u202eevil \u05d0\u05d1\u05d2",
    "controls": "a\x00b\x07c\ud800",
}


def layout_of(text: str, columns: int = 3, lines: int = 2) -> TableLayout:
    label = Label(text, text)
    figure = Figure("12.3", 12.3, mark="**")
    return TableLayout(
        id="own", number="1", chapter="1", section="", title=label, wave="1",
        columns=tuple(LayoutColumn(str(n), label) for n in range(columns)),
        lines=tuple(
            LayoutLine(str(n), "", label, Label("", ""), (figure,) * columns, base="10")
            for n in range(lines)
        ),
    )  # fmt: skip


class Wave(PublishedWave):
    """A wave that shows one layout."""


def wave_of(study: Study, layout: TableLayout) -> PublishedWave:
    table = replace(study.table["table_3_1"], id="own", number="1", chapter="1")
    shown = Wave(study, study.source_sheet("2015"), {})
    shown.__dict__["layouts"] = {"own": layout}
    shown.__dict__["tables"] = (table,)
    return shown


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_label_is_text_in_workbook_document_and_chart(
    name: str, study: Study, tmp_path: Path
) -> None:
    layout = layout_of(TEXTS[name])
    wave = wave_of(study, layout)
    write_workbook(wave, tmp_path, "da")
    write_document(wave, tmp_path, "da", {})
    assert workbook_problems(wave, tmp_path, "da") == []
    assert document_problems(wave, tmp_path, "da") == []
    sheet = openpyxl.load_workbook(tmp_path / "tables.da.xlsx").worksheets[2]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" and cell.hyperlink is None for cell in cells if cell.row > 4)
    assert len(docx.Document(str(tmp_path / "tables.da.docx")).tables) == 1
    spec = chart_specs(layout, ChartKind("diverging", (0, 1, 2), (0, 1)), "da")[0]
    svg = vl_convert.vegalite_to_svg(json.dumps(spec), vl_version="6.1")
    drawn = ET.fromstring(svg)
    assert not [e for e in drawn.iter() if e.tag.endswith("script")]
    assert "\u202e" not in svg


@pytest.mark.parametrize(("columns", "lines"), [(400, 2), (3, 0), (1, 1)])
def test_wide_and_empty_tables_are_whole_in_every_form(
    columns: int, lines: int, study: Study, tmp_path: Path
) -> None:
    wave = wave_of(study, layout_of("Navn", columns, lines))
    write_workbook(wave, tmp_path, "en")
    write_document(wave, tmp_path, "en", {})
    assert workbook_problems(wave, tmp_path, "en") == []
    assert document_problems(wave, tmp_path, "en") == []
    kind = ChartKind("multiples", tuple(range(columns)), tuple(range(lines)))
    specs = chart_specs(wave.layouts["own"], kind, "en")
    assert bool(specs) == bool(lines)
    assert all(len(spec.get("concat", [])) <= 6 for spec in specs)


def test_numbers_of_notes_are_raised_in_the_document_and_nothing_else_is(
    study: Study, tmp_path: Path
) -> None:
    plain = layout_of("a", columns=2, lines=2)
    noted = replace(plain.lines[0], figures=(Figure("1.5", 1.5, refs=(1, 3)), Figure("2", 2.0)))
    layout = replace(plain, lines=(noted, plain.lines[1]))
    write_document(wave_of(study, layout), tmp_path, "da", {})
    (table,) = docx.Document(str(tmp_path / "tables.da.docx")).tables
    raised = {
        cell.text: [run.text for run in cell.paragraphs[0].runs if run.font.superscript]
        for row in table.rows
        for cell in row.cells
    }
    assert {text: runs for text, runs in raised.items() if runs} == {"1,5[1][3]": ["[1][3]"]}
    assert all(
        len(cell.paragraphs[0].runs) == 1 + ("[" in cell.text)
        for row in table.rows
        for cell in row.cells
    )


def test_a_sheet_has_title_link_headings_figures_and_notes_in_their_rows(
    study: Study, tmp_path: Path
) -> None:
    plain = layout_of("Name", columns=2, lines=2)
    noted = replace(plain.lines[0], figures=(Figure("1.5", 1.5, refs=(2, 1)), Figure("2", 2.0)))
    layout = replace(
        plain, lines=(noted, plain.lines[1]),
        notes=(Note("sic", Label("En", "One"), 1), Note("sic", Label("To", "Two"), 2)),
    )  # fmt: skip
    write_workbook(wave_of(study, layout), tmp_path, "en")
    sheet = openpyxl.load_workbook(tmp_path / "tables.en.xlsx").worksheets[2]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(max_row=9)]
    assert rows[0][0] == layout.heading("en")
    assert [bool(row[0]) for row in rows[1:4]] == [True, False, False]
    assert rows[3][1] == "Name"
    assert [(row[0], row[1]) for row in rows[4:6]] == [("Name", 1.5), ("Name", 12.3)]
    # the last column has the numbers of the notes
    assert [row[-1] for row in rows[4:6]] == ["[1], [2]", ""]
    assert rows[6][0] is None
    assert [row[0] for row in rows[7:9]] == ["[1] One", "[2] Two"]
    assert sheet.freeze_panes == "B5"
    assert sheet.print_title_rows == "$4:$4"
    assert sheet["A2"].hyperlink is not None
    # without notes on figures there is no such column
    write_workbook(wave_of(study, plain), tmp_path, "en")
    bare = openpyxl.load_workbook(tmp_path / "tables.en.xlsx").worksheets[2]
    assert bare.max_column == sheet.max_column - 1


@pytest.mark.parametrize("columns", [0, 1, MOST_COLUMNS, MOST_COLUMNS + 1, 2 * MOST_COLUMNS])
def test_a_table_of_the_document_is_divided_into_parts_that_fit(columns: int) -> None:
    heads = [GridColumn(LABEL, "label"), *(GridColumn(FIGURE, f"c{n}") for n in range(columns))]
    row = tuple(GridCell(text) for text in ("a", *(str(n) for n in range(columns))))
    parts = _parts(TextGrid(tuple(heads), (row, row), {1: "rest"}))
    assert len(parts) == max(1, -(-columns // MOST_COLUMNS))
    assert all(part.columns[0].kind == LABEL and part.rows[0][0].text == "a" for part in parts)
    assert [head.heading for part in parts for head in part.columns[1:]] == [
        f"c{n}" for n in range(columns)
    ]
    assert [cell for part in parts for cell in part.rows[1][1:]] == list(row[1:])
    assert all(len(part.columns) <= MOST_COLUMNS + 1 for part in parts)
    assert all(part.headings == {1: "rest"} for part in parts)


def test_a_heading_over_columns_is_above_the_first_of_them(study: Study, tmp_path: Path) -> None:
    plain = layout_of("Name", columns=5, lines=1)
    over = ["", "a", "a", "b", "a"]
    columns = tuple(
        replace(column, spanner=Label(text, text))
        for column, text in zip(plain.columns, over, strict=True)
    )
    write_workbook(wave_of(study, replace(plain, columns=columns)), tmp_path, "en")
    sheet = openpyxl.load_workbook(tmp_path / "tables.en.xlsx").worksheets[2]
    (heads,) = sheet.iter_rows(min_row=4, max_row=4, max_col=11, values_only=True)
    assert [text for text in heads if text] == ["a", "b", "a"]
    (names,) = sheet.iter_rows(min_row=5, max_row=5, max_col=11, values_only=True)
    # each above the name of its column
    places = [place for place, name in enumerate(names) if name == "Name"]
    assert [heads[place] for place in places] == [None, "a", None, "b", "a"]
    assert sheet.freeze_panes == "B6"

"""The workbook of a wave: contents with links, notes, a sheet per table, by XlsxWriter.

Figures are numbers. Marks have their own columns next to them, and the last column has references
to notes. Text is written as text, so no label becomes a formula or a link.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from publishing.layout.model import TableLayout, said
from publishing.layout.plain import BASE, FIGURE, GridCell, GridColumn, layout_grid, note_lines
from publishing.layout.words import IN_BASE
from publishing.published import PublishedWave
from runtime.safe_text import visible

NAME = "tables.{language}.xlsx"
FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
# equal rows give equal bytes
CREATED = datetime(2000, 1, 1)
LONGEST_CELL, LONGEST_SHEET = 32767, 31
# height of a line and text size in points; wide text is no wider than a screen
LINE, NORMAL, WIDE = 15, 11, 170
TITLE = {"bold": True, "font_size": 13, "text_wrap": True}
WHOSE = {"bold": True, "font_color": "#8a4b00", "text_wrap": True}
TEXT_ONLY = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
SIGNS = {
    "da": {
        "contents": "Indhold", "notes": "Noter", "table": "Tabel", "back": "Til indholdet",
        "title": "Titel", "number": "Tabel", "note": "Note", "unit": (
            "Figurer er tal. Mærker har deres egen kolonne, og [1] henviser til noterne under "
            "tabellen."
        ),
        "empty": "Tabellen har ingen tal.",
    },
    "en": {
        "contents": "Contents", "notes": "Notes", "table": "Table", "back": "To the contents",
        "title": "Title", "number": "Table", "note": "Note", "unit": (
            "Figures are numbers. Marks have their own columns, and [1] refers to the notes "
            "below the table."
        ),
        "empty": "The table has no figures.",
    },
}  # fmt: skip


@dataclass
class WorkbookWriter:
    """A workbook being written, with its formats by name."""

    workbook: Any
    language: str
    formats: dict[str, Any] = field(default_factory=dict)

    def format(self, **properties: Any) -> Any:
        """A format with these properties. Each format is made once."""
        key = repr(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.workbook.add_format({"valign": "top", **properties})
        return self.formats[key]


def write_workbook(wave: PublishedWave, folder: Path, language: str) -> Path:
    """Write `tables.LANGUAGE.xlsx` into the folder."""
    import xlsxwriter

    path, words = folder / NAME.format(language=language), SIGNS[language]
    with xlsxwriter.Workbook(str(path), {**TEXT_ONLY, "in_memory": True}) as workbook:
        title = said(wave.study.title, language)
        workbook.set_properties({"title": visible(title), "created": CREATED})
        book = WorkbookWriter(workbook, language)
        contents = workbook.add_worksheet(words["contents"])
        notes = workbook.add_worksheet(words["notes"])
        names = sheet_names(list(wave.layouts.values()), language)
        _contents(book, contents, wave, names)
        _notes(book, notes, wave)
        for name, layout in zip(names, wave.layouts.values(), strict=True):
            _table(book, workbook.add_worksheet(name), layout)
    return path


def sheet_names(layouts: list[TableLayout], language: str) -> list[str]:
    """A unique name per table that is valid for a sheet."""
    word, taken, names = SIGNS[language]["table"], set[str](), []
    for n, layout in enumerate(layouts, start=1):
        text = f"{word} {layout.number}" if layout.number else said(layout.title, language)
        name = FORBIDDEN.sub(" ", visible(text))[:LONGEST_SHEET].strip()
        if not name or name.lower() in taken:
            name = f"{name[: LONGEST_SHEET - 7]} ({n})"
        taken.add(name.lower())
        names.append(name)
    return names


def _text(sheet: Any, row: int, column: int, text: str, form: Any) -> None:
    sheet.write_string(row, column, visible(text, keep="\n")[:LONGEST_CELL], form)


def _head(book: WorkbookWriter, sheet: Any, wave: PublishedWave, title: str) -> int:
    """Title, label of the data and statement at the top of a sheet; returns the next free row."""
    _text(sheet, 0, 0, title, book.format(bold=True, font_size=14))
    first = next(iter(wave.layouts.values()), None)
    row = 1
    if first is not None and first.data_label.da:
        whose = f"{said(first.data_label, book.language)}. {said(first.statement, book.language)}"
        _text(sheet, row, 0, whose, book.format(bold=True, font_color="#8a4b00"))
        row += 1
    return row


def _contents(book: WorkbookWriter, sheet: Any, wave: PublishedWave, names: list[str]) -> None:
    words = SIGNS[book.language]
    title = f"{said(wave.study.title, book.language)}, {wave.wave}"
    row = _head(book, sheet, wave, title) + 1
    bold, link = book.format(bold=True, bottom=1), book.format(font_color="#0b4f8a", underline=1)
    _text(sheet, row, 0, words["number"], bold)
    _text(sheet, row, 1, words["title"], bold)
    for name, layout in zip(names, wave.layouts.values(), strict=True):
        row += 1
        sheet.write_url(row, 0, f"internal:'{name}'!A1", link, name)
        _text(sheet, row, 1, said(layout.title, book.language), book.format(text_wrap=True))
    sheet.set_column(0, 0, max(14, *map(len, names)) if names else 14)
    sheet.set_column(1, 1, 110)
    _on_pages(sheet)


def _notes(book: WorkbookWriter, sheet: Any, wave: PublishedWave) -> None:
    words = SIGNS[book.language]
    row = _head(book, sheet, wave, words["notes"]) + 1
    lines = [words["unit"], said(IN_BASE, book.language)]
    for layout in wave.layouts.values():
        lines += [said(note.text, book.language) for note in layout.notes if note.number is None]
    for line in dict.fromkeys(lines):
        _text(sheet, row, 0, line, book.format(text_wrap=True))
        row += 1
    sheet.set_column(0, 0, 120)
    _on_pages(sheet)


def _on_pages(sheet: Any) -> None:
    """Print settings: landscape, one page wide."""
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _table(book: WorkbookWriter, sheet: Any, layout: TableLayout) -> None:
    words, language = SIGNS[book.language], book.language
    grid = layout_grid(layout, language, mark_columns=True)
    columns = list(grid.columns)
    referring = any(cell.refs for row in grid.rows for cell in row)
    if referring:
        columns.append(GridColumn("text", words["note"]))
    widths = [_width(column, place, layout) for place, column in enumerate(columns)]
    last, wide = len(columns) - 1, min(sum(widths), WIDE)
    _across(sheet, 0, last, wide, layout.heading(language), book.format(**TITLE))
    row = 1
    if layout.data_label.da:
        whose = f"{said(layout.data_label, language)}. {said(layout.statement, language)}"
        _across(sheet, row, last, wide, whose, book.format(**WHOSE))
        row += 1
    sheet.write_url(
        row, 0, f"internal:'{words['contents']}'!A1",
        book.format(font_color="#0b4f8a", underline=1), words["back"],
    )  # fmt: skip
    row += 2
    if layout.spanned:
        _spanners(book, sheet, row, columns)
        row += 1
    lines = [_lines(column.heading, widths[n] * 0.85) for n, column in enumerate(columns)]
    sheet.set_row(row, LINE * max(lines))
    for place, column in enumerate(columns):
        right = column.kind in (FIGURE, BASE)
        form = book.format(
            bold=True, text_wrap=True, bottom=2, valign="bottom", align="right" if right else "left"
        )
        _text(sheet, row, place, column.heading, form)
        sheet.set_column(place, place, widths[place])
    labels = sum(column.kind == "label" for column in columns)
    sheet.freeze_panes(row + 1, labels)
    sheet.repeat_rows(row)
    for n, cells in enumerate(grid.rows):
        if n in grid.headings:
            row += 1
            _text(sheet, row, 0, grid.headings[n], book.format(bold=True))
        row += 1
        for place, (column, cell) in enumerate(zip(grid.columns, cells, strict=True)):
            _cell(book, sheet, row, place, column, cell)
        if referring:
            numbers = sorted({ref for cell in cells for ref in cell.refs})
            text = ", ".join(f"[{number}]" for number in numbers)
            _text(sheet, row, len(columns) - 1, text, book.format())
    if not grid.rows:
        row += 1
        _text(sheet, row, 0, words["empty"], book.format())
    row += 1
    for line in note_lines(layout, language):
        row += 1
        _across(sheet, row, last, wide, line, book.format(font_color="#545454", text_wrap=True))
    _on_pages(sheet)


def _across(sheet: Any, row: int, last: int, wide: float, text: str, form: Any) -> None:
    """Write text across the width of the table, on as many lines as needed.

    The first cell holds it.
    """
    shown = visible(text, keep="\n")[:LONGEST_CELL]
    if last:
        sheet.merge_range(row, 0, row, last, "", form)
    sheet.write_string(row, 0, shown, form)
    size = 1.25 if form.bold and form.font_size > NORMAL else 1.05
    sheet.set_row(row, LINE * size * _lines(shown, wide / size))


def _lines(text: str, wide: float) -> int:
    """The number of lines of a text at a given width."""
    return max(1, -(-len(text) // max(int(wide), 1)) if len(text) > wide else 1)


def _spanners(book: WorkbookWriter, sheet: Any, row: int, columns: list[GridColumn]) -> None:
    """Write the shared heading above the first of its columns."""
    before = ""
    for place, column in enumerate(columns):
        if column.spanner and column.spanner != before:
            _text(sheet, row, place, column.spanner, book.format(bold=True, bottom=1))
        before = column.spanner


def _cell(
    book: WorkbookWriter, sheet: Any, row: int, place: int, column: GridColumn, cell: GridCell
) -> None:
    if cell.value is None or column.kind not in (FIGURE, BASE):
        number = column.kind in (FIGURE, BASE)
        form = book.format(align="right") if number else book.format(text_wrap=True)
        _text(sheet, row, place, cell.text, form)
        return
    # a line of counts below percentages has no picture
    shown = len(cell.text.replace(",", ".").partition(".")[2])
    decimals = f".{'0' * shown}" if shown else ""
    sheet.write_number(row, place, cell.value, book.format(num_format=f"0{decimals}"))


def _width(column: GridColumn, place: int, layout: TableLayout) -> float:
    if column.kind == "label":
        return 46 if place == 0 else 24
    if column.kind == "mark":
        return 7
    if layout.overview:
        return 34
    # break no word of a heading, unless it is longer than the column
    longest = max(map(len, column.heading.split()), default=0)
    return min(max(14.0, longest * 1.2), 34.0)

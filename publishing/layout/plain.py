"""A layout as rows of cells, for CSV files, sheets, documents and Markdown."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from declarations.labels import Label
from publishing.layout.marks import danish_bound
from publishing.layout.model import Figure, LayoutLine, TableLayout, in_notation, said
from runtime.safe_text import spreadsheet_text

LABEL, TEXT, FIGURE, BASE, MARK = "label", "text", "figure", "base", "mark"
SIGNIFICANCE = Label("Signifikans", "Significance")
SIGN = Label("Mærke", "Mark")


@dataclass(frozen=True)
class GridColumn:
    """A column of a grid: its kind, its heading, and the heading that it shares with neighbours."""

    kind: str
    heading: str
    spanner: str = ""
    decimals: int = 0
    place: int = -1


@dataclass(frozen=True)
class GridCell:
    """A cell: text in the notation of the language, and the number if it is one."""

    text: str
    value: float | None = None
    mark: str = ""
    refs: tuple[int, ...] = ()


@dataclass(frozen=True)
class TextGrid:
    """Columns and rows of a table in one language.

    `headings` maps a row index to the heading above it.
    """

    columns: tuple[GridColumn, ...]
    rows: tuple[tuple[GridCell, ...], ...]
    headings: dict[int, str]


def layout_grid(layout: TableLayout, language: str, mark_columns: bool = False) -> TextGrid:
    """The table as a grid. With `mark_columns`, marks have their own columns.

    The cell of a figure then holds only a number. Otherwise its text includes the mark.
    """
    if layout.overview:
        columns = tuple(GridColumn(TEXT, said(c, language)) for c in layout.text_columns)
        rows = tuple(
            tuple(GridCell(said(text, language)) for text in line) for line in layout.text_lines
        )
        return TextGrid(columns, rows, {})
    columns = _columns(layout, language, mark_columns)
    return TextGrid(
        columns,
        tuple(tuple(_cell(column, line, language) for column in columns) for line in layout.lines),
        {n: said(ln.heading, language) for n, ln in enumerate(layout.lines) if ln.heading.da},
    )


def _columns(layout: TableLayout, language: str, mark_columns: bool) -> tuple[GridColumn, ...]:
    columns = [GridColumn(LABEL, "", place=0)]
    if layout.grouped:
        columns.append(GridColumn(LABEL, "", place=1))
    base = layout.base
    bases = [] if base is None else [GridColumn(BASE, said(base.label, language))]
    if base is not None and base.position == "first":
        columns += bases
    for place, column in enumerate(layout.columns):
        heading = said(column.label, language)
        heading += f" ({column.letter})" if column.letter else ""
        spanner = said(column.spanner, language)
        columns.append(GridColumn(FIGURE, heading, spanner, column.decimals, place))
        if mark_columns and place in layout.starred:
            columns.append(GridColumn(MARK, said(SIGN, language), spanner, place=place))
    if base is not None and base.position != "first":
        columns += bases
    if layout.marked:
        columns.append(GridColumn(TEXT, said(SIGNIFICANCE, language)))
    return tuple(columns)


def _cell(column: GridColumn, line: LayoutLine, language: str) -> GridCell:
    if column.kind == LABEL:
        label = line.group_label if column.place else line.label
        return GridCell(said(label, language), refs=() if column.place else line.refs)
    if column.kind == BASE:
        return GridCell(line.base, float(line.base) if line.base.isdigit() else None)
    if column.kind == TEXT:
        return GridCell(danish_bound(line.mark) if language == "da" else line.mark)
    figure = line.figures[column.place]
    if column.kind == MARK:
        return GridCell(marks_of(figure))
    text = in_notation(figure.text, language)
    return GridCell(text, figure.value, marks_of(figure), figure.refs)


def marks_of(figure: Figure) -> str:
    """Stars, then letters."""
    return " ".join(filter(None, (figure.mark, figure.letters)))


def note_lines(layout: TableLayout, language: str) -> list[str]:
    """The text below the table: notes, source, origin of the data."""
    lines = []
    for note in layout.notes:
        number = f"[{note.number}] " if note.number else ""
        lines.append(f"{number}{said(note.text, language)}")
    word = "Kilde" if language == "da" else "Source"
    source = said(layout.source, language)
    lines += [f"{word}: {source}"] if source else []
    lines.append(" ".join(filter(None, (said(t, language) for t in _whose(layout)))))
    return [line for line in lines if line]


def _whose(layout: TableLayout) -> tuple[Label, Label]:
    return layout.data_label, layout.statement


def layout_csv(layout: TableLayout, language: str) -> str:
    """The table as CSV that opens in Excel with a double click.

    In Danish it uses semicolons and decimal commas. The first line is the title, and notes follow
    the table. A byte-order mark tells Excel that the file is UTF-8.
    """
    grid = layout_grid(layout, language, mark_columns=True)
    width = len(grid.columns)
    refs = any(cell.refs for row in grid.rows for cell in row)
    rows = [[layout.heading(language)], [column.heading for column in grid.columns]]
    if layout.spanned:
        rows.insert(1, [column.spanner for column in grid.columns])
    if refs:
        rows[-1] = [*rows[-1], "Note"]
    for n, row in enumerate(grid.rows):
        if n in grid.headings:
            rows.append([grid.headings[n]])
        numbers = sorted({ref for cell in row for ref in cell.refs})
        more = [", ".join(f"[{ref}]" for ref in numbers)] if refs else []
        rows.append([*(cell.text for cell in row), *more])
    rows += [[], *([line] for line in note_lines(layout, language))]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";" if language == "da" else ",", lineterminator="\r\n")
    for own in rows:
        padded = [*map(spreadsheet_text, own), *[""] * (width + refs - len(own))]
        writer.writerow(padded)
    return "\ufeff" + text.getvalue()

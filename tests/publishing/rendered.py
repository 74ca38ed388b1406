"""The figures that pages, workbook, document and charts show, read from the files as by a reader.

A table has the same reading order in every form. A line of the grid is a row of the table, its
numbers are the columns, and the base, if it is shown, is before or after them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

from declarations import Table

Grid = list[list[str]]
NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?")
MARKS = re.compile(r"(?:[\s,]*(?:\*|\[[0-9]+\]|[a-z†‡]))+$")
REFERENCES = re.compile(r"(?:[\s,]*\[[0-9]+\])+$")
HIDDEN, NOTHING, LONGEST = ":", "–", 60
LANGUAGES = ("da", "en")


def grids(study_tables: Sequence[Table], folder: Path) -> Iterator[tuple[Table, str, Grid]]:
    """Every table of a version in every published form: the table, the file, the grid."""
    numbered = [table for table in study_tables if table.cells]
    for table in numbered:
        for path in sorted((folder / "tables").glob(f"{table.id}*.csv")):
            if path.name.partition(".")[0] == table.id:
                yield table, path.name, _delimited(path)
        for path in sorted((folder / "report" / "tables").glob(f"{table.id}*.html")):
            if path.name.partition(".")[0] == table.id:
                yield table, path.name, html_grids(path)[0]
    for language in LANGUAGES:
        for name, read in (("xlsx", _workbook), ("docx", _document)):
            path = folder / f"tables.{language}.{name}"
            if path.is_file():
                found = dict(read(path))
                for table in numbered:
                    for title, grid in found.items():
                        if re.search(rf"\b{re.escape(table.number)}(?![.\w])", title):
                            yield table, path.name, grid


def cells(table: Table, grid: Grid) -> Iterator[tuple[int, str]]:
    """The text shown for each declared cell (its place), and the base of its row (-1 - place).

    An empty cell, such as one of an item that a wave did not ask, is left out. ValueError if rows
    or columns differ from the declared ones.
    """
    rows: list[list[int]] = []
    for place, cell in enumerate(table.cells):
        before = table.cells[place - 1] if place else None
        if before is None or (before.row, before.group_key) != (cell.row, cell.group_key):
            rows.append([])
        rows[-1].append(place)
    lines = [line for line in grid if _figures(line)]
    if len(lines) < len(rows):
        lines = [line for line in grid if line and _row_of(table, rows, line)]
    if len(lines) != len(rows):
        raise ValueError(f"{table.id}: {len(lines)} lines shown for {len(rows)} rows")
    if not any(map(_figures, lines)):
        # the wave asked nothing that the table shows
        return
    longest, where = max((len(_figures(line)), list(_figures(line))) for line in lines)
    extra = longest - max(map(len, rows))
    if extra not in (0, 1):
        raise ValueError(f"{table.id}: {longest} columns shown")
    first = table.base_column is not None and table.base_column.position == "first"
    for places, line in zip(rows, lines, strict=True):
        figures = _figures(line)
        if not set(figures) <= set(where) or len(places) + extra != longest:
            raise ValueError(f"{table.id}: {line} shown for {len(places)} columns")
        # the place of the base is that of the first or last column
        keys = [*places, -1 - places[0]] if not first else [-1 - places[0], *places]
        for key, at in zip(keys if extra else places, where, strict=True):
            if figures.get(at, NOTHING) != NOTHING:
                yield key, figures[at]


def _figures(line: Sequence[str]) -> dict[int, str]:
    """The numbers of a line by column, including marks of hidden or missing ones."""
    shown = {
        n: MARKS.sub("", text.strip()) for n, text in enumerate(line) if n and len(text) < LONGEST
    }
    return {
        n: text for n, text in shown.items() if text in (HIDDEN, NOTHING) or NUMBER.fullmatch(text)
    }


def _row_of(table: Table, rows: Sequence[Sequence[int]], line: Sequence[str]) -> bool:
    """Whether the label of a line is that of a row."""
    label = REFERENCES.sub("", line[0].strip())
    for places in rows:
        cell = table.cells[places[0]]
        if label and label in {
            t for own in (cell.row_label, cell.group_label) for t in (own.da, own.en)
        }:
            return True
    return False


def texts_of_chart(path: Path) -> list[str]:
    """The numbers in a picture of lines and texts (SVG)."""
    texts = ("".join(each.itertext()).strip() for each in ET.parse(path).iter())
    return [text for text in texts if NUMBER.fullmatch(text)]


def _delimited(path: Path) -> Grid:
    text = path.read_text(encoding="utf-8-sig")
    # the Danish form has commas in its numbers
    delimiter = ";" if path.name.endswith(".da.csv") else ","
    return list(csv.reader(text.splitlines(), delimiter=delimiter))


class _Tables(HTMLParser):
    """The tables of a page as texts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Grid] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "table":
            self.found.append([])
        elif tag == "tr" and self.found:
            self.found[-1].append([])
        elif tag in ("td", "th") and self.found and self.found[-1]:
            self.found[-1][-1].append("")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.found[-1][-1][-1] += data


def html_grids(path: Path) -> list[Grid]:
    """All tables of a page."""
    page = _Tables()
    page.feed(path.read_text(encoding="utf-8"))
    return page.found


def _workbook(path: Path) -> Iterator[tuple[str, Grid]]:
    import openpyxl

    with closing(openpyxl.load_workbook(path, read_only=True)) as book:
        for sheet in book.worksheets:
            rows = [["" if v is None else v for v in r] for r in sheet.iter_rows(values_only=True)]
            # a number in a workbook has more digits than its format shows
            yield sheet.title, [[_text(value) for value in row] for row in rows]


def _text(value: object) -> str:
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _document(path: Path) -> Iterator[tuple[str, Grid]]:
    from docx import Document
    from docx.oxml.ns import qn
    from docx.table import Table as Grids

    title, document = "", Document(str(path))
    found: dict[str, Grid] = {}
    for element in document.element.body:
        if element.tag == qn("w:tbl"):
            rows = [[cell.text for cell in row.cells] for row in Grids(element, document).rows]
            found.setdefault(title, []).extend(rows)
        else:
            text = "".join(each.text or "" for each in element.iter(qn("w:t")))
            # a caption names its table; notes below it do not begin with the word
            title = text if re.match(r"(?:Table|Tabel) ", text) else title
    yield from found.items()

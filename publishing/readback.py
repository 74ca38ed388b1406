"""Reads workbook and document back and compares every figure and mark with the layout."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

from publishing.charts.tabulated import tabulated_chart
from publishing.charts.write import FOLDER
from publishing.document import write as document
from publishing.layout.model import TableLayout
from publishing.layout.plain import FIGURE, MARK, layout_grid
from publishing.published import PublishedWave
from publishing.workbook import write as workbook
from runtime.safe_text import visible

MOST = 5
PNG = b"\x89PNG\r\n\x1a\n"


def workbook_problems(wave: PublishedWave, folder: Path, language: str) -> list[str]:
    """Read the workbook with openpyxl: figures must be numbers, marks next to them, no formulas."""
    import openpyxl

    path = folder / workbook.NAME.format(language=language)
    book = openpyxl.load_workbook(path)
    layouts = list(wave.layouts.values())
    found = []
    for name, layout in zip(workbook.sheet_names(layouts, language), layouts, strict=True):
        cells = [cell for row in book[name].iter_rows() for cell in row]
        numbers = Counter(
            round(float(c.value), 6) for c in cells if isinstance(c.value, int | float)
        )
        texts = Counter(str(c.value) for c in cells if isinstance(c.value, str))
        found += [f"{name}: a formula" for c in cells if c.data_type == "f"][:1]
        if not layout.overview:
            found += _missing(name, layout, language, numbers, texts)
    return found[:MOST]


def _missing(
    name: str, layout: TableLayout, language: str, numbers: Counter[float], texts: Counter[str]
) -> list[str]:
    grid = layout_grid(layout, language, mark_columns=True)
    figures: Counter[float] = Counter()
    marks: Counter[str] = Counter()
    for row in grid.rows:
        for column, cell in zip(grid.columns, row, strict=True):
            if column.kind == FIGURE and cell.value is not None:
                figures[round(cell.value, 6)] += 1
            if column.kind == MARK and cell.text:
                marks[cell.text] += 1
    found = [f"{name}: {value} is missing" for value in figures - numbers]
    return found + [f"{name}: mark {mark} is missing" for mark in marks - texts]


def document_problems(wave: PublishedWave, folder: Path, language: str) -> list[str]:
    """Read the document with python-docx: each table has a caption, figures and marks."""
    from docx import Document

    read = Document(str(folder / document.NAME.format(language=language)))
    captions = [
        p.text for p in read.paragraphs if p.style is not None and p.style.name == "Caption"
    ]
    texts = [
        [
            visible("".join(t.text or "" for t in cell.iter() if t.tag.endswith("}t")))
            for cell in own
        ]
        for own in (
            [cell for cell in table.iter() if cell.tag.endswith("}tc")]
            for table in read.element.body
            if table.tag.endswith("}tbl")
        )
    ]
    found = []
    for layout in wave.layouts.values():
        heading = visible(layout.heading(language))
        places = [n for n, text in enumerate(captions) if text.startswith(heading)]
        own = Counter(text for n in places if n < len(texts) for text in texts[n])
        if not places:
            found.append(f"table {layout.number} has no caption")
        for row in layout_grid(layout, language).rows:
            for cell in row:
                refs = "".join(f"[{ref}]" for ref in cell.refs)
                text = visible(" ".join(f"{cell.text}{cell.mark}".split())) + refs
                if own[text] < 1:
                    found.append(f"table {layout.number}: {text!r} is missing")
    return found[:MOST]


def charts_problems(wave: PublishedWave, folder: Path) -> list[str]:
    """Check that every table with percentages has pictures, which are SVG and PNG files."""
    found = []
    drawn = sorted((folder / FOLDER).glob("*.svg"))
    for path in drawn:
        try:
            if not ET.parse(path).getroot().tag.endswith("svg"):  # noqa: S314 (ours)
                found.append(f"{path.name} is no SVG")
        except ET.ParseError as error:
            found.append(f"{path.name}: {error}")
        picture = path.with_suffix(".png")
        if not picture.is_file() or not picture.read_bytes().startswith(PNG):
            found.append(f"{picture.name} is not a PNG file")
    asked = wave.study.in_wave(wave.wave)
    named = {path.name.split(".")[0].split("-")[0] for path in drawn}
    for layout in wave.layouts.values():
        shares = any(column.statistic == "percent" for column in layout.columns)
        if layout.id in wave.tabulated:
            # means and mixed questions have no picture
            shares = tabulated_chart(wave.tabulated[layout.id], asked) is not None
        if shares and layout.lines and layout.id not in named:
            found.append(f"table {layout.number} has no chart")
    return found[:MOST]

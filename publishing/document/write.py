"""The document of a wave: headings by chapter, native tables with captions, notes and charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from publishing.layout.model import TableLayout, said
from publishing.layout.plain import BASE, FIGURE, LABEL, GridCell, TextGrid, layout_grid, note_lines
from publishing.published import PublishedWave
from publishing.site.lists import chapter_title
from runtime.safe_text import visible

NAME = "tables.{language}.docx"
LOCALES = {"da": "da-DK", "en": "en-GB"}
CREATED = datetime(2000, 1, 1)
# maximum number of columns on a landscape page; wider tables are split
MOST_COLUMNS, WIDTH_CM = 12, 25.7
# so many rows are kept on a page
TOGETHER = 25
# a digit or star of 9 points, and what is left free after it, in twentieths of a point
CHAR, MARGIN = 100, 20
WORDS = {"da": ("del", "Diagram: "), "en": ("part", "Chart: ")}


def write_document(
    wave: PublishedWave, folder: Path, language: str, charts: Mapping[str, Sequence[Path]]
) -> Path:
    """Write `tables.LANGUAGE.docx`; `charts` are PNG files by table."""
    from docx import Document

    document = Document()
    _set_up(document, wave, language)
    chapter = None
    for layout in wave.layouts.values():
        if layout.chapter != chapter:
            chapter = layout.chapter
            document.add_heading(visible(chapter_title(chapter, language)), 1)
        _table(document, layout, language)
        for path in charts.get(layout.id, ()):
            _picture(document, path, layout, language)
    path = folder / NAME.format(language=language)
    document.save(str(path))
    return path


def _set_up(document: Any, wave: PublishedWave, language: str) -> None:
    from docx.enum.section import WD_ORIENT
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Cm(2))
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Arial", Pt(10)
    normal.element.get_or_add_rPr().get_or_add_rFonts()
    lang = normal.element.rPr.makeelement(qn("w:lang"), {qn("w:val"): LOCALES[language]})
    normal.element.rPr.append(lang)
    properties = document.core_properties
    properties.title = visible(said(wave.study.title, language))[:255]
    properties.author, properties.language = "samspil", LOCALES[language]
    properties.created = properties.modified = CREATED
    document.add_heading(visible(f"{said(wave.study.title, language)}, {wave.wave}"), 0)
    first = next(iter(wave.layouts.values()), None)
    if first is not None and first.data_label.da:
        data_label = document.add_paragraph()
        data_label.add_run(visible(said(first.data_label, language))).bold = True
        data_label.add_run(f". {visible(said(first.statement, language))}")


def _table(document: Any, layout: TableLayout, language: str) -> None:
    parts = _parts(layout_grid(layout, language))
    for n, grid in enumerate(parts, start=1):
        more = f" ({WORDS[language][0]} {n}/{len(parts)})" if len(parts) > 1 else ""
        caption = document.add_paragraph(visible(layout.heading(language)) + more, style="Caption")
        caption.paragraph_format.keep_with_next = True
        _grid(document, grid)
    for line in note_lines(layout, language):
        _small(document, line)


def _small(document: Any, text: str) -> None:
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.add_run(visible(text)).font.size = Pt(8)


def _parts(grid: TextGrid) -> list[TextGrid]:
    """The grid in parts with as many columns as fit on a page. Each part repeats the labels."""
    labels = [n for n, column in enumerate(grid.columns) if column.kind == LABEL]
    rest = [n for n in range(len(grid.columns)) if n not in labels]
    pieces = [rest[i : i + MOST_COLUMNS] for i in range(0, len(rest), MOST_COLUMNS)] or [[]]
    if len(pieces) == 1:
        return [grid]
    found = []
    for piece in pieces:
        places = [*labels, *piece]
        rows = tuple(tuple(row[n] for n in places) for row in grid.rows)
        found.append(TextGrid(tuple(grid.columns[n] for n in places), rows, grid.headings))
    return found


def _grid(document: Any, grid: TextGrid) -> None:
    """A native table. Its cells are written as XML, which is many times faster than by rows."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls
    from docx.shared import Pt

    widths = _widths(grid)
    stops = [_stop(grid, n, width) for n, width in enumerate(widths)]
    rows: list[str] = []
    if any(column.spanner for column in grid.columns):
        rows.append(_row([(c.spanner, "", "center", True) for c in grid.columns], header=True))
    heads = [(c.heading, "", _side(c.kind), True) for c in grid.columns]
    rows.append(_row(heads, header=True))
    for n, cells in enumerate(grid.rows):
        if n in grid.headings:
            empty = [("", "", "left", False)] * (len(grid.columns) - 1)
            rows.append(_row([(grid.headings[n], "", "left", True), *empty]))
        rows.append(
            _row(
                [
                    (
                        f"{cell.text}{cell.mark}",
                        "".join(f"[{ref}]" for ref in cell.refs),
                        stop or _side(column.kind),
                        False,
                    )
                    for column, cell, stop in zip(grid.columns, cells, stops, strict=True)
                ]
            )
        )
    columns = "".join(f'<w:gridCol w:w="{round(w * 567)}"/>' for w in widths)
    if len(rows) <= TOGETHER:
        # keep a short table on one page
        rows[:-1] = [row.replace("<w:pPr>", "<w:pPr><w:keepNext/>") for row in rows[:-1]]
    table = parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblStyle w:val="TableGrid"/>'
        '<w:tblW w:w="0" w:type="auto"/><w:tblBorders>'
        '<w:top w:val="single" w:sz="8" w:color="404040"/>'
        '<w:left w:val="nil"/><w:bottom w:val="single" w:sz="8" w:color="404040"/>'
        '<w:right w:val="nil"/><w:insideH w:val="single" w:sz="2" w:color="C0C0C0"/>'
        '<w:insideV w:val="nil"/></w:tblBorders><w:tblLayout w:type="fixed"/>'
        '<w:tblLook w:firstRow="1" w:firstColumn="1" '
        f'w:noHBand="1" w:noVBand="1"/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>'
        f"{''.join(rows)}</w:tbl>"
    )
    body = document.element.body
    body.insert(len(body) - 1, table)
    document.add_paragraph().paragraph_format.space_after = Pt(0)


def _widths(grid: TextGrid) -> list[float]:
    """Width of each column in centimetres: by its content, within bounds."""
    wanted: list[float] = []
    for n, column in enumerate(grid.columns):
        longest = max((len(_shown(row[n])) for row in grid.rows), default=0)
        # bold words of a heading are wider and must not be cut
        head = max((len(word) for word in column.heading.split()), default=0) * 1.3 + 3
        most = 30 if column.kind == LABEL else 42
        wanted.append(min(max(longest, head, 7), most))
    whole = sum(wanted)
    return [min(WIDTH_CM * want / whole, 9.0) for want in wanted]


def _shown(cell: GridCell) -> str:
    return f"{cell.text}{cell.mark}{''.join(f'[{ref}]' for ref in cell.refs)}"


def _stop(grid: TextGrid, column: int, width: float) -> str:
    """The position at which the decimals of a column line up, in twentieths of a point.

    Marks and references come after the decimals. Empty for a column without decimals.
    """
    if grid.columns[column].kind != FIGURE:
        return ""
    after = [
        len(shown) - len(cell.text.replace(",", ".").partition(".")[0])
        for cell in (row[column] for row in grid.rows)
        for shown in [_shown(cell)]
        if cell.value is not None
    ]
    if not after:
        return ""
    return str(max(round(width * 567) - 216 - MARGIN - max(after) * CHAR, 200))


def _side(kind: str) -> str:
    return "right" if kind in (FIGURE, BASE) else "left"


def _row(cells: Sequence[tuple[str, str, str, bool]], header: bool = False) -> str:
    head = "<w:tblHeader/>" if header else ""
    written = "".join(_cell(*cell) for cell in cells)
    return f"<w:tr><w:trPr><w:cantSplit/>{head}</w:trPr>{written}</w:tr>"


def _cell(text: str, reference: str, side: str, bold: bool) -> str:
    from xml.sax.saxutils import escape

    strong = "<w:b/>" if bold else ""
    # a number in a cell with one decimal tab stop aligns to it without a tab character
    placed = f'<w:jc w:val="{side}"/>'
    if side.isdigit():
        placed = '<w:jc w:val="left"/>'
        tabs = f'<w:tabs><w:tab w:val="decimal" w:pos="{side}"/></w:tabs>'
    else:
        tabs = ""
    shown = escape(visible(" ".join(text.split())))
    raised = ""
    if reference:
        raised = (
            '<w:r><w:rPr><w:sz w:val="18"/><w:vertAlign w:val="superscript"/></w:rPr>'
            f"<w:t>{reference}</w:t></w:r>"
        )
    return (
        '<w:tc><w:tcPr><w:tcW w:w="0" w:type="auto"/></w:tcPr>'
        f'<w:p><w:pPr>{tabs}<w:spacing w:before="20" w:after="20"/>{placed}</w:pPr>'
        f'<w:r><w:rPr>{strong}<w:sz w:val="18"/></w:rPr>'
        f'<w:t xml:space="preserve">{shown}</w:t></w:r>{raised}</w:p></w:tc>'
    )


def _picture(document: Any, path: Path, layout: TableLayout, language: str) -> None:
    from docx.shared import Cm

    run = document.add_paragraph().add_run()
    shape = run.add_picture(str(path), width=Cm(24))
    if shape.height > Cm(16):
        shape.width, shape.height = round(shape.width * Cm(16) / shape.height), Cm(16)
    text = visible(f"{WORDS[language][1]}{layout.heading(language)}")
    (properties,) = (part for part in run.element.iter() if part.tag.endswith("}docPr"))
    properties.set("descr", text)

"""`build_layout`: a table's layout from its published results. Pure: frames and declarations in.

    build_layout(table, results, study, sheet, tests=..., printed=...)

`results` are the table's lines in RESULT_COLUMNS (or the overview of a table of words), `tests`
its lines of the relation `significance`, `printed` what replication knows of the printed table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from assets.step.markdown import DATA_LABELS
from assets.tables.group_rules import GroupSizes
from assets.tables.layout import overview_layout, wave_notes
from assets.tables.results import NOT_ASKED, SUPPRESSED
from declarations import Cell, SourceSheet, Study, Table
from declarations.labels import Label
from publishing.layout.groups import group_notes
from publishing.layout.marks import LinePlace, Marks, table_marks
from publishing.layout.model import (
    BASE,
    HIDDEN,
    NO_LABEL,
    WAVE,
    Figure,
    LayoutColumn,
    LayoutLine,
    Note,
    TableLayout,
)
from publishing.layout.print_notes import Beside, PrintedTable, beside_print
from publishing.layout.words import IN_BASE

ABSENT = "–"


def build_layout(
    table: Table,
    results: pd.DataFrame,
    study: Study,
    sheet: SourceSheet,
    tests: pd.DataFrame | None = None,
    printed: PrintedTable | None = None,
    sizes: GroupSizes | None = None,
) -> TableLayout:
    """The layout of a table of one wave. `printed` is used only for the wave of the report.

    With `sizes`, a note per group says how its levels are defined and how many are in each.
    """
    marks = table_marks(table, study, tests)
    beside = beside_print(
        table, results, marks, printed if sheet.wave == study.printed_wave else None
    )
    head: dict[str, Any] = {
        "id": table.id,
        "number": table.number,
        "chapter": table.chapter,
        "section": table.section,
        "title": table.title,
        "wave": sheet.wave,
        "source": source_label(table, study, sheet.wave),
        "data_label": DATA_LABELS[sheet.shown_as],
        "statement": sheet.statement if sheet.constructed else NO_LABEL,
    }
    if table.entries:
        columns, lines = _words(table, study)
        return TableLayout(**head, columns=(), lines=(), text_columns=columns, text_lines=lines)
    lines_of = _lines(table, results, marks, beside)
    base = table.base_column
    in_title = base is not None and base.position == "title"
    return TableLayout(
        **head,
        columns=_columns(table),
        lines=lines_of,
        base=None if in_title else base,
        title_base=_title_base(lines_of) if in_title else "",
        notes=(
            *_own_notes(table, results, study, sheet.wave),
            *marks.notes,
            *beside.notes,
            *(group_notes(table.groups, study, {}, sizes) if sizes is not None else ()),
        ),
    )


def source_label(table: Table, study: Study, wave: str) -> Label:
    """Where the report prints the table, and the wave of the figures."""
    source = study.source
    named = [text for text in (source.publisher, source.year) if text is not None]
    title = source.title or ""
    if not title or not table.section:
        return Label(f"Bølge {wave}.", f"Wave {wave}.")
    after = f"{title} ({', '.join(named)})" if named else title
    return Label(
        f"Bølge {wave}. Tabellens form: {_section(table, 'afsnit')} i {after}.",
        f"Wave {wave}. Form of the table: {_section(table, 'section')} of {after}.",
    )


def _section(table: Table, word: str) -> str:
    return f"{word} {table.section}" if table.section[:1].isdigit() else table.section


def _columns(table: Table) -> tuple[LayoutColumn, ...]:
    found: dict[str, LayoutColumn] = {}
    for cell in table.cells:
        found.setdefault(
            cell.column,
            LayoutColumn(cell.column, cell.column_label, cell.statistic, cell.decimals),
        )
    return tuple(found.values())


def _lines(
    table: Table, results: pd.DataFrame, marks: Marks, beside: Beside
) -> tuple[LayoutLine, ...]:
    columns = [column.key for column in _columns(table)]
    by_line: dict[LinePlace, dict[str, tuple[Cell, Figure, str]]] = {}
    names = ("formatted", "base", "note")
    read = (results[name] for name in names)
    for cell, text, base, note in zip(table.cells, *read, strict=True):
        place = (cell.row, cell.group_key, cell.column)
        shown = figure_of(str(text), str(note))
        figure = Figure(
            shown,
            figure_number(shown),
            mark=marks.stars.get(place, "") if shown != ABSENT else "",
            refs=beside.figures.get(place, ()),
        )
        # if a base is suppressed, its whole line is
        n = (str(text) if SUPPRESSED in str(note) else "") if pd.isna(base) else str(base)
        by_line.setdefault(place[:2], {})[cell.column] = (cell, figure, n)
    lines = []
    for line_place, found in by_line.items():
        cell, *_ = next(iter(found.values()))
        empty = Figure("", None)
        lines.append(
            LayoutLine(
                row=line_place[0],
                group=line_place[1],
                label=cell.row_label,
                group_label=cell.group_label,
                figures=tuple(found[c][1] if c in found else empty for c in columns),
                base=_base_of([n for _, _, n in found.values()]),
                mark=marks.lines.get(line_place, ""),
                refs=beside.lines.get(line_place, ()),
            )
        )
    return tuple(lines)


def _base_of(bases: Sequence[str]) -> str:
    """The base of a line: the largest base of its figures.

    A note names items with a smaller one.
    """
    numbers = [base for base in bases if base.isdigit()]
    return max(numbers, key=int) if numbers else next(iter(bases), "")


def figure_of(text: str, note: str) -> str:
    """A figure's text; a dash if there is none."""
    if text:
        return text
    return ABSENT if NOT_ASKED in note else ""


def figure_number(text: str) -> float | None:
    """The number of a figure; None for a dash, a suppression mark or nothing."""
    try:
        return float(text)
    except ValueError:
        return None


def _title_base(lines: tuple[LayoutLine, ...]) -> str:
    """The base in the printed title: the largest one, because lines may have smaller bases."""
    bases = [line.base for line in lines if line.base.isdigit()]
    return max(bases, key=int, default="")


def _own_notes(table: Table, results: pd.DataFrame, study: Study, wave: str) -> list[Note]:
    """Notes on the base, on what the wave did not ask, and on what is suppressed."""
    notes = []
    counted = any(cell.statistic == "percent" for cell in table.cells)
    if counted and table.unit != "invitations" and study.conventions.dont_know == "in_base":
        notes.append(Note(BASE, IN_BASE))
    for text in wave_notes(table, results, study, wave):
        hidden = SUPPRESSED in text
        notes.append(Note(HIDDEN if hidden else WAVE, _halves(text)))
    return notes


def _halves(text: str) -> Label:
    """A note of the form `dansk / English` or `dansk / English: more`, as a label."""
    danish, slash, english = text.partition(" / ")
    if not slash:
        return Label(text, text)
    if ":" in english and ":" not in danish:
        more = english.partition(":")[2]
        own, _, other = more.partition(" / ")
        return Label(
            f"{danish}:{own}", f"{english.partition(':')[0]}:{(other and f' {other}') or own}"
        )
    return Label(danish, english)


def _words(table: Table, study: Study) -> tuple[tuple[Label, ...], tuple[tuple[Label, ...], ...]]:
    """The overview of variables: heading, letter, variable, closed items, where declared."""
    frame = overview_layout(table, study)
    columns = (
        Label("Afsnit", "Part"),
        Label("Bogstav", "Letter"),
        Label("Variabel", "Variable"),
        Label("Lukkede items", "Closed items"),
        Label("Erklæret i", "Declared in"),
    )
    headings = {e.heading.da: e.heading.en for e in table.entries if e.heading}
    lines = tuple(
        (
            Label(part, headings.get(part, part)),
            Label(letter, letter),
            Label(danish, english),
            Label(items, items),
            Label(declared, declared),
        )
        for part, letter, danish, english, items, declared in frame.itertuples(index=False)
    )
    return columns, lines

"""SurveyMonkey: CSV or workbook with two header lines, the question and below it the answer.

https://help.surveymonkey.com/en/surveymonkey/analyze/exports/ and
https://help.surveymonkey.com/en/surveymonkey/analyze/export-options/ (condensed, expanded columns)
"""

from __future__ import annotations

from collections.abc import Sequence

from assets.raw.readers.platforms.columns import (
    BOX,
    META,
    TEXT,
    UNKNOWN,
    PlatformColumn,
    PlatformSheet,
    ReadColumns,
    across,
    ticks,
    unique,
)
from runtime.plain_text import plain, same_text

META_NAMES = frozenset({
    "respondent id", "collector id", "start date", "end date", "ip address", "email address",
    "first name", "last name", "custom data 1", "respondentid", "collectorid", "startdate",
    "enddate", "date created", "date modified",
})  # fmt: skip
ONE = frozenset({"response", "svar", "respons", ""})
OPEN = frozenset({"open-ended response", "åbent svar", "open ended response"})


def read(grid: PlatformSheet, _: PlatformSheet | None) -> ReadColumns:
    """A question spans its columns. Those that contain only their own heading are boxes."""
    width = max(len(grid.rows[0][1]), len(grid.rows[1][1]))
    asked = _filled([*map(plain, grid.rows[0][1]), *[""] * (width - len(grid.rows[0][1]))])
    below = [*map(plain, grid.rows[1][1]), *[""] * (width - len(grid.rows[1][1]))]
    names = unique([
        question if same_text(part) in ONE | OPEN or same_text(question) in META_NAMES
        else f"{question} [{part}]" for question, part in zip(asked, below, strict=True)
    ])  # fmt: skip
    body = [
        (line, [*cells[:width], *[""] * (width - len(cells))])
        for line, cells in grid.rows[2:]
        if any(cell.strip() for cell in cells)
    ]
    columns = []
    for name, question, part, cells in zip(names, asked, below, across(body, width), strict=True):
        if same_text(question) in META_NAMES:
            columns.append(PlatformColumn(name, cells, kind=META))
        elif same_text(part) in OPEN:
            columns.append(PlatformColumn(name, cells, question, _open(cells)))
        elif same_text(part) in ONE:
            columns.append(PlatformColumn(name, cells, question))
        else:
            columns.append(
                PlatformColumn(
                    name, cells, f"{question} - {part}", question=question, choice_text=part
                )
            )
    return ReadColumns([line for line, _ in body], _boxes(columns), detects=False)


def _open(cells: Sequence[str]) -> str:
    filled = [c.strip() for c in cells if c.strip()]
    numbers = filled and all(c.replace(".", "", 1).replace(",", "", 1).isdigit() for c in filled)
    return UNKNOWN if numbers else TEXT


def _filled(asked: Sequence[str]) -> list[str]:
    """The text of a question is above its first column only."""
    found: list[str] = []
    for text in asked:
        found.append(text or (found[-1] if found else ""))
    return found


def _boxes(columns: Sequence[PlatformColumn]) -> list[PlatformColumn]:
    """Columns of one question whose cells hold only their own heading, or one number."""
    groups: dict[str, list[PlatformColumn]] = {}
    for column in columns:
        if column.choice_text and column.kind == UNKNOWN:
            groups.setdefault(column.question, []).append(column)
    ready: dict[str, PlatformColumn] = {}
    for question, own in groups.items():
        boxes = [column for column in own if _is_box(column)]
        # a column that nobody ticked is a box if its neighbours are boxes
        silent = [c for c in own if not any(cell.strip() for cell in c.cells)]
        lines = [c for c in boxes if any(cell.strip() for cell in c.cells)]
        for place, column in enumerate(own, start=1):
            if lines and (column in boxes or (column in silent and len(lines) > 1)):
                ready[column.name] = PlatformColumn(
                    column.name, ticks(column.cells), question, BOX, question, str(place),
                    column.choice_text,
                )  # fmt: skip
            elif lines and len(lines) > 1:
                # the text field after "other"
                ready[column.name] = PlatformColumn(
                    column.name, column.cells, f"{question} - {column.choice_text}", TEXT
                )
    return [ready.get(column.name, column) for column in columns]


def _is_box(column: PlatformColumn) -> bool:
    held = {same_text(cell) for cell in column.cells if cell.strip()}
    number = len(held) == 1 and next(iter(held)).isdigit() and "" in map(str.strip, column.cells)
    return held <= {same_text(column.choice_text)} or number

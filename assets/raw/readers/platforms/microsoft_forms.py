"""Microsoft Forms: the workbook of "Open in Excel", or a CSV saved from it.

https://support.microsoft.com/office/check-and-share-your-form-results-02859424-341d-445a-9b2c-fa8c40afb3f3
Several choices share one cell, each followed by a semicolon. Lines of a Likert question are
separate columns.
"""

from __future__ import annotations

from assets.raw.readers.platforms.columns import (
    META,
    PlatformColumn,
    PlatformSheet,
    ReadColumns,
    across,
)
from runtime.plain_text import same_text

META_NAMES = frozenset({
    "id", "start time", "completion time", "email", "name", "last modified time", "language",
    "starttidspunkt", "fuldførelsestidspunkt", "færdiggørelsestidspunkt", "mail", "navn",
    "tidspunkt for seneste ændring", "sprog", "total points", "quiz feedback", "e-mail",
})  # fmt: skip


def read(grid: PlatformSheet, _: PlatformSheet | None) -> ReadColumns:
    """Answers as texts. Columns before the first question are not questions."""
    names, body = grid.headed()
    columns = []
    asked = False
    for name, cells in zip(names, across(body, len(names)), strict=True):
        meta = same_text(name) in META_NAMES and not asked
        scored = same_text(name).startswith(("points - ", "feedback - "))
        asked = asked or not (meta or scored)
        columns.append(
            PlatformColumn(name, cells, kind=META)
            if meta or scored
            else PlatformColumn(name, cells, name)
        )
    return ReadColumns([line for line, _ in body], columns)

"""Google Forms: the responses as CSV, or the linked sheet as CSV or workbook.

https://support.google.com/docs/answer/139706 (view and download responses). Tick boxes share one
cell; a comma separates them in the sheet, a semicolon in the form's own CSV. Grids are columns
`Question [Row]`.
"""

from __future__ import annotations

import re

from assets.raw.readers.platforms.columns import (
    META,
    PlatformColumn,
    PlatformSheet,
    ReadColumns,
    across,
)
from runtime.plain_text import same_text

META_NAMES = frozenset({
    "timestamp", "tidsstempel", "tidspunkt", "tidsstämpel", "email address", "e-mailadresse",
    "mailadresse", "username", "brugernavn", "score", "zeitstempel", "e-postadresse", "pointtal",
})  # fmt: skip
ROW = re.compile(r"(.+?)\s*\[([^\[\]]+)\](?: \([0-9]+\))?", re.DOTALL)


def read(grid: PlatformSheet, _: PlatformSheet | None) -> ReadColumns:
    """Answers as texts; `Question [Row]` is a line of a grid."""
    names, body = grid.headed()
    columns = []
    for name, cells in zip(names, across(body, len(names)), strict=True):
        found = ROW.fullmatch(name)
        if same_text(name) in META_NAMES:
            columns.append(PlatformColumn(name, cells, kind=META))
        elif found:
            columns.append(PlatformColumn(name, cells, f"{found.group(1)} - {found.group(2)}",
                                  question=found.group(1)))  # fmt: skip
        else:
            columns.append(PlatformColumn(name, cells, name))
    return ReadColumns([line for line, _ in body], columns)

"""Enalyzer: the workbook or CSV of "Download response data", as texts, values or label numbers.

https://helpcenter.enalyzer.com/hc/da/articles/360016753759-Download-Svardata The file has no
labels: a codebook (variable, label, codes) can add them to numbers. The SPSS file has labels and is
read as SPSS.
"""

from __future__ import annotations

from dataclasses import replace

from assets.raw.readers.platforms import plain
from assets.raw.readers.platforms.columns import PlatformSheet, ReadColumns

FEWEST_LINES = 3


def read(grid: PlatformSheet, definition: PlatformSheet | None) -> ReadColumns:
    """A table with one header line, optionally with a line of variable names above it."""
    if two_headers(grid):
        texts = dict(zip(grid.rows[0][1], grid.rows[1][1], strict=False))
        rows = (grid.rows[0], *grid.rows[2:])
        note = "two header lines, expected one (the first has the names, the second the texts)"
        found = plain.read(replace(grid, rows=rows), definition, texts)
        return replace(found, notes=(note, *found.notes))
    return plain.read(grid, definition)


def two_headers(grid: PlatformSheet) -> bool:
    """Whether short names are above longer texts, as when both kinds of headings are exported."""
    if len(grid.rows) < FEWEST_LINES:
        return False
    names, texts = grid.rows[0][1], grid.rows[1][1]
    short = all(" " not in name.strip() and 0 < len(name) <= 30 for name in names)
    long = sum(" " in text.strip() and len(text) > 12 for text in texts)
    below = sum(" " in cell.strip() and len(cell) > 12 for cell in grid.rows[2][1])
    # the text of a question is never also an answer
    again = {(at, cell) for _, cells in grid.rows[2:] for at, cell in enumerate(cells)}
    own = all(text.strip() and (at, text) not in again for at, text in enumerate(texts))
    return short and own and long > len(texts) // 2 and below <= len(texts) // 2

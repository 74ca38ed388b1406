"""The kind of chart of a table, from its declaration; site and files use the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assets.analysis.comparisons import DONT_KNOW_KEY
from declarations import Cell, Study, Table
from declarations.tables.cells import TOTAL
from publishing.layout.model import TableLayout

DIVERGING, STACKED, BARS, MULTIPLES, NONE = "diverging", "stacked", "bars", "multiples", "none"
# with more lines the chart is split
MOST_LINES = 25


@dataclass(frozen=True)
class ChartKind:
    """The kind of a chart: positions of columns and lines, and which of them mean "don't know".

    `diverging` and `stacked` draw the columns along each line, `bars` draws one column, `multiples`
    a small picture per column. `apart` are columns (for bars: lines) that are drawn in grey.
    """

    kind: str
    columns: tuple[int, ...] = ()
    lines: tuple[int, ...] = ()
    apart: tuple[int, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """The kind as JSON for a page."""
        return {
            "kind": self.kind,
            "columns": list(self.columns),
            "lines": list(self.lines),
            "apart": list(self.apart),
        }


def chart_kind(table: Table, layout: TableLayout, study: Study) -> ChartKind:
    """The chart of a table; `none` for a table without percentages."""
    keys = {column.key: place for place, column in enumerate(layout.columns)}
    places = {(line.row, line.group): n for n, line in enumerate(layout.lines)}
    shares = [c for c in table.cells if c.statistic == "percent" and c.code != TOTAL]
    if not shares:
        return ChartKind(NONE)
    columns = tuple(dict.fromkeys(keys[c.column] for c in shares))
    lines = tuple(dict.fromkeys(places[c.row, c.group_key] for c in shares))
    if len(columns) == 1:
        apart = {places[c.row, c.group_key] for c in shares if _dont_know(c, study)}
        return ChartKind(BARS, columns, lines, tuple(sorted(apart)))
    if _of_one_scale(shares):
        apart = {keys[c.column] for c in shares if _dont_know(c, study)}
        return ChartKind(_scale(table, shares, study), columns, lines, tuple(sorted(apart)))
    return ChartKind(MULTIPLES, columns, lines)


def _dont_know(cell: Cell, study: Study) -> bool:
    item = study.items.get(str(cell.item))
    return item is not None and any(
        code.code == cell.code and code.key == DONT_KNOW_KEY for code in item.scale
    )


def _of_one_scale(shares: list[Cell]) -> bool:
    """Whether the columns are the answers to the item of each line."""
    by_line: dict[tuple[str, str], list[Cell]] = {}
    for cell in shares:
        by_line.setdefault((cell.row, cell.group_key), []).append(cell)
    return all(
        len({c.item for c in cells}) == 1 and len({c.code for c in cells}) == len(cells)
        for cells in by_line.values()
    )


def _scale(table: Table, shares: list[Cell], study: Study) -> str:
    """The kind of chart for one scale.

    An ordered scale diverges from its middle; other answers are stacked.
    """
    ordered = table.significance is None or table.significance.ordered
    closed = all(str(cell.item) in study.items for cell in shares)
    return DIVERGING if ordered and closed else STACKED

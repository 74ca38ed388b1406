"""Printed figures and bases, and the references that name them.

A reference names something printed. `table_3_4:charter:yes` is a cell (with a group of the row in
between, if there is one). `table_3_4:charter:N` is the base of a row, `table_4_1:N` a base printed
once for the table. `...:mark` are the stars of a cell, `claim:c4_063` a statement, `text:...` a
number in the text. `item:actor_drop_in:N` is not printed but an explanation: fewer respondents
answered this item than the base that print gives for several items.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from declarations import Cell, Table
from declarations.tables.cells import TOTAL

Slot = tuple[str, str, str]
Quantity = tuple[str, str, str, str]
ALL = ("all", "all")
CLAIM, TEXT, ITEM, MARK, BASE = "claim", "text", "item", "mark", "N"


@dataclass(frozen=True)
class PrintedFigure:
    """A printed number: its cell, the reference of its base ("" for none) and its line.

    `labels` are the printed labels of its row, its group's line and its column.
    """

    ref: str
    cell: Cell
    line: int
    base: str
    decimals: int
    labels: tuple[str, str, str] = ("", "", "")

    @cached_property
    def slot(self) -> Slot:
        """What the base counts: item, group and level."""
        return (str(self.cell.item), self.cell.group, self.cell.level)

    @cached_property
    def quantity(self) -> Quantity:
        """What the figure counts: item, code, group and level."""
        return (str(self.cell.item), str(self.cell.code), self.cell.group, self.cell.level)


@dataclass(frozen=True)
class PrintedBase:
    """A printed base: its place, and the item and level whose answers it counts."""

    ref: str
    table: str
    slots: tuple[Slot, ...]

    @property
    def shared(self) -> bool:
        """Whether the base is for several items, one of which may have fewer answers."""
        return len({item for item, _, _ in self.slots}) > 1


def cell_ref(cell: Cell) -> str:
    """Reference of a cell."""
    return ":".join(filter(None, (cell.table, cell.row, cell.group_key, cell.column)))


def mark_ref(table: Table, cell: Cell) -> str:
    """The reference of a cell's stars, or of the bound printed for its row or table."""
    by = table.significance and table.significance.by
    if by == "cell":
        return f"{cell_ref(cell)}:{MARK}"
    return f"{table.id}:{MARK}" if by == "table" else f"{table.id}:{cell.row}:{MARK}"


def base_ref(table: Table, cell: Cell) -> str:
    """The reference of a cell's base: that of its row or table, or the total printed as a count."""
    if table.base_column is None:
        place = (cell.item, cell.group, cell.level)
        totals = (
            cell_ref(c) for c in table.cells if is_total(c) and (c.item, c.group, c.level) == place
        )
        return next(totals, "")
    if table.base_column.position == "title":
        return f"{table.id}:{BASE}"
    return ":".join(filter(None, (table.id, cell.row, cell.group_key, BASE)))


def is_total(cell: Cell) -> bool:
    """Whether a cell is the number of answers, printed as a count."""
    return cell.statistic == "count" and cell.code == TOTAL

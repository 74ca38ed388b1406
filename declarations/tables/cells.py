"""Tables: the coordinates of the statistic in every cell, in reading order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from pydantic import Field

from declarations.labels import Label
from declarations.model import Labelled
from declarations.survey.marks import TableMarks
from declarations.tables.overview import OverviewEntry

TOTAL = "total"
OTHERS = "!"
# The appendix counts invitations by their status.
STATUS_ITEM = "status"
STATUS_CODES = ("complete", "partial", "none")


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure. A percentage is 100 * count(item, code) / base, both within group = level.

    `code` is a declared code or "total". `level` "!x" is everyone not in x. For differences, `of`
    names the two columns of the same row. For a numeric item, `range` counts the numbers from the
    first to the second (None: no bound), and mean and median use all numbers. `base` names the
    items whose answers make up the base, if it is not the cell's item.
    """

    table: str
    unit: str
    row_number: int
    row: str
    row_label: Label
    group_key: str
    group_label: Label
    column: str
    column_label: Label
    statistic: str
    decimals: int
    item: str | None = None
    code: int | str | None = None
    group: str = "all"
    level: str = "all"
    of: tuple[str, ...] = ()
    range: tuple[float | None, float | None] | None = None
    base: tuple[str, ...] = ()


class BaseColumn(Labelled):
    """Where the base is shown: in the first column, in the last column, or once in the title."""

    position: Literal["first", "last", "title"] = Field(
        "last", description="The place of the base."
    )


@dataclass(frozen=True)
class Table:
    """One table, with its cells in reading order."""

    id: str
    number: str
    chapter: str
    section: str
    title: Label
    unit: str
    kind: str
    base_column: BaseColumn | None
    significance: TableMarks | None
    note: str | None
    cells: tuple[Cell, ...]
    entries: tuple[OverviewEntry, ...]
    source: str

    @cached_property
    def items(self) -> tuple[str, ...]:
        """Items that the table uses, in order of first use."""
        return tuple(dict.fromkeys(c.item for c in self.cells if c.item))

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Groups that the table is broken down by."""
        return tuple(dict.fromkeys(c.group for c in self.cells if c.group != "all"))

    @property
    def mark(self) -> str | None:
        """How tests are shown: stars, bound, or None if the table declares no tests."""
        return None if self.significance is None else self.significance.mark

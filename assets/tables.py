"""A report table from counts: one line per printed number, unrounded, with its base."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from assets.specs import Cell, Table
from assets.specs.cells import OTHERS, TOTAL
from assets.statistics import difference, format_number, percent, relative_difference, round_half_up

RESULT_COLUMNS = (
    "wave", "table", "row", "row_label_da", "group", "group_label_da", "column",
    "column_label_da", "statistic", "value", "numerator", "base", "formatted",
)  # fmt: skip
Counts = Mapping[tuple[str, str, str, str], int]


@dataclass(frozen=True)
class Value:
    """A statistic with what it was computed from; None where there is nothing to compute."""

    value: float | None
    numerator: int | None = None
    base: int | None = None
    decimals: int = 1

    @property
    def shown(self) -> float | None:
        """The value rounded as print shows it."""
        return None if self.value is None else round_half_up(self.value, self.decimals)


def counts_index(counts: pd.DataFrame) -> dict[tuple[str, str, str, str], int]:
    """Counts as {(item, code, group, level): n}."""
    columns = (counts[name] for name in ("item", "code", "group", "level", "n"))
    return {(i, c, g, lv): int(n) for i, c, g, lv, n in zip(*columns, strict=True)}


def count_of(counts: Counts, item: str, code: int | str, group: str, level: str) -> int:
    """How many in the level gave the code.

    Level "!x" is everyone not in x, not the sum of the other levels (areas overlap); code
    "total" is everyone who answered the item.
    """
    if level.startswith(OTHERS):
        inside = count_of(counts, item, code, group, level.removeprefix(OTHERS))
        return count_of(counts, item, code, "all", "all") - inside
    if code == TOTAL:
        return sum(n for (i, _, g, lv), n in counts.items() if (i, g, lv) == (item, group, level))
    return counts[(item, str(code), group, level)]


def cell_value(cell: Cell, counts: Counts) -> Value:
    """The statistic of a cell that rests on counts. An empty base has no percentage."""
    if cell.item is None or cell.code is None:
        raise ValueError(f"{cell.table} {cell.row}/{cell.column} does not rest on one item")
    base = count_of(counts, cell.item, TOTAL, cell.group, cell.level)
    numerator = count_of(counts, cell.item, cell.code, cell.group, cell.level)
    if cell.statistic == "count":
        return Value(float(numerator), numerator, base, cell.decimals)
    share = percent(numerator, base) if base else None
    return Value(share, numerator, base, cell.decimals)


DERIVED = {"difference": difference, "relative_difference": relative_difference}


def derived_value(cell: Cell, row: Mapping[str, Value]) -> Value:
    """A statistic of two other columns of the same row, from their values as print shows them.

    The report subtracts rounded percentages: in Table 6.5, 67.9 - 25.2 is printed as 42.7
    where the unrounded values give 42.8.
    """
    first, second = (row[column].shown for column in cell.of)
    if first is None or second is None or (cell.statistic == "relative_difference" and not first):
        return Value(None)
    return Value(DERIVED[cell.statistic](first, second), decimals=cell.decimals)


def table_results(table: Table, counts: Counts, wave: str) -> pd.DataFrame:
    """All cells of a table in reading order, in RESULT_COLUMNS.

    `value` is unrounded (percent or count), `formatted` is rounded half up with a decimal
    point as declared, empty where the base is empty.
    """
    by_item: dict[str, dict[tuple[str, str, str, str], int]] = {}
    for key, n in counts.items():
        by_item.setdefault(key[0], {})[key] = n
    rows: dict[tuple[str, str], dict[str, Value]] = {}
    records = []
    for cell in table.cells:
        row = rows.setdefault((cell.row, cell.group_key), {})
        value = derived_value(cell, row) if cell.of else cell_value(cell, by_item[str(cell.item)])
        row[cell.column] = value
        records.append(
            (
                wave,
                table.id,
                cell.row,
                cell.row_label.da,
                cell.group_key,
                cell.group_label.da,
                cell.column,
                cell.column_label.da,
                cell.statistic,
                value.value,
                value.numerator,
                value.base,
                "" if value.value is None else format_number(value.value, cell.decimals),
            )
        )
    frame = pd.DataFrame(records, columns=list(RESULT_COLUMNS))
    return frame.astype({"value": "float64", "numerator": "Int64", "base": "Int64"})

"""A report table from counts: one line per printed number, unrounded, with its base."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from assets.statistics import descriptive
from assets.statistics.descriptive import format_number, percent, round_half_up
from declarations import Cell, Study, Table
from declarations.tables.cells import OTHERS, TOTAL
from declarations.tables.statistics import COLUMNS, NUMBERS, names_of
from runtime.masking import column_shown

RESULT_COLUMNS = (
    "wave", "table", "row", "row_label_da", "group", "group_label_da", "column",
    "column_label_da", "statistic", "value", "numerator", "base", "formatted", "note", "variable",
    "wording",
)  # fmt: skip
NOT_ASKED, REWORDED, SUPPRESSED = "not asked", "reworded", "suppressed"
Counts = Mapping[tuple[str, str, str, str], int]


@dataclass(frozen=True)
class Value:
    """A statistic with the numbers it was computed from; None if it cannot be computed."""

    value: float | None
    numerator: int | None = None
    base: int | None = None
    decimals: int = 1
    asked: bool = True

    @property
    def shown(self) -> float | None:
        """The value, rounded like the printed figures."""
        return None if self.value is None else round_half_up(self.value, self.decimals)


def counts_index(counts: pd.DataFrame) -> dict[tuple[str, str, str, str], int]:
    """Counts as {(item, code, group, level): n}."""
    columns = (counts[name] for name in ("item", "code", "group", "level", "n"))
    return {(i, c, g, lv): int(n) for i, c, g, lv, n in zip(*columns, strict=True)}


def count_of(counts: Counts, item: str, code: int | str, group: str, level: str) -> int:
    """Number of respondents in the level who gave the code.

    Level "!x" is everyone not in x, not the sum of the other levels (areas overlap). Code "total"
    is everyone who answered the item.
    """
    if level.startswith(OTHERS):
        inside = count_of(counts, item, code, group, level.removeprefix(OTHERS))
        return count_of(counts, item, code, "all", "all") - inside
    if code == TOTAL:
        known = counts.get((item, TOTAL, group, level))
        if known is not None:
            return known
        return sum(n for (i, _, g, lv), n in counts.items() if (i, g, lv) == (item, group, level))
    return counts[(item, str(code), group, level)]


def number_counts(counts: Counts, item: str, group: str, level: str) -> dict[float, int]:
    """Frequencies of the numbers given to a numeric item, `{number: count}`; "!x" as above."""
    if level.startswith(OTHERS):
        found = number_counts(counts, item, "all", "all")
        inside = number_counts(counts, item, group, level.removeprefix(OTHERS))
        return {value: n - inside.get(value, 0) for value, n in found.items()}
    own = (item, group, level)
    return {float(c): n for (i, c, g, lv), n in counts.items() if c != TOTAL and (i, g, lv) == own}


def cell_value(cell: Cell, counts: Counts) -> Value:
    """The statistic of a cell from counts. With an empty base only a count of 0 exists."""
    if cell.item is None or cell.code is None:
        raise ValueError(
            f"{cell.table} {cell.row}/{cell.column} is not computed from a single item"
        )
    items = cell.base or (cell.item,)
    base = sum(count_of(counts, item, TOTAL, cell.group, cell.level) for item in items)
    if cell.statistic in OF_NUMBERS:
        numbers = number_counts(counts, cell.item, cell.group, cell.level)
        found = OF_NUMBERS[cell.statistic](numbers) if base else None
        return Value(found, None, base, cell.decimals)
    if cell.range is not None:
        low, high = cell.range
        numbers = number_counts(counts, cell.item, cell.group, cell.level)
        numerator = sum(
            n
            for value, n in numbers.items()
            if (low is None or value >= low) and (high is None or value <= high)
        )
    else:
        numerator = count_of(counts, cell.item, cell.code, cell.group, cell.level)
    if cell.statistic == "count":
        return Value(float(numerator), numerator, base, cell.decimals)
    share = percent(numerator, base) if base else None
    return Value(share, numerator, base, cell.decimals)


# by the registered name of the statistic
OF_NUMBERS = {name: getattr(descriptive, name) for name in names_of(NUMBERS)}
DERIVED = {name: getattr(descriptive, name) for name in names_of(COLUMNS)}


def derived_value(cell: Cell, row: Mapping[str, Value]) -> Value:
    """A statistic of two other columns of the same row, from their rounded values.

    The report subtracts rounded percentages: in Table 6.5, 67.9 - 25.2 is printed as 42.7, where
    the unrounded values give 42.8.
    """
    first, second = (row[column].shown for column in cell.of)
    if not all(row[column].asked for column in cell.of):
        return Value(None, asked=False)
    if first is None or second is None or (cell.statistic == "relative_difference" and not first):
        return Value(None)
    return Value(DERIVED[cell.statistic](first, second), decimals=cell.decimals)


def table_results(table: Table, counts: Counts, wave: str, study: Study) -> pd.DataFrame:
    """All cells of a table in reading order, in RESULT_COLUMNS.

    `value` is unrounded (percent or count), `formatted` is rounded half up with a decimal
    point as declared, empty where the base is empty. Cells of what the wave did not ask are empty
    and their `note` says so; it also says where a question had been reworded by the wave.
    `variable` and `wording` are the item's.
    """
    asked = study.in_wave(wave)
    by_item: dict[str, dict[tuple[str, str, str, str], int]] = {}
    for key, n in counts.items():
        by_item.setdefault(key[0], {})[key] = n
    for item, own in by_item.items():
        own.update(_totals(item, own))
    rows: dict[tuple[str, str], dict[str, Value]] = {}
    records = []
    for cell in table.cells:
        row = rows.setdefault((cell.row, cell.group_key), {})
        if cell.of:
            value = derived_value(cell, row)
        elif not asked.asks(cell):
            value = Value(None, decimals=cell.decimals, asked=False)
        else:
            drawn = dict.fromkeys((str(cell.item), *cell.base))
            # a numeric item has no counts if nobody gave a number
            drawn_on = [by_item.get(item, {}) for item in drawn]
            value = cell_value(cell, drawn_on[0] if len(drawn) == 1 else ChainMap(*drawn_on))
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
                _note(cell, value, asked, wave),
                *_asked_as(cell, asked),
            )
        )
    frame = pd.DataFrame(records, columns=list(RESULT_COLUMNS))
    return frame.astype({"value": "float64", "numerator": "Int64", "base": "Int64"})


def _asked_as(cell: Cell, asked: Study) -> tuple[str, str]:
    """Column of the export and wording of a cell's item; empty for statistics of two columns.

    A question that the wave did not ask has no column in it.
    """
    item = asked.items.get(str(cell.item))
    if item is None:
        return "", ""
    question = asked.question[item.question].label.da
    own = item.questionnaire or item.label.da
    return column_shown(item.variable), question if own == question else f"{question} - {own}"


def _note(cell: Cell, value: Value, asked: Study, wave: str) -> str:
    if not value.asked:
        return NOT_ASKED
    items = [asked.items[item] for item in (cell.item, *cell.base) if item in asked.items]
    made = [asked.question[item.question].rewordings(item.id, wave) for item in items]
    return REWORDED if any(made) else ""


def _totals(item: str, counts: Counts) -> dict[tuple[str, str, str, str], int]:
    """All answers to an item by group and level."""
    totals: dict[tuple[str, str, str, str], int] = {}
    for (_, _, group, level), n in counts.items():
        key = (item, TOTAL, group, level)
        totals[key] = totals.get(key, 0) + n
    return totals

"""All tables of counts that print allows.

Print gives a share per cell, and often only one answer of several. The search covers every table of
counts whose percentages round to the printed ones, whose rows add up to the printed bases, and
whose levels add up to everyone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from assets.analysis.comparisons import ItemTest, compared_codes
from declarations.tables.cells import OTHERS
from declarations.tables.significance import Convention
from replication.solver.stated import EVERYONE, Range, Stated

MOST_TABLES = 500_000
Integers = npt.NDArray[np.int64]


class NotSearchedError(ValueError):
    """Print allows more tables than can be searched, or the test is too slow for the search."""


def compositions(total: Range, cells: Sequence[Range]) -> Integers:
    """All rows of whole numbers within the cells' ranges whose sum is in `total`.

    Raises NotSearchedError if a step of the search would have too many rows.
    """
    rows = np.zeros((1, 0), dtype=np.int64)
    for place, cell in enumerate(cells):
        rest_low = sum(c.low for c in cells[place + 1 :])
        rest_high = sum(c.high for c in cells[place + 1 :])
        done = rows.sum(axis=1)
        low = np.maximum(cell.low, total.low - rest_high - done)
        high = np.minimum(cell.high, total.high - rest_low - done)
        times = np.maximum(high - low + 1, 0)
        if times.sum() > MOST_TABLES:
            raise NotSearchedError(f"more than {MOST_TABLES} rows of counts agree with print")
        first = np.repeat(np.cumsum(times) - times, times)
        values = np.repeat(low, times) + np.arange(times.sum()) - first
        rows = np.column_stack([np.repeat(rows, times, axis=0), values])
    return rows


def allowed_tables(comparison: ItemTest, stated: Stated) -> Integers:
    """All tables of counts (tables, levels, codes) of a comparison that agree with print.

    A level and everyone not in it add up to everyone; other levels are only limited by everyone.
    """
    levels, codes, item = comparison.levels, comparison.codes, comparison.item

    def row(group: str, level: str) -> tuple[Range, list[Range]]:
        base = stated.base(item, group, level)
        return base, [stated.count(item, code, group, level) for code in codes]

    names = {level.removeprefix(OTHERS) for level in levels}
    pair = len(levels) == 2 and len(names) == 1
    whole = compositions(*row(*EVERYONE))
    if not pair:
        rows = [compositions(*row(comparison.by, level)) for level in levels]
        return _below(_product(rows), whole)
    parts = []
    for everyone in whole:
        (base, own), (other_base, others) = (row(comparison.by, level) for level in levels)
        n = int(everyone.sum())
        inside = [
            mine & Range(int(k) - theirs.high, int(k) - theirs.low)
            for k, mine, theirs in zip(everyone, own, others, strict=True)
        ]
        found = compositions(base & Range(n - other_base.high, n - other_base.low), inside)
        parts.append(np.stack([found, everyone - found], axis=1))
        if sum(map(len, parts)) > MOST_TABLES:
            raise NotSearchedError(f"more than {MOST_TABLES} tables of counts agree with print")
    return np.concatenate(parts) if parts else np.zeros((0, 2, len(codes)), dtype=np.int64)


def _product(rows: Sequence[Integers]) -> Integers:
    if math.prod(map(len, rows)) > MOST_TABLES:
        raise NotSearchedError(f"more than {MOST_TABLES} tables of counts agree with print")
    tables = rows[0][:, None, :]
    for following in rows[1:]:
        left = np.repeat(tables, len(following), axis=0)
        right = np.tile(following, (len(tables), 1))[:, None, :]
        tables = np.concatenate([left, right], axis=1)
    return tables


def _below(tables: Integers, whole: Integers) -> Integers:
    """The tables whose levels together have at most as many as everyone, for one of the wholes."""
    sums = tables.sum(axis=1)
    fits = np.zeros(len(tables), dtype=bool)
    for everyone in whole:
        fits |= (sums <= everyone).all(axis=1)
    return tables[fits]


def with_columns(tables: Integers, comparison: ItemTest, convention: Convention) -> Integers:
    """The tables (tables, levels, columns) with the answers that a convention compares as columns.

    Empty if the convention does not apply to the comparison.
    """
    columns = [
        [comparison.codes.index(code) for code in codes]
        for codes in compared_codes(comparison, convention)
    ]
    found = [tables[:, :, own].sum(axis=2) for own in columns]
    return np.stack(found, axis=2) if found else tables[:, :, :0]

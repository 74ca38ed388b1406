"""Printed stars and bounds of p over all tables of counts that print allows.

Print gives a share per cell, and often only one answer of several. The search covers every table of
counts whose percentages round to the printed ones, whose rows add up to the printed bases, and
whose levels add up to everyone. The p-values are those of the declared test.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from assets.analysis.comparisons import ItemTest, compared, marked_tables, settings_of
from assets.statistics import significance
from declarations import Study
from declarations.tables.cells import OTHERS
from declarations.tables.significance import Convention, TestSettings
from replication.fit import Mark, printed_marks
from replication.printed import Printed
from replication.solver.stated import EVERYONE, Range, Stated, StatedFigure, state

COLUMNS = (
    "table", "row", "group", "column", "item", "by", "mark", "p_min", "p_max", "verdict",
    "tables", "meeting", "witness_min", "witness_max", "note",
)  # fmt: skip
WITNESSES = ("witness_min", "witness_max")
CERTAIN, POSSIBLE, IMPOSSIBLE, UNSEARCHED = "certain", "possible", "impossible", "not searched"
MOST_TABLES = 500_000
TESTS = {
    "pearson_chi_square": significance.pearson,
    "likelihood_ratio": significance.likelihood_ratio,
    "linear_by_linear": significance.linear_by_linear,
}
Integers = npt.NDArray[np.int64]


class NotSearchedError(ValueError):
    """Print allows more tables than can be searched, or the test is too slow for the search."""


@dataclass(frozen=True)
class PRange:
    """The range of p of one comparison over all tables that print allows.

    Each end has a table that gives it. The mark is right for `meeting` of `tables` tables.
    Witnesses are counts by level and code.
    """

    low: float
    high: float
    tables: int
    meeting: int
    witness_low: Mapping[str, list[int]]
    witness_high: Mapping[str, list[int]]


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


def span(
    comparison: ItemTest,
    convention: Convention,
    stated: Stated,
    settings: TestSettings,
    mark: Mark,
) -> PRange:
    """Smallest and largest p of a comparison over all tables that print allows.

    Not a number if no table agrees with print. Raises NotSearchedError.
    """
    tables = allowed_tables(comparison, stated)
    if convention.test not in TESTS:
        raise NotSearchedError(f"{convention.test} is not searched, only {', '.join(TESTS)}")
    columns = [
        [comparison.codes.index(code) for code in codes]
        for codes in compared(comparison, convention)
    ]
    if not columns:
        raise NotSearchedError(f"{convention.test} does not apply to answers without an order")
    if not len(tables):
        return PRange(math.nan, math.nan, 0, 0, {}, {})
    merged = np.stack([tables[:, :, own].sum(axis=2) for own in columns], axis=2)
    p = TESTS[convention.test](merged).p
    # if only one answer is left, nothing can differ
    p = np.where(np.isnan(p), 1.0, np.atleast_1d(p))
    ends = int(p.argmin()), int(p.argmax())
    low, high = (dict(zip(comparison.levels, tables[end].tolist(), strict=True)) for end in ends)
    above, below = meant(mark, settings)
    meeting = int(((p >= above) & (p < below)).sum())
    return PRange(float(p[ends[0]]), float(p[ends[1]]), len(p), meeting, low, high)


def meant(mark: Mark, settings: TestSettings) -> tuple[float, float]:
    """The range of p that a mark means: at least the first number and below the second."""
    if mark.bound is not None:
        return 0.0, mark.bound
    own = next((p for p, stars in settings.stars.items() if stars == mark.printed), math.inf)
    return max((p for p in settings.stars if p < own), default=0.0), own


def marks_frame(study: Study, figures: Sequence[StatedFigure]) -> pd.DataFrame:
    """Every printed mark with the range of p that print allows, in COLUMNS.

    `verdict`: the mark is right for all tables that agree with print (certain), some (possible) or
    none (impossible). A bound printed once for a table refers to its smallest p; the range is then
    that of the smallest.
    """
    settings, markings = settings_of(study), marked_tables(study)
    printed_lines: dict[str, list[Printed]] = {}
    for figure in figures:
        printed_lines.setdefault(figure.source.table, []).append(figure.source)
    stated = state(figures)
    corrected = {
        (f.cell.table, f.cell.item, f.cell.group, f.cell.level)
        for f in figures
        if f.void or f.conflict or f.printed != f.source.printed or str(f.n or "") != f.source.n
    }
    records = []
    for mark in printed_marks(study, printed_lines):
        convention = markings[mark.table].convention
        first = mark.comparisons[0]
        touched = any(
            (mark.table, c.item, c.by, level) in corrected
            for c in mark.comparisons
            for level in c.levels
        )
        line = [mark.table, mark.row, mark.group, mark.column, first.item, first.by, mark.printed]
        note = "a figure that it depends on is in errata.yaml" if touched else ""
        try:
            spans = [span(c, convention, stated, settings, mark) for c in mark.comparisons]
        except NotSearchedError as reason:
            records.append((*line, math.nan, math.nan, UNSEARCHED, -1, -1, "", "", str(reason)))
            continue
        records.append((*line, *_judged(spans), note))
    return pd.DataFrame(records, columns=list(COLUMNS))


def _judged(spans: Sequence[PRange]) -> tuple[object, ...]:
    """p_min, p_max, verdict, tables, meeting and witnesses over all comparisons of a mark."""
    least, most = min(spans, key=lambda s: s.low), min(spans, key=lambda s: s.high)
    if any(s.tables and s.meeting == s.tables for s in spans):
        verdict = CERTAIN
    else:
        verdict = POSSIBLE if any(s.meeting for s in spans) else IMPOSSIBLE
    return (
        least.low,
        most.high,
        verdict,
        sum(s.tables for s in spans),
        sum(s.meeting for s in spans),
        json.dumps(least.witness_low, ensure_ascii=False),
        json.dumps(most.witness_high, ensure_ascii=False),
    )

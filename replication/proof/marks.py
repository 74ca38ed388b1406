"""Printed stars and bounds of p over all tables of counts that print allows.

The p-values are those of the declared test, over the tables of `replication.solver.tables`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from assets.analysis.comparisons import ItemTest, marked_tables, settings_of
from assets.analysis.testing import TESTS
from declarations import Study
from declarations.tables.significance import Convention, TestSettings
from replication.fit import Mark, printed_marks
from replication.printed import Printed
from replication.solver.stated import Stated, StatedFigure, state
from replication.solver.tables import NotSearchedError, allowed_tables, with_columns

COLUMNS = (
    "table", "row", "group", "column", "item", "by", "mark", "p_min", "p_max", "verdict",
    "tables", "meeting", "witness_min", "witness_max", "note",
)  # fmt: skip
WITNESSES = ("witness_min", "witness_max")
CERTAIN, POSSIBLE, IMPOSSIBLE, UNSEARCHED = "certain", "possible", "impossible", "not searched"


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


def range_of_p(
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
    merged = with_columns(tables, comparison, convention)
    if not merged.shape[2]:
        raise NotSearchedError(f"{convention.test} does not apply to answers without an order")
    if not len(tables):
        return PRange(math.nan, math.nan, 0, 0, {}, {})
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
            spans = [range_of_p(c, convention, stated, settings, mark) for c in mark.comparisons]
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

"""Runs all comparisons under one convention."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from assets.analysis.comparisons import ItemTest, compared_codes
from assets.statistics import exact, significance
from assets.statistics.significance import Floats
from declarations.tables.significance import Convention, TestSettings

TESTS = {
    "pearson_chi_square": significance.pearson,
    "likelihood_ratio": significance.likelihood_ratio,
    "linear_by_linear": significance.linear_by_linear,
}


@dataclass(frozen=True)
class Tested:
    """Results of one convention, one entry per comparison."""

    method: tuple[str, ...]
    codes: tuple[str, ...]
    statistic: Floats
    standard_error: Floats
    df: Floats
    p: Floats
    cramers_v: Floats
    min_expected: Floats
    small_expected: Sequence[bool]


def run_comparisons(
    found: Sequence[ItemTest], convention: Convention, tables: Floats, settings: TestSettings
) -> Tested:
    """Run all comparisons under one convention; `tables` comes from `stacked`."""
    count = len(found)
    nothing = np.full(count, np.nan)
    error, df, method = nothing, nothing, [convention.test] * count
    if convention.test == "fisher":
        exact = [_fisher(table, settings) for table in tables]
        method = [name for name, _, _ in exact]
        p, error = np.array([e[1] for e in exact]), np.array([e[2] for e in exact])
        statistic = nothing
    elif convention.test == "gamma":
        found_gamma = significance.gamma(tables)
        statistic, error, p = found_gamma.value, found_gamma.standard_error, found_gamma.p
    else:
        test = TESTS[convention.test](tables)
        statistic, df, p = test.statistic, test.df, test.p
    return Tested(
        method=tuple(method),
        codes=tuple(_codes(compared_codes(comparison, convention)) for comparison in found),
        statistic=statistic,
        standard_error=error,
        df=df,
        p=p,
        cramers_v=significance.cramers_v(tables),
        min_expected=significance.least_expected(tables),
        small_expected=significance.small_expected(tables, **settings.small_expected).tolist(),
    )


def _fisher(table: Floats, settings: TestSettings) -> tuple[str, float, float]:
    own = exact.without_empty_lines(table)
    if own.shape == (2, 2):
        return "fisher_exact", exact.fisher_exact(own), 0.0
    return ("fisher_simulated", *exact.fisher_simulated(own, settings.draws, settings.seed))


def _codes(columns: Iterable[tuple[int, ...]]) -> str:
    return " | ".join("+".join(map(str, codes)) for codes in columns)


def families(found: Sequence[ItemTest], p: Floats) -> Floats:
    """Benjamini-Hochberg q-values; the comparisons of a table are a family."""
    q = np.full(len(found), np.nan)
    names = np.array([comparison.table for comparison in found])
    for name in dict.fromkeys(names):
        own = names == name
        q[own] = significance.benjamini_hochberg(p[own])
    return q

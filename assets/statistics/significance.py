"""Tests, measures of association and intervals as pure functions over counts.

A table is an array of counts, groups down and answers across. Functions that take `tables` take any
number of them at once, with shape (..., r, k). Empty rows and columns carry no information: they
add nothing to a statistic and no degree of freedom. Tables of different sizes may therefore be
stacked and padded with zeros. If fewer than two groups or two answers remain, df is 0 and p is not
a number.

The module uses no files, databases or Dagster. It imports SciPy only where needed, because the code
location must load fast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Test:
    """A statistic, its degrees of freedom and its two-sided p-value, one per table."""

    statistic: Floats
    df: Floats
    p: Floats


@dataclass(frozen=True)
class Gamma:
    """Goodman and Kruskal's gamma, its standard error, and p for the hypothesis that it is 0."""

    value: Floats
    standard_error: Floats
    p: Floats


def expected_counts(tables: npt.ArrayLike) -> Floats:
    """Counts expected under independence: row total x column total / total, shape (..., r, k)."""
    observed = as_counts(tables)
    total = observed.sum(axis=(-2, -1), keepdims=True)
    products = observed.sum(axis=-1, keepdims=True) * observed.sum(axis=-2, keepdims=True)
    return np.divide(products, total, out=np.zeros_like(observed), where=total > 0)


def degrees_of_freedom(tables: npt.ArrayLike) -> Floats:
    """(rows - 1) x (columns - 1), counting only non-empty rows and columns."""
    rows, columns = _filled(as_counts(tables))
    return np.maximum(rows - 1, 0) * np.maximum(columns - 1, 0)


def pearson(tables: npt.ArrayLike) -> Test:
    """Pearson's chi-square of independence, without continuity correction."""
    observed, expected = as_counts(tables), expected_counts(tables)
    terms = np.divide(
        (observed - expected) ** 2, expected, out=np.zeros_like(observed), where=expected > 0
    )
    return _upper_tail(terms.sum(axis=(-2, -1)), degrees_of_freedom(tables))


def likelihood_ratio(tables: npt.ArrayLike) -> Test:
    """The likelihood ratio chi-square, 2 x sum of observed x ln(observed / expected)."""
    observed, expected = as_counts(tables), expected_counts(tables)
    ratio = np.divide(observed, expected, out=np.ones_like(observed), where=observed > 0)
    statistic = 2 * (observed * np.log(ratio)).sum(axis=(-2, -1))
    return _upper_tail(np.maximum(statistic, 0.0), degrees_of_freedom(tables))


def linear_by_linear(tables: npt.ArrayLike) -> Test:
    """Linear-by-linear association, (n - 1) x r squared, with one degree of freedom.

    r is Pearson's correlation of the scores 0, 1, 2, ... down and across. With two
    rows this is the Cochran-Armitage test for trend with n - 1 in place of n.
    """
    observed = as_counts(tables)
    down = np.arange(observed.shape[-2], dtype=np.float64)[:, None]
    across = np.arange(observed.shape[-1], dtype=np.float64)[None, :]
    n = observed.sum(axis=(-2, -1))
    safe = np.where(n > 0, n, 1.0)

    def mean(values: Floats) -> Floats:
        return np.asarray((observed * values).sum(axis=(-2, -1)) / safe)

    x = down - mean(down + 0 * across)[..., None, None]
    y = across - mean(across + 0 * down)[..., None, None]
    spread = mean(x * x) * mean(y * y)
    correlation = np.divide(
        mean(x * y) ** 2, spread, out=np.zeros_like(spread), where=spread > 1e-12
    )
    return _upper_tail((n - 1) * correlation, np.where(spread > 1e-12, 1.0, 0.0))


def gamma(tables: npt.ArrayLike) -> Gamma:
    """Goodman and Kruskal's gamma of ordered rows and columns.

    (concordant - discordant) / (concordant + discordant) pairs. The standard error is the
    asymptotic one. p uses the error under independence, as SAS and SPSS do. Not a number if no pair
    is untied.
    """
    from scipy.special import ndtr

    observed = as_counts(tables)
    below = _beyond(observed, 1, 1) + _beyond(observed, -1, -1)
    crossed = _beyond(observed, 1, -1) + _beyond(observed, -1, 1)
    n = observed.sum(axis=(-2, -1))
    same = (observed * below).sum(axis=(-2, -1))
    opposite = (observed * crossed).sum(axis=(-2, -1))
    pairs = same + opposite
    with np.errstate(divide="ignore", invalid="ignore"):
        value = (same - opposite) / pairs
        weights = opposite[..., None, None] * below - same[..., None, None] * crossed
        error = 4 / pairs**2 * np.sqrt((observed * weights**2).sum(axis=(-2, -1)))
        variance = (observed * (below - crossed) ** 2).sum(axis=(-2, -1))
        null = np.sqrt(np.maximum(variance - (same - opposite) ** 2 / n, 0.0))
        z = np.abs(same - opposite) / (2 * null)
    return Gamma(value, error, 2 * ndtr(-z))


def cramers_v(tables: npt.ArrayLike) -> Floats:
    """Cramér's V of tables.

    V is the root of chi-square / (n x (k - 1)), where k is the smaller of the numbers of non-empty
    rows and columns.

    Not a number if there is no comparison.
    """
    observed = as_counts(tables)
    least = np.minimum(*_filled(observed)) - 1
    n = observed.sum(axis=(-2, -1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(least > 0, np.sqrt(pearson(tables).statistic / (n * least)), np.nan)[()]


def least_expected(tables: npt.ArrayLike) -> Floats:
    """The smallest expected count, ignoring empty rows and columns; not a number without any."""
    expected = expected_counts(tables)
    least = np.where(expected > 0, expected, np.inf).min(axis=(-2, -1))
    return np.where(np.isfinite(least), least, np.nan)[()]


def small_expected(
    tables: npt.ArrayLike, below: float = 5.0, share: float = 0.2, least: float = 1.0
) -> npt.NDArray[np.bool_]:
    """Whether expected counts are too small for chi-square, by Cochran's rule.

    True if more than `share` of the expected counts are under `below`, or one is under `least`.
    Empty rows and columns are ignored.
    """
    expected = expected_counts(tables)
    real = expected > 0
    cells = real.sum(axis=(-2, -1))
    few = (real & (expected < below)).sum(axis=(-2, -1)) > share * cells
    return few | (real & (expected < least)).any(axis=(-2, -1))


def wilson(
    counts: npt.ArrayLike, bases: npt.ArrayLike, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """Wilson's interval of shares, as fractions; not a number if the base is empty."""
    from scipy.special import ndtri

    k, n = as_counts(counts), as_counts(bases)
    z2 = float(ndtri((1 + confidence) / 2)) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        share = k / n
        centre = (share + z2 / (2 * n)) / (1 + z2 / n)
        half = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    # At 0 and at n the exact bound is the share itself; the subtraction leaves rounding errors.
    low = np.where(k == 0, share, centre - half)
    return low[()], np.where(k == n, share, centre + half)[()]


def benjamini_hochberg(p: npt.ArrayLike) -> Floats:
    """q-values of one family.

    A q-value is the smallest false discovery rate at which the test is rejected.

    Values that are not numbers do not belong to the family and stay.
    """
    values = np.asarray(p, dtype=np.float64)
    q = np.full(values.shape, np.nan)
    known = np.flatnonzero(~np.isnan(values))
    order = known[np.argsort(values[known], kind="stable")]
    scaled = values[order] * len(order) / np.arange(1, len(order) + 1)
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q


def holm(p: npt.ArrayLike) -> Floats:
    """Holm's adjusted p-values of a family; entries that are not numbers are not tests.

    The smallest of m is multiplied by m, the next by m - 1, and so on. Each is at least the one
    before, and at most 1. Rejecting if it is below a level keeps the chance of any false
    rejection in the family at that level, under any dependence.
    """
    values = np.asarray(p, dtype=np.float64)
    adjusted = np.full_like(values, np.nan)
    tests = np.flatnonzero(~np.isnan(values))
    order = tests[np.argsort(values[tests], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(values[order] * factors), 1.0)
    return adjusted


def stars(p: float, thresholds: Mapping[float, str]) -> str:
    """The mark of the smallest threshold above p, from {0.05: "*", 0.01: "**"}; else empty."""
    passed = [threshold for threshold in thresholds if p < threshold]
    return thresholds[min(passed)] if passed else ""


def bound(p: float, ladder: Sequence[float]) -> float | None:
    """The smallest bound of the ladder above p; None if there is none."""
    return min((step for step in ladder if p < step), default=None)


def as_counts(tables: npt.ArrayLike) -> Floats:
    """Counts as floats. Raises ValueError if one is negative."""
    observed = np.asarray(tables, dtype=np.float64)
    if (observed < 0).any():
        raise ValueError("counts cannot be negative")
    return observed


def _filled(observed: Floats) -> tuple[Floats, Floats]:
    """Number of non-empty rows and columns of each table."""
    rows = (observed.sum(axis=-1) > 0).sum(axis=-1).astype(np.float64)
    return rows, (observed.sum(axis=-2) > 0).sum(axis=-1).astype(np.float64)


def _upper_tail(statistic: Floats, df: Floats) -> Test:
    from scipy.special import chdtrc

    p = np.where(df > 0, chdtrc(np.maximum(df, 1.0), statistic), np.nan)
    # [()] turns the result for a single table into a number
    return Test(np.asarray(statistic)[()], np.asarray(df)[()], p[()])


def _beyond(observed: Floats, down: int, across: int) -> Floats:
    """For every cell, the sum of the cells strictly beyond it in both directions."""
    turned = observed[..., ::down, ::across]
    sums = turned[..., ::-1, ::-1].cumsum(axis=-2).cumsum(axis=-1)[..., ::-1, ::-1]
    beyond = np.zeros_like(sums)
    beyond[..., :-1, :-1] = sums[..., 1:, 1:]
    return beyond[..., ::down, ::across]

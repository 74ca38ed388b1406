"""Linearized totals one by one, as R's `survey` has them: the reference for the engine of tables.

`assets/tabulate/cells.py` computes the same for all cells of a table at once. These functions are
compared with R, and the tables with these functions.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

from assets.statistics.survey.estimates import EstimatedDifference, Estimates, t_test
from assets.statistics.survey.sampling import Floats, Integers, Sample, Totals


def totals_of_units(values: npt.ArrayLike, sample: Sample) -> Totals:
    """Totals over the units: `values` has a line per unit and a column per total."""
    lines = np.asarray(values, np.float64)
    factor = _factors(sample)
    means = _by_stratum(lines, sample) / sample.sizes[:, None]
    apart = (lines - means[sample.stratum]) * np.sqrt(factor[sample.stratum])[:, None]
    seen = np.abs(lines).sum(axis=1) > 0
    return Totals(lines.sum(axis=0), apart.T @ apart, _df(sample.stratum[seen]))


def totals_of_moments(
    sums: npt.ArrayLike, products: npt.ArrayLike, sizes: npt.ArrayLike, fractions: npt.ArrayLike
) -> Totals:
    """Totals from sums per stratum, if each observation is a unit.

    `sums` (strata, k): sums of the terms of each total. `products` (strata, k, k): sums of products
    of two terms (for disjoint cells a diagonal of squared weights). `sizes`: units of each stratum
    in the whole sample. `fractions`: sampled shares. `df` is that of the sample.
    """
    first, second = np.asarray(sums, np.float64), np.asarray(products, np.float64)
    n, drawn = np.asarray(sizes, np.float64), np.asarray(fractions, np.float64)
    if (n < 2).any():
        raise ValueError("a stratum with a single unit has no variance")
    factor = (1 - drawn) * n / (n - 1)
    outer = first[:, :, None] * first[:, None, :] / n[:, None, None]
    covariance = (factor[:, None, None] * (second - outer)).sum(axis=0)
    return Totals(first.sum(axis=0), covariance, int(n.sum()) - len(n))


def unit_totals(weighted: npt.ArrayLike, unit: npt.ArrayLike, units: int) -> Floats:
    """Sums of `weighted` (observations, k) per unit; `unit` has each observation's unit number."""
    lines = np.asarray(weighted, np.float64)
    which = np.asarray(unit, np.int64)
    columns = [np.bincount(which, weights=column, minlength=units) for column in lines.T]
    return np.stack(columns, axis=1) if columns else np.zeros((units, 0))


def ratios(totals: Totals, over: npt.ArrayLike, under: npt.ArrayLike) -> Estimates:
    """Ratios of totals. The numerator and the denominator are given as positions in `totals`.

    Not a number if the denominator is 0.
    """
    above, below = np.asarray(over, np.int64), np.asarray(under, np.int64)
    base = totals.value[below]
    with np.errstate(divide="ignore", invalid="ignore"):
        value = totals.value[above] / base
        jacobian = np.zeros((len(above), len(totals.value)))
        lines = np.arange(len(above))
        np.add.at(jacobian, (lines, above), 1 / base)
        np.add.at(jacobian, (lines, below), -value / base)
        covariance = jacobian @ totals.covariance @ jacobian.T
    return Estimates(value, covariance, totals.df)


def wald(estimates: Estimates, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Intervals estimate +/- t x standard error, with the design's degrees of freedom."""
    half = stats.t.ppf((1 + confidence) / 2, estimates.df) * estimates.error
    return estimates.value - half, estimates.value + half


def compare(
    estimates: Estimates, first: int, second: int, df: float | None = None
) -> EstimatedDifference:
    """T test of the difference of two estimates. By default `df` is that of the design.

    R's `svyttest` has one degree of freedom less than the design.
    """
    freedom = float(estimates.df if df is None else df)
    apart = float(estimates.value[first] - estimates.value[second])
    v = estimates.covariance
    variance = v[first, first] + v[second, second] - 2 * v[first, second]
    error = float(np.sqrt(max(variance, 0.0)))
    return t_test(apart, error, freedom)


def _factors(sample: Sample) -> Floats:
    n = sample.sizes.astype(np.float64)
    return np.asarray((1 - sample.fraction) * n / (n - 1), np.float64)


def _by_stratum(lines: Floats, sample: Sample) -> Floats:
    return unit_totals(lines, sample.stratum, len(sample.fraction))


def _df(strata_seen: Integers) -> int:
    return len(strata_seen) - len(np.unique(strata_seen))

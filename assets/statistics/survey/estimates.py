"""Shares and means of weighted samples with standard errors, intervals and tests.

A share or a mean is a ratio of two weighted totals. Its linearized variance is the variance of the
totals of (y - ratio * x) / (total of x). Shares are fractions of 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assets.statistics.survey.sampling import Floats, Totals


@dataclass(frozen=True)
class Estimates:
    """Estimates with their covariance; `df` are the degrees of freedom of the variances."""

    value: Floats
    covariance: Floats
    df: int

    @property
    def error(self) -> Floats:
        """Standard errors."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))


@dataclass(frozen=True)
class EstimatedDifference:
    """A difference of two estimates, its standard error, and the two-sided t test that it is 0."""

    difference: float
    error: float
    df: float
    statistic: float
    p: float


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


def shares(cells: Totals) -> Estimates:
    """Shares of cells that are disjoint and together make up the base."""
    base = cells.value.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        value = cells.value / base
        jacobian = (np.eye(len(value)) - value[:, None]) / base
    return Estimates(value, jacobian @ cells.covariance @ jacobian.T, cells.df)


def wald(estimates: Estimates, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Intervals estimate +/- t x standard error, with the design's degrees of freedom."""
    half = _t(confidence, estimates.df) * estimates.error
    return estimates.value - half, estimates.value + half


def logit(estimates: Estimates, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Intervals of shares on the logit scale, which stay within 0 and 1.

    As R's `svyciprop(method = "logit")`. A share of 0 or 1 has no such interval: not a number.
    """
    p = estimates.value
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.log(p / (1 - p))
        half = _t(confidence, estimates.df) * estimates.error / (p * (1 - p))
        low, high = 1 / (1 + np.exp(half - centre)), 1 / (1 + np.exp(-half - centre))
    inside = (p > 0) & (p < 1)
    return np.where(inside, low, np.nan), np.where(inside, high, np.nan)


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
    return tested(apart, error, freedom)


def tested(difference: float, error: float, df: float) -> EstimatedDifference:
    """The two-sided t test of a difference; p is not a number without a standard error."""
    from scipy.special import stdtr

    if not error > 0 or not df > 0:
        return EstimatedDifference(difference, error, df, float("nan"), float("nan"))
    t = difference / error
    return EstimatedDifference(difference, error, df, t, float(2 * stdtr(df, -abs(t))))


def _t(confidence: float, df: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(df, (1 + confidence) / 2)) if df > 0 else float("nan")

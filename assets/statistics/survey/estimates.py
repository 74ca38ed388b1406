"""Shares and means of weighted samples with standard errors, intervals and tests.

A share or a mean is a ratio of two weighted totals. Its linearized variance is the variance of the
totals of (y - ratio * x) / (total of x). Shares are fractions of 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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


def estimated_shares(cells: Totals) -> Estimates:
    """Shares of cells that are disjoint and together make up the base."""
    base = cells.value.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        value = cells.value / base
        jacobian = (np.eye(len(value)) - value[:, None]) / base
    return Estimates(value, jacobian @ cells.covariance @ jacobian.T, cells.df)


def logit(estimates: Estimates, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Intervals of shares on the logit scale, which stay within 0 and 1.

    As R's `svyciprop(method = "logit")`. A share of 0 or 1 has no such interval: not a number.
    """
    p = estimates.value
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.log(p / (1 - p))
        half = t_quantile(confidence, estimates.df) * estimates.error / (p * (1 - p))
        low, high = 1 / (1 + np.exp(half - centre)), 1 / (1 + np.exp(-half - centre))
    inside = (p > 0) & (p < 1)
    return np.where(inside, low, np.nan), np.where(inside, high, np.nan)


def t_test(difference: float, error: float, df: float) -> EstimatedDifference:
    """The two-sided t test of a difference; p is not a number without a standard error."""
    from scipy.special import stdtr

    if not error > 0 or not df > 0:
        return EstimatedDifference(difference, error, df, float("nan"), float("nan"))
    t = difference / error
    return EstimatedDifference(difference, error, df, t, float(2 * stdtr(df, -abs(t))))


def t_quantile(confidence: float, df: float) -> float:
    """Half the width of a t interval in standard errors; not a number without df."""
    from scipy.special import stdtrit

    return float(stdtrit(df, (1 + confidence) / 2)) if df > 0 else float("nan")

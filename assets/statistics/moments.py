"""Mean, standard deviation and quantiles of weighted values with frequencies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Moments:
    """n observations, the sum of their weights, their mean and standard deviation (with n - 1)."""

    n: int
    weighted: float
    mean: float
    sd: float


def moments_of_sums(n: int, w: float, wx: float, wxx: float) -> Moments:
    """Moments from n and the sums of w, w x and w x^2 (unweighted: w = 1). NaN if empty.

    sd is the root of n / (n - 1) x sum of w (x - mean)^2 / sum of w, as in R's `svyvar`; with equal
    weights it is the usual standard deviation.
    """
    if n == 0 or not w > 0:
        return Moments(n, w, float("nan"), float("nan"))
    mean = wx / w
    variance = max(wxx / w - mean * mean, 0.0)
    sd = float(np.sqrt(variance * n / (n - 1))) if n > 1 else float("nan")
    return Moments(n, w, mean, sd)


def quantiles(
    values: npt.ArrayLike, weights: npt.ArrayLike, n: int, at: Sequence[float]
) -> list[float]:
    """Quantiles of weighted values, interpolated between neighbours as in pandas and R.

    The quantile p is at position 1 + (n - 1) p of the sorted observations (type 7 of Hyndman and
    Fan). Weights are scaled to add up to n, so weights of 1 change nothing. `values` may be
    distinct values with the sum of their weights. Equals `wtd.quantile` of R's Hmisc with scaled
    weights. Not a number without observations.
    """
    x, w = np.asarray(values, np.float64), np.asarray(weights, np.float64)
    if n == 0 or not w.sum() > 0:
        return [float("nan")] * len(at)
    order = np.argsort(x, kind="stable")
    x, reached = x[order], np.cumsum(w[order]) * (n / w.sum())
    found = []
    for p in at:
        place = 1 + (n - 1) * p
        low = np.floor(place + 1e-9)
        part = max(place - low, 0.0)
        below, above = (_ordered(x, reached, min(max(k, 1.0), n)) for k in (low, low + 1))
        found.append(below if part < 1e-9 else (1 - part) * below + part * above)
    return found


def _ordered(x: npt.NDArray[np.float64], reached: npt.NDArray[np.float64], k: float) -> float:
    """The smallest value with at least k observations at or below it."""
    at = int(np.searchsorted(reached, k - 1e-9 * k))
    return float(x[min(at, len(x) - 1)])

"""Standard deviation and quantiles of weighted values with frequencies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def standard_deviation(n: int, w: float, wx: float, wxx: float) -> float:
    """Standard deviation from n and the sums of w, w x and w x^2 (unweighted: w = 1).

    It is the root of n / (n - 1) x sum of w (x - mean)^2 / sum of w, as in R's `svyvar`; with equal
    weights it is the usual standard deviation. Not a number for fewer than two observations.
    """
    if n < 2 or not w > 0:
        return float("nan")
    mean = wx / w
    variance = max(wxx / w - mean * mean, 0.0)
    return float(np.sqrt(variance * n / (n - 1)))


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

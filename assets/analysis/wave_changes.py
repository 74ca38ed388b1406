"""A change between two waves and its test, from totals by cluster. Pure functions.

Respondents of one municipality are colleagues, and may be the same persons in both waves. Their
answers are therefore not independent, but municipalities are. Variances are estimated from totals
by municipality, over both waves together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
# below this share of the larger mean, a standard error is the rounding error of doubles
NOTHING = 1e-12


@dataclass(frozen=True)
class Change:
    """The difference of two means (for 0/1 answers: of two shares), later minus earlier.

    One entry per compared answer. `df` is the number of clusters minus 1. If nothing varies, or
    there is only one cluster, p is not a number.
    """

    difference: Floats
    standard_error: Floats
    plain_error: Floats
    df: int
    t: Floats
    p: Floats
    low: Floats
    high: Floats


def change(
    totals: tuple[npt.ArrayLike, npt.ArrayLike],
    squares: tuple[npt.ArrayLike, npt.ArrayLike],
    sizes: tuple[npt.ArrayLike, npt.ArrayLike],
    confidence: float,
) -> Change:
    """Compare two waves; the first of each pair is the earlier wave.

    `totals`: sums of the answers by cluster and answer, shape (clusters, answers). `squares`: sums
    of their squares (for 0/1 answers equal to the totals). `sizes`: respondents by cluster, shape
    (clusters,). Both waves list the same clusters in the same order, with 0 where nobody answered.

    With y the answers, m a wave's mean and n its respondents, every cluster contributes z = sum(y -
    m) / n of the later wave minus the same of the earlier one. The variance of the difference is G
    / (G - 1) x the sum of z squared over the G clusters with any respondent. The test is t =
    difference / standard error with G - 1 degrees of freedom. With one respondent per cluster this
    is the test of two independent means with separate variances, except for the factor G / (G - 1).
    `plain_error` is the standard error if all respondents were independent.

    Raises ValueError if nobody answered in a wave, or if shapes do not fit.
    """
    parts, means, plain = [], [], []
    people = np.zeros(np.shape(sizes[0]))
    for total, square, size in zip(totals, squares, sizes, strict=True):
        own, second, counted = (np.asarray(a, dtype=np.float64) for a in (total, square, size))
        if own.ndim != 2 or own.shape != second.shape or own.shape[:1] != counted.shape:
            raise ValueError(
                f"the arrays have different shapes: {own.shape}, {second.shape}, {counted.shape}"
            )
        n = counted.sum()
        if n <= 0:
            raise ValueError("nobody answered in one of the waves")
        mean = own.sum(axis=0) / n
        parts.append((own - counted[:, None] * mean) / n)
        means.append(mean)
        plain.append(np.maximum(second.sum(axis=0) / n - mean**2, 0.0) / n)
        people = people + counted
    if parts[0].shape != parts[1].shape:
        raise ValueError(
            f"the waves list different clusters: shapes {parts[0].shape} and {parts[1].shape}"
        )
    clusters = int((people > 0).sum())
    difference = means[1] - means[0]
    spread = ((parts[1] - parts[0]) ** 2).sum(axis=0)
    return _tested(difference, spread, np.sqrt(plain[0] + plain[1]), clusters, means, confidence)


def _tested(
    difference: Floats,
    spread: Floats,
    plain: Floats,
    clusters: int,
    means: Sequence[Floats],
    confidence: float,
) -> Change:
    # importing statistics libraries takes seconds; the code location must not need them
    from scipy.special import stdtr, stdtrit

    if clusters < 2:
        error = np.full_like(difference, np.nan)
    else:
        error = np.sqrt(spread * clusters / (clusters - 1))
        still = error <= NOTHING * np.maximum(np.abs(means[0]), np.abs(means[1]))
        error = np.where(still, np.nan, error)
    df = max(clusters - 1, 0)
    with np.errstate(invalid="ignore"):
        t = difference / error
        p = 2 * stdtr(max(df, 1), -np.abs(t))
    half = error * (stdtrit(df, 0.5 + confidence / 2) if df else np.nan)
    return Change(difference, error, plain, df, t, p, difference - half, difference + half)

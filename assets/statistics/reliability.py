"""Reliability of an index: Cronbach's alpha and each item's correlation with the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Reliability:
    """Alpha, and per item its correlation with the sum of the others and alpha without it.

    `n` is the number of observations with a number in every item. Values that cannot be computed
    are not a number.
    """

    alpha: float
    item_rest: Floats
    alpha_without: Floats
    n: int


def reliability(items: npt.ArrayLike) -> Reliability:
    """Cronbach's alpha of items, one column each: k / (k - 1) x (1 - sum of variances / variance).

    Observations that lack an item are left out. Raises ValueError for fewer than two items.
    """
    values = np.asarray(items, np.float64)
    if values.ndim != 2 or values.shape[1] < 2:
        raise ValueError("an index needs at least two items")
    kept = values[~np.isnan(values).any(axis=1)]
    k = values.shape[1]
    if len(kept) < 2:
        nothing = np.full(k, np.nan)
        return Reliability(float("nan"), nothing, nothing, len(kept))
    apart = kept - kept.sum(axis=0) / len(kept)
    covariance = apart.T @ apart / len(kept)
    rest = covariance.sum(axis=1) - np.diag(covariance)
    with np.errstate(divide="ignore", invalid="ignore"):
        rest_variance = np.array([_without(covariance, i).sum() for i in range(k)])
        item_rest = rest / np.sqrt(np.diag(covariance) * rest_variance)
        without = np.array([alpha_of(_without(covariance, i)) for i in range(k)])
    return Reliability(alpha_of(covariance), item_rest, without, len(kept))


def alpha_of(covariance: npt.ArrayLike) -> float:
    """Cronbach's alpha from the items' covariance matrix; not a number for a single item."""
    v = np.asarray(covariance, np.float64)
    k = len(v)
    if k < 2 or not v.sum() > 0:
        return float("nan")
    return float(k / (k - 1) * (1 - np.trace(v) / v.sum()))


def _without(covariance: Floats, item: int) -> Floats:
    return np.delete(np.delete(covariance, item, axis=0), item, axis=1)

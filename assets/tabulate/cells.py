"""Dense arrays of one field's cells, and the shares, means and errors computed from them.

Arrays have shape (parts, codes, columns) for counts and (parts, columns) for bases and numbers. A
part is a stratum or, with `by_unit`, a primary unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from assets.statistics.moments import standard_deviation
from assets.statistics.survey.sampling import Sample, Totals

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Sums:
    """Sums over the parts of the sample, each of shape (parts, ...).

    `n` is the number of respondents, `w` the sum of weights, `ww` the sum of squared weights.
    """

    n: Array
    w: Array
    ww: Array

    @property
    def count(self) -> Array:
        """Unweighted counts."""
        return self.n.sum(axis=0)

    @property
    def weighted(self) -> Array:
        """Sums of weights."""
        return self.w.sum(axis=0)

    @property
    def effective(self) -> Array:
        """Kish's effective bases."""
        squares = self.ww.sum(axis=0)
        w = self.weighted
        return np.divide(w * w, squares, out=np.zeros_like(w), where=squares > 0)

    def over(self, codes: Array) -> Sums:
        """The sums over some codes: (parts, columns)."""
        return Sums(*(part[:, codes].sum(axis=1) for part in (self.n, self.w, self.ww)))

    @property
    def rest(self) -> Sums:
        """Per column, everyone in the table (column 0) who is not in it."""
        return Sums(*(part[:, :1] - part for part in (self.n, self.w, self.ww)))

    def at(self, columns: Any) -> Sums:
        """The sums of the given columns."""
        return Sums(*(part[..., columns] for part in (self.n, self.w, self.ww)))


@dataclass(frozen=True)
class Variance:
    """How errors are computed: from the moments of the strata, or from units if `by_unit`."""

    sample: Sample
    by_unit: bool

    @property
    def parts(self) -> int:
        """The number of parts."""
        return self.sample.units if self.by_unit else len(self.sample.fraction)

    @property
    def factor(self) -> Array:
        """(1 - f) n / (n - 1) of each stratum; 0 if a stratum has only one unit."""
        n = self.sample.sizes.astype(np.float64)
        return np.divide((1 - self.sample.fraction) * n, n - 1, out=np.zeros_like(n), where=n > 1)

    def of_scores(self, first: Array, second: Array) -> Array:
        """The variance of a sum of scores.

        `first` has the sums of scores per part, `second` the sums of squared scores.
        """
        n = self.sample.sizes.astype(np.float64).reshape(-1, *[1] * (first.ndim - 1))
        factor = self.factor.reshape(n.shape)
        if self.by_unit:
            return (factor * (self._strata(first**2) - self._strata(first) ** 2 / n)).sum(axis=0)
        return (factor * (second - first**2 / n)).sum(axis=0)

    def covariance(self, one: Array, other: Array, product: Array) -> Array:
        """Covariance of two scores; `product` is the sum of their products per stratum."""
        n = self.sample.sizes.astype(np.float64).reshape(-1, *[1] * (one.ndim - 1))
        factor = self.factor.reshape(n.shape)
        if self.by_unit:
            both = self._strata(one * other) - self._strata(one) * self._strata(other) / n
            return (factor * both).sum(axis=0)
        return (factor * (product - one * other / n)).sum(axis=0)

    def totals(self, w: Array, ww: Array, seen: int) -> Totals:
        """Totals of disjoint cells, (parts, cells), with their covariance.

        `seen` are the degrees of freedom if parts are strata.
        """
        n, factor = self.sample.sizes.astype(np.float64), self.factor
        if self.by_unit:
            strata = self.sample.stratum
            means = self._strata(w) / n[:, None]
            apart = (w - means[strata]) * np.sqrt(factor[strata])[:, None]
            units = w.any(axis=1)
            df = int(units.sum()) - len(np.unique(strata[units]))
            return Totals(w.sum(axis=0), apart.T @ apart, df)
        covariance = np.diag((factor[:, None] * ww).sum(axis=0))
        covariance -= np.einsum("h,hi,hj->ij", factor / n, w, w)
        return Totals(w.sum(axis=0), covariance, seen)

    def _strata(self, values: Array) -> Array:
        found = np.zeros((len(self.sample.fraction), *values.shape[1:]))
        np.add.at(found, self.sample.stratum, values)
        return found


@dataclass(frozen=True)
class Ratio:
    """Shares or means with the sums of scores per part, from which errors are computed."""

    value: Array
    first: Array
    second: Array

    def error(self, variance: Variance) -> Array:
        """Standard errors; not a number if the value is not."""
        found = np.sqrt(np.maximum(variance.of_scores(self.first, self.second), 0.0))
        return np.where(np.isnan(self.value), np.nan, found)


def share(cells: Sums, base: Sums) -> Ratio:
    """Shares of bases that include the cells; fractions. Not a number for an empty base."""
    whole = base.weighted
    with np.errstate(divide="ignore", invalid="ignore"):
        p = cells.weighted / whole
        first = (cells.w - p * base.w) / whole
        second = (cells.ww * (1 - 2 * p) + p * p * base.ww) / whole**2
    return Ratio(p, first, second)


@dataclass(frozen=True)
class NumberSums:
    """Sums per part and column of w, w x, w x^2, w^2 x and w^2 x^2 (x a number, w its weight)."""

    base: Sums
    wx: Array
    wxx: Array
    wwx: Array
    wwxx: Array

    @property
    def mean(self) -> Ratio:
        """Means per column."""
        base, whole = self.base, self.base.weighted
        with np.errstate(divide="ignore", invalid="ignore"):
            m = self.wx.sum(axis=0) / whole
            first = (self.wx - m * base.w) / whole
            second = (self.wwxx - 2 * m * self.wwx + m * m * base.ww) / whole**2
        return Ratio(m, first, second)

    @property
    def sd(self) -> Array:
        """Standard deviations per column, with n - 1; not a number if fewer than two answered."""
        sums = zip(
            self.base.count, self.base.weighted, self.wx.sum(axis=0), self.wxx.sum(axis=0),
            strict=True,
        )  # fmt: skip
        return np.array([standard_deviation(int(n), *map(float, rest)) for n, *rest in sums])

    @property
    def rest(self) -> NumberSums:
        """Per column, everyone in the table (column 0) who is not in it."""
        parts = (self.wx, self.wxx, self.wwx, self.wwxx)
        return NumberSums(self.base.rest, *(part[:, :1] - part for part in parts))


def dense(
    found: dict[str, Array], field: int, shape: tuple[int, ...], keys: tuple[str, ...]
) -> Sums:
    """The lines of one field as arrays of this shape, indexed by `keys`."""
    return Sums(*(_filled(found, field, shape, keys, name) for name in ("n", "w", "ww")))


def dense_numbers(found: dict[str, Array], field: int, shape: tuple[int, ...]) -> NumberSums:
    """The sums of one numeric field, (parts, columns)."""
    keys = ("part", "col")
    further = (_filled(found, field, shape, keys, n) for n in ("wx", "wxx", "wwx", "wwxx"))
    return NumberSums(dense(found, field, shape, keys), *further)


def _filled(
    found: dict[str, Array], field: int, shape: tuple[int, ...], keys: tuple[str, ...], name: str
) -> Array:
    made = np.zeros(shape)
    own = (
        slice(*np.searchsorted(found["field"], [field, field + 1]))
        if "field" in found
        else slice(None)
    )
    made[tuple(found[key][own] for key in keys)] = found[name][own]
    return made

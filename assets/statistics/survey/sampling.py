"""Weighted totals and their covariance under a sampling design, by Taylor linearization.

A design has strata, primary units (clusters, or the respondents themselves) and, where the
population is finite, the share of its units that was drawn. Every estimate here is a function of
weighted totals, so the totals of a table with their covariance are all that its shares, means
and tests need. Units outside a domain stay in the design with a total of 0: this is what makes
the errors of a subgroup right.

The variance of one stage is that of Särndal, Swensson and Wretman (1992) with replacement below
the primary units, as R's `survey` has it:

    sum over strata h of  (1 - f_h) n_h / (n_h - 1) * sum over units (t_i - mean of h)^2
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Sample:
    """The primary units of a sample.

    `stratum` is the stratum of each unit, numbered from 0. `fraction` is, per stratum, the share of
    the population's units in the sample: 0 if the population is infinite.
    """

    stratum: Integers
    fraction: Floats

    @property
    def units(self) -> int:
        """The number of primary units in the sample."""
        return len(self.stratum)

    @property
    def sizes(self) -> Integers:
        """Units per stratum."""
        return np.bincount(self.stratum, minlength=len(self.fraction))

    @property
    def df(self) -> int:
        """Degrees of freedom of a variance: units minus strata."""
        return self.units - len(self.fraction)


@dataclass(frozen=True)
class Totals:
    """Weighted totals with their covariance.

    `df` is the number of units minus the number of strata, among those observed.
    """

    value: Floats
    covariance: Floats
    df: int


def sample_of(
    strata: npt.ArrayLike | None, units: int, population: npt.ArrayLike | None = None
) -> Sample:
    """A sample from the stratum of every unit, numbered from 0, and the size of the population.

    `strata` None: one stratum. `population` is the number of units in the population, one number or
    one per stratum; None: infinite. Raises ValueError if a stratum has a single unit, which has no
    variance, or if the population is smaller than the sample.
    """
    stratum = np.zeros(units, np.int64) if strata is None else np.asarray(strata, np.int64)
    if stratum.shape != (units,):
        raise ValueError(f"{stratum.size} strata for {units} units")
    sizes = np.bincount(stratum)
    if sizes.size == 0 or (sizes == 0).any():
        raise ValueError("strata are numbered from 0, and each has a unit")
    if (sizes == 1).any():
        alone = np.flatnonzero(sizes == 1)
        raise ValueError(f"a stratum with a single unit has no variance: {alone.tolist()}")
    fraction = np.zeros(len(sizes))
    if population is not None:
        size = np.broadcast_to(np.asarray(population, np.float64), sizes.shape)
        if (size < sizes).any():
            at = int(np.flatnonzero(size < sizes)[0])
            raise ValueError(f"stratum {at} has {sizes[at]} units of a population of {size[at]:g}")
        fraction = sizes / size
    return Sample(stratum, fraction)


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


def linear(totals: Totals, matrix: npt.ArrayLike) -> Totals:
    """Linear combinations of totals: one line of the matrix each."""
    m = np.asarray(matrix, np.float64)
    return Totals(m @ totals.value, m @ totals.covariance @ m.T, totals.df)


def numbered(values: Sequence[object]) -> tuple[Integers, list[object]]:
    """The position of every value among the distinct values, and these in text order."""
    distinct = sorted(set(values), key=str)
    place = {value: number for number, value in enumerate(distinct)}
    return np.array([place[value] for value in values], np.int64), distinct


def _factors(sample: Sample) -> Floats:
    n = sample.sizes.astype(np.float64)
    return np.asarray((1 - sample.fraction) * n / (n - 1), np.float64)


def _by_stratum(lines: Floats, sample: Sample) -> Floats:
    return unit_totals(lines, sample.stratum, len(sample.fraction))


def _df(strata_seen: Integers) -> int:
    return len(strata_seen) - len(np.unique(strata_seen))

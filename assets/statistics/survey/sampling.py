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


def numbered(values: Sequence[object]) -> tuple[Integers, list[object]]:
    """The position of every value among the distinct values, and these in text order."""
    distinct = sorted(set(values), key=str)
    place = {value: number for number, value in enumerate(distinct)}
    return np.array([place[value] for value in values], np.int64), distinct

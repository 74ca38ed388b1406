"""Weights: poststratification and raking to known totals, trimming, Kish's effective base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assets.statistics.survey.sampling import Floats, Integers


class NotConvergedError(ValueError):
    """Raking did not meet a margin; `margin` names it."""

    def __init__(self, report: Raked) -> None:
        self.margin = report.worst
        super().__init__(
            f"margin {report.worst} is off by {report.deviation:.3g} of its total "
            f"after {report.rounds} rounds"
        )


@dataclass(frozen=True)
class Margin:
    """A known distribution: the total of each level, and the level of every observation, from 0."""

    name: str
    level: Integers
    totals: Floats


@dataclass(frozen=True)
class Raked:
    """Weights with the number of rounds.

    `deviation` is the largest difference of a weighted total from the known one, as a share of the
    population, and `worst` its margin. `trimmed` is the number of weights at a bound.
    """

    weights: Floats
    rounds: int
    deviation: float
    worst: str
    trimmed: int


def effective_base(weights: npt.ArrayLike) -> float:
    """Kish's effective base, (sum w)^2 / sum w^2; 0 without weights."""
    w = np.asarray(weights, np.float64)
    weighted, squared = float(w.sum()), float((w * w).sum())
    return weighted * weighted / squared if squared > 0 else 0.0


def raked(
    weights: npt.ArrayLike,
    margins: Sequence[Margin],
    *,
    tolerance: float = 1e-12,
    rounds: int = 1000,
    bounds: tuple[float, float] | None = None,
) -> Raked:
    """Weights scaled to one margin after the other until all are met (Deming and Stephan).

    `bounds` are the smallest and the largest weight as multiples of the mean weight. After each
    round, weights outside are set to the bound, and the margins are met again with the others.
    Raises NotConvergedError if a margin is off by more than `tolerance` of the population after the
    last round, and ValueError if margins have different sums or a level is empty.
    """
    w = np.array(weights, np.float64)
    _same_population(margins)
    deviation, worst, done = np.inf, margins[0].name, 0
    held = np.zeros(len(w), np.bool_)
    for done in range(1, rounds + 1):  # noqa: B007 (the report has it)
        for margin in margins:
            w = _scaled(w, margin, held)
        if bounds is not None:
            mean = w.mean()
            low, high = bounds[0] * mean, bounds[1] * mean
            outside = (w < low) | (w > high)
            held = outside
            w = np.clip(w, low, high)
        deviation, worst = _deviation(w, margins)
        if deviation <= tolerance:
            break
    trimmed = 0
    if bounds is not None:
        near = np.isclose(w, w.mean() * bounds[0], rtol=1e-9, atol=0)
        trimmed = int((near | np.isclose(w, w.mean() * bounds[1], rtol=1e-9, atol=0)).sum())
    report = Raked(w, done, float(deviation), worst, trimmed)
    if deviation > tolerance:
        raise NotConvergedError(report)
    return report


def trimmed_weights(weights: npt.ArrayLike, lower: float, upper: float) -> Floats:
    """Weights cut at multiples of their mean; the others are scaled to keep the sum.

    The weights within the bounds are scaled by one factor, repeatedly, until none is outside.
    Raises ValueError if no weight can be within the bounds.
    """
    w = np.array(weights, np.float64)
    total, mean = w.sum(), w.mean()
    if not lower < 1 < upper:
        raise ValueError(f"bounds of weights have to enclose 1, found {lower:g} and {upper:g}")
    low, high = lower * mean, upper * mean
    for _ in range(1000):
        at = (w <= low) | (w >= high)
        w = np.clip(w, low, high)
        free = w[~at].sum()
        missing = total - w.sum()
        if abs(missing) <= 1e-12 * total:
            break
        if not free > 0:
            raise ValueError("no weight is left within the bounds")
        w[~at] *= 1 + missing / free
    return w


def _scaled(w: Floats, margin: Margin, held: npt.NDArray[np.bool_]) -> Floats:
    """Scale the weights to the margin.

    Weights held at a bound change only if no other weight can.
    """
    count = len(margin.totals)
    fixed = np.bincount(margin.level[held], weights=w[held], minlength=count)
    free = np.bincount(margin.level[~held], weights=w[~held], minlength=count)
    whole = fixed + free
    if ((whole == 0) & (margin.totals > 0)).any():
        at = int(np.flatnonzero((whole == 0) & (margin.totals > 0))[0])
        raise ValueError(
            f"margin {margin.name}: level {at} has a total of {margin.totals[at]:g} "
            "and no respondent"
        )
    wanted = margin.totals - fixed
    possible = (free > 0) & (wanted > 0)
    factor = np.divide(wanted, free, out=np.ones(count), where=possible)
    every = np.divide(margin.totals, whole, out=np.zeros(count), where=whole > 0)
    moved = np.where(held, 1.0, factor[margin.level])
    return np.asarray(w * np.where(possible[margin.level], moved, every[margin.level]))


def _deviation(w: Floats, margins: Sequence[Margin]) -> tuple[float, str]:
    found = []
    for margin in margins:
        reached = np.bincount(margin.level, weights=w, minlength=len(margin.totals))
        found.append(float(np.abs(reached - margin.totals).max() / margin.totals.sum()))
    worst = int(np.argmax(found))
    return found[worst], margins[worst].name


def _same_population(margins: Sequence[Margin]) -> None:
    if not margins:
        raise ValueError("raking needs a margin")
    sums = [float(margin.totals.sum()) for margin in margins]
    for margin, total in zip(margins, sums, strict=True):
        if not np.isclose(total, sums[0], rtol=1e-9, atol=0):
            raise ValueError(
                f"margin {margin.name} adds up to {total:g}, "
                f"margin {margins[0].name} to {sums[0]:g}"
            )

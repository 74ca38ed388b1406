"""Grades of a comparison of two shares: which is larger, and by how much."""

from __future__ import annotations

from dataclasses import dataclass

from declarations.claims.words import Words
from replication.deciding.facts import (
    CONTRADICTED,
    HOLDS,
    IMPRECISE,
    Facts,
    UndecidableError,
)
from replication.deciding.numbers import grade_of, within_heads

SHARE = "share"
# the largest distance, in respondents, between a share and the nearest whole number of respondents
NO_COUNT = 1e-6


@dataclass(frozen=True)
class Placed:
    """A share or number, and its number of respondents (None: not a share)."""

    value: float
    base: float | None = None


def order(above: Placed, below: Placed, words: Words, facts: Facts | None = None) -> str:
    """The grade of a stated order. A tie, or a reversal by a few respondents, is imprecise.

    `facts` are given for shares of different respondents, which a test can compare. A difference
    that chance can explain does not contradict an order.
    """
    if above.value > below.value:
        return HOLDS
    points = below.value - above.value
    if points == 0:
        return IMPRECISE
    bases = [one.base for one in (above, below) if one.base is not None]
    if bases and within_heads(points, min(bases), words):
        return IMPRECISE
    p = p_of_difference(above, below, facts) if facts else None
    return IMPRECISE if p is not None and p >= words.weakly else CONTRADICTED


def p_of_difference(one: Placed, other: Placed, facts: Facts) -> float | None:
    """The p of two shares of different respondents; None if they have no whole counts."""
    table = []
    for placed in (one, other):
        if placed.base is None:
            return None
        hits = placed.value * placed.base / 100
        if abs(hits - round(hits)) > NO_COUNT:
            return None
        table.append([round(hits), round(placed.base) - round(hits)])
    return facts.chi_square_p(table)


def size_grade(
    above: Placed, below: Placed, size: str, statistic: str, words: Words
) -> tuple[str, str]:
    """Whether a difference agrees with its size word, and the difference in words."""
    points = above.value - below.value
    if statistic == SHARE:
        bases = [one.base for one in (above, below) if one.base is not None]
        base = min(bases, default=None)
        return grade_of(words.sizes[size], points, base, words), f"{points:.1f} points apart."
    if not above.value:
        raise UndecidableError("nothing to compare with")
    part = points / above.value * 100
    return grade_of(words.means[size], part), f"{part:.0f} % apart."

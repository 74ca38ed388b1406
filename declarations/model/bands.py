"""Levels that must not overlap: bands of numbers, and lists of values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Protocol

from declarations.model.entries import wrong


class Bounded(Protocol):
    """A band: from <= number < below; open where a bound is missing."""

    @property
    def key(self) -> str:
        """Its name."""

    @property
    def from_(self) -> float | None:
        """The smallest number in the band."""

    @property
    def below(self) -> float | None:
        """The smallest number above the band."""


def check_bands(levels: Sequence[Bounded]) -> None:
    """Raise an error if a band is empty or two bands overlap."""
    ordered = sorted(levels, key=lambda b: float("-inf") if b.from_ is None else b.from_)
    for number, band in enumerate(levels):
        if band.from_ is not None and band.below is not None and band.below <= band.from_:
            expected = f"a number above {band.from_:g}"
            raise wrong(band.below, expected, at=("levels", number, "below"))
    for first, second in pairwise(ordered):
        if first.below is None or second.from_ is None or second.from_ < first.below:
            at = ("levels", levels.index(second), "from")
            raise wrong(second.from_, f"a number not yet in {first.key}: bands overlap", at=at)


def value_twice(levels: Iterable[tuple[str, Iterable[str]]]) -> tuple[int, str, str] | None:
    """The first value of two levels, each given by its key and its values; None if there is none.

    Returns the number of the second level (from 0), the value, and the key of the first level.
    """
    known: dict[str, str] = {}
    for number, (key, values) in enumerate(levels):
        for value in values:
            if value in known:
                return number, value, known[value]
            known[value] = key
    return None

"""Facts that follow from numbers and tables alone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from assets.statistics.descriptive import mean, median, percent
from assets.statistics.significance import pearson
from replication.deciding.facts import P, UndecidableError


class NumberFacts(ABC):
    """The part of `deciding.facts.Facts` that follows from frequencies of numbers."""

    @abstractmethod
    def numbers(self, item: str, group: str, level: str) -> Mapping[float, int]:
        """Frequencies of the numbers given within a level, `{number: count}`.

        Raises UndecidableError if none was given.
        """

    def mean(self, item: str, group: str, level: str) -> float:
        """Mean of a numeric item."""
        return mean(self.numbers(item, group, level))

    def median(self, item: str, group: str, level: str) -> float:
        """Median of a numeric item."""
        return median(self.numbers(item, group, level))

    def share_between(self, item: str, group: str, level: str, low: float, high: float) -> float:
        """Percent of the numbers given in low..high, both included."""
        found = self.numbers(item, group, level)
        inside = sum(n for value, n in found.items() if low <= value <= high)
        return percent(inside, sum(found.values()))

    def chi_square_p(self, table: Sequence[Sequence[int]]) -> float:
        """p-value of Pearson's chi-square without correction."""
        return float(pearson(table).p)

    def stated_p(self, item: str, group: str, level: str) -> P | None:
        """None, because answers have no stars."""
        return None

    def municipalities(self, group: str, level: str) -> frozenset[str]:
        """Unknown from answers alone."""
        raise UndecidableError("the register is not available")

    def texts(self, item: str, group: str, level: str) -> int:
        """Unknown from codes alone."""
        raise UndecidableError(f"the texts of {item} are not counted")

    def memberships(self, group: str) -> dict[int, int]:
        """Unknown from answers alone."""
        raise UndecidableError(f"how many levels of {group} a respondent is in is not counted")

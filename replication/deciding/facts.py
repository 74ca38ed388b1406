"""The facts that decide a claim, a record of what was read, and the outcome."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from assets.statistics.descriptive import mean, median, percent
from assets.statistics.significance import pearson
from declarations import Study
from declarations.claims.base import KNOWN
from declarations.claims.selector import Selector, bare, codes_of, dont_know_of
from declarations.claims.words import Words
from declarations.tables.cells import OTHERS, TOTAL

ALL = ("all", "all")
Coordinate = tuple[str, str, str, str]
HOLDS, ROUNDS, IMPRECISE, CONTRADICTED = "holds", "rounds", "imprecise", "contradicted"
KINDEST = (HOLDS, ROUNDS, IMPRECISE, CONTRADICTED)


class UndecidableError(ValueError):
    """The facts lack something that the claim needs; the message says what."""


class AbsentError(UndecidableError):
    """The wave has no such answers, although the questionnaire asks for them."""


class Facts(ABC):
    """The facts that may decide a claim. By default they have counts only; the rest is unknown."""

    @abstractmethod
    def count(self, item: str, code: str, group: str, level: str) -> float:
        """The number in the level who gave the code. Code "total" counts everyone who answered.

        Facts from print may return a share of the base, if no whole number gives the printed share.
        """

    @abstractmethod
    def levels(self, item: str, group: str) -> Sequence[str]:
        """Levels of a group in which somebody answered an item, in order."""

    def numbers(self, item: str, group: str, level: str) -> Mapping[float, int]:
        """Frequencies of the numbers given within a level, `{number: count}`.

        Raises UndecidableError if none was given, or if they are unknown.
        """
        raise UndecidableError(f"the numbers of {item} in {group}={level} are unknown")

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

    def adjusted(
        self, item: str, codes: Sequence[int], group: str, level: str
    ) -> tuple[float, float]:
        """The odds ratio and p of a level in the declared model.

        Raises UndecidableError without a model.
        """
        raise UndecidableError(f"no model of {item} in {list(codes)} by {group}={level} is known")

    def stated_p(self, item: str, group: str, level: str) -> P | None:
        """The p-value range of a printed star for a level against all others.

        None without a star, as answers have none.
        """
        return None

    def municipalities(self, group: str, level: str) -> frozenset[str]:
        """Municipalities of a level. Raises UndecidableError without a register."""
        raise UndecidableError("the register is not available")

    def texts(self, item: str, group: str, level: str) -> int:
        """Respondents of a level who wrote an answer to an open item."""
        raise UndecidableError(f"the texts of {item} are not counted")

    def memberships(self, group: str) -> dict[int, int]:
        """Respondents by the number of their levels of an overlapping group."""
        raise UndecidableError(f"how many levels of {group} a respondent is in is not counted")


@dataclass(frozen=True)
class P:
    """A p-value, or the range of p that a printed star (`mark`) gives."""

    low: float
    high: float
    mark: str | None = None

    @classmethod
    def of(cls, value: float) -> P:
        """A p that was computed, not read from a mark."""
        return cls(value, value)

    def below(self, bound: float) -> bool:
        """Whether p is below a bound. Raises UndecidableError if the range contains the bound."""
        if self.low >= bound:
            return False
        if self.high < bound or (self.mark is not None and self.high <= bound):
            return True
        raise UndecidableError("the stars leave the bound open")

    def __str__(self) -> str:
        """The text of p: a number, or the star that replaces it."""
        return f"p = {self.low:.4f}" if self.mark is None else self.mark or "no star"


@dataclass
class Evaluation:
    """The result of a claim: expected value, computed value, and grade (None: undecidable).

    `absent`: the wave has no such answers. `readings`: for every other reading its words, result
    and grade. `read`: every coordinate that was read; `whole`: whole distributions that were read
    (item, group, level). `off`: by how many points an order or a number is wrong, if that is
    defined. `turned`: by how many points another reading reverses the order. `minor`: only a size
    word, or one test of many, is wrong. `bound`: the result for a bound of p in the text;
    `bound_met`: whether it holds; `bound_p`: the largest p. `plain`: the figures as a complete
    sentence, empty if there is none; `plainly`: these sentences for the other readings, by their
    words.
    """

    expected: str
    computed: str
    grade: str | None
    note: str = ""
    absent: bool = False
    readings: list[tuple[str, str, str | None]] = field(default_factory=list)
    read: set[Coordinate] = field(default_factory=set)
    whole: set[tuple[str, str, str]] = field(default_factory=set)
    off: float | None = None
    turned: float = 0.0
    minor: bool = False
    bound: str = ""
    bound_met: bool | None = None
    bound_p: P | None = None
    plain: str = ""
    plainly: dict[str, str] = field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        """Whether any usual reading makes the claim true; None if it is undecidable."""
        return None if self.grade is None else self.grade != CONTRADICTED


def harshest(grades: Sequence[str]) -> str:
    """The worst of several grades."""
    return max(grades, key=KINDEST.index)


@dataclass
class Reader:
    """Facts with a record of what was read."""

    facts: Facts
    study: Study
    words: Words
    read: set[Coordinate] = field(default_factory=set)
    whole: set[tuple[str, str, str]] = field(default_factory=set)

    def count(self, item: str, code: int | str, group: str, level: str) -> float:
        """The count, where "!level" means everyone not in the level."""
        self.read.add((item, str(code), group, level))
        if level.startswith(OTHERS):
            inside = self.facts.count(item, str(code), group, bare(level))
            return self.facts.count(item, str(code), *ALL) - inside
        return self.facts.count(item, str(code), group, level)

    def base(self, selector: Selector, item: str | None = None) -> float:
        """The number who answered an item in a level.

        "Don't know" is left out if only those who know count.
        """
        name = item or selector.items_in(self.study)[0]
        base = self.count(name, TOTAL, *selector.place)
        if selector.base == KNOWN:
            base -= sum(
                self.count(name, c, *selector.place) for c in dont_know_of(name, self.study)
            )
        if base <= 0:
            group, level = selector.place
            raise UndecidableError(f"nobody in {group}={level} answered {name}")
        return base

    def share(self, selector: Selector) -> float:
        """The percentage of respondents who gave one of the codes; for a block, the mean."""
        if selector.span is None:
            return fmean([share for share, _ in self.shares(selector)])
        low, high = selector.span
        group, level = selector.place
        items = selector.items_in(self.study)
        self.whole.update((item, group, level) for item in items)
        return fmean([self.facts.share_between(item, group, level, low, high) for item in items])

    def shares(self, selector: Selector) -> list[tuple[float, float]]:
        """The share and the base of each item of a selector of codes."""
        group, level = selector.place
        found = []
        for item in selector.items_in(self.study):
            base = self.base(selector, item)
            given = sum(self.count(item, code, group, level) for code in selector.code_list)
            found.append((percent(given, base), base))
        return found

    def number(self, selector: Selector, statistic: str) -> float:
        """A share, or the mean or median of a numeric item."""
        if statistic == "share":
            return self.share(selector)
        items, (group, level) = selector.items_in(self.study), selector.place
        if statistic == "count":
            codes = selector.code_list or (TOTAL,)
            return sum(self.count(item, code, group, level) for item in items for code in codes)
        if statistic == "texts":
            return float(sum(self.facts.texts(item, group, level) for item in items))
        (item,) = items
        self.whole.add((item, group, level))
        return (self.facts.mean if statistic == "mean" else self.facts.median)(item, group, level)

    def distribution(self, item: str, group: str, level: str) -> list[int]:
        """Counts of all codes of an item in a level.

        Raises UndecidableError if one is not a count.
        """
        self.whole.add((item, group, level))
        counts = [self.count(item, code, group, level) for code in codes_of(item, self.study)]
        if any(count != int(count) for count in counts):
            raise UndecidableError(f"no whole number gives a share of {item} in {group}={level}")
        return [int(count) for count in counts]

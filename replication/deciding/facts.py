"""What a claim is decided by, what is remembered of it, and the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Protocol

from assets.statistics.descriptive import percent
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
    """The facts do not hold what the claim needs; the message says what is missing."""


class AbsentError(UndecidableError):
    """The wave has no such answers, though the questionnaire asks for them."""


class Facts(Protocol):
    """What a claim may be decided by."""

    def count(self, item: str, code: str, group: str, level: str) -> float:
        """Respondents of the level with the code; code "total": who answered the item.

        Facts taken from print have a share of the base where no whole number gives the share.
        """

    def levels(self, item: str, group: str) -> Sequence[str]:
        """Levels of a group in which somebody answered an item, in order."""

    def mean(self, item: str, group: str, level: str) -> float:
        """Mean of a numeric item; UndecidableError where nobody answered."""

    def median(self, item: str, group: str, level: str) -> float:
        """Median of a numeric item."""

    def share_between(self, item: str, group: str, level: str, low: float, high: float) -> float:
        """Percent of the numbers given that lie in low..high, both included."""

    def chi_square_p(self, table: Sequence[Sequence[int]]) -> float:
        """p-value of Pearson's chi-square without correction."""

    def adjusted(
        self, item: str, codes: Sequence[int], group: str, level: str
    ) -> tuple[float, float]:
        """Odds ratio and p of level in the declared model; UndecidableError where there is none."""

    def stated_p(self, item: str, group: str, level: str) -> P | None:
        """What a printed star says of a level against all others; None where there is none."""

    def municipalities(self, group: str, level: str) -> frozenset[str]:
        """Municipalities of a level; UndecidableError without a register."""

    def texts(self, item: str, group: str, level: str) -> int:
        """Respondents of a level who wrote an answer to an open item."""

    def memberships(self, group: str) -> dict[int, int]:
        """Respondents by the number of levels of an overlapping group they are in."""


@dataclass(frozen=True)
class P:
    """A p-value, or the range in which it lies by a printed star (`mark`)."""

    low: float
    high: float
    mark: str | None = None

    @classmethod
    def of(cls, value: float) -> P:
        """A p that was computed."""
        return cls(value, value)

    def below(self, bound: float) -> bool:
        """Whether p is below a bound; UndecidableError where the range holds the bound."""
        if self.low >= bound:
            return False
        if self.high < bound or (self.mark is not None and self.high <= bound):
            return True
        raise UndecidableError("the stars leave the bound open")

    def __str__(self) -> str:
        """As it is shown: a number, or the star that stands for it."""
        return f"p = {self.low:.4f}" if self.mark is None else self.mark or "no star"


@dataclass
class Evaluation:
    """What a claim expected, what was computed, and the grade (None: undecidable).

    `absent`: the wave has no such answers. `readings`: of every other reading its words, what was
    computed and its grade. `read`: every coordinate the outcome rests on; `whole`: whole
    distributions (item, group, level). `off`: by how many points an order or a number misses,
    where that can be said; `minor`: only a size word does. `bound`: what is computed of a bound of
    p that the text prints, `bound_met` whether it is kept.
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
    minor: bool = False
    bound: str = ""
    bound_met: bool | None = None

    @property
    def met(self) -> bool | None:
        """Whether any usual reading makes the claim true; None where it is undecidable."""
        return None if self.grade is None else self.grade != CONTRADICTED


def kindest(grades: Sequence[str]) -> str:
    """The best of several grades."""
    return min(grades, key=KINDEST.index)


def harshest(grades: Sequence[str]) -> str:
    """The worst of several grades."""
    return max(grades, key=KINDEST.index)


@dataclass
class Reader:
    """Facts with a memory of what was read."""

    facts: Facts
    study: Study
    words: Words
    read: set[Coordinate] = field(default_factory=set)
    whole: set[tuple[str, str, str]] = field(default_factory=set)

    def count(self, item: str, code: int | str, group: str, level: str) -> float:
        """Count with "!level" resolved as everyone not in the level."""
        self.read.add((item, str(code), group, level))
        if level.startswith(OTHERS):
            inside = self.facts.count(item, str(code), group, bare(level))
            return self.facts.count(item, str(code), *ALL) - inside
        return self.facts.count(item, str(code), group, level)

    def base(self, selector: Selector, item: str | None = None) -> float:
        """Who answered an item in a level; without don't know where only those who know count."""
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
        """Percent of those who answered that gave one of the codes; of a block the mean."""
        return fmean(self._share(item, selector) for item in selector.items_in(self.study))

    def _share(self, item: str, selector: Selector) -> float:
        group, level = selector.place
        if selector.span is not None:
            self.whole.add((item, group, level))
            return self.facts.share_between(item, group, level, *selector.span)
        base = self.base(selector, item)
        return percent(sum(self.count(item, c, group, level) for c in selector.code_list), base)

    def number(self, selector: Selector, statistic: str) -> float:
        """A share, or the mean or median of a numeric item."""
        if statistic == "share":
            return self.share(selector)
        items, (group, level) = selector.items_in(self.study), selector.place
        if statistic == "texts":
            return float(sum(self.facts.texts(item, group, level) for item in items))
        (item,) = items
        self.whole.add((item, group, level))
        return (self.facts.mean if statistic == "mean" else self.facts.median)(item, group, level)

    def distribution(self, item: str, group: str, level: str) -> list[int]:
        """Counts of all codes of an item in a level; UndecidableError where one is no count."""
        self.whole.add((item, group, level))
        counts = [self.count(item, code, group, level) for code in codes_of(item, self.study)]
        if any(count != int(count) for count in counts):
            raise UndecidableError(f"no whole number gives a share of {item} in {group}={level}")
        return [int(count) for count in counts]

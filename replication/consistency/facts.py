"""Printed figures as facts for deciding a statement.

The ledger decides a statement by a wave's answers; this module decides it by print alone. Facts are
counts behind printed percentages, bases as printed, the remaining answer of a row by subtraction,
and sums over municipalities if the table of invitations lists them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from assets.statistics.significance import pearson
from declarations.claims.selector import bare
from declarations.tables.cells import OTHERS, STATUS_ITEM, TOTAL
from replication.consistency.arithmetic import counts_of
from replication.consistency.printed_report import Layout, PrintedReport
from replication.consistency.references import MARK, PrintedFigure
from replication.deciding.facts import Facts, P, UndecidableError


@cache
def _p_value(table: tuple[tuple[int, ...], ...]) -> float:
    return float(pearson(table).p)


@dataclass
class PrintedFacts(Facts):
    """Facts from one report, with a record of the figures read.

    Means, models and texts are not printed, so statements about them stay undecided.
    """

    report: PrintedReport
    used: dict[str, None] = field(default_factory=dict)
    impossible: dict[str, None] = field(default_factory=dict)
    whole_only: bool = False
    """Whether an impossible figure, which no whole number gives, decides nothing."""

    @property
    def layout(self) -> Layout:
        """Where things are printed."""
        return self.report.layout

    def count(self, item: str, code: str, group: str, level: str) -> float:
        """The count behind a printed figure. If no whole number fits, the printed share."""
        if code == TOTAL:
            return self._base(item, group, level)
        if figure := self.layout.counted.get((item, code, group, level)):
            return self._read(figure)
        if item == STATUS_ITEM and group in self.layout.register:
            return self._summed(item, code, group, level)
        rest = [c for c in self.layout.codes(item) if c != code] if self._known(item) else []
        others = [self.layout.counted.get((item, c, group, level)) for c in rest]
        if not rest or not all(others):
            raise UndecidableError(f"{item} = {code} in {group}={level} is not printed")
        return self._base(item, group, level) - sum(self._read(f) for f in others if f)

    def _known(self, item: str) -> bool:
        return item == STATUS_ITEM or item in self.layout.study.items

    def _read(self, figure: PrintedFigure) -> float:
        self.used[figure.ref] = None
        if figure.cell.statistic == "percent":
            self.used[figure.base] = None
        units = self.report.numbers[figure.ref]
        if figure.cell.statistic == "count":
            return units
        base = self.report.base(figure)
        if counts := counts_of(units, base, figure.decimals):
            return counts[0]
        self.impossible[figure.ref] = None
        if self.whole_only:
            raise UndecidableError(f"no whole number gives {figure.ref}")
        return units * base / (100 * 10**figure.decimals)

    def _base(self, item: str, group: str, level: str) -> int:
        bases = self.layout.bases_of.get((item, group, level))
        if bases:
            self.used[bases[0].ref] = None
            missing = self.report.missing.get((item, group, level), 0)
            return self.report.numbers[bases[0].ref] - missing
        if level.startswith(OTHERS):
            inside = self._base(item, group, level.removeprefix(OTHERS))
            return self._base(item, "all", "all") - inside
        if item == STATUS_ITEM and group in self.layout.register:
            return int(self._summed(item, TOTAL, group, level))
        raise UndecidableError(f"N of {item} in {group}={level} is not printed")

    def _summed(self, item: str, code: str, group: str, level: str) -> float:
        """A sum over the municipalities of a level.

        A municipality without a line has no invitations.
        """
        lines = self.layout.summands.get((item, code, group, level))
        if not lines:
            raise UndecidableError(f"{item} = {code} is not printed by municipality")
        return sum(self._read(f) for f in lines)

    def levels(self, item: str, group: str) -> list[str]:
        """Levels of a group by which an item is printed, in order."""
        printed = {level for i, g, level in self.layout.bases_of if (i, g) == (item, group)}
        return [level for level in sorted(printed) if self._base(item, group, level)]

    def chi_square_p(self, table: Sequence[Sequence[int]]) -> float:
        """See deciding.facts.Facts."""
        return _p_value(tuple(map(tuple, table)))

    def stated_p(self, item: str, group: str, level: str) -> P | None:
        """The range of p given by a star, or by its absence in a table with stars."""
        figure = self.layout.starred.get((item, group, level))
        if figure is None:
            return None
        mark = f"{figure.ref}:{MARK}"
        self.used[mark] = None
        found = self.report.marks[mark]
        return P(*p_range(found, self.layout), found)

    def municipalities(self, group: str, level: str) -> frozenset[str]:
        """Municipalities of a level by the register."""
        levels = self.layout.register.get(group)
        if levels is None:
            raise UndecidableError(f"the register does not say {group}")
        inside = frozenset(m for m, own in levels.items() if own == bare(level))
        return frozenset(levels) - inside if level.startswith(OTHERS) else inside


def p_range(mark: str, layout: Layout) -> tuple[float, float]:
    """The range of p that a mark gives; without a mark, everything above the largest bound."""
    stars = layout.study.conventions.stars
    steps = sorted(stars)
    for bound in steps:
        if stars[bound] == mark:
            below = [s for s in steps if s < bound]
            return (max(below, default=0.0), bound)
    return (max(steps, default=0.0), 1.0)

"""Print as constraints on whole numbers of respondents. Pure except `read_stated`.

A printed percentage of N allows the whole numbers that round to it; errata are applied first. A
figure that cannot be right and has no single likely value is not used. If the erratum names the
figures that it conflicts with, all but one of these must hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from declarations import Cell, Study
from declarations.tables.cells import OTHERS, TOTAL
from replication.consistency.arithmetic import as_units, counts_of
from replication.deciding.facts import Coordinate
from replication.printed import Erratum, Printed, read_errata, read_printed

Place = tuple[str, str, str]  # item, group, level
EVERYONE = ("all", "all")


@dataclass(frozen=True)
class Range:
    """Whole numbers from `low` to `high`; none if low is above high."""

    low: int
    high: int

    def __and__(self, other: Range) -> Range:
        """Numbers in both."""
        return Range(max(self.low, other.low), min(self.high, other.high))

    def __contains__(self, number: int) -> bool:
        """Whether the number is one of them."""
        return self.low <= number <= self.high

    @property
    def fixed(self) -> bool:
        """Whether there is exactly one."""
        return self.low == self.high


@dataclass(frozen=True)
class StatedFigure:
    """One printed figure with its declared cell; `printed` and `n` with errata applied.

    `void`: the printed figure cannot be right and the correct one is unknown. It constrains no
    count, but its base still holds. `conflict` names the figures of its row of which all but one
    hold.
    """

    cell: Cell
    source: Printed
    printed: str
    n: int | None
    void: bool = False
    conflict: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Table, row, group and column, for messages."""
        where = (self.source.table, self.source.row_label, self.source.group, self.source.column)
        return " / ".join(word for word in where if word)

    @property
    def line(self) -> tuple[object, ...]:
        """The coordinates that share a printed base: table, item, group and level."""
        return (self.cell.table, self.cell.item, self.cell.group, self.cell.level)


@dataclass(frozen=True)
class Stated:
    """Counts and bases in print; if print contradicts itself the range is empty.

    `counts` maps (item, code, group, level) to the counts that all printed figures allow together.
    `bases` maps (item, group, level) to how many answered. `loose` has groups of coordinates with
    one range each; in each group all ranges except one hold.
    """

    counts: Mapping[Coordinate, Range]
    bases: Mapping[Place, Range]
    loose: tuple[Mapping[Coordinate, Range], ...] = ()

    def count(self, item: str, code: int | str, group: str, level: str) -> Range:
        """The counts that print allows: from its figure, else anything up to the base."""
        base = self.base(item, group, level)
        found = self.counts.get((item, str(code), group, level), Range(0, base.high))
        return found & Range(0, base.high)

    def base(self, item: str, group: str, level: str, most: int = 10**9) -> Range:
        """The bases that print allows; up to everyone's if none is printed."""
        found = self.bases.get((item, group, level))
        if found is None and level.startswith(OTHERS):
            inside = self.bases.get((item, group, level.removeprefix(OTHERS)))
            whole = self.bases.get((item, *EVERYONE))
            if inside and whole:
                return Range(max(0, whole.low - inside.high), whole.high - inside.low)
        if found is None and (group, level) != EVERYONE:
            return Range(0, self.base(item, *EVERYONE, most=most).high)
        return found or Range(0, most)


def read_figures(study: Study) -> list[StatedFigure]:
    """All printed figures of a study's report, errata applied."""
    return lined_up(study, read_printed(study), read_errata(study.folder / "printed"))


def lined_up(
    study: Study, printed_lines: Mapping[str, Sequence[Printed]], errata: Iterable[Erratum] = ()
) -> list[StatedFigure]:
    """Printed figures with their cells and errata applied, in reading order.

    A corrected base applies to all figures of its item and group in the table.
    """
    wrong = {(e.table, e.row, e.group, e.column, e.printed): e for e in errata}
    figures: list[StatedFigure] = []
    bases: dict[object, int] = {}
    clashes: dict[object, tuple[str, ...]] = {}
    for name, printed in printed_lines.items():
        for cell, figure in zip(study.table[name].cells, printed, strict=True):
            n = int(figure.n) if figure.n.isdigit() else None
            own = StatedFigure(cell, figure, figure.printed, n)
            known = wrong.get((name, figure.row, figure.group, figure.column, figure.printed))
            if known is not None:
                own = replace(
                    own,
                    printed=known.likely or figure.printed,
                    void=known.likely is None and not known.conflict,
                )
                if known.likely_n is not None:
                    bases[own.line] = known.likely_n
                clashes |= {(own.line, column): known.conflict for column in known.conflict}
            figures.append(own)
    return [
        replace(f, n=bases.get(f.line, f.n), conflict=clashes.get((f.line, f.source.column), ()))
        for f in figures
    ]


def state(figures: Iterable[StatedFigure]) -> Stated:
    """The constraints of all figures together; differences of figures add none.

    A percentage printed without its base uses the base that other tables print for the item.
    """
    figures = list(figures)
    bases: dict[Place, Range] = {}
    counts: dict[Coordinate, Range] = {}

    def base_is(place: Place, found: Range) -> None:
        bases[place] = bases[place] & found if place in bases else found

    for f in figures:
        if f.cell.item is None:
            continue
        place = (f.cell.item, f.cell.group, f.cell.level)
        if f.n is not None:
            base_is(place, Range(f.n, f.n))
        if f.cell.code == TOTAL and f.cell.statistic == "count":
            base_is(place, Range(int(f.printed), int(f.printed)))
    loose: dict[tuple[object, ...], dict[Coordinate, Range]] = {}
    for f in figures:
        cell = f.cell
        if cell.item is None or f.void or cell.code == TOTAL or cell.range or cell.base:
            continue
        place = (cell.item, cell.group, cell.level)
        found = range_of_figure(f, f.n or (bases[place].low if place in bases else None))
        if found is None:
            continue
        key = (cell.item, str(cell.code), cell.group, cell.level)
        if f.conflict:
            loose.setdefault(f.line, {})[key] = found
        else:
            counts[key] = counts[key] & found if key in counts else found
    return Stated(counts, bases, tuple(loose.values()))


def with_boxes(stated: Stated, study: Study) -> Stated:
    """The printed base of one box applies to all boxes of its question."""
    bases = dict(stated.bases)
    for question in study.questions:
        boxes = [item.id for item in question.items if item.type == "multiple"]
        for (item, group, level), found in stated.bases.items():
            for other in boxes if item in boxes else ():
                place = (other, group, level)
                bases[place] = bases[place] & found if place in bases else found
    return replace(stated, bases=bases)


def range_of_figure(figure: StatedFigure, base: int | None) -> Range | None:
    """The counts of a figure; None if it states no count (or no base is known)."""
    if figure.cell.statistic == "count":
        return Range(int(figure.printed), int(figure.printed))
    if figure.cell.statistic != "percent" or not base:
        return None
    found = counts_of(as_units(figure.printed)[0], base, figure.cell.decimals)
    return Range(found[0], found[-1]) if found else Range(1, 0)

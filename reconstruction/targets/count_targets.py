"""Targets of the constructed answers as counts, from the tables and from the text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from declarations.tables.cells import TOTAL
from reconstruction.targets.decode import counts_of
from reconstruction.targets.printed import TargetErratum, TargetFigure
from reconstruction.targets.rounding import printed_percent

Coordinate = tuple[str, str]
ALL: Coordinate = ("all", "all")


@dataclass(frozen=True)
class BaseTarget:
    """`n` respondents with group = level answered the item. `pinned_by` names the table."""

    item: str
    group: str
    level: str
    n: int
    pinned_by: str


@dataclass(frozen=True)
class CountTarget:
    """`count` (or up to `most`) respondents with group = level gave one of `codes` to the item."""

    item: str
    codes: tuple[int, ...]
    group: str
    level: str
    count: int
    pinned_by: str
    most: int | None = None

    @property
    def range(self) -> tuple[int, int]:
        """Least and largest count that meets the target."""
        return self.count, self.count if self.most is None else self.most


def corrected(
    figures: Iterable[TargetFigure], errata: Iterable[TargetErratum]
) -> list[TargetFigure]:
    """Figures with misprints replaced by what the constructed answers show.

    A corrected base applies to all figures of the same item and group in the table.
    """
    by_key = {erratum.key: erratum for erratum in errata}
    result = list(figures)
    bases = {
        (f.cell.table, f.cell.item, f.cell.group, f.cell.level): by_key[f.key].likely_n
        for f in result
        if f.key in by_key and by_key[f.key].likely_n is not None
    }
    for index, f in enumerate(result):
        erratum = by_key.get(f.key)
        if erratum is not None:
            f = replace(f, printed=erratum.likely or erratum.constructed or f.printed)
        n = bases.get((f.cell.table, f.cell.item, f.cell.group, f.cell.level))
        result[index] = f if n is None else replace(f, n=n)
    return result


def base_targets(figures: Iterable[TargetFigure]) -> list[BaseTarget]:
    """One target per printed base of an item that respondents answer.

    ValueError if two disagree.
    """
    found: dict[tuple[str, str, str], BaseTarget] = {}
    for f in figures:
        item = f.cell.item
        if f.cell.unit != "respondents" or f.n is None or item is None:
            continue
        target = BaseTarget(item, f.cell.group, f.cell.level, f.n, f.cell.table)
        known = found.setdefault((item, f.cell.group, f.cell.level), target)
        if known.n != target.n:
            raise ValueError(f"{f.key}: base {target.n}, but {known.n} in {known.pinned_by}")
    return list(found.values())


def count_targets(figures: Iterable[TargetFigure]) -> list[CountTarget]:
    """One target per printed count or percentage of an item that respondents answer.

    Raises ValueError for a percentage that no whole number gives.
    """
    found: dict[tuple[str, int, str, str], CountTarget] = {}
    for f in figures:
        cell = f.cell
        if cell.unit != "respondents" or cell.item is None or cell.code == TOTAL:
            continue
        if cell.statistic == "count":
            count = int(f.printed)
        else:
            if f.n is None:
                continue
            counts = counts_of(f.printed, f.n, cell.decimals)
            if not counts:
                raise ValueError(f"{f.key}: no whole number of {f.n} gives {f.printed}")
            count = counts[0]
        code = int(cell.code or 0)
        target = CountTarget(cell.item, (code,), cell.group, cell.level, count, cell.table)
        found.setdefault((cell.item, code, cell.group, cell.level), target)
    return list(found.values())


def prose_target(entry: Mapping[str, Any], base: int) -> CountTarget:
    """A percentage without decimals from the text, as the range of counts that round to it.

    If an entry has `count`, that count is used. Raises ValueError if no count fits.
    """
    stated = float(entry["percent"])
    fits = [k for k in range(base + 1) if printed_percent(k, base, 0) == stated]
    if "count" in entry:
        fits = [k for k in fits if k == entry["count"]]
    if not fits:
        raise ValueError(f"{entry}: no such whole number of {base} gives {stated} %")
    low, high = fits[0], fits[-1]
    return CountTarget(
        item=entry["item"],
        codes=tuple(entry["codes"]),
        group=entry.get("group", "all"),
        level=entry.get("level", "all"),
        count=low,
        pinned_by=f"section {entry['section']}",
        most=high,
    )

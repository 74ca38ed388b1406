"""Printed stars as evidence: what a star, or its absence, says of a difference.

A star beside an area's figure states that the area differs from all others at that level; a
figure without one in a starred table states that it does not. Where that is all a statement
needs, print decides it, whatever the distribution behind the figure was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from declarations import Study, Table
from declarations.claims.claim import Claim, selector_items
from replication.printed import printed_tables, read_printed_table

Place = tuple[str, str, str]


@dataclass(frozen=True)
class Marks:
    """The range (low, high) in which p lies by print, for item, group and level against others."""

    ranges: Mapping[Place, tuple[float, float]]

    def settle(self, claim: Claim, study: Study, significant: float) -> bool:
        """Whether the marks decide every p-value the claim asks for."""
        if claim.kind not in ("difference", "no_difference"):
            return False
        predicate = claim.predicate
        levels = predicate.get("each") or [predicate.get("level")]
        if predicate.get("test") == "codes" or isinstance(predicate.get("against"), list):
            return False
        bounds = [predicate.get("p_below"), predicate.get("p_above")]
        if claim.kind == "no_difference":
            bounds = [predicate.get("p_above", significant)]
        group = str(predicate.get("group"))
        ranges = [
            self.ranges.get((item, group, str(level)))
            for item in selector_items(predicate, study)
            for level in levels
        ]
        return all(
            found is not None and _apart(found, float(bound))
            for found in ranges
            for bound in bounds
            if bound is not None
        )


def read_marks(study: Study, folder: Path) -> Marks:
    """The stars of all tables that carry them, from printed/."""
    stars = study.conventions.stars
    steps = [1.0, *sorted(stars, reverse=True), 0.0]
    at = {mark: steps.index(bound) for bound, mark in stars.items()}
    ranges: dict[Place, tuple[float, float]] = {}
    for table in _starred(printed_tables(study)):
        for cell, figure in zip(table.cells, read_printed_table(folder, table.id), strict=True):
            step = at.get(figure.note, 0)
            place = (str(cell.item), cell.group, cell.level)
            ranges[place] = (steps[step + 1], steps[step])
    return Marks(ranges)


def _starred(tables: Iterable[Table]) -> list[Table]:
    return [table for table in tables if table.mark == "stars"]


def _apart(found: tuple[float, float], bound: float) -> bool:
    """Whether the whole range lies on one side of the bound."""
    low, high = found
    return high <= bound or low >= bound

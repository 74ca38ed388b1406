"""All constraints of a layout, by the figures, marks and statements they name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from replication.consistency.constraints import Constraint
from replication.consistency.printed_report import PrintedReport
from replication.consistency.references import BASE, ITEM


class Constraints:
    """All constraints of a layout, and an index of them by reference."""

    def __init__(self, constraints: Iterable[Constraint]) -> None:
        """Index the constraints by the figures that they name.

        A table that shows a result twice makes two constraints with one id; the second gets a
        number.
        """
        named: dict[str, Constraint] = {}
        for constraint in constraints:
            number, one = 1, constraint
            while one.id in named:
                number += 1
                one = replace(constraint, key=f"{constraint.key}#{number}")
            named[one.id] = one
        self.all = tuple(named.values())
        self.by_ref: dict[str, list[Constraint]] = {}
        for constraint in self.all:
            items = {f"{ITEM}:{item}:{BASE}" for item, _, _ in constraint.slots}
            for ref in (*constraint.refs, *sorted(items)):
                self.by_ref.setdefault(ref, []).append(constraint)

    def broken(self, report: PrintedReport) -> list[Constraint]:
        """Broken constraints, in order."""
        return [c for c in self.all if not c.holds(report)]

    def broken_after(
        self, report: PrintedReport, ref: str, before: Sequence[Constraint]
    ) -> list[Constraint]:
        """The broken constraints after one reference changed; `before` were broken before."""
        touched = {c.id for c in self.by_ref.get(ref, ())}
        known = {c.id for c in before}
        return [c for c in self.all if (not c.holds(report) if c.id in touched else c.id in known)]

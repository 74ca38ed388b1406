"""Finds the wrong figure and its likely value: each figure is tried as the only mistake.

The figure that explains most broken constraints is the cause. If several explain equally many,
print does not show which is wrong, and all of them are the cause.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from replication.audit.constraint_index import Constraints
from replication.audit.repairs import Repair, Repairs
from replication.consistency.arithmetic import as_units, is_digit_edit
from replication.consistency.constraints import Constraint
from replication.consistency.printed_report import PrintedReport
from replication.consistency.references import CLAIM

ONLY, EMPTY_LINES, ONE_DIGIT, NEAREST = "only value", "smaller N", "one digit", "nearest"
NEXT_BOUND = "next bound"


@dataclass(frozen=True)
class Explanation:
    """Why a constraint is broken: the possible causes, and the right value if there is one."""

    cause: tuple[str, ...]
    likely: str = ""
    by: str = ""
    values: tuple[str, ...] = ()


class Diagnosis:
    """The search for causes in one report."""

    def __init__(
        self, report: PrintedReport, constraints: Constraints, broken: Sequence[Constraint]
    ) -> None:
        """`broken` are the constraints that do not hold, in the order of the rules."""
        self.report = report
        self.constraints = constraints
        self.broken = list(broken)
        self.repairs = Repairs(report, constraints, broken)
        known = {**report.numbers, **report.marks}
        self.printed = {c.id for c in broken if any(ref in known for ref in c.refs)}

    def explanations(self) -> dict[str, Explanation]:
        """An explanation for every broken constraint, by its id."""
        remaining = [c.id for c in self.broken]
        found: dict[str, Explanation] = {}
        while remaining:
            rest = frozenset(remaining)
            candidates: dict[tuple[frozenset[str], int], list[Repair]] = {}
            for repair in self.repairs.all.values():
                explained = repair.explains & rest
                if len(explained) > repair.breaks:
                    candidates.setdefault((explained, repair.breaks), []).append(repair)
            if not candidates:
                break
            # Among equally good explanations, prefer a wrong figure that other printed figures
            # contradict to a wrong sentence.
            place = {name: at for at, name in enumerate(remaining)}
            own, breaks = min(
                candidates,
                key=lambda known: (
                    known[1] - len(known[0]),
                    -len(known[0] & self.printed),
                    known[1],
                    min(place[i] for i in known[0]),
                ),
            )
            repairs = candidates[own, breaks]
            for name in own:
                found[name] = self._explanation(name, repairs)
            remaining = [name for name in remaining if name not in own]
            if breaks and remaining:
                later = self._put_right(repairs[0], found[next(iter(own))])
                found |= {name: later[name] for name in remaining if name in later}
                remaining = [name for name in remaining if name not in later]
        for constraint in self.broken:
            found.setdefault(constraint.id, Explanation(constraint.refs))
        return found

    def _put_right(self, repair: Repair, why: Explanation) -> dict[str, Explanation]:
        """Explain the remaining constraints after a figure is corrected.

        The correction reveals what the wrong figure hid.
        """
        if not why.likely or why.cause != (repair.ref,):
            return {}
        mended = self.report.with_number(repair.ref, as_units(why.likely)[0])
        broken = self.constraints.broken_after(mended, repair.ref, self.broken)
        return Diagnosis(mended, self.constraints, broken).explanations()

    def _explanation(self, name: str, repairs: Sequence[Repair]) -> Explanation:
        repairs = self._plausible(repairs)
        cause = tuple(repair.ref for repair in repairs)
        constraint = next(c for c in self.broken if c.id == name)
        if cause == constraint.refs[:1] and cause[0].startswith(CLAIM):
            # Either the statement is wrong or the star that decides it; print does not show which.
            cause += tuple(
                ref
                for ref in constraint.refs
                if ref in self.report.marks
                and any(self.repairs.marks_that_mend(ref, [constraint]).values())
            )
        if len(cause) > 1:
            return Explanation(cause)
        repair = repairs[0]
        if repair.bases is not None:
            slots = [slot for slot in constraint.slots if slot in repair.bases]
            if len(slots) == 1:
                return Explanation(cause, f"N = {repair.bases[slots[0]]}", EMPTY_LINES)
            return Explanation(cause, "", EMPTY_LINES)
        likely, by = self._likely(repair)
        return Explanation(cause, likely, by, tuple(repair.values))

    def _plausible(self, repairs: Sequence[Repair]) -> Sequence[Repair]:
        """The only one of several equal explanations that differs from print by one digit, if any.

        Explanations that are not misprints of a number stay too.
        """
        near = [r for r in repairs if not r.values or self._edits(r)]
        return near if len(near) == 1 and near[0].values else repairs

    def _edits(self, repair: Repair) -> list[str]:
        """The values of a repair that differ from print by one digit or two exchanged digits."""
        claimed = repair.ref in self.report.layout.claim
        read = self.report.quoted if claimed else self.report.printed
        printed = read(repair.ref)
        return [value for value in repair.values if is_digit_edit(printed, value)]

    def _likely(self, repair: Repair) -> tuple[str, str]:
        """The likely value of a wrong figure, and the reason; empty if several remain."""
        values = list(repair.values)
        if len(values) == 1:
            marks = self.report.marks
            bound = repair.ref in marks and repair.ref not in self.report.layout.starred_marks
            return values[0], NEXT_BOUND if bound else ONLY
        printed = self.report.printed(repair.ref)
        if repair.ref in self.report.layout.bases and printed:
            gap = self.report.layout.settings.gap
            below = [v for v in values if int(printed) - gap <= int(v) < int(printed)]
            if len(below) == 1:
                return below[0], EMPTY_LINES
        edits = self._edits(repair)
        said = max((repair.values[v] for v in edits), default=0)
        edits = [v for v in edits if repair.values[v] == said]
        if len(edits) == 1:
            return edits[0], ONE_DIGIT
        if near := _nearest(printed, edits):
            return near, NEAREST
        return "", ""


def _nearest(printed: str, values: Sequence[str]) -> str:
    """The value nearest to print.

    Empty if another value is equally near, or has digits that are as near to the printed ones.
    """
    if not values:
        return ""

    def distance(value: str) -> float:
        return abs(float(value) - float(printed))

    def digit(value: str) -> int:
        pairs = zip(value.rjust(len(printed)), printed.rjust(len(value)), strict=False)
        return sum(abs(int(a) - int(b)) for a, b in pairs if a.isdigit() and b.isdigit())

    first = min(values, key=distance)
    alone = [v for v in values if distance(v) == distance(first) or digit(v) <= digit(first)]
    return first if alone == [first] else ""

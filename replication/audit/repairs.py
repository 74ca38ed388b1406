"""For each figure, base, mark and statement: what it would explain as the only mistake.

The search takes each of these in a broken constraint, and looks for values with which all its
constraints hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from assets.statistics.descriptive import format_number
from replication.audit.constraint_index import Constraints
from replication.consistency.arithmetic import print_form, printed_percent
from replication.consistency.constraints import Constraint
from replication.consistency.printed_report import PrintedReport
from replication.consistency.quotations import gives_number, said_elsewhere
from replication.consistency.references import ALL, BASE, CLAIM, ITEM, Slot
from replication.consistency.statements import decide_statement

MARKS = ("", "*", "**", "***")


@dataclass(frozen=True)
class Repair:
    """A figure as the only mistake: what it explains, and the values that it may then have.

    `values`: for each value, the number of statements in words that agree minus the number that it
    contradicts. `bases`: for an item that some left empty, the base of each level. `breaks`: the
    number of constraints that hold as printed but break with the value, as when a wrong N fits a
    figure by accident.
    """

    ref: str
    explains: frozenset[str]
    values: Mapping[str, int] = field(default_factory=dict)
    bases: Mapping[Slot, int] | None = None
    breaks: int = 0


class Repairs:
    """The repairs of one report."""

    def __init__(
        self, report: PrintedReport, constraints: Constraints, broken: Sequence[Constraint]
    ) -> None:
        """`broken` are the constraints that do not hold, in the order of the rules."""
        self.report = report
        self.constraints = constraints
        self.broken = list(broken)
        self.ids = {c.id for c in broken}

    @cached_property
    def all(self) -> dict[str, Repair]:
        """A repair for every reference that explains something.

        They are in the order of the broken constraints.
        """
        refs: dict[str, None] = {}
        shared = {
            item
            for base in self.report.layout.bases.values()
            if base.shared
            for item, _, _ in base.slots
        }
        for constraint in self.broken:
            refs |= dict.fromkeys(constraint.refs)
            items = dict.fromkeys(item for item, _, _ in constraint.slots if item in shared)
            refs |= dict.fromkeys(f"{ITEM}:{item}:{BASE}" for item in items)
        tried = {ref: self._repair(ref) for ref in refs}
        return {ref: repair for ref, repair in tried.items() if repair is not None}

    def _repair(self, ref: str) -> Repair | None:
        if ref in self.report.numbers:
            return self._number(ref)
        if ref in self.report.marks:
            return self._mark(ref)
        if ref.startswith(f"{ITEM}:"):
            return self._empty_lines(ref)
        own = [c.id for c in self.constraints.by_ref[ref] if c.id in self.ids]
        return Repair(ref, frozenset(own), self._stated(ref))

    def _stated(self, ref: str) -> dict[str, int]:
        """The value that a quoted number should have: as printed, or else as in other places."""
        claim = self.report.layout.claim.get(ref)
        if claim is None or not gives_number(claim):
            return {}
        computed = decide_statement(claim, self.report)[0].computed.rstrip("%")
        if not computed:
            return dict.fromkeys(said_elsewhere(claim, self.report), 1)
        decimals = len(self.report.quoted(ref).partition(".")[2])
        return {format_number(float(computed), decimals): 1}

    def _split(self, ref: str) -> tuple[list[Constraint], list[Constraint], list[Constraint]]:
        """The constraints of a reference: between figures, with a statement, and of a mark."""
        own = self.constraints.by_ref[ref]
        stated = [c for c in own if c.refs[0].startswith(CLAIM)]
        marked = [c for c in own if c.refs[0] in self.report.marks]
        return [c for c in own if c not in stated and c not in marked], stated, marked

    def _number(self, ref: str) -> Repair | None:
        hard, soft, marked = self._split(ref)
        wrong = [c for c in hard if c.id in self.ids]
        quoted = [c for c in soft if c.arithmetic and c.id in self.ids]
        if not wrong and not quoted:
            return None  # doubt a statement in words rather than the figures behind it
        numbers = dict(self.report.numbers)
        trial = replace(self.report, numbers=numbers)
        figure = self.report.layout.figure.get(ref)
        now = self.report.numbers[ref]
        # If another mistake interferes, a value suffices that repairs some constraints and breaks
        # none. A base has many figures, so it may break fewer than it repairs: one of them may fit
        # the wrong base by accident.
        most = max(len(wrong) - 1, 0) if ref in self.report.layout.bases else 0
        fixed: dict[int, tuple[list[str], int]] = {}
        must = sorted((c for c in hard if c.id not in self.ids), key=_cost)
        for value in candidates(ref, self.report):
            if value == now:
                continue
            numbers[ref] = value
            lost = _lost(must, trial, most)
            if lost <= most:
                mended = [c.id for c in wrong if c.holds(trial)]
                if len(mended) > lost or not (wrong or lost):
                    fixed[value] = mended, lost
        if not fixed:
            return None
        gained, breaks = min((lost - len(mended), lost) for mended, lost in fixed.values())
        kept = {
            value: mended
            for value, (mended, lost) in fixed.items()
            if (lost - len(mended), lost) == (gained, breaks)
        }
        quotes = [c for c in soft if c.arithmetic]
        words = [c for c in soft if not c.arithmetic]
        scored: dict[int, tuple[int, set[str]]] = {}
        for value, mended in kept.items():
            numbers[ref] = value
            met, lost = self._gained(quotes, trial)
            scored[value] = (len(met) - lost, {*mended, *met})
        best = max(score for score, _ in scored.values())
        if not wrong and best < 1:
            return None
        chosen = {value: ids for value, (score, ids) in scored.items() if score == best}
        said: dict[str, int] = {}
        for value, ids in chosen.items():
            numbers[ref] = value
            met, lost = self._gained(words, trial)
            ids |= set(met)
            if len(chosen) == 1:
                # A star is no reason to doubt a figure, but a wrong figure may explain a star.
                ids |= {c.id for c in marked if c.id in self.ids and c.holds(trial)}
            said[print_form(value, figure.decimals if figure else 0)] = len(met) - lost
        explains = frozenset(set.intersection(*chosen.values()))
        return Repair(ref, explains, said, breaks=breaks) if explains else None

    def _gained(self, soft: Sequence[Constraint], trial: PrintedReport) -> tuple[list[str], int]:
        """Statements that a trial repairs, and the number that it breaks."""
        holding = {c.id for c in soft if c.holds(trial)}
        met = [c.id for c in soft if c.id in self.ids and c.id in holding]
        return met, sum(c.id not in self.ids and c.id not in holding for c in soft)

    def _mark(self, ref: str) -> Repair | None:
        """Stars whose change would repair everything.

        A star is not doubted because of a statement alone.
        """
        _, _, hard = self._split(ref)
        found = self.marks_that_mend(ref, hard)
        most = max(map(len, found.values()), default=0)
        if not most:
            broken = frozenset(c.id for c in hard if c.id in self.ids)
            return Repair(ref, broken) if broken else None
        best = {mark: ids for mark, ids in found.items() if len(ids) == most}
        explains = frozenset(set.intersection(*best.values()))
        return Repair(ref, explains, dict.fromkeys(best, 0)) if explains else None

    def marks_that_mend(self, ref: str, own: Sequence[Constraint]) -> dict[str, set[str]]:
        """Marks whose change breaks no given constraint, with the constraints that it repairs."""
        found = {}
        for mark in other_marks(ref, self.report):
            trial = self.report.with_mark(ref, mark)
            holding = {c.id for c in own if c.holds(trial)}
            if all(c.id in self.ids or c.id in holding for c in own):
                found[mark] = {c.id for c in own if c.id in self.ids and c.id in holding}
                if found[mark] and ref not in self.report.layout.starred_marks:
                    break  # the smallest of the bounds that hold
        return found

    def _empty_lines(self, ref: str) -> Repair | None:
        """An item that some left empty, although a base printed for several items counts them."""
        item = ref.split(":")[1]
        layout = self.report.layout
        slots = [
            slot
            for slot, bases in layout.bases_of.items()
            if slot[0] == item and any(b.shared for b in bases)
        ]
        hard, _, _ = self._split(ref)
        whole = (item, *ALL)
        exact = whole not in slots and whole in layout.bases_of
        for most in range(1, 1 if exact else layout.settings.gap + 1):
            missing = {whole: most} if whole in slots else {}
            for slot in slots:
                if slot != whole and (fewer := self._fewer(slot, most, hard)):
                    missing[slot] = fewer
            trial = replace(self.report, missing=missing)
            if missing and all(c.holds(trial) for c in hard):
                explains = frozenset(c.id for c in hard if c.id in self.ids)
                bases = {
                    slot: self.report.numbers[layout.bases_of[slot][0].ref] - missing.get(slot, 0)
                    for slot in slots
                }
                return Repair(ref, explains, bases=bases) if explains else None
        return None

    def _fewer(self, slot: Slot, most: int, hard: Sequence[Constraint]) -> int:
        """By how much a level's base must shrink to make its own percentages possible."""
        own = [c for c in hard if c.slots == (slot,)]
        for fewer in range(most + 1):
            trial = replace(self.report, missing={slot: fewer})
            if all(c.holds(trial) for c in own):
                return fewer
        return 0


def other_marks(ref: str, report: PrintedReport) -> list[str]:
    """Other marks that could be printed: stars, or bounds of p in the form of the printed bound."""
    printed = report.marks[ref]
    if ref in report.layout.starred_marks:
        return [mark for mark in MARKS if mark != printed]
    conventions = report.layout.study.conventions
    tests = conventions.significance
    ladder = tests.bounds if tests else ()
    number = printed.rpartition("<")[2].strip()
    zero = "0" if number.startswith("0") else ""
    texts = [f"{zero}{str(bound).removeprefix('0')}" for bound in sorted(ladder)]
    return [printed.replace(number, text) for text in texts if number and text != number]


def candidates(ref: str, report: PrintedReport) -> Iterable[int]:
    """Possible values of a figure: percentages of its base, counts, or any of its form."""
    layout = report.layout
    figure = layout.figure.get(ref)
    if figure is None or figure.cell.statistic == "count":
        # No count or base exceeds the largest printed one.
        return range(max(report.numbers[base] for base in layout.bases) + 1)
    whole: int = 100 * 10**figure.decimals
    if figure.cell.statistic == "percent" and figure.base:
        n = report.base(figure)
        counts = range(n + 1) if n else ()
        return dict.fromkeys(printed_percent(k, n, figure.decimals) for k in counts)
    return range(-whole if figure.cell.of else 0, whole + 1)


def _lost(must: Sequence[Constraint], trial: PrintedReport, most: int) -> int:
    """How many of the given constraints a trial breaks; stops counting above `most`."""
    lost = 0
    for constraint in must:
        if not constraint.holds(trial):
            lost += 1
            if lost > most:
                break
    return lost


def _cost(constraint: Constraint) -> int:
    """The order in which constraints are tested.

    Those with few figures come first, because most values break one of them.
    """
    return len(constraint.refs)

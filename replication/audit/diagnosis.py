"""Which figure is wrong, and what it should be: each on its own is tried as the only mistake.

For every figure, base, mark and statement in a broken constraint the values are looked for that
make all constraints it is in hold. What explains most of what is broken is the cause; where
several explain the same, print does not say which, and the cause is all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice

from assets.statistics.descriptive import format_number
from replication.consistency.arithmetic import as_text, as_units, is_digit_edit, printed_percent
from replication.consistency.constraints import Constraint
from replication.consistency.printed_register import ALL, BASE, CLAIM, ITEM, MARK, Publication, Slot
from replication.consistency.quotations import is_number, said_elsewhere
from replication.consistency.statements import judge

MARKS = ("", "*", "**", "***")
ONLY, EMPTY_LINES, ONE_DIGIT, NEAREST = "only value", "smaller N", "one digit", "nearest"
NEXT_BOUND = "next bound"


@dataclass(frozen=True)
class Repair:
    """A figure taken as the one mistake: what that explains, and the values it may then have.

    `values`: how many statements in words each value bears out, less those it contradicts.
    `bases`: for an item some left empty, the base of each of its levels. `breaks`: how many
    constraints that hold as printed the value breaks, as where a wrong N fits a figure by accident.
    """

    ref: str
    explains: frozenset[str]
    values: Mapping[str, int] = field(default_factory=dict)
    bases: Mapping[Slot, int] | None = None
    breaks: int = 0


@dataclass(frozen=True)
class Explanation:
    """Of one broken constraint: what each alone could explain it; the value, if it is one."""

    cause: tuple[str, ...]
    likely: str = ""
    by: str = ""
    values: tuple[str, ...] = ()


class Constraints:
    """All constraints of a layout, and which of them a reference is in."""

    def __init__(self, constraints: Iterable[Constraint]) -> None:
        """Index the constraints by the figures they name.

        A table that shows a result twice brings about two of one id; the second is numbered.
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

    def broken(self, publication: Publication) -> list[Constraint]:
        """Constraints that do not hold, in their order."""
        return [c for c in self.all if not c.holds(publication)]

    def broken_after(
        self, publication: Publication, ref: str, before: Sequence[Constraint]
    ) -> list[Constraint]:
        """The same after one reference changed, from what was broken before."""
        touched = {c.id for c in self.by_ref.get(ref, ())}
        known = {c.id for c in before}
        return [
            c for c in self.all if (not c.holds(publication) if c.id in touched else c.id in known)
        ]


class Diagnosis:
    """The search for causes in one publication."""

    def __init__(
        self, publication: Publication, constraints: Constraints, broken: Sequence[Constraint]
    ) -> None:
        """`broken` are the constraints that do not hold, in order."""
        self.publication = publication
        self.constraints = constraints
        self.broken = list(broken)
        self.ids = {c.id for c in broken}
        known = {**publication.numbers, **publication.marks}
        self.printed = {c.id for c in broken if any(ref in known for ref in c.refs)}

    def explanations(self) -> dict[str, Explanation]:
        """An explanation for every broken constraint, by its id."""
        remaining = [c.id for c in self.broken]
        found: dict[str, Explanation] = {}
        while remaining:
            rest = frozenset(remaining)
            candidates: dict[tuple[frozenset[str], int], list[Repair]] = {}
            for repair in self.repairs.values():
                explained = repair.explains & rest
                if len(explained) > repair.breaks:
                    candidates.setdefault((explained, repair.breaks), []).append(repair)
            if not candidates:
                break
            # Of what explains as much, that which print speaks against, and not the text alone.
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
        """What explains the rest once a figure is the likely one, and shows what it had hidden."""
        if not why.likely or why.cause != (repair.ref,):
            return {}
        mended = self.publication.with_number(repair.ref, as_units(why.likely)[0])
        broken = self.constraints.broken_after(mended, repair.ref, self.broken)
        return Diagnosis(mended, self.constraints, broken).explanations()

    def _explanation(self, name: str, repairs: Sequence[Repair]) -> Explanation:
        repairs = self._plausible(repairs)
        cause = tuple(repair.ref for repair in repairs)
        constraint = next(c for c in self.broken if c.id == name)
        if cause == constraint.refs[:1] and cause[0].startswith(CLAIM):
            # Either the statement or a star it is decided by; print does not say which.
            cause += tuple(
                ref
                for ref in constraint.refs
                if ref in self.publication.marks
                and any(self._marks_that_mend(ref, [constraint]).values())
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
        """Of figures that explain the same, the one that is a digit from fitting, if only one is.

        Explanations that are no misprint of a number stay beside it.
        """
        near = [r for r in repairs if not r.values or self._edits(r)]
        return near if len(near) == 1 and near[0].values else repairs

    def _edits(self, repair: Repair) -> list[str]:
        """Values of a repair that are one digit, or two swapped, from what is printed."""
        claimed = repair.ref in self.publication.layout.claim
        read = self.publication.quoted if claimed else self.publication.printed
        printed = read(repair.ref)
        return [value for value in repair.values if is_digit_edit(printed, value)]

    def _likely(self, repair: Repair) -> tuple[str, str]:
        """The value to take a wrong figure for, and why; empty where several are left."""
        values = list(repair.values)
        if len(values) == 1:
            marks = self.publication.marks
            bound = repair.ref in marks and repair.ref not in self.publication.layout.starred_marks
            return values[0], NEXT_BOUND if bound else ONLY
        printed = self.publication.printed(repair.ref)
        if repair.ref in self.publication.layout.bases and printed:
            gap = self.publication.layout.settings.gap
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

    @cached_property
    def repairs(self) -> dict[str, Repair]:
        """A repair for every reference that explains something, in the order of what is broken."""
        refs: dict[str, None] = {}
        shared = {
            item
            for base in self.publication.layout.bases.values()
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
        if ref in self.publication.numbers:
            return self._number(ref)
        if ref in self.publication.marks:
            return self._mark(ref)
        if ref.startswith(f"{ITEM}:"):
            return self._empty_lines(ref)
        own = [c.id for c in self.constraints.by_ref[ref] if c.id in self.ids]
        return Repair(ref, frozenset(own), self._stated(ref))

    def _stated(self, ref: str) -> dict[str, int]:
        """What a quoted number would have to be: as print has it, else as the other places do."""
        claim = self.publication.layout.claim.get(ref)
        if claim is None or not is_number(claim):
            return {}
        computed = judge(claim, self.publication)[0].computed.rstrip("%")
        if not computed:
            return dict.fromkeys(said_elsewhere(claim, self.publication), 1)
        decimals = len(self.publication.quoted(ref).partition(".")[2])
        return {format_number(float(computed), decimals): 1}

    def _split(self, ref: str) -> tuple[list[Constraint], list[Constraint], list[Constraint]]:
        """Constraints between figures, with a statement, and of a mark, that a reference is in."""
        own = self.constraints.by_ref[ref]
        stated = [c for c in own if c.refs[0].startswith(CLAIM)]
        marked = [c for c in own if c.refs[0] in self.publication.marks]
        return [c for c in own if c not in stated and c not in marked], stated, marked

    def _number(self, ref: str) -> Repair | None:
        hard, soft, marked = self._split(ref)
        wrong = [c for c in hard if c.id in self.ids]
        quoted = [c for c in soft if c.arithmetic and c.id in self.ids]
        if not wrong and not quoted:
            return None  # read in words, a statement is doubted and not the figures behind it
        numbers = dict(self.publication.numbers)
        trial = replace(self.publication, numbers=numbers)
        figure = self.publication.layout.figure.get(ref)
        now = self.publication.numbers[ref]
        # Where another mistake stands in the way, a value that mends some and breaks none will do.
        # Of a base, whose figures are many, it may break fewer than it mends: one of them may fit
        # the wrong base by accident.
        most = max(len(wrong) - 1, 0) if ref in self.publication.layout.bases else 0
        fixed: dict[int, tuple[list[str], int]] = {}
        must = sorted((c for c in hard if c.id not in self.ids), key=_cost)
        for value in candidates(ref, self.publication):
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
                # A star is no reason to doubt a figure; a figure that is wrong may explain one.
                ids |= {c.id for c in marked if c.id in self.ids and c.holds(trial)}
            said[as_text(value, figure.decimals if figure else 0)] = len(met) - lost
        explains = frozenset(set.intersection(*chosen.values()))
        return Repair(ref, explains, said, breaks=breaks) if explains else None

    def _gained(self, soft: Sequence[Constraint], trial: Publication) -> tuple[list[str], int]:
        """Statements that hold in a trial and are broken now, and how many it breaks anew."""
        holding = {c.id for c in soft if c.holds(trial)}
        met = [c.id for c in soft if c.id in self.ids and c.id in holding]
        return met, sum(c.id not in self.ids and c.id not in holding for c in soft)

    def _mark(self, ref: str) -> Repair | None:
        """Stars another than which nothing would be wrong; not doubted for a statement alone."""
        _, _, hard = self._split(ref)
        found = self._marks_that_mend(ref, hard)
        most = max(map(len, found.values()), default=0)
        if not most:
            broken = frozenset(c.id for c in hard if c.id in self.ids)
            return Repair(ref, broken) if broken else None
        best = {mark: ids for mark, ids in found.items() if len(ids) == most}
        explains = frozenset(set.intersection(*best.values()))
        return Repair(ref, explains, dict.fromkeys(best, 0)) if explains else None

    def _marks_that_mend(self, ref: str, own: Sequence[Constraint]) -> dict[str, set[str]]:
        """Marks that break none of some constraints anew, with those each of them mends."""
        found = {}
        for mark in other_marks(ref, self.publication):
            trial = self.publication.with_mark(ref, mark)
            holding = {c.id for c in own if c.holds(trial)}
            if all(c.id in self.ids or c.id in holding for c in own):
                found[mark] = {c.id for c in own if c.id in self.ids and c.id in holding}
                if found[mark] and ref not in self.publication.layout.starred_marks:
                    break  # of the bounds that hold the smallest
        return found

    def _empty_lines(self, ref: str) -> Repair | None:
        """An item that some left empty, though a base printed for several items counts them."""
        item = ref.split(":")[1]
        layout = self.publication.layout
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
            trial = replace(self.publication, missing=missing)
            if missing and all(c.holds(trial) for c in hard):
                explains = frozenset(c.id for c in hard if c.id in self.ids)
                bases = {
                    slot: self.publication.numbers[layout.bases_of[slot][0].ref]
                    - missing.get(slot, 0)
                    for slot in slots
                }
                return Repair(ref, explains, bases=bases) if explains else None
        return None

    def _fewer(self, slot: Slot, most: int, hard: Sequence[Constraint]) -> int:
        """How many fewer in a level make its own percentages possible; 0 where none is needed."""
        own = [c for c in hard if c.slots == (slot,)]
        for fewer in range(most + 1):
            trial = replace(self.publication, missing={slot: fewer})
            if all(c.holds(trial) for c in own):
                return fewer
        return 0


def other_marks(ref: str, publication: Publication) -> list[str]:
    """Stars; or, in the form of a printed bound, the bounds a report may use."""
    printed = publication.marks[ref]
    if ref in publication.layout.starred_marks:
        return [mark for mark in MARKS if mark != printed]
    conventions = publication.layout.study.conventions
    ladder = (conventions.get("significance") or {}).get("bounds") or ()
    number = printed.rpartition("<")[2].strip()
    zero = "0" if number.startswith("0") else ""
    texts = [f"{zero}{str(bound).removeprefix('0')}" for bound in sorted(ladder)]
    return [printed.replace(number, text) for text in texts if number and text != number]


def candidates(ref: str, publication: Publication) -> Iterable[int]:
    """Values a figure may have: percentages of its base, counts, or any of its form."""
    layout = publication.layout
    figure = layout.figure.get(ref)
    if figure is None or figure.cell.statistic == "count":
        # No count or base is larger than the largest printed one.
        return range(max(publication.numbers[base] for base in layout.bases) + 1)
    whole: int = 100 * 10**figure.decimals
    if figure.cell.statistic == "percent" and figure.base:
        n = publication.base(figure)
        counts = range(n + 1) if n else ()
        return dict.fromkeys(printed_percent(k, n, figure.decimals) for k in counts)
    return range(-whole if figure.cell.of else 0, whole + 1)


def _lost(must: Sequence[Constraint], trial: Publication, most: int) -> int:
    """How many of some constraints a trial breaks; counted no further than one above `most`."""
    broken = (c for c in must if not c.holds(trial))
    return sum(1 for _ in islice(broken, most + 1))


def _cost(constraint: Constraint) -> int:
    """Constraints of few figures first: most values fail one of them."""
    return len(constraint.refs)


def _nearest(printed: str, values: Sequence[str]) -> str:
    """The value nearest to print both as a number and by the digit in which it differs."""
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


def constraints_of(rules: Iterable[Iterable[Constraint]]) -> Constraints:
    """The constraints of several rules together."""
    return Constraints(constraint for own in rules for constraint in own)


__all__ = ["MARK", "Constraints", "Diagnosis", "Explanation", "Repair", "constraints_of"]

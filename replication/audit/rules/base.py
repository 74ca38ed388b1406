"""Whether the printed Ns are consistent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from declarations.labels import Label
from declarations.tables.cells import OTHERS, STATUS_ITEM
from replication.consistency.constraints import AuditRule, Constraint
from replication.consistency.printed_report import Layout, PrintedReport
from replication.consistency.references import ALL, PrintedBase, PrintedFigure


def constraints(layout: Layout) -> Iterator[Constraint]:
    """Constraints on bases: against respondents, groups, equal bases and later questions."""
    bases = [b for b in layout.bases.values() if b.slots[0][0] != STATUS_ITEM]
    answered = [layout.printings.get((STATUS_ITEM, code, *ALL)) for code in ("complete", "partial")]
    counts = [next((f for f in found or () if f.cell.statistic == "count"), None)
              for found in answered]  # fmt: skip
    if None not in counts:
        yield from (_respondents(b, [c for c in counts if c is not None]) for b in bases)
        yield from (_finishers(b, counts[0], layout) for b in bases if counts[0] is not None
                    and b.slots[0][1:] == ALL)  # fmt: skip
    yield from _equal(bases, layout)
    yield from _groups(layout)
    yield from _order(bases, layout)


def _respondents(base: PrintedBase, answered: Sequence[PrintedFigure]) -> Constraint:
    """No question has more answers than there are respondents."""
    refs = (base.ref, *(f.ref for f in answered))
    return Constraint(
        "base",
        f"{base.ref}:respondents",
        base.ref,
        refs,
        lambda p: p.numbers[base.ref] <= sum(p.numbers[f.ref] for f in answered),
        lambda p: (
            f"N = {p.numbers[base.ref]} of "
            f"{' + '.join(str(p.numbers[f.ref]) for f in answered)} respondents"
        ),
    )


def _finishers(base: PrintedBase, complete: PrintedFigure, layout: Layout) -> Constraint:
    """Who answered the whole questionnaire answered this question, except single lines."""
    gap = layout.settings.gap
    return Constraint(
        "base",
        f"{base.ref}:complete",
        base.ref,
        (base.ref, complete.ref),
        lambda p: p.numbers[base.ref] >= p.numbers[complete.ref] - gap,
        lambda p: f"N = {p.numbers[base.ref]}, {p.numbers[complete.ref]} answered everything",
        assumes=f"at most {gap} of them left the line empty",
    )


def _equal(bases: Sequence[PrintedBase], layout: Layout) -> Iterator[Constraint]:
    """Two printed bases for the same items, or for all items of a question, are equal."""
    items = layout.study.items
    for first, second in combinations(bases, 2):
        if first.table != second.table and set(first.slots) & set(second.slots):
            yield _same(first, second, "the same answers")
        elif (
            first.shared
            and second.shared
            and first.table != second.table
            and first.slots[0][1:] == second.slots[0][1:]
            and items[first.slots[0][0]].question == items[second.slots[0][0]].question
        ):
            yield _same(first, second, "the same group of the same question")


def _same(first: PrintedBase, second: PrintedBase, why: str) -> Constraint:
    return Constraint(
        "base",
        f"{first.ref}={second.ref}",
        second.ref,
        (first.ref, second.ref),
        lambda p: p.numbers[first.ref] == p.numbers[second.ref],
        lambda p: f"N = {p.numbers[first.ref]} and {p.numbers[second.ref]} for {why}",
    )


def _groups(layout: Layout) -> Iterator[Constraint]:
    """The Ns of groups that divide everyone add up to the total.

    The N of an area is at most the total.
    """
    items = dict.fromkeys(item for item, _, _ in layout.bases_of if item != STATUS_ITEM)
    for item in items:
        for group in layout.study.groups:
            slots = [(item, group.id, level.key) for level in group.levels]
            found = [layout.bases_of[slot] for slot in slots if slot in layout.bases_of]
            for tables in _by_table(found):
                yield from _of_tables(tables, len(slots), item, group.id, group.overlapping, layout)


def _by_table(found: list[list[PrintedBase]]) -> Iterator[list[PrintedBase]]:
    """Bases of the levels in one table, table by table."""
    tables: dict[str, list[PrintedBase]] = {}
    for bases in found:
        for base in bases:
            tables.setdefault(base.table, []).append(base)
    yield from tables.values()


def _of_tables(
    parts: list[PrintedBase], levels: int, item: str, group: str, overlapping: bool, layout: Layout
) -> Iterator[Constraint]:
    table = parts[0].table
    wholes = layout.bases_of.get((item, *ALL), [])
    wholes = [b for b in wholes if b.table == table] or wholes
    for whole in wholes:
        # A base for many items is one N minus missing answers. It is compared once, with the first
        # item.
        if parts[0].shared and item != parts[0].slots[0][0]:
            continue
        key = f"{table}:{item}:{group}:{whole.table}"
        others = layout.bases_of.get((item, group, f"{OTHERS}{parts[0].slots[0][2]}"))
        if not overlapping and len(parts) == levels:
            yield _adds_up(key, parts, whole)
        if overlapping and len(parts) == 1 and others:
            yield _adds_up(key, [parts[0], others[0]], whole)
        if overlapping:
            yield from (_no_more(part, whole) for part in parts)
            if group in layout.settings.covering and len(parts) == levels:
                yield _no_fewer(key, parts, whole)


def _adds_up(key: str, parts: Sequence[PrintedBase], whole: PrintedBase) -> Constraint:
    return Constraint(
        "base",
        key,
        whole.ref,
        (*(b.ref for b in parts), whole.ref),
        lambda p: sum(p.numbers[b.ref] for b in parts) == p.numbers[whole.ref],
        lambda p: f"{_sum(parts, p)}, N of everyone is {p.numbers[whole.ref]}",
    )


def _no_more(part: PrintedBase, whole: PrintedBase) -> Constraint:
    return Constraint(
        "base",
        f"{part.ref}<={whole.ref}",
        part.ref,
        (part.ref, whole.ref),
        lambda p: p.numbers[part.ref] <= p.numbers[whole.ref],
        lambda p: f"N = {p.numbers[part.ref]} in a group of {p.numbers[whole.ref]}",
    )


def _no_fewer(key: str, parts: Sequence[PrintedBase], whole: PrintedBase) -> Constraint:
    return Constraint(
        "base",
        f"{key}:covered",
        whole.ref,
        (*(b.ref for b in parts), whole.ref),
        lambda p: sum(p.numbers[b.ref] for b in parts) >= p.numbers[whole.ref],
        lambda p: f"{_sum(parts, p)}, fewer than N of everyone, {p.numbers[whole.ref]}",
        assumes="everyone is in at least one group",
    )


def _sum(parts: Sequence[PrintedBase], report: PrintedReport) -> str:
    numbers = [report.numbers[b.ref] for b in parts]
    return f"{' + '.join(map(str, numbers))} = {sum(numbers)}"


def _order(bases: Sequence[PrintedBase], layout: Layout) -> Iterator[Constraint]:
    """Later questions have no more answers than earlier ones.

    The lines of one question have about the same number.
    """
    items = layout.study.items
    order = {q.id: q.order for q in layout.study.questions}

    def place(base: PrintedBase) -> int:
        return order[items[base.slots[0][0]].question]

    levels: dict[tuple[str, str], list[PrintedBase]] = {}
    for base in bases:
        levels.setdefault(base.slots[0][1:], []).append(base)
    for own in levels.values():
        for first, second in pairwise(sorted(own, key=place)):
            yield _follows(first, second, place(first) == place(second), layout.settings.gap)


def _follows(first: PrintedBase, second: PrintedBase, same: bool, gap: int) -> Constraint:
    def holds(report: PrintedReport) -> bool:
        a, b = report.numbers[first.ref], report.numbers[second.ref]
        return abs(a - b) <= gap if same else b <= a + gap

    def gives(report: PrintedReport) -> str:
        a, b = report.numbers[first.ref], report.numbers[second.ref]
        if same:
            return f"N = {a} and {b} for two lines of one question"
        return f"N = {b} for a question after one with N = {a}"

    assumes = f"at most {gap} leave a single line empty"
    key, refs = f"{first.ref}>{second.ref}", (first.ref, second.ref)
    return Constraint("base", key, second.ref, refs, holds, gives, assumes=assumes)


RULE = AuditRule(
    "base",
    Label("Kan N'erne stå ved siden af hinanden?", "Do the Ns agree with each other?"),
    "No N is larger than the number of respondents, or smaller than the number who answered "
    "everything. The Ns of groups that divide the respondents add up. The same answers have "
    "the same N everywhere. N does not grow from one question to a later one, except by the "
    "few respondents who left a single line empty.",
    constraints,
)

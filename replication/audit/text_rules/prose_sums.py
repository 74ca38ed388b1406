"""Whether the numbers of the text are consistent with each other and with the tables.

The rule tests sums that no table prints: all answers to a question, and the number of answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from math import isfinite

from declarations.claims.kinds import Count, Share
from declarations.labels import Label
from declarations.tables.cells import STATUS_ITEM, TOTAL
from replication.consistency.arithmetic import Interval
from replication.consistency.constraints import AuditRule, Constraint
from replication.consistency.printed_report import Layout, PrintedReport
from replication.consistency.quotations import (
    OPEN,
    gives_number,
    interval,
    stated_text,
    with_printed_number,
)
from replication.consistency.references import ALL, CLAIM

RULE_ID = "prose_sums"
WHOLE = 100.0


def constraints(layout: Layout) -> Iterator[Constraint]:
    """Constraints on answers that make up a whole, and on stated Ns."""
    quoted = [claim for claim in layout.claims if gives_number(claim)]
    shares = [
        c
        for c in layout.claims
        if isinstance(c, Share)
        and c.of.item
        and all(map(isfinite, interval(c, layout.words) or (OPEN,)))
    ]
    yield from _partitions([c for c in shares if c.of.codes], layout)
    yield from _bases([c for c in quoted if isinstance(c, Count)], layout)


def _codes(claim: Share | Count) -> frozenset[str]:
    return frozenset(map(str, claim.of.code_list))


def _place(claim: Share | Count) -> tuple[str, str]:
    return claim.of.place


def _interval_of(claim: Share, report: PrintedReport) -> Interval:
    return interval(with_printed_number(claim, report), report.layout.words) or (0.0, WHOLE)


def _said(claim: Share, report: PrintedReport) -> str:
    return stated_text(with_printed_number(claim, report).stated)


def _partitions(shares: Sequence[Share], layout: Layout) -> Iterator[Constraint]:
    """Statements of one section that together give each answer to an item once."""
    found: dict[tuple[str, ...], dict[frozenset[str], Share]] = {}
    for claim in shares:
        item = str(claim.of.item)
        key = (item, claim.chapter, claim.section, *_place(claim))
        found.setdefault(key, {}).setdefault(_codes(claim), claim)
    for (item, *where), own in found.items():
        for size in range(2, len(own) + 1):
            for parts in combinations(own, size):
                together = [code for codes in parts for code in codes]
                if sorted(together) == sorted(layout.codes(item)):
                    name = f"{item}:{':'.join(where)}:{size}"
                    yield _adds_up(name, [own[p] for p in parts], _divided(parts, own))


def _divided(
    parts: Sequence[frozenset[str]], own: Mapping[frozenset[str], Share]
) -> tuple[Share, Sequence[Share]] | None:
    """A statement about several answers, and those that give each of them separately."""
    for codes in parts:
        smaller = [own[other] for other in own if other < codes]
        if sorted(code for one in smaller for code in _codes(one)) == sorted(codes):
            return own[codes], smaller
    return None


def _adds_up(
    key: str, parts: Sequence[Share], divided: tuple[Share, Sequence[Share]] | None
) -> Constraint:
    def holds(report: PrintedReport) -> bool:
        intervals = [_interval_of(claim, report) for claim in parts]
        return sum(low for low, _ in intervals) <= WHOLE <= sum(high for _, high in intervals)

    def gives(report: PrintedReport) -> str:
        if divided and (text := _apart(*divided, report)):
            return text
        sums = " + ".join(_said(claim, report) for claim in parts)
        low, high = (sum(ends) for ends in zip(*(_interval_of(c, report) for c in parts),
                                               strict=True))  # fmt: skip
        return f"{sums} is {low:g} to {high:g} with rounding, and these are all answers: 100"

    first = [divided[0]] if divided else []
    ordered = [*first, *(claim for claim in parts if claim not in first)]
    refs = tuple(f"{CLAIM}:{claim.id}" for claim in ordered)
    return Constraint(RULE_ID, f"whole:{key}", refs[0], refs, holds, gives, arithmetic=False)


def _apart(whole: Share, smaller: Sequence[Share], report: PrintedReport) -> str:
    """How the section divides what a statement gives as one number; empty if both agree."""
    low, high = (
        sum(ends) for ends in zip(*(_interval_of(c, report) for c in smaller), strict=True)
    )
    least, most = _interval_of(whole, report)
    numbers = [with_printed_number(claim, report).stated for claim in smaller]
    if (low <= most and least <= high) or not all(isinstance(n, int | float) for n in numbers):
        return ""
    places = dict.fromkeys(str(c.at.paragraph) for c in smaller if c.at is not None)
    together = sum(float(n) for n in numbers if isinstance(n, int | float))
    return (
        f"paragraph {', '.join(places)} has it in parts: "
        f"{' % and '.join(_said(c, report) for c in smaller)} %, {together:g} % together"
    )


def _bases(counts: Sequence[Count], layout: Layout) -> Iterator[Constraint]:
    """A question has no more answers than the question printed before it."""
    order = {q.id: q.order for q in layout.study.questions}
    bases = [b for b in layout.bases.values() if b.slots[0][0] != STATUS_ITEM]
    printed = [b for b in bases if b.slots[0][1:] == ALL]
    gap = layout.settings.gap
    for claim in counts:
        item = str(claim.of.item)
        if item == STATUS_ITEM or _codes(claim) != {TOTAL} or _place(claim) != ALL:
            continue
        at = order[layout.study.items[item].question]

        def place(ref: str) -> int:
            return order[layout.study.items[layout.bases[ref].slots[0][0]].question]

        before = [b.ref for b in printed if place(b.ref) < at]
        after = [b.ref for b in printed if place(b.ref) > at]
        if before:
            yield _fewer(claim, max(before, key=place), gap, earlier=True)
        if after:
            yield _fewer(claim, min(after, key=place), gap, earlier=False)


def _fewer(claim: Count, base: str, gap: int, *, earlier: bool) -> Constraint:
    ref = f"{CLAIM}:{claim.id}"

    def pair(report: PrintedReport) -> tuple[int, int]:
        said, printed = int(report.quoted(ref)), report.numbers[base]
        return (printed, said) if earlier else (said, printed)

    def holds(report: PrintedReport) -> bool:
        first, second = pair(report)
        return second <= first + gap

    def gives(report: PrintedReport) -> str:
        first, second = pair(report)
        return f"N = {second} for a question after one with N = {first}"

    return Constraint(
        RULE_ID,
        f"{claim.id}:{'after' if earlier else 'before'}:{base}",
        ref,
        (ref, base),
        holds,
        gives,
        arithmetic=False,
        assumes=f"at most {gap} leave a single line empty",
    )


RULE = AuditRule(
    RULE_ID,
    Label("Går tekstens tal op?", "Do the numbers of the text add up?"),
    "If a section of the text gives the shares of all answers to a question, they add up to "
    "100. An N in the text is no larger than the N of an earlier question.",
    constraints,
)

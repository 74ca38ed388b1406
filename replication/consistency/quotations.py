"""Compares numbers that the text states twice: in summary and chapter, or in two chapters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from declarations.claims.base import Said
from declarations.claims.kinds import Claim, Count, Mean, Median, Share
from declarations.claims.words import Words
from replication.consistency.arithmetic import Interval
from replication.consistency.constraints import HIGH, LOW, MEDIUM, Constraint
from replication.consistency.printed_report import Layout, PrintedReport
from replication.consistency.references import CLAIM

STATED = (Share, Count, Mean, Median)
Stated = Share | Count | Mean | Median
OPEN = float("inf")


def quotation_constraints(layout: Layout) -> Iterator[Constraint]:
    """One constraint for each pair of statements that give one quantity a number or a range."""
    said: dict[tuple[object, ...], list[Stated]] = {}
    for claim in layout.claims:
        if isinstance(claim, STATED) and interval(claim, layout.words) is not None:
            said.setdefault(quantity(claim), []).append(claim)
    for own in said.values():
        for first, second in combinations(own, 2):
            yield _pair(first, second, layout.words)


def quantity(claim: Stated) -> tuple[object, ...]:
    """The quantity that a statement is about, without what it states."""
    of = claim.of
    what = (of.item, of.items, of.question, frozenset(map(str, of.code_list)), of.span or ())
    return (claim.kind, *what, of.base, *of.place)


def interval(claim: Stated, words: Words) -> Interval | None:
    """The numbers that a statement allows: what rounds to its figure, or its word's range."""
    stated = claim.stated
    if isinstance(stated, int | float):
        decimals = len(str(stated).partition(".")[2])
        half = 0.5 / 10**decimals
        return stated - half, stated + half
    if not isinstance(stated, Mapping):
        return None
    ((word, at),) = stated.items()
    if isinstance(at, tuple):
        return float(at[0]), float(at[1])
    low, high = words.numbers[word].holds
    scale = 1.0 if isinstance(claim, Share) else float(at) / 100
    below, above = -OPEN if low is None else low, OPEN if high is None else high
    return float(at) + below * scale, float(at) + above * scale


def _pair(first: Stated, second: Stated, words: Words) -> Constraint:
    refs = (f"{CLAIM}:{first.id}", f"{CLAIM}:{second.id}")
    exact = gives_number(first) and gives_number(second)

    def holds(report: PrintedReport) -> bool:
        intervals = [
            interval(with_printed_number(claim, report), words) for claim in (first, second)
        ]
        low = max(one[0] for one in intervals if one)
        high = min(one[1] for one in intervals if one)
        # The numbers that round to 82 end where those of 83 begin. The end of a word's range
        # belongs to it.
        return low < high if exact else low <= high

    def gives(report: PrintedReport) -> str:
        both = (with_printed_number(claim, report) for claim in (first, second))
        return " against ".join(
            f"{stated_text(one.stated, isinstance(one, Share))} in section {one.section}"
            for one in both
        )

    return Constraint(
        "same_quantity",
        f"{first.id}={second.id}",
        refs[1],
        refs,
        holds,
        gives,
        arithmetic=False,
        severity=lambda report: _apart(first, second, report) if exact else LOW,
    )


def _apart(first: Stated, second: Stated, report: PrintedReport) -> str:
    """The severity of two numbers for one quantity: as for a number and its printed share."""
    one, other = (float(report.quoted(f"{CLAIM}:{claim.id}")) for claim in (first, second))
    if abs(one - other) <= 1:
        return LOW
    far = isinstance(first, Share) and abs(one - other) >= report.layout.settings.large
    return HIGH if far else MEDIUM


def gives_number(claim: Claim) -> bool:
    """Whether a statement gives its quantity as a number, not in words."""
    return isinstance(claim, STATED) and isinstance(claim.stated, int | float)


def with_printed_number(claim: Stated, report: PrintedReport) -> Stated:
    """A statement with its number in this copy of the report."""
    found = report.statement(claim)
    assert isinstance(found, STATED)
    return found


def said_elsewhere(claim: Claim, report: PrintedReport) -> tuple[str, ...]:
    """The numbers that other places of the text give for a statement's quantity."""
    if not isinstance(claim, STATED):
        return ()
    others = (report.statement(c) for c in report.layout.claims if c.id != claim.id)
    own = quantity(claim)
    numbers = [
        c.stated for c in others if isinstance(c, STATED) and gives_number(c) and quantity(c) == own
    ]
    return tuple(dict.fromkeys(map(str, numbers)))


def stated_text(stated: Said, percent: bool = False) -> str:
    """What a statement says, for a reader: a number, or a word and its number."""
    unit = " %" if percent else ""
    if isinstance(stated, Mapping):
        ((word, at),) = stated.items()
        number = " and ".join(f"{one:g}" for one in at) if isinstance(at, tuple) else f"{at:g}"
        return f"{word.replace('_', ' ')} {number}{unit}"
    return str(stated).replace("_", " ") if isinstance(stated, str) else f"{stated}{unit}"

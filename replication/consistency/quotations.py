"""The same number stated twice in the text: summary and chapter, one chapter and another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from declarations.claims.claim import Claim
from replication.consistency.arithmetic import Interval
from replication.consistency.constraints import LOW, MEDIUM, Constraint
from replication.consistency.printed_report import Layout, PrintedReport
from replication.consistency.references import CLAIM

STATED = ("share", "count", "mean", "median")
OPEN = float("inf")


def quotation_constraints(layout: Layout) -> Iterator[Constraint]:
    """One for each pair of statements that give the same quantity a number or a range."""
    said: dict[tuple[object, ...], list[Claim]] = {}
    for claim in layout.claims:
        if claim.kind in STATED and interval(claim, layout.words) is not None:
            said.setdefault(quantity(claim), []).append(claim)
    for own in said.values():
        for first, second in combinations(own, 2):
            yield _pair(first, second, layout.words)


def quantity(claim: Claim) -> tuple[object, ...]:
    """What a statement is on, whatever it says of it."""
    of = claim.predicate["of"]
    codes = of.get("codes", ())
    listed = codes if isinstance(codes, list | tuple) else (codes,)
    ends = tuple(of.get("range") or ())
    place = (of.get("group", "all"), of.get("level", "all"))
    return (claim.kind, of.get("item"), frozenset(map(str, listed)), ends, *map(str, place))


def interval(claim: Claim, words: Mapping[str, Any]) -> Interval | None:
    """The numbers a statement allows: what rounds to its figure, or the reach of its word."""
    stated = claim.predicate.get("is")
    if isinstance(stated, int | float):
        decimals = len(str(stated).partition(".")[2])
        half = 0.5 / 10**decimals
        return stated - half, stated + half
    if not isinstance(stated, Mapping):
        return None
    ((word, at),) = stated.items()
    if word == "between":
        return float(at[0]), float(at[1])
    bounds = words[word]
    scale = 1.0 if claim.kind == "share" else float(at) / 100
    low = max((bounds[k] for k in ("from", "above") if k in bounds), default=-OPEN)
    high = min((bounds[k] for k in ("to", "below") if k in bounds), default=OPEN)
    return float(at) + low * scale, float(at) + high * scale


def _pair(first: Claim, second: Claim, words: Mapping[str, Any]) -> Constraint:
    refs = (f"{CLAIM}:{first.id}", f"{CLAIM}:{second.id}")
    exact = is_number(first) and is_number(second)

    def holds(report: PrintedReport) -> bool:
        reaches = [interval(report.statement(claim), words) for claim in (first, second)]
        low = max(reach[0] for reach in reaches if reach)
        high = min(reach[1] for reach in reaches if reach)
        # What rounds to 82 ends where 83 begins; the end of a word's reach belongs to the word.
        return low < high if exact else low <= high

    def gives(report: PrintedReport) -> str:
        said = (report.statement(claim) for claim in (first, second))
        return " against ".join(f"{_words(claim)} in section {claim.section}" for claim in said)

    return Constraint(
        "same_quantity",
        f"{first.id}={second.id}",
        refs[1],
        refs,
        holds,
        gives,
        arithmetic=False,
        severity=MEDIUM if exact else LOW,
    )


def is_number(claim: Claim) -> bool:
    """Whether a statement gives its quantity as a number, not in words."""
    return claim.kind in STATED and isinstance(claim.predicate.get("is"), int | float)


def said_elsewhere(claim: Claim, report: PrintedReport) -> tuple[str, ...]:
    """The numbers that the other places of the text give for a statement's quantity."""
    others = (report.statement(c) for c in report.layout.claims if c.id != claim.id)
    own = quantity(claim)
    numbers = (c.predicate["is"] for c in others if is_number(c) and quantity(c) == own)
    return tuple(dict.fromkeys(map(str, numbers)))


def _words(claim: Claim) -> str:
    stated = claim.predicate["is"]
    unit = " %" if claim.kind == "share" else ""
    if isinstance(stated, Mapping):
        ((word, at),) = stated.items()
        return f"{word.replace('_', ' ')} {at}{unit}"
    return f"{stated}{unit}"

"""The same number stated twice in the text: summary and chapter, one chapter and another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from assets.specs.claims import Claim
from expectations.audit.arithmetic import Interval
from expectations.audit.constraints import LOW, MEDIUM, Constraint
from expectations.audit.publication import CLAIM, Layout

STATED = ("share", "count", "mean", "median")
OPEN = float("inf")


def quotation_constraints(layout: Layout) -> Iterator[Constraint]:
    """One for each pair of statements that give the same quantity a number or a range."""
    said: dict[tuple[object, ...], list[tuple[Claim, Interval]]] = {}
    for claim in layout.claims:
        reach = interval(claim, layout.words)
        if claim.kind in STATED and reach is not None:
            said.setdefault(quantity(claim), []).append((claim, reach))
    for own in said.values():
        for (first, a), (second, b) in combinations(own, 2):
            yield _pair(first, a, second, b)


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


def _pair(first: Claim, a: Interval, second: Claim, b: Interval) -> Constraint:
    low, high = max(a[0], b[0]), min(a[1], b[1])
    texts = [f"{_words(claim)} in section {claim.section}" for claim in (first, second)]
    refs = (f"{CLAIM}:{first.id}", f"{CLAIM}:{second.id}")
    exact = all(isinstance(c.predicate["is"], int | float) for c in (first, second))
    return Constraint(
        "same_quantity",
        f"{first.id}={second.id}",
        refs[1],
        refs,
        lambda _: low <= high,
        lambda _: " against ".join(texts),
        arithmetic=False,
        severity=MEDIUM if exact else LOW,
    )


def _words(claim: Claim) -> str:
    stated = claim.predicate["is"]
    unit = " %" if claim.kind == "share" else ""
    if isinstance(stated, Mapping):
        ((word, at),) = stated.items()
        return f"{word.replace('_', ' ')} {at}{unit}"
    return f"{stated}{unit}"

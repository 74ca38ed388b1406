"""By how much a statement that sets shares in an order misses: points, and respondents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import Any

from declarations.claims.claim import Claim, selector_items
from declarations.claims.predicates import RANKED
from declarations.tables.cells import OTHERS, TOTAL
from replication.consistency.facts import PrintedFacts
from replication.consistency.printed_report import PrintedReport
from replication.predicates import Reader, UndecidableError, place

ORDERED = ("comparison", "ranking", "difference")


@dataclass(frozen=True)
class StatedShare:
    """A share in percent and the number of respondents it is of."""

    value: float
    base: float


@dataclass(frozen=True)
class Gap:
    """Two shares that stand the other way round than stated."""

    smaller: StatedShare
    larger: StatedShare

    @property
    def points(self) -> float:
        """The difference in percentage points."""
        return self.larger.value - self.smaller.value

    @property
    def respondents(self) -> float:
        """How many other answers in the smaller of the two groups would close it."""
        return self.points * min(self.smaller.base, self.larger.base) / 100


def gaps(claim: Claim, report: PrintedReport) -> list[Gap]:
    """All pairs a statement has the wrong way round; none where it is not about the order."""
    layout = report.layout
    reader = Reader(PrintedFacts(report), layout.study, layout.words)
    try:
        return [
            Gap(above, below)
            for above, below in _stated(claim, reader)
            if above.value < below.value
        ]
    except (UndecidableError, ValueError):
        return []


def block_stands(claim: Claim, report: PrintedReport) -> bool:
    """Whether rows a statement names as one block (`block: true`) lie as stated on average.

    The unweighted mean of the named shares against the mean of all others.
    """
    if not claim.predicate.get("block"):
        return False
    layout = report.layout
    reader = Reader(PrintedFacts(report), layout.study, layout.words)
    try:
        named, rest, way = _named_and_rest(claim.predicate, reader)
    except (UndecidableError, ValueError):
        return False
    inside, outside = (fmean(share.value for share in shares) for shares in (named, rest))
    return inside > outside if way.startswith("top") else inside < outside


def _stated(claim: Claim, reader: Reader) -> Iterator[tuple[StatedShare, StatedShare]]:
    """The pairs of shares of which the first is stated to be at least the second."""
    predicate = claim.predicate
    if claim.kind == "comparison" and predicate.get("relation") in ("greater", "less"):
        pair = [_share(predicate[side], reader) for side in ("left", "right")]
        yield (pair[0], pair[1]) if predicate["relation"] == "greater" else (pair[1], pair[0])
    elif claim.kind == "difference":
        yield from _against(predicate, reader)
    elif claim.kind == "ranking" and "relative_to" not in predicate["among"]:
        yield from _ranked(predicate, reader)


def _against(
    predicate: Mapping[str, Any], reader: Reader
) -> Iterator[tuple[StatedShare, StatedShare]]:
    direction = predicate.get("direction", "any")
    if direction == "any":
        return
    level, against = str(predicate["level"]), predicate.get("against")
    others = against if isinstance(against, list) else [f"{OTHERS}{level}"]
    for item in selector_items(predicate, reader.study):
        common = {"item": item, "codes": predicate["codes"], "group": predicate["group"]}
        own = _share({**common, "level": level}, reader)
        for other in others:
            rest = _share({**common, "level": other}, reader)
            yield (own, rest) if direction == "more" else (rest, own)


def _ranked(
    predicate: Mapping[str, Any], reader: Reader
) -> Iterator[tuple[StatedShare, StatedShare]]:
    if predicate.get("statistic", predicate["among"].get("statistic", "share")) != "share":
        return
    named, rest, way = _named_and_rest(predicate, reader)
    pairs = [(own, other) for own in named for other in rest]
    if not way.endswith("set"):
        pairs += pairwise(named)
    yield from (pair if way.startswith("top") else pair[::-1] for pair in pairs)


def _named_and_rest(
    predicate: Mapping[str, Any], reader: Reader
) -> tuple[list[StatedShare], list[StatedShare], str]:
    """The shares a ranking names, all others, and at which end the named ones are to stand."""
    among = predicate["among"]
    shares: dict[str, StatedShare] = {}
    if "across" in among:
        group = str(among["across"])
        for level in reader.study.group[group].levels:
            shares[level.key] = _share({**among, "group": group, "level": level.key}, reader)
    else:
        for item in selector_items(among, reader.study):
            shares[item] = _share({**among, "item": item}, reader)
    way = next(k for k in RANKED if k in predicate)
    named = [shares[str(key)] for key in predicate[way]]
    rest = [share for key, share in shares.items() if key not in set(map(str, predicate[way]))]
    return named, rest, way


def _share(selector: Mapping[str, Any], reader: Reader) -> StatedShare:
    base = reader.count(str(selector["item"]), TOTAL, *place(selector))
    return StatedShare(reader.share(selector), base)

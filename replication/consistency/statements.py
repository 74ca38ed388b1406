"""Statements of the text as constraints: what they say against what the tables print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from declarations.claims.claim import Claim, selector_items
from replication.consistency.constraints import HIGH, LOW, MEDIUM, Constraint
from replication.consistency.facts import PrintedFacts
from replication.consistency.gaps import block_stands, gaps
from replication.consistency.printed_report import Layout, PrintedReport
from replication.consistency.references import CLAIM, MARK
from replication.predicates import Evaluation, decide

COUNTED = ("share", "count")
COMPARED = ("comparison", "ranking", "difference", "no_difference")


def statement_constraints(rule: str, layout: Layout) -> Iterator[Constraint]:
    """Constraints of the statements that belong to a rule.

    A share or count quoted as a number is the same quantity in another place; what is said in
    words is prose.
    """
    for claim in layout.claims:
        # numbers of levels are counted by the rule `appendix`
        if claim.kind != "levels" and (rule == "same_quantity") == is_quoted(claim):
            yield from _constraint(rule, claim, layout)


def is_quoted(claim: Claim) -> bool:
    """Whether a statement quotes a number that a table prints."""
    return claim.kind in COUNTED and isinstance(claim.predicate.get("is"), int | float)


def _constraint(rule: str, claim: Claim, layout: Layout) -> Iterator[Constraint]:
    refs = sources(claim, layout)
    if not refs:
        return
    ref = f"{CLAIM}:{claim.id}"

    def holds(report: PrintedReport) -> bool:
        return judge(claim, report)[0].met is not False

    def gives(report: PrintedReport) -> str:
        outcome, _ = judge(claim, report)
        block = "as a block they stand as stated, on average"
        notes = [
            outcome.note,
            block if block_stands(report.statement(claim), report) else "",
            _impossible(claim, report),
        ]
        note = "".join(f" ({note})" for note in notes if note)
        return f"stated {outcome.expected}, print gives {outcome.computed}{note}"

    yield Constraint(
        rule,
        claim.id,
        ref,
        (ref, *refs),
        holds,
        gives,
        arithmetic=is_quoted(claim),
        severity=lambda report: severity(claim, report),
    )


def _impossible(claim: Claim, report: PrintedReport) -> str:
    """Says which of the shares a statement is read from are as printed, though none can be."""
    facts = PrintedFacts(report)
    _judge(report.statement(claim), facts, rehearsed=False)
    figures = [report.layout.figure[ref] for ref in facts.impossible]
    if not figures:
        return ""
    texts = [f"{report.printed(f.ref)} of {f.cell.row_label.da}" for f in figures]
    return f"with {' and '.join(texts)} as printed, which no whole number gives"


def sources(claim: Claim, layout: Layout) -> tuple[str, ...]:
    """The printed figures, bases and marks that decide a statement; none where they do not.

    Asked of a report with the same places and other figures, in which nothing is empty: where a
    statement is read from does not depend on what is printed there.
    """
    outcome, used = _judge(claim, _Rehearsal(layout.rehearsal), rehearsed=True)
    return () if outcome.met is None else used


class _Rehearsal(PrintedFacts):
    """Facts of made-up figures, to see what is read; no test is computed."""

    def chi_square_p(self, table: Sequence[Sequence[int]]) -> float:
        """Any p: it is not looked at."""
        return 0.5


def judge(claim: Claim, report: PrintedReport) -> tuple[Evaluation, tuple[str, ...]]:
    """What print says of a statement, and what it was read from."""
    return _judge(report.statement(claim), PrintedFacts(report), rehearsed=False)


def _judge(
    claim: Claim, facts: PrintedFacts, rehearsed: bool
) -> tuple[Evaluation, tuple[str, ...]]:
    try:
        outcome = _marked(claim, facts, rehearsed)
        if outcome is None:
            outcome = decide(claim, facts, facts.layout.study, facts.layout.words)
    except ValueError as impossible:
        # More than a base, or a share of nobody: other rules find such figures.
        outcome = Evaluation("", "", None, str(impossible))
    return outcome, tuple(facts.used)


def _marked(claim: Claim, facts: PrintedFacts, rehearsed: bool) -> Evaluation | None:
    """A difference, or none, that printed stars decide; None where they do not.

    A star says in which range p lies; where a bound of the statement cuts the range in two, print
    leaves it open.
    """
    predicate, report, layout = claim.predicate, facts.report, facts.layout
    if claim.kind not in ("difference", "no_difference") or predicate.get("test") == "codes":
        return None
    if isinstance(predicate.get("against"), list):
        return None
    items = selector_items(predicate, layout.study)
    levels = [str(v) for v in predicate.get("each") or [predicate.get("level")]]
    places = [(i, str(predicate.get("group")), level) for i in items for level in levels]
    marks = [_mark(place, layout) for place in places]
    if not all(marks):
        return None
    bounds = {key: predicate.get(key) for key in ("p_below", "p_above")}
    if claim.kind == "no_difference":
        bounds["p_above"] = predicate.get("p_above", layout.words["significant"])
    if not any(bounds.values()):
        return None
    for mark in marks:
        facts.used[str(mark)] = None
    ranges = [p_range(report.marks[str(mark)], layout) for mark in marks]
    if not rehearsed and any(
        low < float(bound) < high for low, high in ranges for bound in bounds.values() if bound
    ):
        return Evaluation("", "", None, "the stars leave the bound open")
    below, above = bounds["p_below"], bounds["p_above"]
    met = all(
        (below is None or high <= float(below)) and (above is None or low >= float(above))
        for low, high in ranges
    )
    shown = "; ".join(
        f"{item} {level} {report.marks[str(mark)] or 'no star'}"
        for (item, _, level), mark in zip(places, marks, strict=True)
    )
    expected = ", ".join(
        f"p {sign} {bound}" for sign, bound in (("<", below), (">=", above)) if bound is not None
    )
    shares = _shares(claim, facts)
    if shares is not None:
        if shares.met is None:
            return shares
        expected, shown = f"{shares.expected}, {expected}", f"{shown}; {shares.computed}"
        met = met and bool(shares.met)
    return Evaluation(expected, shown, met)


def _shares(claim: Claim, facts: PrintedFacts) -> Evaluation | None:
    """The direction of a difference, from the shares alone; None where none is stated."""
    if claim.kind != "difference" or claim.predicate.get("direction", "any") == "any":
        return None
    bare: Mapping[str, Any] = {
        k: v for k, v in claim.predicate.items() if k not in ("p_below", "p_above")
    }
    return decide(replace(claim, predicate=bare), facts, facts.layout.study, facts.layout.words)


def _mark(place: tuple[str, str, str], layout: Layout) -> str | None:
    figure = layout.starred.get(place)
    return None if figure is None else f"{figure.ref}:{MARK}"


def p_range(mark: str, layout: Layout) -> tuple[float, float]:
    """The range of p a mark states; without one, from the largest bound on."""
    stars = layout.study.conventions.stars
    steps = sorted(stars)
    for bound in steps:
        if stars[bound] == mark:
            below = [s for s in steps if s < bound]
            return (max(below, default=0.0), bound)
    return (max(steps, default=0.0), 1.0)


def severity(claim: Claim, report: PrintedReport) -> str:
    """How much it matters that a statement and print differ.

    High where an order turns round by `large` points or more, medium where by fewer, low where a
    declared number of respondents would turn it back, or where only rounding or the reach of a
    word is at stake.
    """
    claim = report.statement(claim)
    outcome, _ = judge(claim, report)
    if claim.kind == "comparison":
        return _comparison_severity(claim, outcome, report)
    if claim.kind == "difference" and _same_side(claim, report):
        return LOW
    if claim.kind in COMPARED:
        return _order_severity(claim, report)
    large = report.layout.settings.large
    computed, stated = float(outcome.computed.rstrip("%")), claim.predicate["is"]
    if isinstance(stated, Mapping):
        named = [n for at in stated.values() for n in (at if isinstance(at, list) else [at])]
        off = min(abs(computed - float(n)) for n in named)
        return LOW if off < 2 * large else MEDIUM
    off = abs(computed - float(stated))
    if off >= large:
        return HIGH
    return LOW if off <= 1 else MEDIUM


def _order_severity(claim: Claim, report: PrintedReport) -> str:
    """By the largest of the gaps that decide an order; high where p or no shares decide it.

    Low where rows named as one block stand as stated on average: then only the reading differs.
    """
    if block_stands(claim, report):
        return LOW
    found = gaps(claim, report)
    if not found or claim.predicate.get("p_below"):
        return HIGH
    settings = report.layout.settings
    if all(gap.respondents <= settings.respondents for gap in found):
        return LOW
    return HIGH if max(gap.points for gap in found) >= settings.large else MEDIUM


def _comparison_severity(claim: Claim, outcome: Evaluation, report: PrintedReport) -> str:
    """Low for two equal shares, medium where "about as many" or "twice" is not quite so."""
    numbers = outcome.computed.partition(":")[0].split(" and ")
    left, right = (float(number) for number in numbers)
    if left == right:
        return LOW
    relation = claim.predicate["relation"]
    if isinstance(relation, Mapping):
        return MEDIUM
    if relation != "about_equal":
        return _order_severity(claim, report)
    bounds: Mapping[str, Any] = report.layout.words.get("about_equal", {})
    return MEDIUM if abs(left - right) <= 2 * float(bounds.get("within", 0)) else HIGH


def _same_side(claim: Claim, report: PrintedReport) -> bool:
    """Whether only a bound of p fails: the direction holds, and p stays on its side of 0.05."""
    below = claim.predicate.get("p_below")
    if below is None or claim.predicate.get("p_above"):
        return False
    significant = float(report.layout.words["significant"])

    def met(bound: float | None) -> bool:
        predicate = {k: v for k, v in claim.predicate.items() if k != "p_below"}
        if bound is not None:
            predicate["p_below"] = bound
        return judge(replace(claim, predicate=predicate), report)[0].met is True

    directed = claim.predicate.get("direction", "any") != "any"
    return (not directed or met(None)) and met(significant) == (float(below) <= significant)

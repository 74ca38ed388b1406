"""Compares what the text calls significant, and its bounds of p, with print."""

from __future__ import annotations

from collections.abc import Iterator

from declarations.claims.kinds import Adjusted, Difference
from declarations.labels import Label
from replication.consistency import ratings
from replication.consistency.constraints import HIGH, LOW, MEDIUM, AuditRule, Constraint
from replication.consistency.printed_report import Layout, PrintedReport
from replication.consistency.references import CLAIM, mark_ref
from replication.consistency.statements import decide_statement, deciding_figures
from replication.fit import read_bound


def bounds_of_p(layout: Layout) -> Iterator[Constraint]:
    """Compare a bound of p in the text with the p that printed figures give."""
    for claim in layout.claims:
        if isinstance(claim, Difference) and claim.p_below is not None:
            refs = deciding_figures(claim, layout)
            if refs is not None:
                yield _bound(claim, refs)


def _bound(claim: Difference, refs: tuple[str, ...]) -> Constraint:
    ref = f"{CLAIM}:{claim.id}"
    return Constraint(
        "bound",
        claim.id,
        ref,
        (ref, *refs),
        lambda report: decide_statement(claim, report)[0].bound_met is not False,
        lambda report: decide_statement(claim, report)[0].bound,
        arithmetic=False,
        severity=lambda report: _of_bound(claim, report),
        apart=True,
    )


def _of_bound(claim: Difference, report: PrintedReport) -> str:
    """The severity of a bound in the text: that of the same bound in a table."""
    p, words = decide_statement(claim, report)[0].bound_p, report.layout.words
    if p is None or claim.p_below is None:
        return LOW
    significant = claim.p_below <= words.significant
    return ratings.of_mark(significant, [(p.low, p.high)], words.significant, words.weakly)


def level_of_significance(layout: Layout) -> Iterator[Constraint]:
    """If the text says significant, the bound that the report prints must agree.

    The finding is about the sentence with the word. A sentence that states only a direction is not
    affected. A sentence that calls a relation significant *also* with control variables is
    affected.
    """
    for claim in layout.claims:
        if isinstance(claim, Adjusted) and claim.also and claim.holds:
            yield _level(claim, layout)
        if isinstance(claim, Difference) and claim.says == "significant":
            yield _level(claim, layout)


def _level(claim: Difference | Adjusted, layout: Layout) -> Constraint:
    """High if the bound is above `weakly`, because no use of the word "significant" covers it."""
    ref = f"{CLAIM}:{claim.id}"
    marks = _marks(claim, layout)
    own_bound = claim.p_below if isinstance(claim, Difference) else None

    def printed(report: PrintedReport) -> list[float]:
        found = [read_bound(report.marks[mark]) for mark in marks]
        stated = [own_bound, *(found if own_bound is None else ())]
        return [bound for bound in stated if bound is not None]

    def holds(report: PrintedReport) -> bool:
        return all(bound <= layout.words.significant for bound in printed(report))

    def gives(report: PrintedReport) -> str:
        largest = max(printed(report))
        if own_bound is None and isinstance(claim, Adjusted):
            return (
                "called significant, also with other variables controlled for; without them the "
                f"report prints p < {largest:g}"
            )
        return f"called significant; the report prints p < {largest:g} for it"

    def severity(report: PrintedReport) -> str:
        return HIGH if max(printed(report)) > layout.words.weakly else MEDIUM

    return Constraint(
        "level", claim.id, ref, (ref, *marks), holds, gives, arithmetic=False, severity=severity,
        apart=True,
    )  # fmt: skip


def _marks(claim: Difference | Adjusted, layout: Layout) -> tuple[str, ...]:
    """The bounds of p that tables print for the rows behind a statement."""
    places = {(item, claim.group, claim.level) for item in claim.items_in(layout.study)}
    found: dict[str, None] = {}
    for figure in layout.figures:
        table = layout.study.table[figure.cell.table]
        if figure.slot in places and table.mark == "bound":
            found[mark_ref(table, figure.cell)] = None
    return tuple(found)


BOUND = AuditRule(
    "bound",
    Label("Passer de p-værdier, teksten angiver?", "Do the bounds of p in the text hold?"),
    "If the printed figures decide the test, the bound of p in the text agrees with it. Other "
    "rules judge the sentence that has the bound.",
    bounds_of_p,
)
LEVEL = AuditRule(
    "level",
    Label("Er det signifikant, som kaldes det?", "Is it significant if it is called so?"),
    "If the text calls a difference significant, its bound of p (in the text or in the table) "
    "is no larger than the level in claims/words.yaml.",
    level_of_significance,
)

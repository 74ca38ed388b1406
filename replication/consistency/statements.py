"""Statements of the text as constraints against the tables."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence

from declarations.claims.kinds import (
    Claim,
    Comparison,
    Count,
    Difference,
    Levels,
    NoDifference,
    Ranking,
    Share,
)
from replication.consistency.constraints import HIGH, LOW, MEDIUM, Constraint
from replication.consistency.facts import PrintedFacts
from replication.consistency.printed_report import Layout, PrintedReport
from replication.consistency.references import CLAIM, PrintedFigure
from replication.deciding.facts import CONTRADICTED, HOLDS, Evaluation, P
from replication.deciding.kinds import ABOUT_EQUAL, decide

COUNTED = (Share, Count, Levels)
# maximum number of readings that a statement's constraint caches
MOST_KNOWN = 4096


def statement_constraints(rule: str, layout: Layout) -> Iterator[Constraint]:
    """The constraints of the statements that belong to a rule.

    `same_quantity`: a share or count quoted as a number. `prose`: a statement in words that is
    contradicted. `wording`: a statement that is true only under another usual reading, or within
    the wider bounds of its word.
    """
    for claim in layout.claims:
        quoted = is_quoted(claim)
        if rule == "same_quantity" and quoted:
            yield from _constraint(rule, claim, layout, (HOLDS,))
        elif rule == "prose" and not quoted:
            yield from _constraint(rule, claim, layout, ())
        elif rule == "wording" and not quoted:
            yield from _constraint(rule, claim, layout, (HOLDS, CONTRADICTED))


def is_quoted(claim: Claim) -> bool:
    """Whether a statement quotes a number that a table prints, or counts printed figures."""
    return isinstance(claim, COUNTED) and isinstance(claim.stated, int | float)


def _constraint(
    rule: str, claim: Claim, layout: Layout, fine: Sequence[str]
) -> Iterator[Constraint]:
    """One constraint. It holds for the grades in `fine`, by default all except contradicted."""
    refs = deciding_figures(claim, layout)
    if refs is None:
        return
    ref = f"{CLAIM}:{claim.id}"
    known: dict[Hashable, str | None] = {}

    def holds(report: PrintedReport) -> bool:
        # Repairs try hundreds of reports; most print the same figures for this statement.
        read = report.quoted(ref), report.read(refs)
        if read not in known:
            if len(known) >= MOST_KNOWN:
                known.clear()
            known[read] = decide_statement(claim, report)[0].grade
        grade = known[read]
        if grade is None:
            return True
        return grade in fine if fine else grade != CONTRADICTED

    def gives(report: PrintedReport) -> str:
        outcome, _ = decide_statement(claim, report)
        said = outcome.plain or f"stated {outcome.expected}, print gives {outcome.computed}"
        said += f" ({outcome.note.rstrip('.')})" if outcome.note else ""
        # a reading that contains brackets becomes a separate sentence
        said += "".join(f". {r}" if "(" in r else f" ({r})" for r in readings_text(outcome))
        notes = (
            claim.counted,
            _impossible(claim, report),
            _by_printed_differences(claim, outcome, report),
        )
        return said + "".join(f" ({note})" for note in notes if note)

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


def readings_text(outcome: Evaluation) -> list[str]:
    """Each other reading with its result, or a note that print does not give the result.

    A reading that leaves the same subjects out of order as the first reading is not repeated.
    """
    stated = {name: outcome.plainly.get(name, computed) for name, computed, _ in outcome.readings}
    return [f"{name}: {text}" for name, text in stated.items() if text != outcome.plain]


def _impossible(claim: Claim, report: PrintedReport) -> str:
    """Note which shares behind a statement are taken as printed although no count gives them."""
    facts = PrintedFacts(report)
    decide_by(report.statement(claim), facts)
    figures = [report.layout.figure[ref] for ref in facts.impossible]
    if not figures:
        return ""
    texts = [f"{report.printed(f.ref)} of {f.cell.row_label.da}" for f in figures]
    return f"with {' and '.join(texts)} as printed, which no whole number gives"


def _by_printed_differences(claim: Claim, outcome: Evaluation, report: PrintedReport) -> str:
    """Note that an order of differences follows from printed ones, some of them wrong."""
    if not isinstance(claim, Ranking) or claim.statistic != "relative_difference":
        return ""
    layout = report.layout
    printed: dict[str, PrintedFigure] = {}
    for table in layout.by_table.values():
        rows = {f.cell.row: f for f in table if f.cell.statistic == claim.statistic}
        own = {str(f.cell.item): rows[f.cell.row] for f in table if f.cell.row in rows}
        printed |= {item: own[item] for item in claim.among.items_in(layout.study) if item in own}
    named = [report.numbers[printed[item].ref] for item in claim.named if item in printed]
    rest = [report.numbers[f.ref] for item, f in printed.items() if item not in claim.named]
    if outcome.grade != CONTRADICTED or len(named) != len(claim.named) or not rest:
        return ""
    if not (max(named) <= min(rest) if claim.way.startswith("bottom") else min(named) >= max(rest)):
        return ""
    first = claim.named[0]
    return f"the table prints {report.printed(printed[first].ref)} for {first}, with which it holds"


def deciding_figures(claim: Claim, layout: Layout) -> tuple[str, ...] | None:
    """The printed figures, bases and marks that decide a statement; None if they do not.

    The statement is evaluated on a report with the same places but other figures, none of them
    zero. What a statement reads does not depend on the figures.
    """
    facts = _Rehearsal(layout.rehearsal)
    return None if decide_by(claim, facts, every=True).grade is None else tuple(facts.used)


class _Rehearsal(PrintedFacts):
    """Facts with invented figures, which record what is read. No test is computed."""

    def chi_square_p(self, table: Sequence[Sequence[int]]) -> float:
        """Any p; its value is ignored."""
        return 0.5

    def stated_p(self, item: str, group: str, level: str) -> P | None:
        """The place of a star. Its value is ignored."""
        return None if super().stated_p(item, group, level) is None else P.of(0.5)


def decide_statement(claim: Claim, report: PrintedReport) -> tuple[Evaluation, tuple[str, ...]]:
    """The result for a statement by print, and the figures that were read."""
    facts = PrintedFacts(report)
    return decide_by(report.statement(claim), facts), tuple(facts.used)


def decide_by(claim: Claim, facts: PrintedFacts, every: bool = False) -> Evaluation:
    """The result for a claim by printed figures, which `facts` records; no grade if they fail."""
    try:
        return decide(claim, facts, facts.layout.study, facts.layout.words, every)
    except ValueError as impossible:
        # Larger than its base, or a share of nobody: other rules find such figures.
        return Evaluation("", "", None, str(impossible))


def severity(claim: Claim, report: PrintedReport) -> str:
    """The severity of a difference between a statement and print.

    High if an order is reversed or a number is off by `large` points or more, or if the text says
    that groups differ (or do not) and print says the opposite. Low if a usual reading makes the
    statement true, if only the last digit differs, or if no figure is behind it. Medium otherwise.
    Examples of medium are a wrong size word with a right order, and one significant test of many
    where the text says none. Another is a statement that one usual reading makes true while another
    reverses its order by `large` points.
    """
    claim = report.statement(claim)
    outcome, read = decide_statement(claim, report)
    off, large = outcome.off or 0.0, report.layout.settings.large
    # if no printed figure is behind it, the statement concerns no result
    if not read:
        return LOW
    if outcome.grade != CONTRADICTED:
        return MEDIUM if outcome.turned >= large else LOW
    if outcome.minor or isinstance(claim, Levels | Count):
        return MEDIUM
    if isinstance(claim, NoDifference):
        return HIGH
    if isinstance(claim, Difference):
        return HIGH if claim.says != "more" or off >= large else MEDIUM
    if isinstance(claim, Ranking):
        return HIGH if off >= large else MEDIUM
    if isinstance(claim, Comparison):
        far = ABOUT_EQUAL * large if claim.relation == "about_equal" else large
        return MEDIUM if isinstance(claim.relation, Mapping) or off < far else HIGH
    if is_quoted(claim):
        return HIGH if off >= large else LOW if off <= 1 else MEDIUM
    return MEDIUM

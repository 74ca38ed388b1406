"""Whether a share of those who know is computed from those who know."""

from __future__ import annotations

from collections.abc import Iterator

from declarations.claims.kinds import Share
from declarations.labels import Label
from replication.consistency.constraints import MEDIUM, AuditRule, Constraint
from replication.consistency.printed_report import Layout, PrintedReport
from replication.consistency.references import CLAIM
from replication.consistency.statements import decide_statement, deciding_figures
from replication.deciding.facts import CONTRADICTED, HOLDS, ROUNDS, Evaluation


def constraints(layout: Layout) -> Iterator[Constraint]:
    """One constraint for each share that the text says is of those who know."""
    for claim in layout.claims:
        if isinstance(claim, Share) and claim.of.base == "known":
            refs = deciding_figures(claim, layout)
            if refs is not None:
                yield _constraint(claim, refs)


def _constraint(claim: Share, refs: tuple[str, ...]) -> Constraint:
    ref = f"{CLAIM}:{claim.id}"

    def on_everyone(report: PrintedReport) -> tuple[Evaluation, Evaluation]:
        of = claim.of.model_copy(update={"base": "answered"})
        own = claim.model_copy(update={"readings": ()})
        every = own.model_copy(update={"of": of})
        return decide_statement(own, report)[0], decide_statement(every, report)[0]

    def holds(report: PrintedReport) -> bool:
        own, every = on_everyone(report)
        return own.grade != CONTRADICTED or every.grade not in (HOLDS, ROUNDS)

    def gives(report: PrintedReport) -> str:
        own, every = on_everyone(report)
        return (
            f"{every.expected} is the share of everyone ({every.computed}); of those who answered "
            f"otherwise than don't know it is {own.computed}"
        )

    return Constraint(
        "stated_base", claim.id, ref, (ref, *refs), holds, gives, arithmetic=False,
        severity=MEDIUM, apart=True,
    )  # fmt: skip


RULE = AuditRule(
    "stated_base",
    Label(
        "Er andelen taget af dem, teksten nævner?",
        "Is a share taken of those whom the text names?",
    ),
    "If the text gives a share of those who know, the figure is not that of everyone who answered.",
    constraints,
)

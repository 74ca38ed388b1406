"""Whether the text counts what the question counts, such as heads or collaborations."""

from __future__ import annotations

from collections.abc import Iterator

from declarations.claims.base import HEADS
from declarations.claims.kinds import Claim
from declarations.labels import Label
from replication.consistency.constraints import LOW, AuditRule, Constraint
from replication.consistency.printed_report import Layout
from replication.consistency.references import CLAIM
from replication.verdicts import items_of


def constraints(layout: Layout) -> Iterator[Constraint]:
    """One constraint for each question and unit, with all statements that make the mistake."""
    found: dict[tuple[str, str], list[Claim]] = {}
    for claim in layout.claims:
        for question in _questions(claim, layout):
            found.setdefault((question, claim.unit), []).append(claim)
    for (question, unit), claims in found.items():
        own = [claim for claim in claims if claim.unit != HEADS]
        if own:
            yield _counted(question, unit, own, layout)


def _questions(claim: Claim, layout: Layout) -> list[str]:
    study = layout.study
    asked = [study.items[i].question for i in items_of(claim, study) if i in study.items]
    return list(dict.fromkeys(asked))


def _counted(question: str, unit: str, claims: list[Claim], layout: Layout) -> Constraint:
    refs = tuple(f"{CLAIM}:{claim.id}" for claim in claims)
    label = layout.study.question[question].label.en
    places = ", ".join(dict.fromkeys(f"section {claim.section}" for claim in claims))
    return Constraint(
        "unit",
        f"{question}:{unit}",
        refs[0],
        refs,
        lambda _: False,
        lambda _: f"{label}: shares of heads stated as shares of {unit} ({places})",
        arithmetic=False,
        severity=LOW,
        apart=True,
    )


RULE = AuditRule(
    "unit",
    Label("Tæller teksten det, spørgsmålet tæller?", "Does the text count what was counted?"),
    "The questions count heads. A share of collaborations, municipalities or departments in "
    "the text is in fact a share of heads. The rule reports this once per question, with all "
    "places.",
    constraints,
)

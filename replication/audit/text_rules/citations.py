"""Whether the table that a sentence cites has what the sentence states."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from declarations.claims.kinds import Claim
from declarations.labels import Label
from declarations.tables.cells import STATUS_ITEM
from replication.consistency.constraints import LOW, AuditRule, Constraint
from replication.consistency.printed_report import Layout
from replication.consistency.references import CLAIM
from replication.verdicts import items_of


def constraints(layout: Layout) -> Iterator[Constraint]:
    """One constraint for each sentence and table that it cites."""
    cited: dict[tuple[str, str, str], list[Claim]] = {}
    for claim in layout.claims:
        for table in claim.cites:
            cited.setdefault((claim.chapter, claim.sentence, table), []).append(claim)
    for (_, _, table), claims in cited.items():
        spoken = {item for claim in claims for item in items_of(claim, layout.study)}
        if spoken:
            yield _cited(claims, spoken, table, layout)


def _cited(claims: Sequence[Claim], spoken: set[str], table: str, layout: Layout) -> Constraint:
    shown = {str(f.cell.item) for f in layout.by_table.get(table, ())}
    refs = tuple(f"{CLAIM}:{claim.id}" for claim in claims)
    names = [
        "invitations" if item == STATUS_ITEM else layout.study.items[item].label.en
        for item in sorted(spoken)
    ]
    number = layout.study.table[table].number
    return Constraint(
        "citation",
        f"{claims[0].id}:{table}",
        refs[0],
        refs,
        lambda _: bool(spoken & shown),
        lambda _: f"table {number} is cited, but it does not show: {', '.join(names)}",
        arithmetic=False,
        severity=LOW,
        apart=True,
    )


RULE = AuditRule(
    "citation",
    Label("Står det i den tabel, der henvises til?", "Is it in the table that is cited?"),
    "The table that a sentence cites shows at least one of the items of the sentence.",
    constraints,
)

"""Does the text say what the tables say?"""

from __future__ import annotations

from collections.abc import Iterator

from declarations.labels import Label
from replication.audit.registry import AuditRule, register
from replication.consistency.constraints import Constraint
from replication.consistency.printed_report import Layout
from replication.consistency.statements import statement_constraints


def constraints(layout: Layout) -> Iterator[Constraint]:
    """One for each statement in words that printed figures decide."""
    yield from statement_constraints("prose", layout)


RULE = register(
    AuditRule(
        "prose",
        Label("Siger teksten det, tabellerne siger?", "Does the text say what the tables say?"),
        "Comparisons, rankings, differences and shares in words, read as declared in claims/ and "
        "decided by printed figures and stars where those are enough. A vague word means what "
        "claims/words.yaml says.",
        constraints,
    )
)

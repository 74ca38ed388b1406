"""Does the text say what the tables say, and as exactly as it sounds?"""

from __future__ import annotations

from collections.abc import Iterator

from declarations.labels import Label
from replication.audit.registry import AuditRule, register
from replication.consistency.constraints import Constraint
from replication.consistency.printed_report import Layout
from replication.consistency.statements import statement_constraints


def prose(layout: Layout) -> Iterator[Constraint]:
    """One for each statement in words that printed figures decide."""
    yield from statement_constraints("prose", layout)


def wording(layout: Layout) -> Iterator[Constraint]:
    """The same, broken where only another usual reading makes the statement true."""
    yield from statement_constraints("wording", layout)


RULE = register(
    AuditRule(
        "prose",
        Label("Siger teksten det, tabellerne siger?", "Does the text say what the tables say?"),
        "Comparisons, rankings, differences and shares in words, read as declared in claims/ and "
        "decided by printed figures and stars where those are enough. A finding is what no usual "
        "reading makes true.",
        prose,
    )
)
WORDING = register(
    AuditRule(
        "wording",
        Label("Er ordene lige så præcise som tallene?", "Are the words as exact as the figures?"),
        "Statements that are true under another usual reading, or within what a word can bear by "
        "claims/words.yaml.",
        wording,
    )
)

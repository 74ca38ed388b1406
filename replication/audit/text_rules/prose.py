"""Whether the text says what the tables say, and as exactly as its words claim."""

from __future__ import annotations

from collections.abc import Iterator

from declarations.labels import Label
from replication.consistency.constraints import AuditRule, Constraint
from replication.consistency.printed_report import Layout
from replication.consistency.statements import statement_constraints


def prose(layout: Layout) -> Iterator[Constraint]:
    """A constraint per statement in words.

    It is broken if no usual reading makes the statement true.
    """
    yield from statement_constraints("prose", layout)


def wording(layout: Layout) -> Iterator[Constraint]:
    """A constraint per statement in words.

    It is broken if only another usual reading makes it true.
    """
    yield from statement_constraints("wording", layout)


RULE = AuditRule(
    "prose",
    Label("Siger teksten det, tabellerne siger?", "Does the text say what the tables say?"),
    "Comparisons, rankings, differences and shares in words. The rule reads them as declared "
    "in claims/ and decides them by printed figures and stars, if these are enough. A "
    "statement is a finding if no usual reading makes it true.",
    prose,
)
WORDING = AuditRule(
    "wording",
    Label("Er ordene lige så præcise som tallene?", "Are the words as exact as the figures?"),
    "Statements that are true only under another usual reading, or only within the wider "
    "bounds of a word (`bears` in claims/words.yaml).",
    wording,
)

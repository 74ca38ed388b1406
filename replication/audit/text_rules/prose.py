"""Whether the text says what the tables say, and as exactly as its words claim."""

from __future__ import annotations

from functools import partial

from declarations.labels import Label
from replication.consistency.constraints import AuditRule
from replication.consistency.statements import statement_constraints

RULE = AuditRule(
    "prose",
    Label("Siger teksten det, tabellerne siger?", "Does the text say what the tables say?"),
    "Comparisons, rankings, differences and shares in words. The rule reads them as declared "
    "in claims/ and decides them by printed figures and stars, if these are enough. A "
    "statement is a finding if no usual reading makes it true.",
    partial(statement_constraints, "prose"),
)
WORDING = AuditRule(
    "wording",
    Label("Er ordene lige så præcise som tallene?", "Are the words as exact as the figures?"),
    "Statements that are true only under another usual reading, or only within the wider "
    "bounds of a word (`bears` in claims/words.yaml).",
    partial(statement_constraints, "wording"),
)

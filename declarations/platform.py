"""Names and words of the survey platform, in the languages that it supports."""

from __future__ import annotations

# The platform's texts for 0 and 1 of a tick box: not ticked, ticked. Capitals are ignored.
TICK_WORDS = (
    ("Ikke valgt", "Valgt"),  # Danish, Norwegian
    ("Ikke valgt", "Vald"),
    ("Ikkje vald", "Vald"),
    ("Inte vald", "Vald"),
    ("Ej vald", "Vald"),
    ("Not selected", "Selected"),
    ("Not chosen", "Chosen"),
    ("Not ticked", "Ticked"),
    ("Unchecked", "Checked"),
    ("Nicht gewählt", "Gewählt"),
    ("Nicht ausgewählt", "Ausgewählt"),
    ("Nej", "Ja"),
    ("Nei", "Ja"),
    ("Nein", "Ja"),
    ("No", "Yes"),
)
UNTICKED_WORDS = frozenset(unticked.casefold() for unticked, _ in TICK_WORDS)
TICKED_WORDS = frozenset(ticked.casefold() for _, ticked in TICK_WORDS)
# The structure's names for types of variables. Capitals are ignored.
TYPE_WORDS = frozenset({
    "closed", "open", "single", "multiple", "grid", "string", "text", "memo", "number", "numeric",
    "integer", "decimal", "double", "float", "date", "datetime", "time", "boolean", "file", "other",
})  # fmt: skip
# Columns of flags of a respondent's status, and the words for each: new, distributed, some answers,
# completed, dropped out.
STATUS_FLAGS = tuple(f"stato_{n}" for n in range(1, 6))
STATUS_WORDS = (
    ("Ny", "New"),
    ("Distribueret", "Distribuert", "Distribuerad", "Distributed"),
    ("Nogen svar", "Nogle svar", "Noen svar", "Några svar", "Some answers"),
    ("Gennemført", "Gjennomført", "Genomförd", "Completed"),
    ("Frafaldet", "Frafalt", "Dropped out"),
)

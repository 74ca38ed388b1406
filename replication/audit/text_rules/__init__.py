"""The rules about the text, each registered when its module is imported, in this order."""
# ruff: noqa: I001

from replication.audit.text_rules import (
    prose,
    prose_sums,
    mixtures,
    contradiction,
    own_words,
    significance_words,
    stated_base,
    units,
    restatements,
    citations,
)  # fmt: skip

__all__ = [
    "citations",
    "contradiction",
    "mixtures",
    "own_words",
    "prose",
    "prose_sums",
    "restatements",
    "significance_words",
    "stated_base",
    "units",
]

"""The audit of the printed report: can all its figures be true at once?

Pure functions over printed figures and declarations: `read_publication` gives a publication,
`audit` its findings. Nothing here reads the answers of a wave, or the errata.
"""

from expectations.audit.findings import COLUMNS, Finding, all_constraints, audit
from expectations.audit.publication import Publication, make_publication, read_publication
from expectations.audit.registry import RULES, Rule, register

__all__ = [
    "COLUMNS",
    "RULES",
    "Finding",
    "Publication",
    "Rule",
    "all_constraints",
    "audit",
    "make_publication",
    "read_publication",
    "register",
]

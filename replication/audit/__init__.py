"""The audit of the printed report: can all its figures be true at once?

Pure functions over printed figures and declarations: `read_publication` gives a publication,
`audit` its findings. Nothing here reads the answers of a wave, or the errata.
"""

from replication.audit.findings import COLUMNS, Finding, all_constraints, audit
from replication.audit.registry import RULES, Rule, register
from replication.consistency.printed_register import Publication, make_publication, read_publication

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

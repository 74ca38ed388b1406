"""The audit of the printed report: can all its figures be true at once?

Pure functions over printed figures and declarations: `read_publication` gives a publication,
`audit` its findings. Nothing here reads the answers of a wave, or the errata.
"""

from replication.audit.findings import COLUMNS, AuditFinding, all_constraints, audit
from replication.audit.registry import RULES, AuditRule, register
from replication.consistency.printed_register import Publication, make_publication, read_publication

__all__ = [
    "COLUMNS",
    "RULES",
    "AuditFinding",
    "AuditRule",
    "Publication",
    "all_constraints",
    "audit",
    "make_publication",
    "read_publication",
    "register",
]

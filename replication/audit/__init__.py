"""The audit of the printed report: can all its figures be true at once?

Pure functions over printed figures and declarations. `read_printed_report` returns a report,
`audit` its findings. The package reads neither the answers of a wave nor the errata.
"""

from replication.audit.findings import COLUMNS, AuditFinding, all_constraints, audit
from replication.audit.registry import RULES, AuditRule, register
from replication.consistency.printed_report import PrintedReport
from replication.consistency.reading import make_printed_report, read_printed_report

__all__ = [
    "COLUMNS",
    "RULES",
    "AuditFinding",
    "AuditRule",
    "PrintedReport",
    "all_constraints",
    "audit",
    "make_printed_report",
    "read_printed_report",
    "register",
]

"""The rules of the audit. A rule makes constraints from a layout; broken ones are findings.

The modules of `replication.audit.rules` add rules with `register` when they are imported. Some
rules need more than constraints over printed numbers: significance under rounding has a smallest
and a largest p. They return constraints too: `holds` looks up the verdict, `gives` states the range
of p, `refs` are the mark and the figures behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from declarations.labels import Label
from replication.consistency.constraints import Constraint
from replication.consistency.printed_report import Layout, PrintedReport


@dataclass(frozen=True)
class AuditRule:
    """A rule: its title, its description, and the constraints that it makes."""

    id: str
    title: Label
    description: str
    constraints: Callable[[Layout], Iterable[Constraint]]

    def find(self, report: PrintedReport) -> list[Constraint]:
        """The rule's constraints that the printed figures break."""
        return [c for c in self.constraints(report.layout) if not c.holds(report)]


RULES: dict[str, AuditRule] = {}


def register(rule: AuditRule) -> AuditRule:
    """Add a rule. Raises ValueError if its id is taken."""
    if rule.id in RULES:
        raise ValueError(f"a rule {rule.id!r} is registered already")
    RULES[rule.id] = rule
    return rule

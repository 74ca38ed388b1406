"""A rule of the audit. It makes constraints from a layout; broken ones are findings.

Some rules need more than constraints over printed numbers: significance under rounding has a
smallest and a largest p. They return constraints too: `holds` looks up the verdict, `gives` states
the range of p, `refs` are the mark and the figures behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from declarations.labels import Label
from replication.consistency.constraints import Constraint
from replication.consistency.printed_report import Layout


@dataclass(frozen=True)
class AuditRule:
    """A rule: its title, its description, and the constraints that it makes."""

    id: str
    title: Label
    description: str
    constraints: Callable[[Layout], Iterable[Constraint]]

"""The number of checks and of failures, by chapter and rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from declarations import Study
from replication.audit.constraint_index import Constraints
from replication.audit.findings import AuditFinding, chapter_of
from replication.audit.registry import RULES
from replication.consistency.printed_report import Layout

CHECKED_COLUMNS = ("chapter", "rule", "checked", "broken")


@dataclass(frozen=True)
class CheckedRule:
    """The constraints of a rule in a chapter, and how many of them are broken."""

    chapter: str
    rule: str
    checked: int
    broken: int


def chapters_of(study: Study, spoken: Iterable[str]) -> list[str]:
    """Chapters with figures or (if `spoken`) statements, in order: summary, numbers, appendix."""
    said = set(spoken)
    names = said | {table.chapter for table in study.tables if table.cells}
    words = sorted(name for name in names if not name.isdigit())
    numbers = sorted((name for name in names if name.isdigit()), key=int)
    first = [name for name in words if name in said]
    return [*first, *numbers, *(name for name in words if name not in first)]


def checked(
    layout: Layout, constraints: Constraints, findings: Iterable[AuditFinding]
) -> list[CheckedRule]:
    """One line per chapter and rule with anything to check.

    Rules that are switched off have none.
    """
    off = layout.settings.off
    made = Counter((chapter_of(c.about, layout), c.rule) for c in constraints.all)
    broken = Counter((f.chapter, f.rule) for f in findings)
    return [
        CheckedRule(chapter, rule, made[(chapter, rule)], broken[(chapter, rule)])
        for chapter in chapters_of(layout.study, (c.chapter for c in layout.claims))
        for rule in RULES
        if made[(chapter, rule)] and rule not in off
    ]


def by_cause(findings: Sequence[AuditFinding], layout: Layout) -> dict[str, list[AuditFinding]]:
    """Findings with the same cause, in order of first occurrence.

    Statements from one sentence count as one.
    """
    found: dict[str, list[AuditFinding]] = {}
    for finding in findings:
        claim = layout.claim.get(finding.cause)
        cause = finding.cause
        if claim is not None and claim.at is not None:
            cause = f"{claim.chapter}:{claim.section}:{claim.sentence}"
        found.setdefault(cause, []).append(finding)
    return found

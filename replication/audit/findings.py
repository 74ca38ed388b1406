"""Findings of the audit about printed figures, and their relation."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import astuple, dataclass, fields, replace

from replication.audit.constraint_index import Constraints
from replication.audit.diagnosis import EMPTY_LINES, Diagnosis, Explanation
from replication.audit.registry import RULES
from replication.consistency import ratings
from replication.consistency.arithmetic import as_units
from replication.consistency.constraints import HIGH, LOW, MEDIUM, Constraint
from replication.consistency.printed_report import Layout, PrintedReport
from replication.consistency.quotations import stated_text
from replication.consistency.references import CLAIM, ITEM, TEXT
from replication.consistency.text_facts import is_excused


@dataclass(frozen=True)
class AuditFinding:
    """One broken rule.

    `about` is the reference of the figure or statement that the finding is about. `gives` is the
    arithmetic in one line. `likely` is the figure to read instead, empty if several remain, and
    `likely_by` the reason. `cause` lists the figures that could each alone explain the finding;
    findings with the same cause are one misprint. `conflict` lists the printed figures that cannot
    all be true.
    """

    id: str
    chapter: str
    rule: str
    severity: str
    table: str
    row: str
    group: str
    column: str
    claim: str
    about: str
    printed: str
    gives: str
    likely: str
    likely_by: str
    cause: str
    conflict: str
    assumes: str

    @property
    def causes(self) -> tuple[str, ...]:
        """References of the cause."""
        return tuple(self.cause.split())

    @property
    def figures(self) -> tuple[str, ...]:
        """References of the conflict."""
        return tuple(self.conflict.split())


COLUMNS = tuple(field.name for field in fields(AuditFinding))
SEVERITIES = (HIGH, MEDIUM, LOW)


def all_constraints(layout: Layout) -> Constraints:
    """The constraints of all registered rules."""
    return Constraints(c for rule in RULES.values() for c in rule.constraints(layout))


def audit(report: PrintedReport, constraints: Constraints | None = None) -> list[AuditFinding]:
    """All findings of the active rules, in the order of the rules.

    A rule that is switched off reports nothing. Its constraints still serve as evidence for other
    rules, so switching it off removes only its own findings.
    """
    known = constraints or all_constraints(report.layout)
    return explain(report, known, known.broken(report))


def explain(
    report: PrintedReport, constraints: Constraints, broken: Sequence[Constraint]
) -> list[AuditFinding]:
    """Findings for broken constraints of the active rules."""
    return active_findings(explain_all(report, constraints, broken), report.layout.settings.off)


def active_findings(findings: Sequence[AuditFinding], off: Collection[str]) -> list[AuditFinding]:
    """The findings without those of rules that are switched off.

    Nothing else depends on the switch.
    """
    return [finding for finding in findings if finding.rule not in off]


def explain_all(
    report: PrintedReport, constraints: Constraints, broken: Sequence[Constraint]
) -> list[AuditFinding]:
    """Findings for broken constraints, including those of rules that are switched off."""
    doubted = [c for c in broken if not c.apart]
    explained = Diagnosis(report, constraints, doubted).explanations()
    explained |= {c.id: Explanation((c.about,)) for c in broken if c.apart}
    return one_rating([_finding(c, report, explained[c.id]) for c in broken])


def one_rating(findings: Sequence[AuditFinding]) -> list[AuditFinding]:
    """Give findings with the same cause the same rating in all chapters: the highest.

    A sentence that a misprint of a table contradicts is not wrong itself. If another finding is
    about the misprint, the finding on the sentence is rated low, because its reader reads the right
    figure.
    """
    shown = {f.cause for f in findings if not f.about.startswith(f"{CLAIM}:")}
    rated = [replace(f, severity=LOW) if is_right(f) and f.cause in shown else f for f in findings]
    worst: dict[tuple[str, str], str] = {}
    for finding in rated:
        known = worst.get(_mistake(finding), finding.severity)
        worst[_mistake(finding)] = min(known, finding.severity, key=SEVERITIES.index)
    return [replace(f, severity=worst[_mistake(f)]) for f in rated]


def is_right(finding: AuditFinding) -> bool:
    """Whether a finding is about a statement that holds once its misprint is corrected."""
    return finding.about.startswith(f"{CLAIM}:") and not any(
        cause.startswith(f"{CLAIM}:") for cause in finding.causes
    )


def _mistake(finding: AuditFinding) -> tuple[str, str]:
    """The key of the cause.

    A wrong unit, a wrong base and a wrong bound of p are separate mistakes from those of their
    sentence. A correct sentence is no mistake.
    """
    apart = finding.rule if finding.rule in ("unit", "bound", "stated_base") else ""
    return finding.cause, "right" if is_right(finding) else apart


def _finding(constraint: Constraint, report: PrintedReport, why: Explanation) -> AuditFinding:
    layout, about = report.layout, _about(constraint, report.layout, why)
    figure = layout.figure.get(about)
    base = layout.bases.get(about)
    claim = layout.claim.get(about)
    finding = AuditFinding(
        id=constraint.id,
        chapter=chapter_of(about, layout),
        rule=constraint.rule,
        severity=_severity(constraint, report, why),
        table="",
        row="",
        group="",
        column="",
        claim=claim.id if claim else "",
        about=about,
        printed=_printed(about, report),
        gives=constraint.gives(report),
        likely=why.likely,
        likely_by=why.by,
        cause=" ".join(sorted(why.cause)),
        conflict=" ".join(constraint.refs),
        assumes=constraint.assumes,
    )
    if figure is not None:
        cell = figure.cell
        return replace(
            finding,
            table=cell.table,
            row=cell.row_label.da,
            group=cell.group_label.da,
            column=cell.column_label.da,
        )
    if constraint.about in report.marks:
        table = constraint.about.partition(":")[0]
        row = next(
            (
                f
                for f in layout.figures
                if constraint.about.startswith(f"{f.cell.table}:{f.cell.row}:")
            ),
            None,
        )
        return replace(finding, table=table, row=row.cell.row_label.da if row else "")
    if base is not None:
        row = next((f for f in layout.figures if f.base == base.ref), None)
        single = row is not None and len(base.ref.split(":")) > 2
        return replace(
            finding,
            table=base.table,
            row=row.cell.row_label.da if row and single else "",
            group=row.cell.group_label.da if row and single else "",
            column="N",
        )
    return finding


def _about(constraint: Constraint, layout: Layout, why: Explanation) -> str:
    """What the finding is about. Of several sentences, the wrong one if it is known."""
    cause = why.cause[0]
    known = len(why.cause) == 1 and cause in layout.claim and cause in constraint.refs
    return cause if known and constraint.about in layout.claim else constraint.about


def _printed(about: str, report: PrintedReport) -> str:
    claim = report.layout.claim.get(about)
    if claim is not None:
        stated = getattr(report.statement(claim), "stated", "")
        return stated_text(stated)
    if about.startswith(f"{TEXT}:"):
        name = about.partition(":")[2]
        return str(next(t.printed for t in report.layout.settings.text if t.id == name))
    return report.printed(about)


def chapter_of(ref: str, layout: Layout) -> str:
    """Chapter of a figure, base, statement or label."""
    if ref in layout.claim:
        return layout.claim[ref].chapter
    if ref.startswith(f"{TEXT}:"):
        number = next(t for t in layout.settings.text if t.id == ref.partition(":")[2])
        return number.section.split(".")[0]
    return layout.study.table[ref.split(":")[0]].chapter


def _severity(constraint: Constraint, report: PrintedReport, why: Explanation) -> str:
    """The severity of the wrong figure, if there is one; low if only the base is too large.

    It is also low if one of the statements that may be wrong has a usual reading that agrees with
    the numbers of the text.
    """
    if why.by == EMPTY_LINES or (len(why.cause) == 1 and why.cause[0].startswith(ITEM)):
        return LOW
    if len(why.cause) == 1 and why.likely and why.cause[0] in report.layout.figure:
        figure = report.layout.figure[why.cause[0]]
        return ratings.of_figure(figure, as_units(why.likely)[0], report)
    if any(
        is_excused(report.layout.claim[c], report) for c in why.cause if c in report.layout.claim
    ):
        return LOW
    return ratings.of_unknown(constraint, why.cause, report)


def finding_lines(findings: Sequence[AuditFinding]) -> list[tuple[str, ...]]:
    """Findings as rows of COLUMNS."""
    return [tuple(map(str, astuple(finding))) for finding in findings]

"""Runs all rules over a wave and applies their policies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assets.raw.errors import Finding
from assets.raw.structure import RawWave
from declarations import SourceSheet, Study
from declarations.survey.rules import ANSWER, QUARANTINE, ROW, WARN, Policy, Rule
from tests.reference import answers, described, files, labels, readings, rows
from tests.reference.case import Case, Find, FindInAnswers, Lines, Offence, Part

FINDERS: Mapping[str, Find] = {
    "missing_column": files.missing_columns,
    "register_column": files.register_columns,
    "undeclared_column": files.undeclared_columns,
    "column_type": files.column_types,
    "empty_column": answers.empty_columns,
    "label_code": labels.label_codes,
    "label_exchanged": labels.labels_exchanged,
    "label_text": labels.label_texts,
    "structure": described.structures,
    "unique_municipality": files.unique_municipalities,
    "row_count": files.row_counts,
    "checksum": files.checksums,
    "reading": readings.readings,
    "frame_counts": files.frame_counts,
    "unique_respondent": rows.unique_respondents,
    "repeated_line": rows.repeated_lines,
    "unknown_municipality": rows.unknown_municipalities,
    "one_status": rows.one_status,
    "complete_but_empty": rows.complete_but_empty,
}
ANSWER_FINDERS: Mapping[str, FindInAnswers] = {
    "scale": answers.scale,
    "status_says_unanswered": answers.status_says_unanswered,
    "exclusive": answers.exclusive,
    "routing": answers.routing,
    "drop_out_order": answers.drop_out_order,
}
PASSED, WARNED, SET_ASIDE, STOPPED = "passed", "warned", "set aside", "stopped"
Broken = Mapping[tuple[int, str], tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Verdict:
    """The result of a rule under its policy."""

    rule: Rule
    policy: Policy
    parts: tuple[Part, ...]

    @property
    def checked(self) -> int:
        """Units looked at."""
        return sum(part.checked for part in self.parts)

    @property
    def offences(self) -> list[Offence]:
        """Everything found, in the order of the file within each part."""
        return [offence for part in self.parts for offence in part.offences]

    @property
    def findings(self) -> list[Finding]:
        """The messages of what was found."""
        return [offence.finding for offence in self.offences]

    @property
    def share(self) -> float:
        """The largest share of any part."""
        return max((part.share for part in self.parts), default=0.0)

    @property
    def outcome(self) -> str:
        """passed, warned, set aside or stopped."""
        return outcome(self.policy, self.share)


def outcome(policy: Policy, share: float) -> str:
    """The outcome of a policy for a share of offending units."""
    over = share > policy.threshold
    if policy.kind == WARN:
        return WARNED if over else PASSED
    if over:
        return STOPPED
    if not share:
        return PASSED
    return SET_ASIDE if policy.kind == QUARANTINE else WARNED


def judge(raw: RawWave, study: Study, sheet: SourceSheet) -> list[Verdict]:
    """Every rule that applies to the study, in the order of the catalogue.

    Row rules come first. Later rules ignore the rows that these quarantine.
    """
    case = Case(raw, study, sheet, Lines.of(raw.dataset))
    verdicts = {rule.name: _verdict(rule, case) for rule in study.rules if rule.unit == ROW}
    case = Case(raw, study, sheet, case.lines, _set_aside(verdicts.values()))
    for rule in study.rules:
        if rule.unit != ROW:
            verdicts[rule.name] = _verdict(rule, case)
    return [verdicts[rule.name] for rule in study.rules]


def rejected_rows(raw: RawWave, study: Study, sheet: SourceSheet) -> list[Finding]:
    """The reasons for quarantined rows: a finding per row and rule with the policy quarantine."""
    case = Case(raw, study, sheet, Lines.of(raw.dataset))
    quarantined = [
        rule
        for rule in study.rules
        if rule.unit == ROW and study.policies[rule.name].kind == QUARANTINE
    ]
    findings = [f for rule in quarantined for f in _verdict(rule, case).findings]
    return sorted(findings, key=lambda finding: finding.row or 0)


def broken_answers(study: Study, lines: Lines) -> Broken:
    """Answers to quarantine by (row, column): the broken rules and the expected value.

    Only rules with the policy quarantine. The cleaning itself finds answers that cannot be counted.
    """
    found: dict[tuple[int, str], tuple[tuple[str, str], ...]] = {}
    for rule in study.rules:
        quarantined = study.policies[rule.name].kind == QUARANTINE
        if rule.unit != ANSWER or rule.unusable or not quarantined:
            continue
        for offence in (o for p in ANSWER_FINDERS[rule.name](study, lines) for o in p.offences):
            for variable in offence.variables:
                place = (offence.finding.row or 0, variable)
                reason = (rule.name, offence.finding.expected)
                found[place] = (*found.get(place, ()), reason)
    return found


def _verdict(rule: Rule, case: Case) -> Verdict:
    if rule.unit == ANSWER:
        parts = ANSWER_FINDERS[rule.name](case.study, case.accepted)
    else:
        parts = FINDERS[rule.name](case)
    return Verdict(rule, case.study.policies[rule.name], tuple(parts))


def _set_aside(verdicts: Iterable[Verdict]) -> frozenset[int]:
    return frozenset(
        finding.row
        for verdict in verdicts
        if verdict.policy.kind == QUARANTINE
        for finding in verdict.findings
        if finding.row is not None
    )

"""Runs all rules over a wave and applies their policies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assets.raw.cells.ingest import FILE_ROW
from assets.raw.cells.judgements import JudgedTable
from assets.raw.cells.wide import in_memory
from assets.raw.errors import Finding
from assets.raw.rules import answers, described, empty_columns, files, labels, readings, rows
from assets.raw.rules.breaches import FindInAnswers, broken_cells, parts_of
from assets.raw.rules.case import Case, Find, Offence, Part
from assets.raw.rules.rows import FindRows, RowCheck, part_of
from assets.raw.structure import RawWave
from declarations import SourceSheet, Study
from declarations.survey.rules import ANSWER, QUARANTINE, ROW, WARN, Policy, Rule
from runtime.store import quote, text_literal

FILE_FINDERS: Mapping[str, Find] = {
    "missing_column": files.missing_columns,
    "register_column": files.register_columns,
    "undeclared_column": files.undeclared_columns,
    "column_type": files.column_types,
    "empty_column": empty_columns.empty_columns,
    "label_code": labels.label_codes,
    "label_exchanged": labels.labels_exchanged,
    "label_text": labels.label_texts,
    "structure": described.structures,
    "unique_municipality": files.unique_municipalities,
    "row_count": files.row_counts,
    "checksum": files.checksums,
    "reading": readings.readings,
    "frame_counts": files.frame_counts,
}
ROW_FINDERS: Mapping[str, FindRows] = {
    "unique_respondent": rows.unique_respondents,
    "repeated_line": rows.repeated_lines,
    "unknown_municipality": rows.unknown_municipalities,
    "one_status": rows.one_status,
    "complete_but_empty": rows.complete_but_empty,
}
ANSWER_FINDERS: Mapping[str, FindInAnswers] = {
    "scale": answers.scale,
    "status_says_unanswered": answers.status_says_unanswered,
    "exclusive": answers.exclusive_answers,
    "routing": answers.routing,
    "drop_out_order": answers.drop_out_order,
}
PASSED, WARNED, SET_ASIDE, STOPPED = "passed", "warned", "set aside", "stopped"
# At most this many offences of a stored wave get a message; all are counted.
MOST_REPORTED = 100
SET_ASIDE_ROWS = "rows_set_aside"


@dataclass(frozen=True)
class RuleResult:
    """The result of a rule under its policy."""

    rule: Rule
    policy: Policy
    parts: tuple[Part, ...]

    @property
    def checked(self) -> int:
        """The number of units examined."""
        return sum(part.checked for part in self.parts)

    @property
    def found(self) -> int:
        """The number of units that break the rule."""
        return sum(part.found for part in self.parts)

    @property
    def offences(self) -> list[Offence]:
        """The offences with a message, in the order of the file within each part."""
        return [offence for part in self.parts for offence in part.offences]

    @property
    def findings(self) -> list[Finding]:
        """The messages."""
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
    """The outcome of a policy for a given share of offending units."""
    over = share > policy.threshold
    if policy.kind == WARN:
        return WARNED if over else PASSED
    if over:
        return STOPPED
    if not share:
        return PASSED
    return SET_ASIDE if policy.kind == QUARANTINE else WARNED


def judge(raw: RawWave, study: Study, sheet: SourceSheet) -> list[RuleResult]:
    """Every rule over raw files in memory, with all offences; see `judge_case`."""
    with in_memory(raw.dataset) as wide:
        judged = JudgedTable(wide, study, "judged")
        judged.create()
        return judge_case(Case(raw.stored(wide.known), study, sheet, judged))


def judge_case(case: Case) -> list[RuleResult]:
    """Every rule that applies to the study, in the order of the catalogue.

    Row rules come first. Later rules ignore the rows that these quarantine.
    """
    checks = {r.name: ROW_FINDERS[r.name](case) for r in case.study.rules if r.unit == ROW}
    results = {
        rule.name: RuleResult(
            rule,
            case.study.policies[rule.name],
            tuple(part_of(rule.name, case, checks[rule.name])),
        )
        for rule in case.study.rules
        if rule.unit == ROW
    }
    case = case.without(_set_aside(case, checks))
    for rule in case.study.rules:
        if rule.unit == ROW:
            continue
        if rule.unit == ANSWER:
            parts = parts_of(rule.name, case, ANSWER_FINDERS[rule.name](case))
        else:
            parts = FILE_FINDERS[rule.name](case)
        results[rule.name] = RuleResult(rule, case.study.policies[rule.name], tuple(parts))
    return [results[rule.name] for rule in case.study.rules]


def rejected_rows(case: Case) -> str:
    """The reasons for quarantined rows, as SQL: file_row, variable, value, rule, expected, holds.

    One line per row and rule, for rules with the policy quarantine, in the order of the file.
    """
    quarantined = [
        rule.name
        for rule in case.study.rules
        if rule.unit == ROW and case.study.policies[rule.name].kind == QUARANTINE
    ]
    parts = [
        f"SELECT f.*, {place} AS place, {text_literal(name)} AS rule, "
        f"{text_literal(check.holds)} AS holds FROM ({check.lines}) AS f"
        f"({quote(FILE_ROW)}, variable, value, expected)"
        for place, name in enumerate(quarantined)
        for check in [ROW_FINDERS[name](case)]
        if check.lines is not None
    ]
    nothing = (
        f"SELECT 0::BIGINT AS {quote(FILE_ROW)}, '' AS variable, '' AS value, '' AS expected, "
        "0 AS place, '' AS rule, '' AS holds WHERE false"
    )
    return (
        f"SELECT {quote(FILE_ROW)}, variable, value, rule, expected, holds FROM "
        f"({' UNION ALL '.join([nothing, *parts])}) ORDER BY {quote(FILE_ROW)}, place"
    )


def broken_answers(case: Case, rules: Iterable[str] | None = None) -> str:
    """Answers to quarantine, as SQL: file_row, item, place, rule, expected.

    Only rules with the policy quarantine. The cleaning itself finds answers that cannot be counted.
    """
    parts = [
        f"SELECT c.*, {place}, {text_literal(rule.name)} FROM ({cells}) AS c"
        for place, rule in enumerate(case.study.rules)
        if rule.unit == ANSWER
        and not rule.unusable
        and case.study.policies[rule.name].kind == QUARANTINE
        and (rules is None or rule.name in rules)
        for cells in broken_cells(case, ANSWER_FINDERS[rule.name](case))
    ]
    nothing = "SELECT 0::BIGINT, '', '', 0, '' WHERE false"
    return (
        f"SELECT {quote(FILE_ROW)}, item, place, rule, expected FROM "
        f"({' UNION ALL '.join([nothing, *parts])}) AS b"
        f"({quote(FILE_ROW)}, item, expected, place, rule)"
    )


def _set_aside(case: Case, checks: Mapping[str, RowCheck]) -> str | None:
    """The rows that rules with the policy quarantine exclude; None if there are none."""
    lines = [
        f"SELECT {quote(FILE_ROW)} FROM ({check.lines}) AS f({quote(FILE_ROW)}, v, t, e)"
        for name, check in checks.items()
        if check.lines is not None and case.study.policies[name].kind == QUARANTINE
    ]
    if not lines:
        return None
    case.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {SET_ASIDE_ROWS} AS "
        f"SELECT DISTINCT {quote(FILE_ROW)} FROM ({' UNION ALL '.join(lines)})"
    )
    (found,) = case.one(f"SELECT count(*) FROM {SET_ASIDE_ROWS}")
    return SET_ASIDE_ROWS if found else None

"""The rules over the raw files as asset checks; a blocking one stops the cleaning."""

from collections.abc import Iterator

import dagster as dg

from assets.raw.assets import stored_wave
from assets.raw.cells.kept import judged_wave
from assets.raw.errors import summarize
from assets.raw.rules.case import Case
from assets.raw.rules.judge import MOST_REPORTED, PASSED, STOPPED, RuleResult, judge_case
from assets.step.factory import Check, Given, Step, step
from assets.step.names import raw, raw_files
from declarations import Study
from declarations.survey.rules import BLOCK, WARN, Policy, Rule
from expectations.checks_page import write_failed_page
from expectations.checks_record import keep_results
from runtime.safe_text import page_lines

POLICY_SAYS = {
    "block": "more than {share} of the {counted} stop the run",
    "quarantine": "quarantined; more than {share} of the {counted} stop the run",
    "warn": "reported if more than {share} of the {counted} break it",
}


def policy_text(rule: Rule, policy: Policy) -> str:
    """The effect of a rule under its policy, in words."""
    share = f"{policy.threshold:.1%}" if policy.threshold else "none"
    said = POLICY_SAYS[policy.kind].format(share=share, counted=rule.counted.en)
    return said.replace("more than none of", "any of")


def raw_rules(study: Study) -> list[Rule]:
    """The rules checked before the cleaning.

    A rule with suites is checked after it, unless it blocks: then nothing may be cleaned.
    """
    return [r for r in study.rules if not r.suite or study.policies[r.name].kind == BLOCK]


def steps(study: Study) -> list[Step]:
    """One check per rule on raw/dataset. If a blocking rule fails, no clean table is made."""
    others = [raw(role) for role in raw_files(study) if role != "dataset"]
    checks = [
        Check(
            rule.name,
            raw("dataset"),
            f"{rule.says.en}\n\nPolicy {study.policies[rule.name].kind}: "
            f"{policy_text(rule, study.policies[rule.name])}.",
            blocking=study.policies[rule.name].kind != WARN,
            reads=others,
        )
        for rule in raw_rules(study)
    ]
    return [step("check_structure", study, (), check_structure, checks=checks, reads_cells=True)]


def check_structure(given: Given) -> Iterator[dg.AssetCheckResult]:
    """Judge every rule, store the results, and write the page if one stops the run."""
    with given.store.transaction() as connection:
        files = stored_wave(given.store)
        judged = judged_wave(connection, files.dataset, given.asked)
        results = judge_case(Case(files, given.asked, given.sheet, judged, most=MOST_REPORTED))
    wanted = {rule.name for rule in raw_rules(given.study)}
    keep_results(given.store, results)
    given.workspace.failed_page(given.wave).unlink(missing_ok=True)
    if any(result.outcome == STOPPED for result in results):
        write_failed_page(given.workspace, given.study, given.wave)
    for result in results:
        if result.rule.name in wanted:
            yield _result(result)


def _result(result: RuleResult) -> dg.AssetCheckResult:
    stopped = result.outcome == STOPPED
    return dg.AssetCheckResult(
        asset_key=raw("dataset"),
        check_name=result.rule.name,
        passed=result.outcome == PASSED,
        severity=dg.AssetCheckSeverity.ERROR if stopped else dg.AssetCheckSeverity.WARN,
        description=page_lines(summarize(result.findings, found=result.found)) or None,
        metadata={
            "outcome": result.outcome,
            "findings": result.found,
            "checked": result.checked,
            "counted": result.rule.counted.en,
            "share": result.share,
            "policy": result.policy.kind,
            "threshold": result.policy.threshold,
        },
    )

"""Scale checks as asset checks: one per question, blocking above the declared threshold."""

from collections.abc import Iterator

import dagster as dg

from assets.clean.assets import accepted_case
from assets.raw.errors import summarize
from assets.raw.readers.export import dataset_file
from assets.raw.rules.judge import PASSED, STOPPED, outcome
from assets.step.factory import Check, Given, Step, step
from assets.step.names import answers
from declarations import Study
from declarations.survey.rules import CATALOGUE, WARN
from expectations.checks_page import write_failed_page
from expectations.checks_record import keep_suites
from expectations.scale_answers import distinct_answers
from expectations.scales import ScaleResult, check_suites
from expectations.structural import policy_text
from runtime.safe_text import page_lines

NAME = "scale"


def steps(study: Study) -> list[Step]:
    """One check per question under the policy of its rule.

    The suites judge the answers that the cleaning quarantined.
    """
    rule, policy = CATALOGUE[NAME], study.policies[NAME]
    checks = [
        Check(
            NAME,
            answers(question.id),
            "Answers are among the declared codes (Great Expectations suite "
            f"generated from {question.source}). Others are quarantined.\n\n"
            f"Policy {policy.kind}: {policy_text(rule, policy)}.",
            blocking=policy.kind != WARN,
        )
        for question in study.counted_questions
    ]
    return [
        step(
            "check_scales", study, (), check_scales, checks=checks, partial=True, reads_cells=True
        )
    ]  # fmt: skip


def check_scales(given: Given) -> Iterator[dg.AssetCheckResult]:
    """Run the suites of the chosen questions, and write the page if one stops the run."""
    policy = given.study.policies[NAME]
    file = dataset_file(given.sheet.kind, given.sheet.files["dataset"].path)
    chosen = [q.id for q in given.study.counted_questions if answers(q.id) in given.chosen]
    asked = [given.asked.question[name] for name in chosen]
    with given.store.transaction() as connection:
        case = accepted_case(given, connection)
        frames = {question.id: distinct_answers(case, question) for question in asked}
    # a question that the wave did not ask needs no library
    put = [question for question in asked if question.items]
    judged = check_suites(put, frames, file)
    found = {result.question: result for result in judged}
    results = [found.get(name) or ScaleResult(name, 0, 0, [], []) for name in chosen]
    stopped = any(outcome(policy, result.share) == STOPPED for result in results)
    keep_suites(given.store, results, stopped=stopped)
    if stopped:
        write_failed_page(given.workspace, given.study, given.wave)
    for name, result in zip(chosen, results, strict=True):
        came = outcome(policy, result.share)
        severity = dg.AssetCheckSeverity
        yield dg.AssetCheckResult(
            asset_key=answers(name),
            check_name=NAME,
            passed=came == PASSED,
            severity=severity.ERROR if came == STOPPED else severity.WARN,
            description=page_lines(summarize(result.findings, found=result.outside)) or None,
            metadata={
                "answers_checked": result.checked,
                "outside_scale": result.outside,
                "share": result.share,
                "policy": policy.kind,
                "threshold": policy.threshold,
                "expectations": ", ".join(result.expectations),
            },
        )

"""Scale checks as asset checks: one per question, blocking past the declared threshold."""

from collections.abc import Iterator

import dagster as dg

from assets.raw.errors import summarize
from assets.raw.readers.export import dataset_file
from assets.raw.rules.judge import PASSED, STOPPED, outcome
from assets.step.names import answers, wave_partitions
from assets.step.restricted import CELLS, cells_by_question, untold_errors
from assets.step.workspace import Workspace
from declarations import Study
from declarations.survey.rules import CATALOGUE, WARN
from expectations.checks_page import write_failed_page
from expectations.checks_record import keep_suites
from expectations.scales import check_all
from expectations.structural import policy_text
from runtime import second_process
from runtime.safe_text import page_lines

NAME = "scale"


def build_scale_checks(study: Study) -> dg.AssetChecksDefinition:
    """A check per question by the rule's policy; a suite finds what the cleaning set aside."""
    rule, policy = CATALOGUE[NAME], study.policies[NAME]

    @dg.multi_asset_check(
        name="check_scales",
        specs=[
            dg.AssetCheckSpec(
                NAME,
                asset=answers(question.id),
                description="Answers are among the declared codes (Great Expectations suite "
                f"generated from {question.source}). Others are quarantined.\n\n"
                f"Policy {policy.kind}: {policy_text(rule, policy)}.",
                blocking=policy.kind != WARN,
                partitions_def=wave_partitions(study),
            )
            for question in study.counted_questions
        ],
        can_subset=True,
    )
    def check_scales(
        context: dg.AssetCheckExecutionContext, workspace: Workspace
    ) -> Iterator[dg.AssetCheckResult]:
        wave = context.partition_key
        sheet = workspace.sheet(study, wave)
        file = dataset_file(sheet.kind, sheet.files["dataset"].path)
        chosen = {
            key: question
            for question in study.counted_questions
            if (key := dg.AssetCheckKey(answers(question.id), NAME))
            in context.selected_asset_check_keys
        }
        asked = [study.in_wave(wave).question[question.id] for question in chosen.values()]
        with untold_errors():
            frames = cells_by_question(workspace.store(wave).read(*CELLS), asked)
            results = second_process.call(check_all, asked, frames, file)
        stopped = any(outcome(policy, result.share) == STOPPED for result in results)
        keep_suites(workspace.store(wave), results, stopped=stopped)
        if stopped:
            write_failed_page(workspace, study, wave)
        for key, result in zip(chosen, results, strict=True):
            came = outcome(policy, result.share)
            yield dg.AssetCheckResult(
                asset_key=key.asset_key,
                check_name=NAME,
                passed=came == PASSED,
                severity=dg.AssetCheckSeverity.ERROR
                if came == STOPPED
                else dg.AssetCheckSeverity.WARN,
                description=page_lines(summarize(result.findings)) or None,
                metadata={
                    "answers_checked": result.checked,
                    "outside_scale": len(result.findings),
                    "share": result.share,
                    "policy": policy.kind,
                    "threshold": policy.threshold,
                    "expectations": ", ".join(result.expectations),
                },
            )

    return check_scales

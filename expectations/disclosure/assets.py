"""The gate as an asset with a check, between the results and their publication."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.step.markdown import markdown
from assets.step.metadata import frame_metadata
from assets.step.names import OWNERS, answers, clean, table, wave_partitions
from assets.step.rows_version import rows_version
from assets.step.workspace import Workspace
from declarations import Study
from declarations.survey.disclosure import WARN, Disclosure, read_disclosure
from expectations.disclosure.examine import Examination, summary
from expectations.disclosure.gate import (
    CONSTRUCTED,
    HIDDEN,
    ITEMS,
    SCHEMA,
    examine_wave,
    keep,
    passed,
    proposal_files,
    write_proposal,
)

NAME = "no_answer_follows"
GATE = dg.AssetKey([SCHEMA, ITEMS])
SUPPRESSION = dg.AssetKey([SCHEMA, HIDDEN])
SAYS = {
    "warn": "What follows is told; everything is published.",
    "block": "Where anything follows nothing is published.",
    "suppress": "What has to be suppressed is; where that does not help nothing is published.",
}


def build_gate(study: Study) -> list[dg.AssetsDefinition]:
    """One step with one check; none where the study declares no `disclosure`."""
    settings = read_disclosure(study)
    return [] if settings is None else [_step(study, settings)]


def _step(study: Study, settings: Disclosure) -> dg.AssetsDefinition:
    check = dg.AssetCheckSpec(
        NAME,
        asset=GATE,
        description="No answer of an identifiable respondent follows from what is about to be "
        f"published.\n\nPolicy {settings.policy}: {SAYS[settings.policy]}",
        blocking=settings.policy != WARN,
        partitions_def=wave_partitions(study),
    )
    deps = [
        *(clean(name) for name in ("respondents", "memberships", "invitations")),
        *(answers(question.id) for question in study.counted_questions),
        *(table(spec.id) for spec in study.tables),
    ]

    @dg.multi_asset(
        name="examine_disclosure",
        specs=[
            dg.AssetSpec(
                key,
                group_name=SCHEMA,
                description=words,
                deps=deps,
                kinds={"duckdb", "pandas"},
                owners=OWNERS,
            )
            for key, words in {
                GATE: "Per item: how many answers of how many identifiable respondents follow "
                "from the figures that are to be published, before and after suppression. Empty "
                "for constructed data.",
                SUPPRESSION: "The figures whose suppression restores it, primary and secondary, "
                "with the reason. A reason may tell an answer: not for readers.",
            }.items()
        ],
        check_specs=[check],
        partitions_def=wave_partitions(study),
    )
    def examine_disclosure(
        context: dg.AssetExecutionContext, workspace: Workspace
    ) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        wave = context.partition_key
        store, sheet = workspace.store(wave), workspace.sheet(study, wave)
        found = None
        for path in proposal_files(workspace, wave):
            path.unlink(missing_ok=True)
        if not sheet.constructed:
            found = examine_wave(study, wave, settings, store)
            write_proposal(workspace, wave, found)
        frames = keep(store, found)
        told = CONSTRUCTED.format(wave=wave) if found is None else "\n".join(summary(found))
        for key in (GATE, SUPPRESSION):
            frame = frames[key.path[-1]]
            yield dg.MaterializeResult(
                asset_key=key,
                data_version=rows_version(frame, sheet),
                metadata={
                    **frame_metadata(frame, sheet, {}, relation="_".join(key.path)),
                    "summary": dg.MarkdownMetadataValue(told),
                    **({"preview": dg.MarkdownMetadataValue(markdown(frame))} if found else {}),
                },
            )
        yield _result(settings, found, told, workspace, wave)

    return examine_disclosure


def _result(
    settings: Disclosure, found: Examination | None, told: str, workspace: Workspace, wave: str
) -> dg.AssetCheckResult:
    fine = found is None or passed(settings, found)
    if found is not None and not found.fine:
        _, proposal = proposal_files(workspace, wave)
        told += f"\nwhat to suppress: {proposal.parent.name}/{proposal.name}"
    answers_before, people = found.lost() if found else (0, 0)
    return dg.AssetCheckResult(
        asset_key=GATE,
        check_name=NAME,
        passed=fine,
        severity=dg.AssetCheckSeverity.WARN
        if settings.policy == WARN
        else dg.AssetCheckSeverity.ERROR,
        description=told,
        metadata={
            "policy": settings.policy,
            "examined": found is not None,
            "answers": answers_before,
            "respondents": people,
            "suppressed": len(found.hidden) if found else 0,
        },
    )

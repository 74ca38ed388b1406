"""`samspil publish` and `samspil trends`: run a job over published waves, and report the result."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pipelines.records.history import opened
from pipelines.run.wave_run import CHECKS_FAILED, FAILED, SUCCESS, prepare
from runtime import paths
from runtime.wave_lock import PATIENCE_SECONDS, LockError, lock_file, wave_lock

if TYPE_CHECKING:
    import dagster as dg

    from declarations import Study

FILES = (
    "tables.da.xlsx", "tables.da.docx", "charts", "answers.sav", "codebook.xml",
    "datapackage.json", "openlineage.ndjson", "ro-crate-metadata.json",
)  # fmt: skip


def run_publish(
    study: Study,
    wave: str,
    report: Callable[[str], None],
    *,
    strict: bool = False,
    openlineage: str | None = None,
) -> int:
    """Make the files of a published wave under its lock; exit codes as for a run.

    `openlineage` is the address of a server that also gets the events.
    """
    name = study.folder.name
    lock = lock_file(paths.ROOT, paths.study_place(name), wave)
    owner = f"command {os.getpid()} {time.time_ns()}"
    try:
        with wave_lock(lock, owner, PATIENCE_SECONDS, report, everybody=True):
            prepare()
            from pipelines.chain import PUBLISH_JOB
            from publishing.on_demand import ADDRESS_TAG

            tags = {ADDRESS_TAG: openlineage} if openlineage else {}
            result = _executed(study, PUBLISH_JOB, report, wave, tags)
    except LockError as error:
        report(str(error))
        return FAILED
    if not result.success:
        return FAILED
    evaluations = result.get_asset_check_evaluations()
    unmet = [check for check in evaluations if not check.passed]
    for check in unmet:
        report(f"{check.asset_key.to_user_string()}: {check.description}")
    report(f"wave {wave}: {len(evaluations) - len(unmet)} of {len(evaluations)} files are valid")
    output = paths.output_folder(name, wave)
    # the policy of a real wave may withhold some of the files
    made = [file for file in FILES if (output / file).exists()]
    report(f"output: {output}/ ({', '.join(made)})")
    return CHECKS_FAILED if strict and unmet else SUCCESS


def run_trends(study: Study, report: Callable[[str], None], *, strict: bool = False) -> int:
    """Compare the published waves of a study; exit codes as for a wave's run."""
    name = study.folder.name
    if study.trend is None:
        report(f"samspil: {name} does not declare how waves are compared (conventions.trend)")
        return FAILED
    prepare()
    from pipelines.operate.after_runs import TRENDS_JOB
    from publishing.trend_files import FILES as TREND_FILES
    from publishing.trend_files import TRENDS

    result = _executed(study, TRENDS_JOB, report)
    if not result.success:
        return FAILED
    metadata: Mapping[str, Any] = next(
        event.step_materialization_data.materialization.metadata
        for event in result.all_events
        if event.is_step_materialization and event.asset_key == TREND_FILES
    )
    lines, refused = metadata["dagster/row_count"].value, metadata["refused"].value
    report(f"waves compared: {metadata['waves'].value}; {lines} lines, {refused} of them refused")
    unmet = [check for check in result.get_asset_check_evaluations() if not check.passed]
    for check in unmet:
        report(str(check.description))
    if metadata["data"].value:
        report(str(metadata["data"].value).replace("\n\n", "\n"))
    report(f"output: {paths.output_folder(name, TRENDS)}/ (trends.csv, trends.md)")
    return CHECKS_FAILED if strict and unmet else SUCCESS


def _executed(
    study: Study,
    job: str,
    report: Callable[[str], None],
    wave: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> dg.ExecuteInProcessResult:
    """The result of a job of the study in this process. Failed steps are reported."""
    from pipelines.chain import build_definitions
    from pipelines.records.summary import step_failures
    from pipelines.records.waves import register_waves

    wanted = build_definitions(study, str(paths.ROOT)).resolve_job_def(job)
    with opened() as instance:
        register_waves(instance, study)
        result = wanted.execute_in_process(
            instance=instance,
            partition_key=wave,
            raise_on_error=False,
            tags=dict(tags or {}),
            run_config={"loggers": {"progress": {}}},
        )
    for failure in step_failures(result.all_events):
        report(failure)
    return result

"""`samspil trends`: compares the published waves of a study, and reports the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pipelines.operate.after_runs import TRENDS_JOB
from pipelines.operate.history import opened
from pipelines.run.wave_run import CHECKS_FAILED, FAILED, SUCCESS, prepare
from runtime import paths


def run_trends(study: str, report: Callable[[str], None], *, strict: bool = False) -> int:
    """Run the job in this process; exit codes as for a wave's run."""
    prepare()
    from declarations import load_study
    from pipelines.chain import build_definitions
    from pipelines.run.summary import step_failures
    from publishing.trend_files import FILES, TRENDS, trend_settings

    declared = load_study(paths.study_folder(study))
    if trend_settings(declared) is None:
        report(f"samspil: {study} does not declare how waves are compared (conventions.trend)")
        return FAILED
    job = build_definitions(declared, str(paths.ROOT)).resolve_job_def(TRENDS_JOB)
    with opened() as instance:
        result = job.execute_in_process(
            instance=instance, raise_on_error=False, run_config={"loggers": {"progress": {}}}
        )
    for failure in step_failures(result.all_events):
        report(failure)
    if not result.success:
        return FAILED
    metadata: Mapping[str, Any] = next(
        event.step_materialization_data.materialization.metadata
        for event in result.all_events
        if event.is_step_materialization and event.asset_key == FILES
    )
    lines, refused = metadata["dagster/row_count"].value, metadata["refused"].value
    report(f"waves compared: {metadata['waves'].value}; {lines} lines, {refused} of them refused")
    unmet = [check for check in result.get_asset_check_evaluations() if not check.passed]
    for check in unmet:
        report(str(check.description))
    if metadata["data"].value:
        report(str(metadata["data"].value).replace("\n\n", "\n"))
    report(f"output: {paths.output_folder(study, TRENDS)}/ (trends.csv, trends.md)")
    return CHECKS_FAILED if strict and unmet else SUCCESS

"""Sensors that react to finished runs: notifications, freshness, trends."""

import re
from collections.abc import Sequence
from typing import Any

import dagster as dg

from assets.step.workspace import PARTITION_TAG
from declarations import Study
from declarations.operation import Operation
from pipelines.operate.freshness import report_fresh
from pipelines.operate.notify import Notice, send
from pipelines.records.standing_runs import STUDY_TAG, WAVE_JOB, causes, is_queued
from runtime.safe_text import plain_lines

TRENDS_JOB = "trends"
# Dagster's message for a run whose process ended without an event
FROM_OUTSIDE = "from outside the execution context"
DAGSTERS_OWN = re.compile(r"^dagster\.[\w.]+: ")
# Dagster's notes on runs that it starts again
WILL_RETRY_TAG, RETRY_NUMBER_TAG = "dagster/will_retry", "dagster/retry_number"
LOOKED_BACK = 50
Job = Any


def successes(study: Study, operation: Operation, trends: Sequence[Job]) -> dg.SensorDefinition:
    """After a successful run: notify of failed checks, report freshness, request trends."""

    @dg.run_status_sensor(
        run_status=dg.DagsterRunStatus.SUCCESS,
        name="after_success",
        request_jobs=list(trends) or None,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Notifies of checks that did not pass, reports that the wave is fresh, and requests "
            "the trends after a wave was computed."
        ),
    )
    def after_success(context: dg.RunStatusSensorContext) -> dg.RunRequest | dg.SkipReason:
        _report_checks(study, operation, context)
        _report_recovered(study, operation, context)
        wave = context.dagster_run.tags.get(PARTITION_TAG, "")
        report_fresh(context.instance, study, operation, wave)
        if trends and context.dagster_run.job_name == WAVE_JOB:
            if is_queued(context.instance, study, TRENDS_JOB):
                return dg.SkipReason("trends that are already queued will read this wave too")
            return dg.RunRequest(
                run_key=f"{TRENDS_JOB}/{context.dagster_run.run_id}", job_name=TRENDS_JOB
            )
        return dg.SkipReason("nothing follows")

    return after_success


def failures(study: Study, operation: Operation) -> dg.SensorDefinition:
    """After a failed run: notify of failed steps and checks."""

    @dg.run_failure_sensor(
        name="after_failure",
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Notifies of runs that failed and of checks that did not pass.",
    )
    def after_failure(context: dg.RunFailureSensorContext) -> None:
        run = context.dagster_run
        failed = [
            (str(event.step_key), failure_message(event))
            for event in context.get_step_failure_events()
        ]
        follows = retry_note(context.instance, run.run_id)
        for step, message in failed or [("", ended_by(context.failure_event.message))]:
            notice = Notice(
                "run_failed", study.folder.name, run.tags.get(PARTITION_TAG, ""), message + follows,
                run=run.run_id, step=step,
            )  # fmt: skip
            send(operation.notify, notice, context.log.warning)
        _report_checks(study, operation, context)

    return after_failure


def retry_note(instance: dg.DagsterInstance, run_id: str) -> str:
    """What Dagster will do about a failed run, by the run's tags; empty if nothing."""
    # read the file again, because the note is written right after the failure
    run = instance.get_run_by_id(run_id)
    if run is None or run.tags.get(WILL_RETRY_TAG) != "true":
        return ""
    number = int(run.tags.get(RETRY_NUMBER_TAG, "0")) + 1
    return f"; it is started again (retry {number} of {instance.run_retries_max_retries} at most)"


def _report_recovered(
    study: Study, operation: Operation, context: dg.RunStatusSensorContext
) -> None:
    run = context.dagster_run
    failed = failed_before(context.instance, study, run)
    if failed is not None:
        wave = run.tags.get(PARTITION_TAG, "")
        of_what = f"wave {wave}" if wave else run.job_name
        notice = Notice(
            "recovered", study.folder.name, wave,
            f"{of_what} is computed again: run {failed.run_id[:8]} had failed",
            run=run.run_id, severity="INFO",
        )  # fmt: skip
        send(operation.notify, notice, context.log.info)


def failed_before(
    instance: dg.DagsterInstance, study: Study, run: dg.DagsterRun
) -> dg.DagsterRun | None:
    """The run that ended before this one, of the same job and wave, if it failed.

    Runs of commands do not count: nobody was notified of them.
    """
    tags = {STUDY_TAG: study.folder.name}
    tags |= {PARTITION_TAG: run.tags[PARTITION_TAG]} if PARTITION_TAG in run.tags else {}
    ended = dg.RunsFilter(
        job_name=run.job_name,
        statuses=[dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE],
        tags=tags,
    )
    for earlier in instance.get_runs(ended, cursor=run.run_id, limit=LOOKED_BACK):
        if earlier.remote_job_origin is not None:
            return earlier if earlier.status == dg.DagsterRunStatus.FAILURE else None
    return None


def ended_by(message: str | None) -> str:
    """Why a run ended although no step failed, with hints where to look."""
    if message and FROM_OUTSIDE in message:
        return (
            "the run's process is gone: it was killed, ran out of memory, or the machine went "
            "down; no step failed"
        )
    return message or "the run failed"


def failure_message(event: dg.DagsterEvent) -> str:
    """The step's own message, or the kind and text of its error; never a traceback."""
    data = event.step_failure_data
    described = data.user_failure_data
    if described is not None and described.description:
        return described.description
    *_, root = None, *causes(data.error)
    # a blocking check is not an error of the step; its name and findings follow
    return DAGSTERS_OWN.sub("", root.message.strip()) if root is not None else "the step failed"


def _report_checks(study: Study, operation: Operation, context: dg.RunStatusSensorContext) -> None:
    run = context.dagster_run
    logged = context.instance.all_logs(
        run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION
    )
    for entry in logged:
        check = entry.asset_check_evaluation
        if check is None or check.passed:
            continue
        notice = Notice(
            "check_failed",
            study.folder.name,
            run.tags.get(PARTITION_TAG, ""),
            plain_lines(check.description or "the check did not pass"),
            run=run.run_id,
            step=f"{check.asset_key.to_user_string()}: {check.check_name}",
            severity=check.severity.value,
        )
        send(operation.notify, notice, context.log.warning)

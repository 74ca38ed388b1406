"""Whether a wave's results match its present files, declarations and code."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
from dagster_shared.error import SerializableErrorInfo

from assets.step.workspace import PARTITION_TAG
from declarations import Study
from pipelines.records.fingerprint import fingerprint, last_run
from runtime import paths
from runtime.private.key_file import read_key

WAVE_JOB = "wave"
STUDY_TAG = "samspil/study"
FINGERPRINT_TAG = "samspil/fingerprint"
# errors that recur as long as files and declarations are unchanged
OF_THE_DATA = ("DagsterAssetCheckFailedError", "Failure", "DataError", "SpecError")
UNDER_WAY = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
)


def current_fingerprint(study: Study, wave: str) -> str:
    """The hash over everything that a run of the wave reads now."""
    return fingerprint(paths.ROOT, study.folder, wave, read_key())


def wave_tags(study: Study, mark: str) -> dict[str, str]:
    """Tags of a run that computes a wave whose inputs have the fingerprint `mark`."""
    return {STUDY_TAG: study.folder.name, FINGERPRINT_TAG: mark}


def up_to_date(study: Study, wave: str, mark: str) -> bool:
    """Whether the wave was computed, as a whole, from inputs with the fingerprint `mark`.

    The record in the output decides, whoever started the run.
    """
    record = last_run(paths.output_folder(study.folder.name, wave))
    return record is not None and record.get("fingerprint") == mark


def under_way(instance: dg.DagsterInstance, study: Study, wave: str) -> bool:
    """Whether a run of the wave is queued or running."""
    wanted = dg.RunsFilter(statuses=list(UNDER_WAY), tags=_tags(study, wave))
    return bool(instance.get_runs(wanted, limit=1))


def is_queued(instance: dg.DagsterInstance, study: Study, job: str) -> bool:
    """Whether a run of the study's job is queued and has read nothing yet."""
    statuses = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED]
    wanted = dg.RunsFilter(job_name=job, statuses=statuses, tags={STUDY_TAG: study.folder.name})
    return bool(instance.get_runs(wanted, limit=1))


def failed_alike(
    instance: dg.DagsterInstance, study: Study, wave: str, mark: str
) -> dg.DagsterRun | None:
    """The wave's last run, if it failed because of inputs with the fingerprint `mark`.

    Returns None otherwise.

    Only a blocking check, or a step that reported wrong data, counts. After any other end of a run
    (process killed, disk, bug) the next run may succeed.
    """
    wanted = dg.RunsFilter(
        job_name=WAVE_JOB,
        statuses=[dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE],
        tags=_tags(study, wave),
    )
    last = next(iter(instance.get_runs(wanted, limit=1)), None)
    if last is None or last.status != dg.DagsterRunStatus.FAILURE or last.asset_selection:
        return None
    if last.tags.get(FINGERPRINT_TAG) != mark:
        return None
    logged = instance.all_logs(last.run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    events = [entry.dagster_event for entry in logged if entry.dagster_event is not None]
    return last if events and all(_of_the_data(event) for event in events) else None


def not_again(wave: str, failed: dg.DagsterRun) -> str:
    """Why a wave without results for its present inputs is not run again."""
    return (
        f"{wave} is not run again: run {failed.run_id[:8]} failed with the same files, "
        "declarations and code"
    )


def _of_the_data(event: dg.DagsterEvent) -> bool:
    return any(one.cls_name in OF_THE_DATA for one in causes(event.step_failure_data.error))


def causes(error: SerializableErrorInfo | None) -> Iterator[SerializableErrorInfo]:
    """An error as Dagster records it, then its cause and so on; the root comes last."""
    while error is not None:
        yield error
        error = error.cause


def was_requested(instance: dg.DagsterInstance, run_key: str) -> bool:
    """Whether a run with this key exists, in any state."""
    return bool(instance.get_runs(dg.RunsFilter(tags={"dagster/run_key": run_key}), limit=1))


def _tags(study: Study, wave: str) -> dict[str, str]:
    return {PARTITION_TAG: wave, STUDY_TAG: study.folder.name}

"""Whether a wave's results are those of its present files, declarations and code."""

from __future__ import annotations

import dagster as dg

from assets.key_file import read_key
from assets.specs import Study
from pipelines import paths
from pipelines.fingerprint import fingerprint, last_run

WAVE_JOB = "wave"
PARTITION_TAG = "dagster/partition"
STUDY_TAG = "samspil/study"
FINGERPRINT_TAG = "samspil/fingerprint"
UNDER_WAY = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
)


def current_fingerprint(study: Study, wave: str) -> str:
    """The hash over everything a run of the wave reads now."""
    return fingerprint(paths.ROOT, study.folder, wave, read_key())


def wave_tags(study: Study, mark: str) -> dict[str, str]:
    """Tags of a run that computes a wave whose inputs have the fingerprint `mark`."""
    return {STUDY_TAG: study.folder.name, FINGERPRINT_TAG: mark}


def up_to_date(instance: dg.DagsterInstance, study: Study, wave: str, mark: str) -> bool:
    """Whether the wave's output was computed from inputs with the fingerprint `mark`.

    Known from the record beside the output, or from the last successful run of the wave.
    """
    output = paths.output_folder(study.folder.name, wave)
    record = last_run(output)
    if record is not None and record.get("fingerprint") == mark:
        return True
    last = _runs(instance, study, wave, (dg.DagsterRunStatus.SUCCESS,))
    done = bool(last) and last[0].tags.get(FINGERPRINT_TAG) == mark
    return done and (output / "samspil.duckdb").is_file()


def under_way(instance: dg.DagsterInstance, study: Study, wave: str) -> bool:
    """Whether a run of the wave waits or runs."""
    return bool(_runs(instance, study, wave, UNDER_WAY))


def requested(instance: dg.DagsterInstance, run_key: str) -> bool:
    """Whether a run with this key exists, whatever became of it."""
    return bool(instance.get_runs(dg.RunsFilter(tags={"dagster/run_key": run_key}), limit=1))


def _runs(
    instance: dg.DagsterInstance,
    study: Study,
    wave: str,
    statuses: tuple[dg.DagsterRunStatus, ...],
) -> list[dg.DagsterRun]:
    wanted = dg.RunsFilter(
        job_name=WAVE_JOB,
        statuses=list(statuses),
        tags={PARTITION_TAG: wave, STUDY_TAG: study.folder.name},
    )
    return list(instance.get_runs(wanted, limit=1))

"""Detects runs whose process is gone: nobody holds the lock, and the log has no new lines.

A run that is starting has no lock yet. Its process writes to the log when it begins to load the
code.

Dagster's default launcher does not know whether a run is alive. A server that stays alive reports a
run that ended. After a crash of the machine, or of daemon, server and run together, a run would
count as started until its maximum runtime and block its wave. The kernel releases the lock of a
wave when its holder ends, so the lock shows at once whether the run is alive.
"""

from __future__ import annotations

import os
import time

import dagster as dg

from assets.step.workspace import PARTITION_TAG
from declarations import Study
from pipelines.records.standing_runs import STUDY_TAG
from runtime import paths
from runtime.wave_lock import LockError, lock_file, wave_lock

# A run takes the lock after it has loaded the code, which takes time on a slow machine.
SILENT_SECONDS = 120.0
ALIVE = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]
PROCESS_GONE = "the run's process is gone: nobody holds the lock of its wave"


def abandoned_runs(instance: dg.DagsterInstance, study: Study, now: float) -> list[dg.DagsterRun]:
    """Starting or started runs of the study's waves that no process works on any more."""
    started = instance.get_runs(dg.RunsFilter(statuses=ALIVE))
    return [
        run
        for run in started
        if _of_study(run, study)
        and PARTITION_TAG in run.tags
        and now - _last_event(instance, run) > SILENT_SECONDS
        and _free(study, run.tags[PARTITION_TAG])
    ]


def _of_study(run: dg.DagsterRun, study: Study) -> bool:
    origin = run.remote_job_origin
    # a run on the command line has no origin; its own process or its user ends it
    return origin is not None and study.folder.name in (
        run.tags.get(STUDY_TAG),
        origin.repository_origin.code_location_origin.location_name,
    )


def _last_event(instance: dg.DagsterInstance, run: dg.DagsterRun) -> float:
    records = instance.get_records_for_run(run.run_id, limit=1, ascending=False).records
    return records[0].timestamp if records else 0.0


def _free(study: Study, wave: str) -> bool:
    path = lock_file(paths.ROOT, paths.study_place(study.folder.name), wave)
    try:
        with wave_lock(path, f"watch {os.getpid()} {time.time_ns()}", 0):
            return True
    except LockError:
        return False

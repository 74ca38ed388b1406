"""Runs whose process is gone are ended. Runs with a live process or a recent event are not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.remote_origin import (
    ManagedGrpcPythonEnvCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

import runtime.paths
from assets.step.workspace import PARTITION_TAG
from declarations import Study
from pipelines.operate.abandoned import ALIVE, PROCESS_GONE, SILENT_SECONDS, abandoned_runs
from pipelines.operate.triggers import build_sensors
from pipelines.records.standing_runs import STUDY_TAG, WAVE_JOB
from runtime.wave_lock import lock_file, wave_lock

LATER = SILENT_SECONDS + 1


@dg.asset(partitions_def=dg.DynamicPartitionsDefinition(name="samspil_waves"))
def anything() -> None:
    pass


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setattr(runtime.paths, "ROOT", tmp_path)
    with dg.DagsterInstance.ephemeral() as own:
        yield own


def origin(location: str) -> RemoteJobOrigin:
    """The origin of a run that the daemon launched."""
    server = ManagedGrpcPythonEnvCodeLocationOrigin(LoadableTargetOrigin(), location)
    return RemoteJobOrigin(RemoteRepositoryOrigin(server, "__repository__"), WAVE_JOB)


def started(
    instance: dg.DagsterInstance,
    *,
    wave: str = "2015",
    study: str = "samspil",
    location: str | None = "samspil",
    status: dg.DagsterRunStatus = dg.DagsterRunStatus.STARTED,
) -> dg.DagsterRun:
    """A started run in the instance, whose last event is from now."""
    run = instance.add_run(
        dg.DagsterRun(
            job_name=WAVE_JOB,
            status=status,
            tags={PARTITION_TAG: wave, STUDY_TAG: study} if study else {PARTITION_TAG: wave},
            remote_job_origin=origin(location) if location else None,
        )
    )
    instance.report_engine_event("a step began", run)
    return run


def found(instance: dg.DagsterInstance, study: Study, after: float = LATER) -> set[str]:
    return {run.run_id for run in abandoned_runs(instance, study, time.time() + after)}


def test_a_silent_run_whose_wave_nobody_holds_is_abandoned(
    instance: dg.DagsterInstance, study: Study, tmp_path: Path
) -> None:
    gone, other = started(instance), started(instance, wave="2018")
    assert found(instance, study, SILENT_SECONDS - 30) == set()
    with wave_lock(lock_file(tmp_path, "", "2018"), "somebody", 0):
        assert found(instance, study) == {gone.run_id}
    # the lock is free the moment its holder is
    assert found(instance, study) == {gone.run_id, other.run_id}


def test_a_run_whose_machine_died_while_it_was_starting_is_abandoned_as_soon(
    instance: dg.DagsterInstance, study: Study
) -> None:
    gone = started(instance, status=dg.DagsterRunStatus.STARTING)
    assert found(instance, study, SILENT_SECONDS - 30) == set()
    assert found(instance, study) == {gone.run_id}
    # the guide promises three minutes, and the sensor looks every minute
    assert SILENT_SECONDS + 60 <= 180


def test_a_run_that_goes_on_speaking_is_left_alone(
    instance: dg.DagsterInstance, study: Study
) -> None:
    run = started(instance)
    # by the clock of somebody who looks two minutes later, it spoke just now
    assert found(instance, study) == {run.run_id}
    assert found(instance, study, 0) == set()


@pytest.mark.parametrize(
    "status",
    [s for s in dg.DagsterRunStatus if s not in ALIVE],
    ids=lambda status: str(status.value),
)
def test_a_run_that_waits_or_is_over_is_not_abandoned(
    instance: dg.DagsterInstance, study: Study, status: dg.DagsterRunStatus
) -> None:
    started(instance, status=status)
    assert found(instance, study) == set()


def test_runs_of_other_studies_of_commands_and_without_a_wave_are_not_ours(
    instance: dg.DagsterInstance, study: Study
) -> None:
    started(instance, study="skole", location="skole")
    started(instance, location=None)
    trends = dg.DagsterRun(
        job_name="trends", status=dg.DagsterRunStatus.STARTED,
        tags={STUDY_TAG: "samspil"}, remote_job_origin=origin("samspil"),
    )  # fmt: skip
    instance.add_run(trends)
    assert found(instance, study) == set()
    # from the page of one asset a run has no tag of the study, but comes from its location
    ours = started(instance, study="")
    assert found(instance, study) == {ours.run_id}


def test_the_sensor_ends_them_and_says_why(
    instance: dg.DagsterInstance, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.operate.triggers.abandoned_runs", abandoned_at_once)
    gone = started(instance)
    jobs = [dg.define_asset_job(WAVE_JOB, [anything])]
    sensor = build_sensors(study, study.operation, jobs)[3]
    assert sensor.name == "abandoned"
    told = sensor(dg.build_sensor_context(instance=instance))
    assert gone.run_id in told.skip_message
    run = instance.get_run_by_id(gone.run_id)
    assert run is not None
    assert run.status == dg.DagsterRunStatus.FAILURE
    assert any(PROCESS_GONE in entry.message for entry in instance.all_logs(gone.run_id))
    assert sensor(dg.build_sensor_context(instance=instance)).skip_message == "every run is alive"


def abandoned_at_once(
    instance: dg.DagsterInstance, study: Study, now: float
) -> list[dg.DagsterRun]:
    return abandoned_runs(instance, study, now + LATER)

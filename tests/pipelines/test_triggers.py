"""Sensors and schedule as the daemon calls them: the runs they start, and notifications."""

from __future__ import annotations

import asyncio
import datetime
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import dagster as dg
import pytest
import yaml
from dagster._core.definitions.freshness_evaluator import TimeWindowFreshnessPolicyEvaluator
from dagster._core.remote_origin import (
    ManagedGrpcPythonEnvCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.test_utils import BasicLoadingContext, freeze_time
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

import runtime.paths
from assets.step.names import partitions_name
from assets.step.workspace import PARTITION_TAG, failure
from declarations import SpecError, Study, load_study
from declarations.operation import Hook, Landing, Operation, Schedule
from pipelines.operate import freshness
from pipelines.operate.abandoned import PROCESS_GONE
from pipelines.operate.after_runs import ended_by, failure_message
from pipelines.operate.freshness import (
    build_freshness,
    duration_in_words,
    fresh_key,
    look_at_freshness,
    report_fresh,
)
from pipelines.operate.judging import digest_of
from pipelines.operate.notify import Notice, send
from pipelines.operate.triggers import (
    build_schedules,
    build_sensors,
    changed_waves,
)
from pipelines.records.fingerprint import write_record
from pipelines.records.standing_runs import (
    FINGERPRINT_TAG,
    STUDY_TAG,
    WAVE_JOB,
    current_fingerprint,
    wave_tags,
)
from pipelines.records.waves import register_waves, withdraw_waves
from pipelines.run.backfill import run_waves
from tests.checkout import REPOSITORY, Checkout
from tests.declared import study_of

WAVE = "2014"


@dg.asset(partitions_def=dg.DynamicPartitionsDefinition(name="samspil_waves"))
def anything() -> None:
    pass


JOBS = [dg.define_asset_job(WAVE_JOB, [anything]), dg.define_asset_job("trends", [anything])]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    own = Checkout.create(tmp_path)
    monkeypatch.setattr(runtime.paths, "ROOT", own.root)
    monkeypatch.setattr(runtime.paths, "OUTPUT", own.root / "output")
    return own


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as own:
        yield own


@pytest.fixture
def operation() -> Operation:
    settings = Landing(folder=Path("landing"), settle_seconds=0)
    return Operation(settings, None, {}, Hook(file=Path("notices.jsonl")))


def drop(checkout: Checkout, wave: str = WAVE) -> Path:
    """The committed wave, arriving under another name."""
    import shutil

    folder = checkout.root / "landing" / wave
    shutil.copytree(checkout.dataset.parent, folder)
    sheet = (folder / "source.yaml").read_text(encoding="utf-8")
    (folder / "source.yaml").write_text(sheet.replace("wave: '2015'", f"wave: '{wave}'"), "utf-8")
    return folder


def tick(
    checkout: Checkout, operation: Operation, instance: dg.DagsterInstance, cursor: str | None
) -> dg.SensorResult:
    """One evaluation of the landing sensor."""
    sensor = build_sensors(load_study(checkout.study), operation, JOBS)[0]
    result = sensor(dg.build_sensor_context(instance=instance, cursor=cursor))
    assert isinstance(result, dg.SensorResult)
    return result


def arrive(
    checkout: Checkout, operation: Operation, instance: dg.DagsterInstance
) -> dg.SensorResult:
    """Two looks: the first sees the folder, the second finds it unchanged."""
    return tick(checkout, operation, instance, tick(checkout, operation, instance, None).cursor)


def notices(checkout: Checkout) -> list[dict[str, str]]:
    path = checkout.root / "notices.jsonl"
    return (
        [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
    )


def submit(
    instance: dg.DagsterInstance, request: dg.RunRequest, status: dg.DagsterRunStatus
) -> dg.DagsterRun:
    """The run of a request as the daemon would store it."""
    tags = {**request.tags, PARTITION_TAG: str(request.partition_key)}
    tags |= {"dagster/run_key": request.run_key} if request.run_key else {}
    run = dg.DagsterRun(job_name=WAVE_JOB, tags=tags, status=status)
    return instance.add_run(run)


def computed(checkout: Checkout, wave: str, mark: str) -> None:
    """The record of a successful run, next to the results."""
    output = checkout.root / "output" / wave
    output.mkdir(parents=True, exist_ok=True)
    (output / "results.csv").touch()
    write_record(output, {"fingerprint": mark, "failed_checks": 0})


def test_an_arrival_asks_for_one_run_of_that_wave_until_the_instance_has_it(
    checkout: Checkout, operation: Operation, instance: dg.DagsterInstance
) -> None:
    drop(checkout)
    result = arrive(checkout, operation, instance)
    (request,) = result.run_requests or ()
    assert request.partition_key == WAVE
    assert request.tags[STUDY_TAG] == "samspil"
    assert WAVE in instance.get_dynamic_partitions("samspil_waves")
    assert (checkout.study / "waves" / WAVE / "dataset.csv").is_file()
    # the daemon ended before it stored the run: asked again, under the same key
    (again,) = tick(checkout, operation, instance, None).run_requests or ()
    assert again.run_key == request.run_key
    submit(instance, request, dg.DagsterRunStatus.FAILURE)
    assert not tick(checkout, operation, instance, None).run_requests
    assert notices(checkout) == []


def test_an_earlier_export_that_comes_back_is_run_again(
    checkout: Checkout, operation: Operation, instance: dg.DagsterInstance
) -> None:
    keys = []
    for change in (b"", b"\n", b""):
        folder = drop(checkout)
        with (folder / "provenance.yaml").open("ab") as stream:
            stream.write(change)
        (request,) = arrive(checkout, operation, instance).run_requests or ()
        submit(instance, request, dg.DagsterRunStatus.FAILURE)
        keys.append(request.run_key)
    assert len(set(keys)) == 3


def test_an_export_that_is_computed_already_costs_no_run(
    checkout: Checkout, operation: Operation, instance: dg.DagsterInstance
) -> None:
    drop(checkout)
    (request,) = arrive(checkout, operation, instance).run_requests or ()
    computed(checkout, WAVE, request.tags[FINGERPRINT_TAG])
    drop(checkout)
    result = arrive(checkout, operation, instance)
    assert not result.run_requests
    assert not (checkout.root / "landing" / WAVE).exists()


def test_a_damaged_export_ends_in_a_notification_and_nothing_else(
    checkout: Checkout, operation: Operation, instance: dg.DagsterInstance
) -> None:
    folder = drop(checkout)
    with (folder / "dataset.csv").open("ab") as stream:
        stream.write(b"x")
    before = digest_of(checkout.dataset.parent)
    assert not arrive(checkout, operation, instance).run_requests
    (notice,) = notices(checkout)
    assert (notice["kind"], notice["study"], notice["wave"]) == ("refused", "samspil", WAVE)
    assert "dataset.csv: sha256 is" in notice["message"]
    assert not (checkout.study / "waves" / WAVE).exists()
    assert digest_of(checkout.dataset.parent) == before
    assert WAVE not in instance.get_dynamic_partitions("samspil_waves")


def test_two_studies_have_landing_folders_and_partitions_of_their_own(
    checkout: Checkout, instance: dg.DagsterInstance
) -> None:
    import shutil

    other = checkout.study.with_name("library")
    shutil.copytree(checkout.study, other)
    studies = [load_study(checkout.study), load_study(other)]
    declared = [study.operation.landing for study in studies]
    assert [one and one.folder for one in declared] == [
        Path("landing/samspil"),
        Path("landing/library"),
    ]
    assert {partitions_name(study) for study in studies} == {"samspil_waves", "library_waves"}
    folder = drop(checkout)
    folder.parent.joinpath("library").mkdir()
    folder.rename(folder.parent / "library" / WAVE)
    own = replace(
        load_study(other).operation,
        landing=Landing(folder=Path("landing/library"), settle_seconds=0),
    )
    sensor = build_sensors(studies[1], own, JOBS)[0]
    cursor = sensor(dg.build_sensor_context(instance=instance)).cursor
    result = sensor(dg.build_sensor_context(instance=instance, cursor=cursor))
    (request,) = result.run_requests
    assert request.tags[STUDY_TAG] == "library"
    assert (other / "waves" / WAVE).is_dir()
    assert not (checkout.study / "waves" / WAVE).exists()
    assert WAVE not in instance.get_dynamic_partitions("samspil_waves")


def test_a_recheck_asks_for_changed_waves_only(
    checkout: Checkout, instance: dg.DagsterInstance
) -> None:
    study = load_study(checkout.study)
    first = changed_waves(instance, study)
    assert isinstance(first, list)
    (request,) = [one for one in first if one.partition_key == "2015"]
    run = submit(instance, request, dg.DagsterRunStatus.STARTED)
    assert "2015" not in asked(changed_waves(instance, study))
    instance.delete_run(run.run_id)
    submit(instance, request, dg.DagsterRunStatus.SUCCESS)
    # the record says so, but the output is gone
    assert "2015" in asked(changed_waves(instance, study))
    computed(checkout, "2015", request.tags[FINGERPRINT_TAG])
    assert "2015" not in asked(changed_waves(instance, study))
    with checkout.dataset.open("ab") as stream:
        stream.write(b"\n")
    (again,) = [
        one for one in changed_waves(instance, study) if isinstance(one, dg.RunRequest)
        and one.partition_key == "2015"
    ]  # fmt: skip
    assert again.tags[FINGERPRINT_TAG] != request.tags[FINGERPRINT_TAG]


def test_times_that_a_machine_missed_ask_for_one_run(checkout: Checkout, tmp_path: Path) -> None:
    """After three days, the daemon makes up for each missed time. The first starts a run."""
    study = load_study(checkout.study)
    daily = Operation(schedule=Schedule(cron="0 6 * * *"))
    (schedule,) = build_schedules(study, daily, JOBS)
    found, home = [], tmp_path / "home"
    home.mkdir()
    with dg.DagsterInstance.local_temp(str(home)) as instance:
        for day in (1, 2, 3):
            missed = datetime.datetime(2026, 3, day, 6, tzinfo=datetime.UTC)
            # what the context opens has to be closed, or later definitions look for it
            with dg.build_schedule_context(
                instance=instance, scheduled_execution_time=missed
            ) as context:
                requests = schedule(context)
            assert isinstance(requests, list | dg.SkipReason)
            found.append(asked(requests))
            for request in requests if isinstance(requests, list) else ():
                submit(instance, request, dg.DagsterRunStatus.NOT_STARTED)
    assert found == [set(study.waves), set(), set()]


def judged(instance: dg.DagsterInstance, specs: list[dg.AssetSpec], wave: str) -> str:
    """The verdict of Dagster's own evaluator, which its daemon uses, on a wave."""
    graph = dg.Definitions(assets=specs).resolve_asset_graph()
    judging = TimeWindowFreshnessPolicyEvaluator().evaluate_freshness(
        context=BasicLoadingContext(instance), node=graph.get(fresh_key(wave))
    )
    return str(asyncio.run(judging).value)


def test_a_wave_is_fresh_once_a_look_found_it_so_and_late_waves_are_reported(
    checkout: Checkout, operation: Operation, instance: dg.DagsterInstance
) -> None:
    study, now = load_study(checkout.study), time.time()
    declared = {"2015": timedelta(days=7), "2030": timedelta(days=1)}
    late, specs = replace(operation, freshness=declared), build_freshness(declared)
    look_at_freshness(instance, study, late, now, print)
    assert notices(checkout) == []
    assert judged(instance, specs, "2015") == "UNKNOWN"
    look_at_freshness(instance, study, late, now + 8 * 86400, print)
    (notice,) = notices(checkout)
    assert (notice["kind"], notice["wave"]) == ("not_fresh", "2015")

    (request,) = [one for one in changed_waves(instance, study) if isinstance(one, dg.RunRequest)
                  and one.partition_key == "2015"]  # fmt: skip
    computed(checkout, "2015", request.tags[FINGERPRINT_TAG])
    look_at_freshness(instance, study, late, now + 8 * 86400, print)
    assert len(notices(checkout)) == 1
    assert judged(instance, specs, "2015") == "PASS"
    assert judged(instance, specs, "2030") == "UNKNOWN"
    with freeze_time(datetime.datetime.fromtimestamp(now + 8 * 86400, tz=datetime.UTC)):
        assert judged(instance, specs, "2015") == "FAIL"


def test_a_wave_that_is_not_named_has_the_time_of_the_default(tmp_path: Path) -> None:
    day, week = timedelta(days=1), timedelta(days=7)
    entry = "freshness: {default: {days: 7}, '2015': {days: 1}}"
    declared = study_of(tmp_path, entry).operation
    assert declared.freshness == {"2015": day}
    assert declared.lags(["2015", "2030"]) == {"2015": day, "2030": week}
    assert replace(declared, freshness_default=None).lags(["2030"]) == {"2015": day}


def asked(result: list[dg.RunRequest] | dg.SkipReason) -> set[str]:
    return {str(one.partition_key) for one in result} if isinstance(result, list) else set()


def test_the_committed_study_is_rechecked_in_danish_time(study: Study) -> None:
    (schedule,) = build_schedules(study, study.operation, JOBS)
    assert schedule.execution_timezone == "Europe/Copenhagen"
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING


@dg.op
def goes_wrong() -> None:
    raise failure("dataset.csv, row 4: found 'x', expected 1 or 2")


@dg.op
def breaks() -> None:
    raise ValueError("an unexpected value")


def failed_run(instance: dg.DagsterInstance, *ops: Any) -> Any:
    @dg.job(name=WAVE_JOB, tags={PARTITION_TAG: WAVE})
    def job() -> None:
        for op in ops:
            op()

    return job.execute_in_process(instance=instance, raise_on_error=False)


def test_a_failed_run_is_reported_by_step_with_its_own_words(
    checkout: Checkout, operation: Operation, instance: dg.DagsterInstance
) -> None:
    result = failed_run(instance, goes_wrong, breaks)
    sensor = build_sensors(load_study(checkout.study), operation, JOBS)[2]
    (event,) = [e for e in result.all_events if e.event_type_value == "PIPELINE_FAILURE"]
    context = dg.build_run_status_sensor_context(
        sensor_name="after_failure",
        dagster_event=event,
        dagster_instance=instance,
        dagster_run=result.dagster_run,
    )
    sensor(context.for_run_failure())
    told = {notice["step"]: notice for notice in notices(checkout)}
    assert set(told) == {"goes_wrong", "breaks"}
    assert told["goes_wrong"]["message"] == "dataset.csv, row 4: found 'x', expected 1 or 2"
    assert told["breaks"]["message"] == "ValueError: an unexpected value"
    assert {notice["wave"] for notice in told.values()} == {WAVE}
    assert {notice["run"] for notice in told.values()} == {result.run_id}


def origin(location: str) -> RemoteJobOrigin:
    """The origin of a run that the daemon launched."""
    server = ManagedGrpcPythonEnvCodeLocationOrigin(LoadableTargetOrigin(), location)
    return RemoteJobOrigin(RemoteRepositoryOrigin(server, "__repository__"), WAVE_JOB)


def launched(
    instance: dg.DagsterInstance, status: dg.DagsterRunStatus, **more: Any
) -> dg.DagsterRun:
    tags = {PARTITION_TAG: WAVE, STUDY_TAG: "samspil", **more.pop("tags", {})}
    more = {"remote_job_origin": origin("samspil")} | more
    return instance.add_run(dg.DagsterRun(job_name=WAVE_JOB, status=status, tags=tags, **more))


@pytest.fixture
def retrying() -> Iterator[dg.DagsterInstance]:
    """An instance that restarts killed runs, with the settings of `dagster.yaml`."""
    settings = yaml.safe_load((REPOSITORY / "dagster.yaml").read_text(encoding="utf-8"))
    with dg.DagsterInstance.ephemeral(settings={"run_retries": settings["run_retries"]}) as own:
        yield own


def after(
    sensor: Any, instance: dg.DagsterInstance, run: dg.DagsterRun, kind: dg.DagsterEventType
) -> Any:
    """The result of the sensor at the end of a run, with its context."""
    (entry,) = instance.all_logs(run.run_id, of_type=kind)
    assert entry.dagster_event is not None
    return dg.build_run_status_sensor_context(
        sensor_name=sensor.name, dagster_event=entry.dagster_event, dagster_instance=instance,
        dagster_run=run,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, f"{PROCESS_GONE}; it is started again (retry 1 of 2 at most)"),
        (1, f"{PROCESS_GONE}; it is started again (retry 2 of 2 at most)"),
        (2, PROCESS_GONE),
    ],
)
def test_a_notice_of_a_killed_run_says_whether_it_is_started_again(
    checkout: Checkout, operation: Operation, retrying: dg.DagsterInstance, number: int, said: str
) -> None:
    run = first = launched(retrying, dg.DagsterRunStatus.STARTED)
    for retry in range(1, number + 1):
        above = {"root_run_id": first.run_id, "parent_run_id": run.run_id}
        tags = {f"dagster/{name}": value for name, value in above.items()}
        tags["dagster/retry_number"] = str(retry)
        run = launched(retrying, dg.DagsterRunStatus.STARTED, tags=tags, **above)
    retrying.report_run_failed(run, PROCESS_GONE)
    sensor = build_sensors(load_study(checkout.study), operation, JOBS)[2]
    context = after(sensor, retrying, run, dg.DagsterEventType.RUN_FAILURE)
    sensor(context.for_run_failure())
    assert [(n["kind"], n["message"]) for n in notices(checkout)] == [("run_failed", said)]


def test_a_run_that_goes_well_after_one_that_failed_is_reported_once(
    checkout: Checkout, operation: Operation, instance: dg.DagsterInstance
) -> None:
    ended = dg.DagsterRunStatus
    sensor = build_sensors(load_study(checkout.study), operation, JOBS[:1])[1]

    def succeed() -> list[dict[str, str]]:
        before = len(notices(checkout))
        run = launched(instance, ended.STARTED)
        event = dg.DagsterEvent("PIPELINE_SUCCESS", WAVE_JOB, message="")
        instance.report_dagster_event(event, run.run_id)
        sensor(after(sensor, instance, run, dg.DagsterEventType.RUN_SUCCESS))
        return notices(checkout)[before:]

    assert succeed() == []
    failed = launched(instance, ended.FAILURE)
    # of other waves, of commands, and of what is not over nothing is concluded
    launched(instance, ended.SUCCESS, tags={PARTITION_TAG: "1999"})
    launched(instance, ended.SUCCESS, remote_job_origin=None)
    launched(instance, ended.CANCELED)
    (told,) = succeed()
    assert (told["kind"], told["severity"], told["wave"]) == ("recovered", "INFO", WAVE)
    assert told["message"] == (f"wave {WAVE} is computed again: run {failed.run_id[:8]} had failed")
    assert succeed() == []
    launched(instance, ended.FAILURE, remote_job_origin=None)
    assert succeed() == []


@dg.op
def meets_a_full_disk() -> None:
    raise OSError("no space left")


def failed_of(
    instance: dg.DagsterInstance, wave: str, mark: str, op: Any, *, killed: bool = False
) -> None:
    """A run of the wave that ended as its op did, or without an event."""

    @dg.job(name=WAVE_JOB, tags={PARTITION_TAG: wave, STUDY_TAG: "samspil", FINGERPRINT_TAG: mark})
    def job() -> None:
        op()

    if killed:
        run = instance.create_run_for_job(
            job, status=dg.DagsterRunStatus.STARTED, tags=dict(job.tags)
        )
        instance.report_run_failed(run, "its process is gone")
    else:
        job.execute_in_process(instance=instance, raise_on_error=False)


def test_a_wave_that_failed_of_its_data_is_run_again_once_something_changed(
    checkout: Checkout, instance: dg.DagsterInstance
) -> None:
    study, said = load_study(checkout.study), list[str]()
    mark = current_fingerprint(study, "2015")
    failed_of(instance, "2015", mark, meets_a_full_disk)
    assert "2015" in asked(changed_waves(instance, study))
    failed_of(instance, "2015", mark, goes_wrong)
    assert asked(changed_waves(instance, study, said.append)) == {"2018"}
    (told,) = said
    assert told.startswith("2015 is not run again: run ")
    # killed since: nothing is known of the data
    failed_of(instance, "2015", mark, goes_wrong, killed=True)
    assert "2015" in asked(changed_waves(instance, study))
    failed_of(instance, "2015", mark, goes_wrong)
    assert "2015" not in asked(changed_waves(instance, study))
    with checkout.dataset.open("ab") as stream:
        stream.write(b"\n")
    assert "2015" in asked(changed_waves(instance, study))


def test_a_backfill_tells_of_a_wave_that_failed_and_goes_on(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, ran, said = load_study(checkout.study), list[str](), list[str]()

    def run_wave(name: str, wave: str, **_: object) -> int:
        ran.append(wave)
        return 0

    known = {"2015": "wave 2015 is not run again"}
    monkeypatch.setattr("pipelines.run.backfill.run_wave", run_wave)
    monkeypatch.setattr("pipelines.run.backfill.known_to_fail", lambda _, wave: known.get(wave, ""))
    assert run_waves(study, said.append, force=False, strict=True, changed=False) == [3, 0]
    assert ran == ["2018"]
    assert said == ["samspil: wave 2015 is not run again; --force runs it anyway"]
    assert run_waves(study, said.append, force=True, strict=True, changed=False) == [0, 0]
    assert ran == ["2018", "2015", "2018"]


def test_a_wave_whose_folder_is_gone_is_no_partition_once_nobody_works_on_it(
    checkout: Checkout, operation: Operation, instance: dg.DagsterInstance
) -> None:
    import shutil

    study = load_study(checkout.study)
    register_waves(instance, study)
    assert withdraw_waves(instance, study) == ()
    shutil.rmtree(checkout.study / "waves" / "2018")
    request = dg.RunRequest(partition_key="2018", tags=wave_tags(study, "x"))
    run = submit(instance, request, dg.DagsterRunStatus.STARTED)
    tick(checkout, operation, instance, None)
    assert set(instance.get_dynamic_partitions("samspil_waves")) == {"2015", "2018"}
    instance.delete_run(run.run_id)
    tick(checkout, operation, instance, None)
    assert set(instance.get_dynamic_partitions("samspil_waves")) == {"2015"}
    # a drive that is not mounted withdraws nothing
    (checkout.study / "waves").rename(checkout.root / "elsewhere")
    assert withdraw_waves(instance, study) == ()


def test_a_run_whose_process_is_gone_is_reported_as_such() -> None:
    said = "This run has been marked as failed from outside the execution context."
    assert ended_by(said).startswith("the run's process is gone")
    assert ended_by(PROCESS_GONE) == PROCESS_GONE
    assert ended_by(None) == "the run failed"


def test_a_run_that_a_check_stopped_is_reported_by_the_name_of_the_check() -> None:
    @dg.asset
    def a() -> None:
        pass

    @dg.asset_check(asset=a, blocking=True)
    def whole() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=False)

    definitions = dg.Definitions(assets=[a], asset_checks=[whole])
    job = definitions.resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(instance=instance, raise_on_error=False)
        (event,) = [e for e in result.all_events if e.is_step_failure]
    told = failure_message(event)
    assert "a: whole" in told
    assert told.startswith("1 blocking asset check failed")


def test_a_check_that_did_not_pass_is_reported_and_trends_follow_a_wave(
    checkout: Checkout, operation: Operation, instance: dg.DagsterInstance
) -> None:
    @dg.asset(
        check_specs=[dg.AssetCheckSpec("scale", asset="a"), dg.AssetCheckSpec("ok", asset="a")]
    )
    def a() -> Iterator[Any]:
        yield dg.MaterializeResult()
        yield dg.AssetCheckResult(check_name="ok", passed=True)
        yield dg.AssetCheckResult(
            check_name="scale", passed=False, severity=dg.AssetCheckSeverity.WARN,
            description="row 3: found 9",
        )  # fmt: skip

    definitions = dg.Definitions(assets=[a], jobs=[dg.define_asset_job(WAVE_JOB, [a])])
    result = definitions.resolve_job_def(WAVE_JOB).execute_in_process(instance=instance)
    (event,) = [e for e in result.all_events if e.event_type_value == "PIPELINE_SUCCESS"]
    waiting = dg.DagsterRun(job_name="trends", tags={STUDY_TAG: "samspil"})
    for jobs, follows in ((JOBS, "trends"), (JOBS[:1], None), (JOBS, None)):
        sensor = build_sensors(load_study(checkout.study), operation, jobs)[1]
        answer = sensor(
            dg.build_run_status_sensor_context(
                sensor_name="after_success",
                dagster_event=event,
                dagster_instance=instance,
                dagster_run=result.dagster_run,
            )
        )
        assert getattr(answer, "job_name", None) == follows
        # one run of the trends that has read nothing yet is enough for several waves
        if follows is None and not instance.has_run(waiting.run_id):
            instance.add_run(waiting)
    told = notices(checkout)
    assert [(n["kind"], n["step"], n["severity"]) for n in told] == [
        ("check_failed", "a: scale", "WARN")
    ] * 3
    assert told[0]["message"] == "row 3: found 9"


def test_a_notification_reaches_a_webhook_and_a_dead_one_fails_nothing(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    received: list[bytes] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    notice, said = Notice("refused", "samspil", WAVE, "æ\n" * 9000), list[str]()
    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        address = f"http://127.0.0.1:{server.server_port}/"
        monkeypatch.setenv("SAMSPIL_NOTIFY_WEBHOOK", address)
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        send(Hook(), notice, said.append)
        thread.join()
    assert json.loads(received[0])["message"] == ("æ\n" * 9000)[:4000]
    assert received[0].count(b"\n") == 1
    assert said == []
    # no listener is left, and a folder is in place of the file
    (checkout.root / "folder").mkdir()
    send(Hook(file=Path("folder")), notice, said.append)
    assert len(said) == 2
    assert said[1].startswith(f"notification not delivered to {address}")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("landing: {settle: 3}", "landing.settle: found an unknown entry, expected one of folder"),
        (
            "landing: {settle_seconds: -1}",
            "landing.settle_seconds: found -1, expected a number from 0",
        ),
        ("schedule: {cron: weekly}", "schedule.cron: found 'weekly', expected five fields"),
        (
            'schedule: {cron: "99 6 * * 1"}',
            "cron: found '99 6 * * 1', expected five fields",
        ),
        (
            'schedule: {cron: "0 6 * * 1", timezone: Copenhagen}',
            "schedule.timezone: found 'Copenhagen', expected the name",
        ),
        ("freshness: {2015: soon}", "freshness.2015: found 'soon', expected a mapping"),
        ("freshness: {2015: {}}", "expected a time such as {days: 7}"),
        (
            "notify: {webhook: 'ftp://x/y'}",
            "webhook: found 'ftp://x/y', expected an address",
        ),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, entry: str, said: str) -> None:
    with pytest.raises(SpecError) as error:
        study_of(tmp_path, entry)
    assert said in str(error.value)


def test_a_study_that_declares_nothing_has_a_landing_folder_and_no_more(tmp_path: Path) -> None:
    found = study_of(tmp_path, "").operation
    assert found == Operation(Landing(folder=Path("landing") / tmp_path.name), None, {}, Hook())
    assert study_of(tmp_path, "landing: false").operation.landing is None


def test_tags_of_a_run_name_study_and_inputs(study: Study) -> None:
    assert wave_tags(study, "abc") == {STUDY_TAG: "samspil", FINGERPRINT_TAG: "abc"}


@pytest.mark.parametrize(
    ("lag", "words"),
    [
        (timedelta(days=7), "7 days"),
        (timedelta(days=1, hours=2, minutes=5), "1 days 2 hours 5 minutes"),
        (timedelta(hours=36), "1 days 12 hours"),
        (timedelta(seconds=20), "a minute"),
    ],
)
def test_a_time_is_reported_as_it_is_declared(lag: timedelta, words: str) -> None:
    assert duration_in_words(lag) == words


@pytest.mark.parametrize(
    ("wave", "declared", "fresh"),
    [("2015", "2015", True), ("2015", "2018", False), ("2030", "2030", False)],
)
def test_only_a_wave_of_the_study_with_a_declared_time_is_reported_as_fresh(
    study: Study, monkeypatch: pytest.MonkeyPatch, wave: str, declared: str, fresh: bool
) -> None:
    monkeypatch.setattr(freshness, "current_fingerprint", lambda *_: "0123456789abcdef")
    monkeypatch.setattr(freshness, "up_to_date", lambda *_: True)
    reported: list[dg.AssetMaterialization] = []
    instance = SimpleNamespace(report_runless_asset_event=reported.append)
    operation = Operation(None, None, {declared: timedelta(days=7)}, Hook())
    assert report_fresh(cast("dg.DagsterInstance", instance), study, operation, wave) == fresh
    assert [one.asset_key for one in reported] == ([fresh_key(wave)] if fresh else [])

"""One run per wave: who waits for whom, and what a killed holder leaves."""

from __future__ import annotations

import errno
import fcntl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest

import pipelines.run.wave_run
import runtime.paths
from assets.step.workspace import Workspace
from pipelines.run.wave_run import FAILED
from runtime.paths import OWN
from runtime.wave_lock import LockError, lock_file, wave_lock
from tests.checkout import REPOSITORY

WAVE = "2015"


@contextmanager
def holder(path: Path, owner: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock."""
    command = [sys.executable, "-m", "tests.faults.holder", str(path), owner]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return lock_file(tmp_path, "", WAVE)


def test_another_process_waits_is_reported_for_whom_and_gives_up(lock: Path) -> None:
    told: list[str] = []
    with holder(lock, "run a") as other:
        with pytest.raises(LockError) as raised, wave_lock(lock, "run b", 0.3, told.append):
            pytest.fail("two runs of a wave at once")
        assert len(told) == 1
        for said in (told[0], str(raised.value)):
            assert f"wave 2015 is being worked on by process {other.pid} (since 20" in said
        assert "waited 0.3 s, nothing was changed" in str(raised.value)
        # another wave, and the same wave of another study, do not wait
        with wave_lock(lock.with_name("2018.lock"), "run b", 0):
            pass
        with wave_lock(lock_file(lock.parents[1], "skole", WAVE), "run b", 0):
            pass


def test_a_killed_holder_has_nothing_any_more(lock: Path) -> None:
    with holder(lock, "run a") as other:
        other.kill()
        other.wait()
        with wave_lock(lock, "run b", 1):
            pass


def test_who_waits_gets_it_when_the_other_is_done(lock: Path) -> None:
    with holder(lock, "run a") as other:
        threading.Timer(0.3, other.kill).start()
        started = time.monotonic()
        with wave_lock(lock, "run b", 20):
            assert time.monotonic() - started >= 0.25


def test_processes_of_one_run_share_it_and_no_other_run_comes_in(lock: Path) -> None:
    with holder(lock, "run a") as step:
        with wave_lock(lock, "run a", 0), pytest.raises(LockError), wave_lock(lock, "run b", 0):
            pass
        # the other step is still at work
        with pytest.raises(LockError), wave_lock(lock, "run b", 0):
            pass
        assert step.poll() is None


def test_within_a_process_a_run_takes_it_again_and_another_does_not(lock: Path) -> None:
    with wave_lock(lock, "run a", 0), wave_lock(lock, "run a", 0), pytest.raises(LockError):  # noqa: SIM117
        with wave_lock(lock, "run b", 0):
            pass
    with wave_lock(lock, "run b", 0):
        pass


def test_the_command_that_holds_it_lets_its_own_dagster_run_in(lock: Path) -> None:
    with wave_lock(lock, "command", 0, everybody=True):
        with wave_lock(lock, "run of the command", 0):
            pass
        with lock.open() as stream, pytest.raises(BlockingIOError):
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_run_whose_wave_another_had_meanwhile_is_reported(lock: Path) -> None:
    for owner in ("run a", "run b"):
        with wave_lock(lock, owner, 0):
            pass
    with pytest.raises(LockError, match="another run has worked on wave 2015"):  # noqa: SIM117
        with wave_lock(lock, "run a", 0):
            pass


def test_a_damaged_lock_file_is_no_hindrance(lock: Path) -> None:
    lock.parent.mkdir(parents=True)
    for content in (b"\xff\x00{", b"[1]", b'{"owners": []}', b""):
        lock.write_bytes(content)
        with wave_lock(lock, "run a", 0):
            pass


def test_a_file_system_without_locks_is_named(lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(LockError, match=r"has no locks .*No locks available"):  # noqa: SIM117
        with wave_lock(lock, "run a", 0):
            pass


def test_a_system_without_fcntl_is_named(lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with pytest.raises(LockError, match="Linux and macOS"), wave_lock(lock, "run a", 0):
        pass


def execute(root: Path, wave: str = WAVE) -> tuple[dg.ExecuteInProcessResult, list[bool]]:
    """A run of one asset that records whether its wave is locked."""
    locked: list[bool] = []

    @dg.asset(partitions_def=dg.StaticPartitionsDefinition([WAVE, "2018"]))
    def looks(workspace: Workspace) -> None:
        with lock_file(root, "", WAVE).open("a") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                locked.append(False)
            except BlockingIOError:
                locked.append(True)

    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            [looks],
            instance=instance,
            partition_key=wave,
            resources={"workspace": Workspace(root=str(root), patience=0.2)},
            raise_on_error=False,
        )
    return result, locked


def test_a_run_however_started_holds_the_lock_of_its_wave_and_no_other(tmp_path: Path) -> None:
    lock_file(tmp_path, "", WAVE).parent.mkdir()
    assert execute(tmp_path)[1] == [True]
    assert execute(tmp_path, "2018")[1] == [False]
    # and gives it back
    with wave_lock(lock_file(tmp_path, "", WAVE), "another", 0):
        pass


def test_a_run_of_the_ui_that_cannot_have_its_wave_says_who_has(lock: Path, tmp_path: Path) -> None:
    with holder(lock, "run a") as other:
        result, locked = execute(tmp_path)
    assert (result.success, locked) == (False, [])
    told = "\n".join(str(event) for event in result.all_events if event.is_failure)
    assert f"wave 2015 is being worked on by process {other.pid}" in told


def test_the_command_gives_up_with_a_message(
    lock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runtime.paths, "ROOT", tmp_path)
    with holder(lock, "run a") as other:
        assert pipelines.run.wave_run.run_wave(OWN, WAVE, wait=0.2) == FAILED
    said = capsys.readouterr().err
    assert f"being worked on by process {other.pid}" in said
    assert "waited 0.2 s" in said


def test_a_wave_that_is_a_path_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert pipelines.run.wave_run.run_wave(OWN, "../2015") == FAILED
    assert "is not a valid name of a wave" in capsys.readouterr().err

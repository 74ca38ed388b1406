"""Steps are retried after transient faults of the machine, and after no others."""

from __future__ import annotations

import errno
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import duckdb
import pytest

from assets.raw.errors import DataError, Finding
from assets.raw.limits import read_limited
from assets.step.factory import Asset, Check, Compute, Given, Made, Step, step
from assets.step.workspace import Workspace, failure
from declarations import SpecError
from declarations.operation import Retries
from pipelines.chain import build_definitions
from pipelines.records.standing_runs import WAVE_JOB
from runtime.faults import DamagedFileError, is_transient
from runtime.wave_lock import LockError
from tests.chain import declared_study
from tests.declared import study_of

HOLD = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""
TWICE = "retries: {most: 2, pause_seconds: 0}"
KEY = dg.AssetKey(["tried", "one"])


def wave_step(tmp_path: Path, name: str, compute: Compute, entry: str, **given: Any) -> Step:
    """A step of no wave, of a study whose `study.yaml` holds the entry."""
    operation = study_of(tmp_path, entry).operation
    # versions are of our own modules
    compute.__module__ = "assets.step.factory"
    study: Any = SimpleNamespace(folder=tmp_path, operation=operation)
    asset = Asset(KEY, group="tried", description="Tried.", rests_on="")
    assets = () if "checks" in given else (asset,)
    return step(name, study, assets, compute, of_waves=False, **given)


def executed(
    tmp_path: Path, attempt: Callable[[int], Any], entry: str = TWICE
) -> tuple[bool, int, str]:
    """A run of one asset: whether it succeeded, the number of retries, and the messages."""
    tries: list[int] = []

    def compute(_: Given) -> Iterator[Made]:
        tries.append(len(tries))
        attempt(len(tries))
        yield Made(KEY)

    made = wave_step(tmp_path, "one", compute, entry).definition()
    assert isinstance(made, dg.AssetsDefinition)
    definitions = dg.Definitions(assets=[made], resources={"workspace": Workspace(root="")})
    job = definitions.resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(instance=instance, raise_on_error=False)
        again = [e for e in result.all_events if e.event_type_value == "STEP_UP_FOR_RETRY"]
        failed = [e for e in result.all_events if e.is_step_failure]
    assert len(again) == len(tries) - 1
    said = str(failed[0].step_failure_data.error) if failed else ""
    return result.success, len(again), said


def raising(error: Exception) -> Callable[[int], None]:
    def step(_: int) -> None:
        raise error

    return step


@contextmanager
def held(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that has a DuckDB file open for writing."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == b"held\n"
        yield process


def test_a_file_that_another_process_has_is_tried_again_until_it_is_free(tmp_path: Path) -> None:
    path = tmp_path / "wave.duckdb"
    with held(path) as process:

        def step(attempt: int) -> None:
            if attempt == 3:
                process.communicate()
            with closing(duckdb.connect(str(path))):
                pass

        assert executed(tmp_path, step) == (True, 2, "")


def test_a_fault_that_does_not_pass_fails_in_the_end_with_its_own_words(tmp_path: Path) -> None:
    busy = OSError(errno.EBUSY, "Device or resource busy", "dataset.csv")
    success, again, said = executed(tmp_path, raising(busy))
    assert (success, again) == (False, 2)
    assert "dataset.csv" in said
    assert executed(tmp_path, raising(busy), "retries: false")[:2] == (False, 0)


@pytest.mark.parametrize(
    "error",
    [
        failure("dataset.csv, row 4: found 'is locked', expected 1 or 2"),
        DataError([Finding("scale", "dataset.csv", 4, "s_1", "database is locked", "1 or 2")]),
        SpecError("questions/1.yaml", "connection refused"),
        ValueError("server closed the connection"),
        DamagedFileError("could not set lock on file"),
        LockError("wave 2015 is locked"),
        OSError(errno.ENOSPC, "No space left on device"),
        FileNotFoundError(errno.ENOENT, "No such file"),
        duckdb.CatalogException("Table does not exist"),
        sqlite3.IntegrityError("UNIQUE constraint failed"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_fault_of_the_data_is_never_tried_again(tmp_path: Path, error: Exception) -> None:
    assert executed(tmp_path, raising(error))[:2] == (False, 0)


def test_a_check_that_blocks_is_never_tried_again(tmp_path: Path) -> None:
    asked: list[int] = []

    def sound(_: Given) -> Iterator[dg.AssetCheckResult]:
        asked.append(1)
        yield dg.AssetCheckResult(asset_key=KEY, check_name="sound", passed=False)

    one = wave_step(tmp_path, "one", lambda _: [Made(KEY)], TWICE).definition()
    check = Check("sound", KEY, "Sound.", blocking=True)
    checking = wave_step(tmp_path, "check", sound, TWICE, checks=[check]).definition()
    assert isinstance(checking, dg.AssetChecksDefinition)
    definitions = dg.Definitions(
        assets=[one], asset_checks=[checking], resources={"workspace": Workspace(root="")}
    )
    with dg.DagsterInstance.ephemeral() as instance:
        job = definitions.resolve_implicit_global_asset_job_def()
        assert not job.execute_in_process(instance=instance, raise_on_error=False).success
    assert len(asked) == 1


def hiding(cause: Exception) -> Exception:
    """A failure on purpose, raised while another error was handled."""
    try:
        try:
            raise cause
        except Exception:
            raise failure("row 4") from None
    except dg.Failure as error:
        return error


def leading(cause: Exception) -> Exception:
    """An error that names another as its cause."""
    try:
        raise RuntimeError("the step went wrong") from cause
    except RuntimeError as error:
        return error


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (sqlite3.OperationalError("database is locked"), True),
        (ConnectionResetError(errno.ECONNRESET, "reset"), True),
        (TimeoutError("timed out"), True),
        (leading(OSError(errno.ESTALE, "Stale file handle")), True),
        (leading(ValueError("wrong")), False),
        (hiding(OSError(errno.EBUSY, "busy")), False),
    ],
)
def test_what_passes_is_known_from_what_was_raised_first(error: Exception, passes: bool) -> None:
    assert is_transient(error) is passes


def test_a_raw_file_that_is_busy_is_no_fault_of_the_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dataset.csv").write_text("a;b\n")
    for code, raised in ((errno.EBUSY, OSError), (errno.EACCES, DataError)):

        def refuse(_: Path, code: int = code) -> bytes:
            raise OSError(code, "cannot be read")

        monkeypatch.setattr(Path, "read_bytes", refuse)
        with pytest.raises(raised) as error:
            read_limited(tmp_path / "dataset.csv")
        assert is_transient(error.value) is (code == errno.EBUSY)


def test_every_step_and_check_of_the_study_is_made_by_the_factory() -> None:
    definitions = build_definitions(declared_study(), "")
    steps = {node.name: node for node in definitions.resolve_job_def(WAVE_JOB).nodes}
    assert len(steps) > 15
    for name, node in steps.items():
        compute: Any = node.definition
        assert compute.compute_fn.decorated_fn.__module__ == "assets.step.factory", name


@pytest.mark.parametrize(
    ("entry", "retries"),
    [
        ("", Retries(most=2, pause_seconds=5)),
        ("retries: false", Retries(most=0)),
        ("retries: {most: 4}", Retries(most=4, pause_seconds=5)),
    ],
)
def test_how_often_is_declared(tmp_path: Path, entry: str, retries: Retries) -> None:
    found = study_of(tmp_path, entry).operation.retries
    assert found.most == retries.most
    assert not found.most or found == retries


@pytest.mark.parametrize("entry", ["{most: often}", "{most: 11}", "{most: true}", "{times: 3}"])
def test_a_wrong_number_of_retries_is_refused(tmp_path: Path, entry: str) -> None:
    with pytest.raises(SpecError, match=r"study.yaml line 3: retries\.(most|times): found"):
        study_of(tmp_path, f"retries: {entry}")

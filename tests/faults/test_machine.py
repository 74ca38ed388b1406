"""Faults of real machines: each message says what happened, to which file, and what to do."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from functools import partial
from multiprocessing import Pipe
from pathlib import Path

import dagster as dg
import duckdb
import pandas as pd
import psycopg2
import pytest

import runtime.paths
from pipelines.records.history import (
    HistoryError,
    dagster_home,
    damaged_databases,
    explained_settings,
    history,
    opened,
)
from pipelines.run.wave_run import FAILED, run_wave
from pipelines.serve.daemon import command
from pipelines.serve.server import ServerError, serve
from runtime import second_process
from runtime.faults import (
    DamagedFileError,
    NotAllowedError,
    WrongKindError,
    is_transient,
    writing,
)
from runtime.paths import OWN
from runtime.private.key_file import VARIABLE, KeyFileError, key_path
from runtime.store import Store
from tests.checkout import REPOSITORY

SETTINGS = """
telemetry: {enabled: false}
event_log_storage: {module: runtime.event_log, class: CachedSqliteEventLogStorage}
"""
ROWS = {("raw", "files"): pd.DataFrame({"n": [1]})}


def of_sqlite(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE a (b)")
        other.commit()


def of_a_newer_duckdb(path: Path) -> None:
    duckdb.connect(str(path)).close()
    content = bytearray(path.read_bytes())
    content[12] = 250
    path.write_bytes(content)


FORMATS: dict[str, Callable[[Path], object]] = {
    "sqlite": of_sqlite,
    "newer": of_a_newer_duckdb,
    "text": lambda path: path.write_text("a;b\n1;2\n" * 1000, encoding="utf-8"),
    "archive": lambda path: path.write_bytes(b"PK\x03\x04" + bytes(9000)),
    "empty": lambda path: path.write_bytes(b""),
    "folder": lambda path: path.mkdir(),
}


@pytest.mark.parametrize("kind", FORMATS)
def test_a_working_file_of_another_format_is_reported_and_made_anew(
    tmp_path: Path, kind: str
) -> None:
    store = Store(tmp_path / ".work" / "2015.duckdb", private=True)
    store.path.parent.mkdir()
    FORMATS[kind](store.path)
    with pytest.raises(DamagedFileError, match=r"2015\.duckdb was damaged and has been deleted"):
        store.write(ROWS)
    store.write(ROWS)
    assert len(store.read("raw", "files")) == 1


@pytest.mark.parametrize(
    "error",
    [
        PermissionError(errno.EACCES, "Permission denied"),
        OSError(errno.EROFS, "Read-only file system"),
        sqlite3.OperationalError("attempt to write a readonly database"),
        duckdb.IOException('IO Error: Cannot open file "x": Permission denied'),
    ],
)
def test_a_file_of_somebody_else_is_reported_with_its_owner_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(Path, "owner", lambda _: "somebody")
    path = tmp_path / "output" / "2015"
    with pytest.raises(NotAllowedError) as raised, writing(path):
        raise error
    said = str(raised.value)
    assert f"{path} may not be used by" in said
    assert f"{tmp_path} belongs to somebody" in said
    assert "sudo chown -R" in said
    assert not is_transient(raised.value)


def test_the_file_is_the_one_the_system_named_and_words_of_answers_do_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "results.csv"
    named.touch()
    with (
        pytest.raises(NotAllowedError, match=r"results\.csv may not be used") as raised,
        writing(tmp_path),
    ):
        raise PermissionError(errno.EPERM, "Operation not permitted", str(named))
    # its owner is this user: the modes are the matter
    assert "modes of" in str(raised.value)
    with pytest.raises(ValueError, match="permission denied"), writing(tmp_path):
        raise ValueError("permission denied")


def test_the_command_says_whose_the_lock_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = os.open

    def denied(path: object, *rest: object, **more: object) -> int:
        if str(path).endswith("2015.lock"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return opened(path, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(runtime.paths, "ROOT", tmp_path)
    monkeypatch.setattr(os, "open", denied)
    assert run_wave(OWN, "2015") == FAILED
    assert "2015.lock may not be used by" in capsys.readouterr().err


@dg.op
def one() -> int:
    return 1


@dg.job
def job() -> None:
    one()


def use(home: Path) -> None:
    """A run in an instance, in the way of a command."""
    with writing(home), history(home), opened() as instance:
        instance.add_dynamic_partitions("wave", ["2015"])
        assert job.execute_in_process(instance=instance).success


def test_one_at_a_time_opens_an_instance_which_may_have_to_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The daemon and the pages start at the same moment, and each would make the same tables."""
    inside, most = [], []

    def get() -> nullcontext[None]:
        inside.append(0)
        most.append(len(inside))
        time.sleep(0.05)
        inside.pop()
        return nullcontext()

    def use_it() -> None:
        together.wait()
        with opened():
            both.wait(timeout=5)

    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "new"))
    monkeypatch.setattr(dg.DagsterInstance, "get", get)
    # only the opening is one at a time: both have it open at last
    together, both = threading.Barrier(2), threading.Barrier(2)
    # a lock of the system is held by a descriptor, so threads are kept apart as processes are
    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(use_it) for _ in range(2)]:
            future.result()
    assert most == [1, 1]


def test_whatever_is_started_opens_the_instance_in_that_way() -> None:
    for path in (REPOSITORY / "pipelines").rglob("*.py"):
        if path.name != "history.py":
            assert "DagsterInstance.get" not in path.read_text(encoding="utf-8"), path
    for unit in (REPOSITORY / "deploy").glob("*.service"):
        assert "-m pipelines.serve" in unit.read_text(encoding="utf-8"), unit


def test_a_dagster_without_the_private_classes_of_the_server_is_reported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setitem(sys.modules, "dagster._core.workspace.load_target", None)
    with pytest.raises(ServerError, match=r"cannot be served behind the guard .*make setup"):
        serve(tmp_path / "workspace.yaml", 0)


def test_the_daemon_is_the_public_command_of_this_environment(tmp_path: Path) -> None:
    python, script, *arguments = command(tmp_path / "workspace.yaml")
    assert (python, Path(script).parent) == (sys.executable, Path(sys.executable).parent)
    assert Path(script).is_file()
    assert arguments == ["run", "--workspace", str(tmp_path / "workspace.yaml")]


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("used")
    (home / "dagster.yaml").write_text(SETTINGS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(home))
        use(home)
    assert not list(damaged_databases(home))
    return home


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("history/runs.db", "overwritten"), ("history/runs/index.db", "damaged"),
        ("history/runs/index.db", "empty"), ("history/runs.db", "a folder"),
    ],
)  # fmt: skip
def test_a_damaged_history_is_reported_with_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, used: Path, name: str, how: str
) -> None:
    home = tmp_path / "home"
    shutil.copytree(used, home)
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    path = home / name
    content = path.read_bytes()
    for beside in path.parent.glob(f"{path.name}-*"):
        beside.unlink()
    path.unlink()
    if how == "a folder":
        path.mkdir()
    else:
        left = {"overwritten": b"no database " * 1000, "empty": b""}
        path.write_bytes(left.get(how, content[:100] + b"x" * 9000))
    with pytest.raises(HistoryError) as raised:
        use(home)
    said = str(raised.value)
    assert str(path) in said
    assert "move the file away" in said
    assert "results in output/ do not depend on it" in said
    path.rmdir() if how == "a folder" else path.unlink()
    use(home)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("a: [b", "while parsing a flow sequence"),
        ("nonsense: 1", 'Received unexpected config entry "nonsense"'),
        ("event_log_storage: {module: nowhere, class: X}", "import module nowhere"),
        (
            "storage: {postgres: {postgres_url: {nonsense: 'postgresql://u:secret@x/y'}}}",
            "postgres",
        ),
    ],
)
def test_settings_of_dagster_that_cannot_be_read_are_reported_with_their_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: str, said: str
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").write_text(settings, encoding="utf-8")
    with pytest.raises(HistoryError) as raised:
        use(tmp_path)
    text = str(raised.value)
    assert text.startswith(f"{tmp_path / 'dagster.yaml'} cannot be used: ")
    assert said in text
    assert "secret" not in text
    assert "Correct it, or delete it" in text


def test_a_server_of_the_history_that_does_not_answer_is_no_mistake_of_the_settings(
    tmp_path: Path,
) -> None:
    with (
        pytest.raises(HistoryError, match=r"server that \S+dagster.yaml names does not answer"),
        explained_settings(tmp_path),
    ):
        raise RuntimeError("too many retries") from psycopg2.OperationalError("refused")


def test_a_history_that_lacks_a_table_is_reported_and_a_relative_home_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(HistoryError, match="lacks a table or a column"), history(tmp_path):
        raise sqlite3.OperationalError("no such table: runs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", "own")
    assert dagster_home() == tmp_path / "own"
    assert os.environ["DAGSTER_HOME"] == str(tmp_path / "own")


@pytest.mark.parametrize("kind", ["a file", "a link that leads nowhere", "a folder"])
def test_what_is_in_the_place_of_a_folder_or_file_is_named(tmp_path: Path, kind: str) -> None:
    place = tmp_path / ".work"
    if kind == "a file":
        place.write_bytes(b"")
    elif kind == "a folder":
        place.mkdir()
    else:
        place.symlink_to(tmp_path / "gone")
    use_it = partial(place.write_bytes, b"") if kind == "a folder" else place.mkdir
    with pytest.raises(WrongKindError) as raised, writing(tmp_path):
        use_it()
    assert str(raised.value).startswith(f"{place} is {kind}")
    assert str(raised.value).endswith(". Move it away and run again")
    with pytest.raises(FileExistsError), writing(tmp_path):
        tmp_path.mkdir()


def test_a_key_that_cannot_be_read_is_not_taken_for_a_file_of_the_checkout(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="name a file with"), writing(tmp_path):
        raise KeyFileError(f"name a file with {VARIABLE}") from PermissionError(errno.EACCES, "x")


def test_a_locked_history_is_reported_and_other_errors_are_not_ours(tmp_path: Path) -> None:
    with (
        pytest.raises(HistoryError, match="locked by another program, such as a backup"),
        history(tmp_path),
    ):
        raise RuntimeError("a run failed") from sqlite3.OperationalError("database is locked")
    with pytest.raises(ValueError, match="database is locked"), history(tmp_path):
        raise ValueError("database is locked")


def test_what_a_second_process_that_was_killed_should_do_is_done_here(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    here, there = Pipe()
    monkeypatch.setattr(second_process, "_connection", here)
    there.close()
    assert [second_process.call(len, [1, 2]), second_process.call(len, [])] == [2, 0]
    assert [record.getMessage() for record in caplog.records] == [second_process.ENDED % "len"]


def test_without_home_no_other_users_key_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (VARIABLE, "XDG_CONFIG_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(KeyFileError, match=f"HOME is not set.*{VARIABLE}"):
        key_path()


def test_nothing_calls_commands_that_know_where_the_checkout_was() -> None:
    # the commands pip and uv install name the interpreter by its path; python itself may be moved
    files = [REPOSITORY / "Makefile", REPOSITORY / "bin" / "samspil", *REPOSITORY.glob("deploy/*")]
    for path in files:
        if path.is_file():
            called = set(re.findall(r"\.venv/bin/([\w.-]+)", path.read_text(encoding="utf-8")))
            assert called <= {"python", "uv"}, f"{path.name}: {called}"

"""A working file that is cut off, overwritten or left by a kill: the next run copes."""

import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest

from assets.step.workspace import Workspace
from runtime.faults import DamagedFileError
from runtime.store import Store

ROWS = pd.DataFrame({"n": range(3000), "text": [f"x{n % 90}" for n in range(3000)]})
KEY = ("raw", "dataset")
KILLED = """
import duckdb, os, signal, sys
connection = duckdb.connect(sys.argv[1])
connection.execute("CREATE TABLE raw.more AS SELECT range AS n FROM range(20000)")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """A working file and the log of a process that was killed after its commit."""
    store = Store(tmp_path_factory.mktemp("good") / "2015.duckdb")
    store.write({KEY: ROWS})
    done = subprocess.run([sys.executable, "-c", KILLED, str(store.path)], check=False)
    assert done.returncode == -signal.SIGKILL
    log = store.path.with_name("2015.duckdb.wal")
    return store.path.read_bytes(), log.read_bytes()


def damaged(content: bytes, log: bytes) -> Iterator[tuple[str, bytes | None, bytes | None]]:
    rng = random.Random(4)
    yield "killed", content, log
    yield "empty", b"", None
    yield "text", b"hello", None
    yield "noise", rng.randbytes(50_000), None
    yield "zeros", bytes(len(content)), None
    yield "only a log", None, log
    yield "half", content[: len(content) // 2], None
    yield "header only", content[:12288], None
    yield "cut header", content[:5000], log
    yield "noise after the header", content[:12288] + rng.randbytes(len(content) - 12288), None
    yield "log cut off", content, log[: len(log) // 2]
    yield "log of noise", content, rng.randbytes(3000)
    yield "log overwritten", content, log[:400] + rng.randbytes(100) + log[500:]


NAMES = [name for name, *_ in damaged(b" " * 20000, b" " * 1000)]


def execute(root: Path) -> dg.ExecuteInProcessResult:
    """A run that writes a relation and reads it, as the stages of the chain do."""

    @dg.asset(partitions_def=dg.StaticPartitionsDefinition(["2015"]))
    def written(workspace: Workspace) -> None:
        workspace.store("2015").write({KEY: ROWS, ("clean", "rows"): ROWS})

    @dg.asset(partitions_def=dg.StaticPartitionsDefinition(["2015"]), deps=[written])
    def read(workspace: Workspace) -> None:
        assert workspace.store("2015").read("clean", "rows").equals(ROWS)

    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            [written, read],
            instance=instance,
            partition_key="2015",
            resources={"workspace": Workspace(root=str(root))},
            raise_on_error=False,
        )


@pytest.mark.parametrize("name", NAMES)
def test_a_run_copes_with_any_working_file(
    tmp_path: Path, files: tuple[bytes, bytes], name: str
) -> None:
    content, log = next((c, w) for n, c, w in damaged(*files) if n == name)
    store = Store(tmp_path / ".work" / "2015.duckdb")
    store.path.parent.mkdir()
    for path, what in ((store.path, content), (store.path.with_name("2015.duckdb.wal"), log)):
        if what is not None:
            path.write_bytes(what)
    first = execute(tmp_path)
    # what only shows when it is read deletes the file; the next run then has a new one
    result = first if first.success else execute(tmp_path)
    assert result.success
    if not first.success:
        assert any("was damaged and has been deleted" in str(e) for e in first.all_events)
    assert store.read(*KEY).equals(ROWS)


def test_what_a_killed_process_committed_is_still_there(
    tmp_path: Path, files: tuple[bytes, bytes]
) -> None:
    store = Store(tmp_path / "2015.duckdb")
    store.path.write_bytes(files[0])
    store.path.with_name("2015.duckdb.wal").write_bytes(files[1])
    assert len(store.read("raw", "more")) == 20000
    assert store.read(*KEY).equals(ROWS)


def test_a_damaged_file_is_named_and_deleted(tmp_path: Path) -> None:
    store = Store(tmp_path / "2015.duckdb")
    store.path.write_bytes(b"hello")
    with pytest.raises(DamagedFileError, match=r"2015\.duckdb was damaged and has been deleted"):
        store.read(*KEY)
    assert list(tmp_path.iterdir()) == []


def test_a_snapshot_is_never_deleted_by_who_reads_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "samspil.duckdb")
    store.path.write_bytes(b"hello")
    with pytest.raises(Exception, match="not a valid DuckDB"), store.connect(read_only=True):
        pass
    assert store.path.read_bytes() == b"hello"


def test_other_errors_leave_the_file_alone(tmp_path: Path) -> None:
    store = Store(tmp_path / "2015.duckdb")
    store.write({KEY: ROWS})
    with pytest.raises(LookupError):
        store.read("raw", "missing")
    with pytest.raises(Exception, match="not found in FROM"), store.connect() as connection:
        connection.execute("SELECT nothing FROM raw.dataset")
    assert store.read(*KEY).equals(ROWS)

"""The snapshot's bytes follow from its rows, and from nothing else that was in memory."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from runtime.snapshot_file import COPIES, ID, settle_id
from runtime.store import Store, write_snapshot
from tests.checkout import REPOSITORY

ROWS = {
    ("results", f"table_{t}"): pd.DataFrame(
        {
            "n": range(t, 4000 + t),
            "share": [n / (t + 7) for n in range(4000)],
            "text": [f"answer {n % (50 * t + 3)} of {t}" for n in range(4000)],
            "seldom": [None if n % 3 else "x" for n in range(4000)],
        }
    )
    for t in range(3)
}
# texts of many lengths leave a gap in every segment they fill
ROWS["results", "long"] = pd.DataFrame({"text": ["ab" * (n % 41 + 3) for n in range(20_000)]})
SECRET = "en hemmelighed som ingen andre skal se"
WRITTEN = """
import sys
from pathlib import Path
import assets
from tests.faults.test_snapshot_file import write
write(Path(sys.argv[1]), int(sys.argv[2]))
"""
linux = pytest.mark.skipif(sys.platform != "linux", reason="DuckDB's allocator is that of Linux")


def write(folder: Path, seed: int) -> bytes:
    """A snapshot after other work, which leaves its texts in memory."""
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    noise = [rng.randbytes(rng.randrange(10, 60_000)) for _ in range(seed * 60)]
    del noise[::2]
    texts = pd.DataFrame({"text": [f"{SECRET} {rng.random()}" for _ in range(500 * seed)]})
    working = Store(folder / "working.duckdb")
    working.write({("raw", "dataset"): texts})
    working.read("raw", "dataset")
    if seed % 2:
        # a file opened before leaves its segments
        write_snapshot(folder / "other.duckdb", {("a", "b"): texts}, {})
    target = folder / "samspil.duckdb"
    write_snapshot(target, ROWS, {"wave": "2015"})
    return target.read_bytes()


@pytest.mark.long
@linux
def test_equal_rows_give_equal_bytes_whatever_else_was_in_memory(tmp_path: Path) -> None:
    # a path of another length, and another process, are other memory too
    first = write(tmp_path / "a", 1)
    assert write(tmp_path / "a longer name", 5) == first
    assert elsewhere(tmp_path / "c", {}) == first
    # without the setting it is not so; where it is, DuckDB has mended it and the setting may go
    assert elsewhere(tmp_path / "d", {"DUCKDB_JE_MALLOC_CONF": "zero:false"}) != first


def elsewhere(folder: Path, setting: dict[str, str]) -> bytes:
    """The snapshot as another process writes it."""
    own = {name: value for name, value in os.environ.items() if "MALLOC" not in name}
    command = [sys.executable, "-c", WRITTEN, str(folder), "3"]
    environment = own | {"PYTHONPATH": str(REPOSITORY)} | setting
    subprocess.run(command, cwd=REPOSITORY, env=environment, check=True, timeout=60)
    return (folder / "samspil.duckdb").read_bytes()


@linux
def test_nothing_of_the_working_file_gets_into_it(tmp_path: Path) -> None:
    content = write(tmp_path, 6)
    assert SECRET.encode() not in content
    assert SECRET.encode() in (tmp_path / "working.duckdb").read_bytes()


def test_it_opens_and_holds_its_rows(tmp_path: Path) -> None:
    write(tmp_path, 1)
    with closing(duckdb.connect(str(tmp_path / "samspil.duckdb"), read_only=True)) as snapshot:
        for (schema, name), frame in ROWS.items():
            read = snapshot.execute(f"FROM {schema}.{name}").df()
            assert read.notna().equals(frame.notna())
            for column in set(frame) - {"seldom"}:
                assert read[column].tolist() == frame[column].tolist()


def test_other_rows_have_another_id(tmp_path: Path) -> None:
    ids = set()
    for value in (1, 2):
        target = tmp_path / f"{value}" / "samspil.duckdb"
        write_snapshot(target, {("a", "b"): pd.DataFrame({"n": [value]})}, {})
        content = target.read_bytes()
        places = [content[start + ID.start : start + ID.stop] for start in COPIES]
        assert places[0] == places[1]
        ids.add(places[0])
    assert len(ids) == 2


@pytest.mark.parametrize("content", [b"", b"hello", bytes(20_000), os.urandom(20_000)])
def test_a_file_of_another_layout_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    assert not settle_id(path)
    assert path.read_bytes() == content

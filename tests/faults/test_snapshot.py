"""The snapshot: a separate process writes it, and hashes of its rows compare two of them."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from pipelines.records.fingerprint import last_run, write_record
from runtime.output_versions import RECORD
from runtime.snapshot import SNAPSHOT, row_hashes, write_snapshot
from runtime.store import Store
from tests.snapshots import snapshots_in_process

PLACE = ("results", "table 1")
ROWS = {
    ("results", f"table_{t}"): pd.DataFrame(
        {
            "n": range(t, 4000 + t),
            "share": [n / (t + 7) for n in range(4000)],
            "text": [f"answer {n % (50 * t + 3)} of {t}" for n in range(4000)],
            "seldom": [None if n % 3 else "x" for n in range(4000)],
            "empty": [None] * 4000,
        }
    )
    for t in range(3)
}
ABOUT = {"wave": "2015", "statement": "it's made", "empty": ""}
SECRET = "en hemmelighed som ingen andre skal se"


def hashes(folder: Path, rows: Mapping[str, Any]) -> str:
    """The hash of a relation with these columns."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{len(list(folder.iterdir()))}.duckdb"
    with snapshots_in_process():
        write_snapshot(path, {PLACE: pd.DataFrame(rows)}, {})
    return row_hashes(path)["results.table 1"]


def test_it_opens_and_holds_its_rows_in_order(tmp_path: Path) -> None:
    write_snapshot(tmp_path / SNAPSHOT, ROWS, ABOUT)
    with closing(duckdb.connect(str(tmp_path / SNAPSHOT), read_only=True)) as snapshot:
        for (schema, name), frame in ROWS.items():
            read = snapshot.execute(f"FROM {schema}.{name}").df()
            assert list(read) == list(frame)
            assert read.notna().equals(frame.notna())
            for column in set(frame) - {"seldom", "empty"}:
                assert read[column].tolist() == frame[column].tolist()
        assert snapshot.execute("FROM main.about").fetchall() == list(ABOUT.items())
    assert [path.name for path in tmp_path.iterdir()] == [SNAPSHOT]


def test_rows_are_equal_in_any_order_and_whatever_else_was_in_memory(tmp_path: Path) -> None:
    write_snapshot(tmp_path / "a.duckdb", ROWS, ABOUT)
    rng = random.Random(1)
    noise = [rng.randbytes(rng.randrange(10, 60_000)) for _ in range(200)]
    shuffled = {place: frame.sample(frac=1, random_state=1) for place, frame in ROWS.items()}
    write_snapshot(tmp_path / "b.duckdb", shuffled, ABOUT)
    del noise
    assert row_hashes(tmp_path / "a.duckdb") == row_hashes(tmp_path / "b.duckdb")
    assert set(row_hashes(tmp_path / "a.duckdb")) == {
        "main.about",
        *(f"{schema}.{name}" for schema, name in ROWS),
    }
    assert row_hashes(tmp_path / "none.duckdb") == {}


OTHERS: tuple[dict[str, list[Any]], ...] = (
    {"a": [1, 2, 3], "b": ["x", "x", "y"]},  # a value
    {"a": [1, 2, 2], "b": ["x", "x", None]},  # no value
    {"a": [1, 2, 2], "b": ["x", "x", "NULL"]},  # a text that looks like no value
    {"a": [1, 2, 2], "b": ["x", "x", ""]},
    {"a": [1, 2], "b": ["x", "x"]},  # a row less
    {"a": [1, 2, 2, 2], "b": ["x", "x", "x", "x"]},  # a row twice
    {"a": [1.0, 2.0, 2.0], "b": ["x", "x", "x"]},  # a type
    {"a": [1, 2, 2], "c": ["x", "x", "x"]},  # a name
    {"b": ["x", "x", "x"], "a": [1, 2, 2]},  # the order of columns
    {"a": ["1, x", "2", "2"], "b": ["x", "x", "x"]},
)


@pytest.fixture(scope="module")
def of_others(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Hashes of the rows, of the same rows again, and of each variant."""
    rows: dict[str, list[Any]] = {"a": [1, 2, 2], "b": ["x", "x", "x"]}
    named = {"rows": rows, "again": rows, **{f"other_{n}": o for n, o in enumerate(OTHERS)}}
    path = tmp_path_factory.mktemp("hashes") / SNAPSHOT
    write_snapshot(path, {("results", n): pd.DataFrame(r) for n, r in named.items()}, {})
    found = row_hashes(path)
    return {name: found[f"results.{name}"] for name in named}


@pytest.mark.parametrize("place", range(len(OTHERS)))
def test_other_rows_have_another_hash(of_others: dict[str, str], place: int) -> None:
    assert of_others["again"] == of_others["rows"]
    assert of_others[f"other_{place}"] != of_others["rows"], OTHERS[place]


def test_texts_that_look_like_two_columns_are_told_apart(tmp_path: Path) -> None:
    first = hashes(tmp_path, {"a": ["x', 'y"], "b": ["z"]})
    assert first != hashes(tmp_path, {"a": ["x"], "b": ["y', 'z"]})
    null, word = {"a": [None, "x"]}, {"a": ["NULL", "x"]}
    assert hashes(tmp_path, null) != hashes(tmp_path, word)


def test_only_a_process_that_read_nothing_else_opens_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    working = Store(tmp_path / "working.duckdb")
    working.write({("raw", "dataset"): pd.DataFrame({"text": [SECRET] * 2000})})
    assert len(working.read("raw", "dataset")) == 2000
    opened, connect = [], duckdb.connect

    def connected(database: str, **settings: Any) -> duckdb.DuckDBPyConnection:
        opened.append(database)
        return connect(database, **settings)

    monkeypatch.setattr(duckdb, "connect", connected)
    write_snapshot(tmp_path / SNAPSHOT, ROWS, ABOUT)
    assert opened == [":memory:"]
    assert SECRET.encode() not in (tmp_path / SNAPSHOT).read_bytes()


def test_what_the_process_says_is_passed_on(tmp_path: Path) -> None:
    (tmp_path / SNAPSHOT).write_bytes(b"no DuckDB file" * 1000)
    with pytest.raises(RuntimeError, match=r"samspil\.duckdb"):
        write_snapshot(tmp_path / SNAPSHOT, ROWS, ABOUT)


def test_the_record_of_a_run_holds_them_and_a_damaged_snapshot_is_noticed(tmp_path: Path) -> None:
    write_snapshot(tmp_path / SNAPSHOT, ROWS, ABOUT)
    write_record(tmp_path, {"fingerprint": "1"})
    record = last_run(tmp_path)
    assert record is not None
    assert record["rows"] == row_hashes(tmp_path / SNAPSHOT)
    assert record == json.loads((tmp_path / RECORD).read_text(encoding="utf-8"))
    content = bytearray((tmp_path / SNAPSHOT).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / SNAPSHOT).write_bytes(content)
    assert last_run(tmp_path) is None
    (tmp_path / SNAPSHOT).write_bytes(b"")
    with pytest.raises(OSError, match="cannot be read"):
        write_record(tmp_path, {"fingerprint": "1"})

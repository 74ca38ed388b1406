"""Readers of the published snapshots, as separate processes."""

from __future__ import annotations

import hashlib
from contextlib import closing
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

import duckdb

WAVES = ("2015", "2018")
Seen = tuple[str, str, str]


def read_snapshot(path: Path, wave: str) -> Seen:
    """A snapshot as one reader finds it: wave, checksum of its data set, hash of its results."""
    with closing(duckdb.connect(str(path), read_only=True, config={"threads": 1})) as connection:
        about = dict(connection.execute("SELECT key, value FROM main.about").fetchall())
        if about["wave"] != wave:
            raise ValueError(f"{path}: about says wave {about['wave']}")
        digest = hashlib.sha256()
        for query in (
            'SELECT * FROM results.results ORDER BY "table", "row", "group", "column"',
            "SELECT * FROM counts.counts ORDER BY ALL",
            "SELECT * FROM checks.quarantine ORDER BY ALL",
        ):
            digest.update(repr(connection.execute(query).fetchall()).encode())
    return wave, about["sha256_dataset"], digest.hexdigest()


def reader(root: Path, stop: Any, reads: Synchronized[int], found: Any) -> None:
    """Open each wave's snapshot repeatedly; print each state once."""
    known: set[Seen | str] = set()
    while not stop.is_set():
        for wave in WAVES:
            path = root / "output" / wave / "samspil.duckdb"
            if not path.exists():
                continue
            seen: Seen | str
            try:
                seen = read_snapshot(path, wave)
            except Exception as error:  # errors of readers are the measurement
                seen = f"{type(error).__name__}: {error}"
            with reads.get_lock():
                reads.value += 1
            if seen not in known:
                known.add(seen)
                found.put(seen)

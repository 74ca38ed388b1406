"""A memory limit that is too low ends in a clear message; what does not fit is spilled."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.faults import TooLittleMemoryError
from runtime.store import Store

SORTED = (
    "CREATE OR REPLACE TABLE t AS SELECT hash(i) AS h, repeat('x', 50) || i AS s "
    "FROM range(400000) AS r(i) ORDER BY h"
)


def test_too_little_memory_is_told_with_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMSPIL_MEMORY", "1MB")
    store = Store(tmp_path / "w.duckdb")
    told = pytest.raises(TooLittleMemoryError, match=r"SAMSPIL_MEMORY \(now 1MB\)")
    with told, store.transaction() as connection:
        connection.execute(SORTED)


def test_what_does_not_fit_into_memory_is_spilled_beside_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMSPIL_MEMORY", "40MB")
    with Store(tmp_path / "w.duckdb").transaction() as connection:
        connection.execute(SORTED)
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (400000,)
        told = connection.execute("SELECT current_setting('temp_directory')").fetchone()
    assert told == (str(tmp_path / "w.duckdb.spill"),)
    assert not (tmp_path / "w.duckdb.spill").exists()

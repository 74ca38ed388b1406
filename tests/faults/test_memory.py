"""A memory limit that is too low ends in a clear message; what does not fit is spilled."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from assets.step.workspace import Workspace
from declarations.survey.study_file import StudyFile
from runtime.faults import TooLittleMemoryError
from runtime.store import FROM_ENVIRONMENT, Store

SORTED = (
    "CREATE OR REPLACE TABLE t AS SELECT hash(i) AS h, repeat('x', 50) || i AS s "
    "FROM range(400000) AS r(i) ORDER BY h"
)


def test_too_little_memory_is_reported_with_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMSPIL_MEMORY", "1MB")
    store = Store(tmp_path / "w.duckdb")
    told = pytest.raises(TooLittleMemoryError, match=r"Raise SAMSPIL_MEMORY.*\(now 1MB\)")
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


def _now(store: Store) -> tuple[str, int]:
    with store.connect() as connection:
        told = connection.execute(
            "SELECT current_setting('memory_limit'), current_setting('threads')"
        ).fetchone()
    assert told is not None
    return told


def test_a_study_declares_memory_and_threads_and_the_environment_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in FROM_ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    declared = StudyFile.model_validate(
        {"id": "s", "title": "S", "resources": {"memory": "256MiB", "threads": 3}}
    ).operation("s")
    store = Workspace(root=str(tmp_path), settings=declared.resources.settings).store("1")
    assert _now(store) == ("256.0 MiB", 3)
    monkeypatch.setenv("SAMSPIL_MEMORY", "64MiB")
    assert _now(store) == ("64.0 MiB", 3)
    monkeypatch.setenv("SAMSPIL_THREADS", "2")
    assert _now(store) == ("64.0 MiB", 2)


@pytest.mark.parametrize(
    ("name", "told", "expected"),
    [
        ("SAMSPIL_MEMORY", "much", "SAMSPIL_MEMORY is 'much', expected a number with its unit"),
        ("SAMSPIL_MEMORY", "0GB", "SAMSPIL_MEMORY is '0GB'"),
        ("SAMSPIL_THREADS", "0", "SAMSPIL_THREADS is '0', expected a number of threads"),
    ],
)
def test_a_setting_that_is_none_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, told: str, expected: str
) -> None:
    monkeypatch.setenv(name, told)
    with pytest.raises(ValueError, match=expected), Store(tmp_path / "w.duckdb").connect():
        pass


@pytest.mark.parametrize("entry", [{"memory": "2"}, {"memory": "-1GB"}, {"threads": 0}])
def test_a_study_cannot_declare_what_is_no_setting(entry: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        StudyFile.model_validate({"id": "s", "title": "S", "resources": entry})

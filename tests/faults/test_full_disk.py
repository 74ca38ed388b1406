"""A full disk: the message, what readers keep, and a next run that needs only free space."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

import pipelines.run.wave_run
import runtime.paths
from pipelines.run.wave_run import FAILED
from runtime.faults import DiskFullError, is_disk_full, writing
from runtime.output_versions import VERSIONS, new_version
from runtime.paths import OWN
from runtime.snapshot import write_snapshot
from runtime.store import Store
from runtime.wave_lock import lock_file

ROWS = {("results", "results"): pd.DataFrame({"n": [f"{n * 7919}" for n in range(60_000)]})}
SMALL, LARGE = 40_000, 400_000


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """A limit on the size of files simulates a full disk without special rights."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def working_file(folder: Path) -> None:
    """The files that a stage of the chain writes."""
    Store(folder / ".work" / "2015.duckdb").write(ROWS)


def snapshot(folder: Path) -> None:
    """A publication without space for the snapshot."""
    with new_version(folder / "output" / "2015") as version:
        (version / "results.csv").write_text("new", encoding="utf-8")
        write_snapshot(version / "samspil.duckdb", ROWS, {})


def text(folder: Path) -> None:
    """A publication without space for a text."""
    target = folder / "output" / "2015"
    with writing(target), new_version(target) as version:
        (version / "results.csv").write_text("new" * 1_000_000, encoding="utf-8")


STAGES = {"working_file": working_file, "snapshot": snapshot, "text": text}


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_without_room_says_so_and_changes_nothing(
    tmp_path: Path, stage: str, size: int
) -> None:
    link = tmp_path / "output" / "2015"
    with new_version(link) as version:
        (version / "results.csv").write_text("old", encoding="utf-8")
    with files_of_at_most(size), pytest.raises(DiskFullError) as raised:
        STAGES[stage](tmp_path)
    said = str(raised.value)
    assert "the disk is full or fails" in said
    assert "2015" in said
    assert "The output is still that of the last good run" in said
    assert [path.name for path in link.iterdir()] == ["results.csv"]
    assert (link / "results.csv").read_text(encoding="utf-8") == "old"
    # with room the same works, and nothing is left of before
    STAGES[stage](tmp_path)
    if stage == "working_file":
        store = Store(tmp_path / ".work" / "2015.duckdb")
        assert len(store.read("results", "results")) == len(ROWS["results", "results"])
    else:
        assert (link / "results.csv").read_text(encoding="utf-8").startswith("new")
        assert not list((tmp_path / "output" / VERSIONS).rglob("*.new"))
    assert not list(tmp_path.rglob("*.wal"))


def test_a_snapshot_whose_rows_are_only_in_its_log_is_not_published(tmp_path: Path) -> None:
    link = tmp_path / "output" / "2015"
    snapshot(tmp_path)
    shown = link.resolve()
    # room for the log, and not for the file it becomes on closing
    size = (link / "samspil.duckdb").stat().st_size - 4096
    with files_of_at_most(size), pytest.raises(DiskFullError):
        snapshot(tmp_path)
    assert link.resolve() == shown


def test_words_of_libraries_are_understood() -> None:
    assert is_disk_full(OSError(errno.ENOSPC, "No space left on device"))
    assert is_disk_full(RuntimeError("(sqlite3.OperationalError) database or disk is full"))
    assert not is_disk_full(OSError(errno.EACCES, "Permission denied"))
    assert not is_disk_full(ValueError("something else"))
    with pytest.raises(ZeroDivisionError), writing(Path("x")):
        raise ZeroDivisionError
    with (
        pytest.raises(DiskFullError, match="first"),
        writing(Path("second")),
        writing(Path("first")),
    ):
        raise OSError(errno.EDQUOT, "Disk quota exceeded")


def test_the_command_says_so_where_dagster_has_no_room_for_its_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def execute(*_: object) -> None:
        raise RuntimeError("(sqlite3.OperationalError) database or disk is full")

    monkeypatch.setattr(runtime.paths, "ROOT", tmp_path)
    monkeypatch.setattr(runtime.paths, "STUDIES", tmp_path / "studies")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(pipelines.run.wave_run, "_execute", execute)
    assert pipelines.run.wave_run.run_wave(OWN, "2015") == FAILED
    assert f"{tmp_path / 'home'} could not be written" in capsys.readouterr().err


def test_without_room_for_the_lock_nothing_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device", str(lock_file(tmp_path, "", "2015")))

    monkeypatch.setattr(runtime.paths, "ROOT", tmp_path)
    monkeypatch.setattr(os, "pwrite", full)
    assert pipelines.run.wave_run.run_wave(OWN, "2015") == FAILED
    said = capsys.readouterr().err
    assert "No space left on device" in said
    assert "2015.lock" in said

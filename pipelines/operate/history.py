"""Opens Dagster's own records, and turns their faults into clear messages."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from runtime.faults import is_denied, is_disk_full
from runtime.wave_lock import exclusive

if TYPE_CHECKING:
    from dagster import DagsterInstance

LOCK = ".opening.lock"
DAMAGED_WORDS = ("file is not a database", "database disk image is malformed", "file is encrypted")
LOCKED_WORDS = ("database is locked", "database table is locked")
KEPT = "The results in output/ do not depend on it"


class HistoryError(RuntimeError):
    """Dagster's records cannot be used; the message names the file and the remedy."""


@contextmanager
def opened() -> Iterator[DagsterInstance]:
    """The instance of DAGSTER_HOME.

    Dagster makes the databases of a new instance when it first opens it. Two processes that do so
    at once would fail on each other's tables, so only one opens it at a time.
    """
    import dagster as dg

    home = os.environ.get("DAGSTER_HOME")
    # without a home Dagster itself reports the problem
    with exclusive(Path(home) / LOCK) if home else nullcontext():
        instance = dg.DagsterInstance.get()
    with instance:
        yield instance


@contextmanager
def history(home: Path) -> Iterator[None]:
    """Turn errors from the records below `home` into a HistoryError.

    `runtime.faults.writing` handles a full disk and files of another user.
    """
    try:
        yield
    except Exception as error:
        said = _said(error)
        if is_disk_full(error) or is_denied(error):
            raise
        if any(words in said for words in DAMAGED_WORDS):
            file = next(damaged(home), home)
            raise HistoryError(
                f"{file} is damaged: Dagster's history of runs cannot be read. {KEPT}: move the "
                f"file away, with those of its name that end in -wal and -shm, and run again"
            ) from error
        if any(words in said for words in LOCKED_WORDS):
            raise HistoryError(
                f"a file of Dagster's history below {home} is locked by another program, such as "
                "a backup, for longer than was waited. Run again when it is done. " + KEPT
            ) from error
        raise


def damaged(home: Path) -> Iterator[Path]:
    """The database files below a folder that SQLite cannot read."""
    for path in sorted(home.rglob("*.db")):
        try:
            with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as found:
                found.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            if any(words in str(error) for words in DAMAGED_WORDS):
                yield path


def _said(error: BaseException) -> str:
    """The messages of database errors among an error and its causes."""
    words, seen = [], set[int]()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        if type(one).__module__.split(".")[0] in ("sqlite3", "sqlalchemy"):
            words.append(str(one).lower())
        one = one.__cause__ or one.__context__
    return " ".join(words)

"""Opens Dagster's own records, and turns their faults into clear messages."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from runtime import paths
from runtime.faults import DiskFullError, NotAllowedError, is_denied, is_disk_full, writing
from runtime.wave_lock import LockError, exclusive

if TYPE_CHECKING:
    from dagster import DagsterInstance

LOCK = ".opening.lock"
DAMAGED_WORDS = ("file is not a database", "database disk image is malformed", "file is encrypted")
CLOSED_WORDS = "unable to open database file"
LOCKED_WORDS = ("database is locked", "database table is locked")
KEPT = "The results in output/ do not depend on it"


class HistoryError(RuntimeError):
    """Dagster's records cannot be used; the message names the file and the remedy."""


# The errors with which an instance cannot be opened or used.
FAULTS = (DiskFullError, HistoryError, LockError, NotAllowedError)


def dagster_home() -> Path:
    """DAGSTER_HOME, else a folder of the checkout; with the settings of the checkout."""
    home = Path(os.environ.setdefault("DAGSTER_HOME", str(paths.ROOT / ".dagster_home")))
    template = paths.ROOT / "dagster.yaml"
    with writing(home):
        home.mkdir(parents=True, exist_ok=True)
        if template.exists() and not (home / "dagster.yaml").exists():
            shutil.copy(template, home / "dagster.yaml")
    return home


@contextmanager
def opened() -> Iterator[DagsterInstance]:
    """The instance of DAGSTER_HOME.

    Dagster makes the databases of a new instance when it first opens it. Two processes that do so
    at once would fail on each other's tables, so only one opens it at a time. A fault of the
    records raises the errors of `history` and `writing`, also within the block.
    """
    import dagster as dg

    home = dagster_home()
    with writing(home), history(home):
        with exclusive(home / LOCK):
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
        closed = next(_closed(home), None) if CLOSED_WORDS in said else None
        if closed is not None:
            # SQLite names neither the file nor the reason
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(closed)) from error
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
                "a backup, and was not released in time. Run again when it is done. " + KEPT
            ) from error
        raise


def damaged(home: Path) -> Iterator[Path]:
    """Database files below a folder that SQLite cannot read."""
    for path in sorted(home.rglob("*.db")):
        try:
            with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as found:
                found.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            if any(words in str(error) for words in DAMAGED_WORDS):
                yield path


def _closed(home: Path) -> Iterator[Path]:
    """Database files below a folder that this user may not read and write."""
    effective = os.access in os.supports_effective_ids
    for path in sorted(home.rglob("*.db")):
        if not os.access(path, os.R_OK | os.W_OK, effective_ids=effective):
            yield path


def _said(error: BaseException) -> str:
    """The messages of database errors in an error and its causes."""
    words, seen = [], set[int]()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        if type(one).__module__.split(".")[0] in ("sqlite3", "sqlalchemy"):
            words.append(str(one).lower())
        one = one.__cause__ or one.__context__
    return " ".join(words)

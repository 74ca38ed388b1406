"""Opens Dagster's own records, and turns their faults into clear messages."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from runtime import paths
from runtime.faults import (
    DiskFullError,
    NotAllowedError,
    is_denied,
    is_disk_full,
    led_to,
    package_of,
    writing,
)
from runtime.wave_lock import LockError, exclusive

if TYPE_CHECKING:
    from dagster import DagsterInstance

LOCK = ".opening.lock"
DAMAGED_WORDS = ("file is not a database", "database disk image is malformed", "file is encrypted")
LACKING_WORDS = ("no such table", "no such column")
# Errors that an incomplete database leads to, by the package that raises them.
LIBRARIES = ("sqlite3", "sqlalchemy", "alembic", "dagster", "dagster_shared")
SERVERS = ("dagster_postgres", "psycopg2")
PASSWORD = re.compile(r"://[^@\s]*@")
NAMED = 3
CLOSED_WORDS = "unable to open database file"
LOCKED_WORDS = ("database is locked", "database table is locked")
KEPT = "The results in output/ do not depend on it"


class HistoryError(RuntimeError):
    """Dagster's records cannot be used; the message names the file and the remedy."""


# The errors with which an instance cannot be opened or used.
FAULTS = (DiskFullError, HistoryError, LockError, NotAllowedError)


def dagster_home() -> Path:
    """DAGSTER_HOME, else a folder of the checkout; with the settings of the checkout."""
    home = Path(os.environ.get("DAGSTER_HOME") or paths.ROOT / ".dagster_home").absolute()
    # Dagster refuses a relative path
    os.environ["DAGSTER_HOME"] = str(home)
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
        with exclusive(home / LOCK), explained_settings(home):
            instance = dg.DagsterInstance.get()
        with instance:
            yield instance


@contextmanager
def explained_settings(home: Path) -> Iterator[None]:
    """Turn errors from `dagster.yaml` below `home` into a HistoryError."""
    file = home / "dagster.yaml"
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        if any(package_of(one) in SERVERS for one in led_to(error)):
            raise HistoryError(
                f"the database server that {file} names does not answer or does not let samspil "
                f"in. Start it, or correct the address, and run again. {KEPT}"
            ) from error
        if _said(error):
            raise
        said = PASSWORD.sub("://...@", " ".join(str(error).split()))[:300]
        raise HistoryError(
            f"{file} cannot be used: {said}. Correct it, or delete it: samspil then copies that of "
            "the checkout. Then run again"
        ) from error


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
        if any(words in said for words in LOCKED_WORDS):
            raise HistoryError(
                f"a file of Dagster's history below {home} is locked by another program, such as "
                "a backup, and was not released in time. Run again when it is done. " + KEPT
            ) from error
        found = list(damaged_databases(home)) if package_of(error) in LIBRARIES else []
        if found:
            raise HistoryError(_damaged_text(found)) from error
        if any(words in said for words in LACKING_WORDS):
            raise HistoryError(
                f"a database below {home} lacks a table or a column: it is damaged, or another "
                f"release of Dagster made it. {KEPT}: move {home / 'history'} and "
                f"{home / 'schedules'} away, and run again"
            ) from error
        raise


def _damaged_text(files: Sequence[Path]) -> str:
    names = ", ".join(map(str, files[:NAMED]))
    more = f" and {len(files) - NAMED} more" if len(files) > NAMED else ""
    return (
        f"{names}{more} {'is' if len(files) == 1 else 'are'} damaged: Dagster's history of runs "
        f"cannot be read. {KEPT}: move the file{'' if len(files) == 1 else 's'} away, with those "
        "of the same name that end in -wal and -shm, and run again"
    )


def damaged_databases(home: Path) -> Iterator[Path]:
    """Database files below a folder that SQLite cannot read: damaged, empty, or folders."""
    for path in sorted(home.rglob("*.db")):
        if not path.is_file() or not _content(path):
            yield path
            continue
        try:
            with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as found:
                found.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            if any(words in str(error) for words in DAMAGED_WORDS):
                yield path


def _content(path: Path) -> int:
    """The bytes of a database and its log."""
    log = path.with_name(f"{path.name}-wal")
    return path.stat().st_size + (log.stat().st_size if log.is_file() else 0)


def _closed(home: Path) -> Iterator[Path]:
    """Database files below a folder that this user may not read and write."""
    effective = os.access in os.supports_effective_ids
    for path in sorted(home.rglob("*.db")):
        if not os.access(path, os.R_OK | os.W_OK, effective_ids=effective):
            yield path


def _said(error: BaseException) -> str:
    """The messages of database errors among an error and its causes."""
    databases = ("sqlite3", "sqlalchemy")
    return " ".join(str(one).lower() for one in led_to(error) if package_of(one) in databases)

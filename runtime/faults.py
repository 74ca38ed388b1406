"""Faults of the machine, told so that a person knows what to do about them."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# libraries pass the system's words on, or have their own
FULL_WORDS = (
    "no space left on device",
    "disk quota exceeded",
    "file too large",
    "disk is full",
    "disk i/o error",
)
# What may be otherwise a moment later: a file that somebody has, a connection that was cut.
PASSING = (
    errno.EAGAIN, errno.EBUSY, errno.EDEADLK, errno.EINTR, errno.ESTALE, errno.ETXTBSY,
    errno.ECONNABORTED, errno.ECONNREFUSED, errno.ECONNRESET, errno.EHOSTUNREACH, errno.ENETDOWN,
    errno.ENETUNREACH, errno.EPIPE, errno.ETIMEDOUT,
)  # fmt: skip
# The same in the words of a database; in other errors words may come from an answer.
DATABASES = ("_duckdb", "duckdb", "sqlite3", "sqlalchemy", "psycopg2")
PASSING_WORDS = (
    "could not set lock on file",
    "is locked",
    "lock timeout",
    "deadlock detected",
    "connection refused",
    "connection reset",
    "connection timed out",
    "could not connect to server",
    "server closed the connection",
    "terminating connection",
    "the database system is",
    "resource temporarily unavailable",
    "device or resource busy",
)


class DiskFullError(OSError):
    """Nothing more could be written; the message names the file."""


class DamagedFileError(RuntimeError):
    """A working file that cannot be read; it is gone and made anew by the next run."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Whatever the block raises because the disk is full becomes a DiskFullError for `path`."""
    try:
        yield
    except Exception as error:
        if isinstance(error, DiskFullError) or not is_disk_full(error):
            raise
        raise DiskFullError(
            f"the disk is full or fails: {path} could not be written ({_first_line(error)}). "
            "The output stays the last good run's. Make room and run again"
        ) from error


def is_disk_full(error: BaseException | None) -> bool:
    """Whether an error, or one that led to it, says that there is no room."""
    return any(
        (isinstance(one, OSError) and one.errno in FULL)
        or any(words in str(one).lower() for words in FULL_WORDS)
        for one in _led_to(error)
    )


def is_transient(error: BaseException) -> bool:
    """Whether a fault of the machine may have passed a moment later; never one of the data.

    Judged by what raised it first: an error on purpose that hides its cause is what it says.
    """
    return not is_disk_full(error) and any(map(_passes, _led_to(error, hidden=False)))


def _passes(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in PASSING or isinstance(error, TimeoutError | ConnectionError)
    known = type(error).__module__.split(".")[0] in DATABASES
    return known and any(words in str(error).lower() for words in PASSING_WORDS)


def _led_to(error: BaseException | None, *, hidden: bool = True) -> Iterator[BaseException]:
    """An error and those before it; `hidden` ones were replaced on purpose (`from None`)."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        context = error.__context__ if hidden or not error.__suppress_context__ else None
        error = error.__cause__ or context


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)

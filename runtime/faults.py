"""Faults of the machine, told so that a person knows what to do about them."""

from __future__ import annotations

import errno
import os
import pwd
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
# What somebody else owns, or a file system that is mounted for reading only.
DENIED = (errno.EACCES, errno.EPERM, errno.EROFS)
DENIED_WORDS = (
    "permission denied",
    "attempt to write a readonly database",
    "read-only file system",
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


class NotAllowedError(OSError):
    """A file of this checkout that this user may not use; the message says whose it is."""


class TooLittleMemoryError(RuntimeError):
    """The database needed more memory than it may take; the message names the setting."""


class DamagedFileError(RuntimeError):
    """A working file that cannot be read; it is gone and made anew by the next run."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Tell what the block raises because the disk is full or a file is somebody else's.

    Raises DiskFullError and NotAllowedError for `path`, or for the file the system named.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, DiskFullError | NotAllowedError):
            raise
        if is_denied(error):
            raise NotAllowedError(_whose(_named(error) or path, error)) from error
        if not is_disk_full(error):
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


def is_denied(error: BaseException | None) -> bool:
    """Whether an error, or one that led to it, says that this user may not use a file."""
    return any(
        (isinstance(one, OSError) and one.errno in DENIED)
        or (_of_a_database(one) and any(words in str(one).lower() for words in DENIED_WORDS))
        for one in _led_to(error)
    )


def _named(error: BaseException) -> Path | None:
    """The file the system named; None where it named none."""
    for one in _led_to(error):
        if isinstance(one, OSError) and one.errno in DENIED and isinstance(one.filename, str):
            return Path(one.filename)
    return None


def _whose(path: Path, error: BaseException) -> str:
    """What is the matter with a file that may not be used, and what to do."""
    found = next((each for each in (path, *path.parents) if _is_there(each)), path)
    try:
        owner = found.owner()
    except (OSError, KeyError):
        owner = "another user"
    me = _user()
    why = f"{path} may not be used by {me} ({_first_line(error)})"
    if owner == me:
        return f"{why}: the modes of {found} or its file system forbid it. Mend them and run again"
    return (
        f"{why}: {found} belongs to {owner}, as after a run with sudo. Give it back "
        f"(sudo chown -R {me} {found}) and run again. The output stays the last good run's"
    )


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except OSError:
        return False
    return True


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except (KeyError, AttributeError):
        return "this user"


def is_transient(error: BaseException) -> bool:
    """Whether a fault of the machine may have passed a moment later; never one of the data.

    Judged by what raised it first: an error on purpose that hides its cause is what it says.
    """
    return not is_disk_full(error) and any(map(_passes, _led_to(error, hidden=False)))


def _passes(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in PASSING or isinstance(error, TimeoutError | ConnectionError)
    return _of_a_database(error) and any(words in str(error).lower() for words in PASSING_WORDS)


def _of_a_database(error: BaseException) -> bool:
    return type(error).__module__.split(".")[0] in DATABASES


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

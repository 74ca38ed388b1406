"""Faults of the machine, as errors whose messages say what to do."""

from __future__ import annotations

import errno
import os
import pwd
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from runtime import paths

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# Libraries pass on the system's message or have their own.
FULL_WORDS = (
    "no space left on device",
    "disk quota exceeded",
    "file too large",
    "disk is full",
    "disk i/o error",
)
# The file belongs to another user, or the file system is read-only.
DENIED = (errno.EACCES, errno.EPERM, errno.EROFS)
# A file is in the place of a folder, or the reverse.
OF_KIND = (errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ELOOP)
DENIED_WORDS = (
    "permission denied",
    "attempt to write a readonly database",
    "read-only file system",
)
# Conditions that may pass: a file in use, a closed connection.
PASSING = (
    errno.EAGAIN, errno.EBUSY, errno.EDEADLK, errno.EINTR, errno.ESTALE, errno.ETXTBSY,
    errno.ECONNABORTED, errno.ECONNREFUSED, errno.ECONNRESET, errno.EHOSTUNREACH, errno.ENETDOWN,
    errno.ENETUNREACH, errno.EPIPE, errno.ETIMEDOUT,
)  # fmt: skip
# Database messages for the same. Other errors may quote an answer, so they are not searched.
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


class PlainError(Exception):
    """An error whose message says what to do; nothing turns it into another."""


class DiskFullError(OSError):
    """Nothing more can be written; the message names the file."""


class NotAllowedError(OSError):
    """This user may not use a file of the checkout; the message names the owner."""


class WrongKindError(NotAllowedError):
    """A file is in the place of a folder, or the reverse; the message names it."""


class TooLittleMemoryError(RuntimeError):
    """The database needed more memory than its limit; the message names the setting."""


class DamagedFileError(RuntimeError):
    """The working file cannot be read. It has been deleted, and the next run makes a new one."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn errors of a full disk or of permissions inside the block into clear ones.

    Raises DiskFullError, NotAllowedError or WrongKindError for `path`, or for the file that the
    system named.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, DiskFullError | NotAllowedError | PlainError):
            raise
        if is_denied(error):
            raise NotAllowedError(_whose(_named(error, DENIED) or path, path, error)) from error
        kind = _kind(error)
        if kind:
            raise WrongKindError(f"{kind}. Move it away and run again") from error
        if not is_disk_full(error):
            raise
        raise DiskFullError(
            f"the disk is full or fails: {path} could not be written ({_first_line(error)}). The "
            "output is still that of the last good run. Free space and run again"
        ) from error


def is_disk_full(error: BaseException | None) -> bool:
    """Whether an error, or one that caused it, means that the disk is full."""
    return any(
        (isinstance(one, OSError) and one.errno in FULL)
        or any(words in str(one).lower() for words in FULL_WORDS)
        for one in led_to(error)
    )


def is_denied(error: BaseException | None) -> bool:
    """Whether an error, or one that caused it, means that this user may not use a file."""
    return any(
        (isinstance(one, OSError) and one.errno in DENIED)
        or (_of_a_database(one) and any(words in str(one).lower() for words in DENIED_WORDS))
        for one in led_to(error)
    )


def _named(error: BaseException, numbers: Sequence[int]) -> Path | None:
    """The file that the system named with such an error; None if it named none."""
    for one in led_to(error):
        if isinstance(one, OSError) and one.errno in numbers and one.filename:
            return Path(os.fsdecode(one.filename))
    return None


def _kind(error: BaseException) -> str:
    """What an error found in the place of a folder or file; empty for any other error."""
    path = _named(error, OF_KIND)
    if path is None:
        return ""
    found = next((each for each in (path, *path.parents) if _is_there(each)), path)
    if found.is_symlink() and not found.exists():
        return f"{found} is a link that leads nowhere"
    if not found.is_dir():
        return f"{found} is a file, expected a folder"
    is_a_folder = _named(error, (errno.EISDIR,)) is not None
    return f"{found} is a folder, expected a file" if is_a_folder else ""


def may_write(folder: Path) -> None:
    """Raise NotAllowedError if a folder, existing or to be made, cannot be written to."""
    found = next((each for each in (folder, *folder.parents) if _is_there(each)), folder)
    if not os.access(
        found, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids
    ):
        with writing(folder):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(found))


def _whose(path: Path, within: Path, error: BaseException) -> str:
    """Why the user may not use a file, and the remedy; `within` is the run's folder."""
    found = next((each for each in (path, *path.parents) if _is_there(each)), path)
    try:
        owner = found.owner()
    except (OSError, KeyError):
        owner = "another user"
    me = this_user()
    why = f"{path} may not be used by {me} ({_first_line(error)})"
    if owner == me:
        return (
            f"{why}: the modes of {found} or its file system forbid it. Correct them and run again"
        )
    top = _top(found, within)
    return (
        f"{why}: {top} belongs to {owner}, as after a run with sudo. Change the owner (sudo "
        f"chown -R {me} {top}) and run again. The output is still that of the last good run"
    )


def _top(found: Path, within: Path) -> Path:
    """The highest folder of the checkout (or `within`) that has a file of the same owner."""
    uid, top = found.lstat().st_uid, found
    for folder in found.parents:
        ours = folder.is_relative_to(within) or paths.ROOT in folder.parents
        if not ours or folder.lstat().st_uid != uid:
            break
        top = folder
    return top


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except OSError:
        return False
    return True


def this_user() -> str:
    """The name of the user whose rights the process has."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except (KeyError, AttributeError):
        return "this user"


def is_transient(error: BaseException) -> bool:
    """Whether an error is a transient fault of the machine. Faults of the data never are.

    The error that was raised first decides. An error raised on purpose with `from None` hides its
    cause.
    """
    return not is_disk_full(error) and any(map(_passes, led_to(error, hidden=False)))


def _passes(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in PASSING or isinstance(error, TimeoutError | ConnectionError)
    return _of_a_database(error) and any(words in str(error).lower() for words in PASSING_WORDS)


def _of_a_database(error: BaseException) -> bool:
    return package_of(error) in DATABASES


def package_of(error: BaseException) -> str:
    """The package that defines the class of an error."""
    return type(error).__module__.partition(".")[0]


def led_to(error: BaseException | None, *, hidden: bool = True) -> Iterator[BaseException]:
    """An error and the errors that caused it.

    `hidden` includes errors replaced with `from None`.
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        context = error.__context__ if hidden or not error.__suppress_context__ else None
        error = error.__cause__ or context


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)

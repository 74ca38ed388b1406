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
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, OSError) and error.errno in FULL:
            return True
        if any(words in str(error).lower() for words in FULL_WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)

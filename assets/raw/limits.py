"""Limits on the size of raw files: far above any survey, below the capacity of a machine."""

from __future__ import annotations

from pathlib import Path

from assets.raw.errors import file_error
from runtime.faults import is_transient

MOST_FILE_BYTES = 1 << 29
MOST_COLUMNS = 10_000
MOST_CELLS = 50_000_000
# Characters of one cell. Excel allows 32,767; open answers have a separate limit.
MOST_CHARACTERS = 1_000_000


def read_limited(path: Path) -> bytes:
    """The content of a regular file of acceptable size.

    Raises DataError, and OSError for a transient fault of the machine.
    """
    check_file(path)
    try:
        return path.read_bytes()
    except OSError as error:
        if is_transient(error):
            raise
        raise file_error("file_readable", path, f"a readable file ({error.strerror})") from error


def check_file(path: Path) -> None:
    """Refuse a file that is missing, is not a regular file (a pipe would block) or is too large."""
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        expected = "the file to exist next to source.yaml"
        raise file_error("file_present", path, expected) from None
    except (OSError, ValueError) as error:
        if is_transient(error):
            raise
        text = getattr(error, "strerror", None) or str(error)
        raise file_error("file_readable", path, f"a readable file ({text})") from error
    if not path.is_file():
        raise file_error("file_readable", path, "a file, not a folder, pipe or device")
    if size > MOST_FILE_BYTES:
        expected = f"at most {MOST_FILE_BYTES} bytes"
        raise file_error("file_size", path, expected, value=f"{size} bytes")


def check_width(path: Path, width: int) -> None:
    """Refuse a header with more columns than the database and the graph can handle."""
    if width > MOST_COLUMNS:
        expected = f"at most {MOST_COLUMNS} columns"
        raise file_error("column_count", path, expected, value=f"{width} columns", row=1)

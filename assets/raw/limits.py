"""Limits on the size of raw files: far above any survey, below the capacity of a machine."""

from __future__ import annotations

from pathlib import Path

from assets.raw.errors import DataError, Finding
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
        raise _refused("file_readable", path, f"a readable file ({error.strerror})") from error


def check_file(path: Path) -> None:
    """Refuse a file that is missing, is not a regular file (a pipe would block) or is too large."""
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        expected = "the file to exist next to source.yaml"
        raise _refused("file_present", path, expected) from None
    except (OSError, ValueError) as error:
        if is_transient(error):
            raise
        told = getattr(error, "strerror", None) or str(error)
        raise _refused("file_readable", path, f"a readable file ({told})") from error
    if not path.is_file():
        raise _refused("file_readable", path, "a file, not a folder, pipe or device")
    if size > MOST_FILE_BYTES:
        expected = f"at most {MOST_FILE_BYTES} bytes"
        raise _refused("file_size", path, expected, f"{size} bytes")


def check_width(path: Path, width: int) -> None:
    """Refuse a header with more columns than the database and the graph can handle."""
    if width > MOST_COLUMNS:
        expected = f"at most {MOST_COLUMNS} columns"
        raise _refused("column_count", path, expected, f"{width} columns", row=1)


def _refused(
    rule: str, path: Path, expected: str, value: str | None = None, row: int | None = None
) -> DataError:
    return DataError([Finding(rule, path.name, row, None, value, expected, "fact")])

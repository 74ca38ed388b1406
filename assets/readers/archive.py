"""Is a zip archive safe to open? Told from the sizes it declares, before anything is unpacked."""

from __future__ import annotations

import zipfile
from pathlib import Path

from assets.errors import DataError, Finding

MOST_BYTES = 1 << 29
MOST_RATIO = 200
# small parts compress well without being a danger
UNSUSPECTED_BYTES = 1 << 24


def check_archive(path: Path) -> None:
    """Refuse what is no zip archive, and one that would unpack to far more than it is.

    Python's zipfile reads no part beyond its declared size, so a lie here gains nothing.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        expected = f"an Excel workbook in .xlsx form, complete and without a password ({error})"
        raise DataError([Finding("workbook", path.name, None, None, None, expected)]) from error
    unpacked = sum(part.file_size for part in parts)
    packed = max(sum(part.compress_size for part in parts), 1)
    if unpacked > MOST_BYTES or (unpacked > UNSUSPECTED_BYTES and unpacked > MOST_RATIO * packed):
        size = f"{unpacked} bytes unpacked from {packed}"
        expected = f"at most {MOST_BYTES} bytes unpacked and at most {MOST_RATIO} times the packed"
        raise DataError([Finding("zip_bomb", path.name, None, None, size, expected, "fact")])

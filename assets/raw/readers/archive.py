"""Checks that a zip archive is safe to open, by its declared sizes and the XML of its parts.

An Excel workbook is a zip archive of XML parts. samspil unpacks a part only if the declared sizes
are acceptable. No part may declare entities, which can grow or read other files. The check searches
bytes, so parts in UTF-16, where a NUL accompanies each letter, are refused too.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path

from assets.raw.errors import DataError, file_error
from assets.raw.limits import check_file

MOST_BYTES = 1 << 29
MOST_RATIO = 200
MOST_PARTS = 5_000
# small parts may compress well without any danger
UNSUSPECTED_BYTES = 1 << 24
CHUNK = 1 << 20
# length of the longest searched text minus one, because it may span two chunks
OVERLAP = 64
DECLARES = re.compile(rb"<!(?:DOCTYPE|ENTITY)|\x00", re.IGNORECASE)
XML_NAMES = (".xml", ".rels", ".vml")
# bytes that may precede the first < of a part: byte-order marks, NULs, blanks
BEFORE = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
MERGED = re.compile(rb"<(?:\w{1,20}:)?mergeCell\s")


def check_archive(path: Path) -> None:
    """Refuse a file that is not a zip archive, or that would unpack to far more than its size.

    Python's zipfile reads no part beyond its declared size, so a false size has no effect.
    """
    check_file(path)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _check_sizes(path, parts)
            for part in parts:
                if _is_xml(archive, part) and _holds(archive, part, DECLARES):
                    expected = "XML in UTF-8, without document types and entities"
                    raise file_error("workbook", path, expected, value=part.filename)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError, RuntimeError,
            zlib.error) as error:  # fmt: skip
        if isinstance(error, DataError):
            raise
        expected = f"an Excel workbook in .xlsx form, complete and without a password ({error})"
        raise file_error("workbook", path, expected) from error


def has_merged_cells(archive: zipfile.ZipFile, part: str) -> bool:
    """Whether a sheet merges cells: only the first of these has a value when read."""
    return _holds(archive, archive.getinfo(part), MERGED)


def _check_sizes(path: Path, parts: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(part.file_size for part in parts)
    packed = max(sum(part.compress_size for part in parts), 1)
    if len(parts) > MOST_PARTS:
        raise file_error(
            "zip_bomb", path, f"at most {MOST_PARTS} parts", value=f"{len(parts)} parts"
        )
    if unpacked > MOST_BYTES or (unpacked > UNSUSPECTED_BYTES and unpacked > MOST_RATIO * packed):
        size = f"{unpacked} bytes unpacked from {packed}"
        expected = (
            f"at most {MOST_BYTES} bytes unpacked, and at most {MOST_RATIO} times the packed size"
        )
        raise file_error("zip_bomb", path, expected, value=size)


def _is_xml(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Whether a part is XML, by its name or first character: workbooks may use any names."""
    if part.filename.lower().endswith(XML_NAMES):
        return True
    with archive.open(part) as stream:
        start = stream.read(CHUNK).lstrip(BEFORE)
    return not start or start.startswith(b"<")


def _holds(archive: zipfile.ZipFile, part: zipfile.ZipInfo, wanted: re.Pattern[bytes]) -> bool:
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            if wanted.search(tail + chunk):
                return True
            tail = chunk[-OVERLAP:]
    return False

"""Detects files that are written while they are read, so that no mix of two exports is used."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from assets.raw.errors import DataError, Finding

RULE = "file_changed"
EXPECTED = "a file that does not change while it is read; run again when the export is complete"
Stamp = tuple[int, ...]


@contextmanager
def unchanged(paths: Iterable[Path]) -> Iterator[None]:
    """Raise DataError at the end of the block if one of the files was written meanwhile.

    If the block itself fails on the changed file, the message includes that error.
    """
    before = {path: stamp(path) for path in paths}
    findings: list[Finding] = []
    try:
        yield
    except DataError as error:
        findings = error.findings
    changed = [path for path, found in before.items() if stamp(path) != found]
    if changed or findings:
        raise DataError([*map(_changed, changed), *findings])


def require_content(path: Path, sha256: str) -> None:
    """Raise DataError unless the file still has this checksum.

    This complements the time stamps: two writes within one clock tick have the same time.
    """
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        found = ""
    if found != sha256:
        raise DataError([_changed(path)])


def stamp(path: Path) -> Stamp | None:
    """Facts about the file that every write, replacement or removal changes; None if missing."""
    try:
        now = path.stat()
    except OSError:
        return None
    return now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns


def _changed(path: Path) -> Finding:
    return Finding(RULE, path.name, None, None, None, EXPECTED)

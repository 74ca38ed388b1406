"""Files that are written while they are read: noticed, so that no mix of two exports gets in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from assets.raw.errors import DataError, Finding

RULE = "file_changed"
EXPECTED = "a file that nobody writes while it is read; run again when all of the export is there"
Stamp = tuple[int, ...]


@contextmanager
def unchanged(paths: Iterable[Path]) -> Iterator[None]:
    """Raise DataError at the end of the block where one of the files was written meanwhile.

    What the block itself found in a file that changed is told as well.
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
    """Raise DataError unless the file still has the content with this checksum.

    A second look beside the times: two writes within a tick of the clock have the same.
    """
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        found = ""
    if found != sha256:
        raise DataError([_changed(path)])


def stamp(path: Path) -> Stamp | None:
    """What a write, a replacement or a removal of the file changes; None where it is not there."""
    try:
        now = path.stat()
    except OSError:
        return None
    return now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns


def _changed(path: Path) -> Finding:
    return Finding(RULE, path.name, None, None, None, EXPECTED)

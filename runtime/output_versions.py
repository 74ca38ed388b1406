"""Versions of a published folder. A new version is built next to the old one, then linked.

    output/2015 -> .published/2015/000007       the version that readers open
    output/.published/2015/000006               the previous version, for readers that have it open
    output/.published/2015/000008.new           being built, or left by a killed run

The process that builds a version holds the lock of the wave, so any other folder here is a
leftover.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

VERSIONS = ".published"
# With this record a run verifies that the published files are undamaged.
RECORD = "run.json"
COMPLETE = re.compile(r"[0-9]{6,}")
UNFINISHED = ".new"
# These errors have other causes than missing support for links; `runtime.faults` has clear messages
# for them.
REPORTED_ELSEWHERE = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS)
# from linux/fcntl.h and linux/fs.h
AT_FDCWD, RENAME_EXCHANGE = -100, 2


class LinkError(OSError):
    """This file system cannot publish the folder in one step."""


def versions_of(link: Path) -> Path:
    """The folder of the versions that a link shows."""
    return link.parent / VERSIONS / link.name


def previous_version(link: Path) -> Path | None:
    """The complete version before the one that a link shows; None if there is none."""
    if not link.is_symlink():
        return None
    shown = link.readlink().name
    names = (path.name for path in versions_of(link).iterdir())
    before = [name for name in names if COMPLETE.fullmatch(name) and int(name) < int(shown)]
    return versions_of(link) / max(before, key=int) if before else None


@contextmanager
def new_version(link: Path) -> Iterator[Path]:
    """Yield an empty folder; at the end of the block `link` points to it, in one step.

    If the block fails or is killed, readers see no change. The version shown before is kept. Older
    versions and leftovers are removed. If `link` is a real folder, as in older releases, it becomes
    the previous version.

    Raises LinkError if the file system has no symbolic links, and OSError.
    """
    versions = versions_of(link)
    versions.mkdir(parents=True, exist_ok=True)
    _sweep(link, versions)
    last = max((_number(path) for path in versions.iterdir()), default=0)
    before, final = (versions / f"{last + step:06d}" for step in (1, 2))
    building = final.with_name(final.name + UNFINISHED)
    building.mkdir()
    try:
        yield building
        _sync(building)
        building.rename(final)
        _sync_folder(versions)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    _show(link, final, before)
    _sweep(link, versions)


def remove_versions(link: Path, broken: Callable[[Path], bool]) -> list[Path]:
    """Remove the versions of a folder that are `broken`. A link to one of them is removed first.

    A real folder at `link` counts as a version. Returns the removed paths. Raises OSError if a
    version cannot be removed.
    """
    versions = link.parent / VERSIONS / link.name
    found = sorted(p for p in versions.iterdir() if p.is_dir()) if versions.is_dir() else []
    shown = link.resolve() if link.is_symlink() else None
    if link.is_dir() and not link.is_symlink():
        found.append(link)
    gone = [path for path in found if broken(path)]
    if shown is not None and any(path.resolve() == shown for path in gone):
        link.unlink()
        _sync_folder(link.parent)
    for path in gone:
        shutil.rmtree(path)
    return gone


def _show(link: Path, final: Path, before: Path) -> None:
    scratch = _scratch(link)
    try:
        scratch.symlink_to(os.path.relpath(final, link.parent), target_is_directory=True)
    except (OSError, NotImplementedError) as error:
        if isinstance(error, OSError) and error.errno in REPORTED_ELSEWHERE:
            raise
        raise LinkError(
            f"{link}: no symbolic link can be made there ({error}); samspil publishes through a "
            "link, so put the checkout on a file system with symbolic links"
        ) from error
    if link.is_symlink() or not link.is_dir():
        os.replace(scratch, link)
    elif exchange(scratch, link):
        scratch.rename(before)
    else:
        # Without an atomic exchange the link is missing for a moment during this first switch.
        link.rename(before)
        os.replace(scratch, link)
    _sync_folder(link.parent)


def _scratch(link: Path) -> Path:
    return link.parent / VERSIONS / f"{link.name}.link"


def _sweep(link: Path, versions: Path) -> None:
    """Remove all versions except the current and the last complete one before it."""
    complete = sorted(p.name for p in versions.iterdir() if COMPLETE.fullmatch(p.name))
    shown = link.readlink().name if link.is_symlink() else ""
    last = complete.index(shown) + 1 if shown in complete else len(complete)
    # keep the current version and the previous one
    kept = complete[:last][-2:]
    for path in (_scratch(link), *versions.iterdir()):
        if path.name in kept:
            continue
        if path.is_symlink() or path.is_file():
            path.unlink()
        else:
            shutil.rmtree(path, ignore_errors=True)


def _number(path: Path) -> int:
    found = re.match(r"[0-9]+", path.name)
    return int(found.group()) if found else 0


def exchange(one: Path, other: Path) -> bool:
    """Exchange two paths in one step; False if the system or file system cannot."""
    renameat2 = getattr(ctypes.CDLL(None), "renameat2", None)
    if renameat2 is None:
        return False
    done: int = renameat2(
        AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), ctypes.c_uint(RENAME_EXCHANGE)
    )
    return done == 0


def _sync(folder: Path) -> None:
    """Flush files and folders to the disk before a link points to them."""
    for where, _, names in os.walk(folder, topdown=False):
        for name in names:
            _sync_folder(Path(where, name))
        _sync_folder(Path(where))


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def output_digests(output: Path) -> dict[str, str]:
    """sha256 of every published file, to detect a damaged output."""
    # Resolve the link once: another version may be published meanwhile.
    folder = output.resolve()
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != RECORD)
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def carry_over(before: Path, folder: Path) -> None:
    """Copy a published version into the folder of the next one, except its record."""
    shutil.copytree(
        before, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(RECORD), symlinks=True
    )


def undamaged_record(folder: Path) -> dict[str, Any] | None:
    """The record of a version whose files are as the run wrote them; None for any other."""
    try:
        record: dict[str, Any] = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return record if record.get("output") == output_digests(folder) else None
    except (OSError, ValueError, AttributeError):
        return None


def carry_record(before: Path, folder: Path) -> None:
    """Give the next version the record of the previous one, with the current files.

    Only if the previous version was undamaged. Otherwise the next run computes again.
    """
    record = undamaged_record(before)
    if record is None:
        return
    record["output"] = output_digests(folder)
    text = json.dumps(record, indent=1, ensure_ascii=False)
    (folder / RECORD).write_text(text, encoding="utf-8")

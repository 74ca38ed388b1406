"""Versions of a published folder: the next is built beside, then one link is put in place.

    output/2015 -> .published/2015/000007       what readers open
    output/.published/2015/000006               the version before, for who still reads it
    output/.published/2015/000008.new           being built, or left by a run that was killed

Whoever builds a version holds the wave's lock, so that anything else found here is a leftover.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VERSIONS = ".published"
# by this a run knows that what it published is undamaged
RECORD = "run.json"
COMPLETE = re.compile(r"[0-9]{6,}")
# of linux/fcntl.h and linux/fs.h
AT_FDCWD, RENAME_EXCHANGE = -100, 2


class LinkError(OSError):
    """The folder cannot be published in one step here."""


@contextmanager
def new_version(link: Path) -> Iterator[Path]:
    """An empty folder to fill; when the block ends it is what `link` shows, in one step.

    A block that fails or is killed changes nothing a reader sees. The version shown before is
    kept, older ones and leftovers go. A real folder at `link`, as older releases left, becomes
    the version before. Raises LinkError where there are no symbolic links, OSError.
    """
    versions = link.parent / VERSIONS / link.name
    versions.mkdir(parents=True, exist_ok=True)
    _sweep(link, versions)
    last = max((_number(path) for path in versions.iterdir()), default=0)
    before, final = (versions / f"{last + step:06d}" for step in (1, 2))
    building = final.with_name(f"{final.name}.new")
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


def _show(link: Path, final: Path, before: Path) -> None:
    scratch = _scratch(link)
    try:
        scratch.symlink_to(os.path.relpath(final, link.parent), target_is_directory=True)
    except (OSError, NotImplementedError) as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise LinkError(
            f"{link}: no symbolic link can be made there ({error}); published files are "
            "replaced through one, so put the checkout where there are links"
        ) from error
    if link.is_symlink() or not link.is_dir():
        os.replace(scratch, link)
    elif exchange(scratch, link):
        scratch.rename(before)
    else:
        # without an exchange in one step there is nothing to see for a moment, this once
        link.rename(before)
        os.replace(scratch, link)
    _sync_folder(link.parent)


def _scratch(link: Path) -> Path:
    return link.parent / VERSIONS / f"{link.name}.link"


def _sweep(link: Path, versions: Path) -> None:
    """Remove all but the version shown and the last complete one before it."""
    complete = sorted(p.name for p in versions.iterdir() if COMPLETE.fullmatch(p.name))
    shown = link.readlink().name if link.is_symlink() else ""
    last = complete.index(shown) + 1 if shown in complete else len(complete)
    # the one shown and the one before
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
    """Let two paths change places in one step; False where system or file system cannot."""
    renameat2 = getattr(ctypes.CDLL(None), "renameat2", None)
    if renameat2 is None:
        return False
    done: int = renameat2(
        AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), ctypes.c_uint(RENAME_EXCHANGE)
    )
    return done == 0


def _sync(folder: Path) -> None:
    """Let files and folders reach the disk before anything points at them."""
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
    """sha256 of every published file, so that a damaged output is not taken for current."""
    # one version is looked at, whatever is published meanwhile
    folder = output.resolve()
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != RECORD)
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def carry_over(before: Path, folder: Path) -> None:
    """Copy a published version into the folder of the next one, its record left out."""
    shutil.copytree(
        before, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(RECORD), symlinks=True
    )


def carry_record(before: Path, folder: Path) -> None:
    """Give the next version the record of the one before, with the files it has now.

    Only where the version before was undamaged: else the next run computes again.
    """
    try:
        record = json.loads((before / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    if not isinstance(record, dict) or record.get("output") != output_digests(before):
        return
    record["output"] = output_digests(folder)
    text = json.dumps(record, indent=1, ensure_ascii=False)
    (folder / RECORD).write_text(text, encoding="utf-8")

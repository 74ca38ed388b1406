"""Puts exports in place in one step, or moves them to `.refused/`."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from declarations import Study
from pipelines.operate.judging import BLOCK, digest_of, lines_shown, shown_name, wave_files
from runtime.output_versions import exchange
from runtime.private.folder import make_private

REFUSED = ".refused"
WHY = "REFUSED.txt"
INCOMING = ".incoming-"


class ChangedMeanwhileError(Exception):
    """The folder was written to while it was taken."""


@dataclass(frozen=True)
class Refused:
    """A refused export, the reason, and its place; `name` is safe to show."""

    name: str
    reasons: tuple[str, ...]
    folder: Path


def backups(root: Path, study: Study) -> Path:
    """The place of a wave's former files after an export replaced them."""
    return root / ".work" / "replaced" / study.folder.name


def place_wave(arrived: Path, waves: Path, replaced: Path, digest: str) -> str:
    """Copy a wave next to the others and put it in place in one step.

    Returns the place of the replaced files, "" if there were none or they were equal. Raises
    ChangedMeanwhileError if the copy differs from what was inspected.
    """
    target, incoming = waves / arrived.name, waves / f"{INCOMING}{arrived.name}"
    if target.is_dir() and digest_of(target) == digest:
        # a process that ended right after the exchange may have left the old files there
        return _set_aside(incoming, replaced) if incoming.is_dir() else ""
    shutil.rmtree(incoming, ignore_errors=True)
    incoming.mkdir(parents=True)
    try:
        for path in wave_files(arrived):
            _copy(path, incoming / path.name)
        if digest_of(incoming) != digest:
            raise ChangedMeanwhileError(arrived.name)
    except OSError:
        shutil.rmtree(incoming, ignore_errors=True)
        raise
    except ChangedMeanwhileError:
        shutil.rmtree(incoming)
        raise
    if not target.is_dir():
        incoming.rename(target)
        return ""
    if exchange(incoming, target):
        return _set_aside(incoming, replaced)
    former = _set_aside(target, replaced)
    incoming.rename(target)
    return former


def _set_aside(folder: Path, replaced: Path) -> str:
    wave = folder.name.removeprefix(INCOMING)
    former = _free(replaced / f"{wave}-{digest_of(folder)[:12]}")
    make_private(former.parent)
    shutil.move(folder, former)
    return str(former)


def _copy(source: Path, target: Path) -> None:
    descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as stream, target.open("xb") as written:
        shutil.copyfileobj(stream, written, BLOCK)
        written.flush()
        os.fsync(written.fileno())


def refuse(landing: Path, entry: Path, reasons: tuple[str, ...], listing: str) -> Refused:
    """Move a folder to `.refused/`, with the reason in a text file.

    Raises OSError if it cannot be moved. If only the text cannot be written, the folder still
    counts as refused: it will not be examined again, so the notification must be sent now.
    """
    name = re.sub(r"[^0-9A-Za-z_.-]", "_", entry.name)[:40]
    folder = _free(landing / REFUSED / f"{name}-{listing[:12]}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    if entry.is_symlink() or not entry.is_dir():
        folder.mkdir()
        entry.rename(folder / name)
    else:
        entry.rename(folder)
    shown = shown_name(entry.name)
    text = "\n".join(
        (f"{shown} was not taken:", *(f"- {lines_shown(reason)}" for reason in reasons))
    )
    # mode "x": do not follow a link of that name that came with the folder
    with contextlib.suppress(OSError), _free(folder / WHY).open("x", encoding="utf-8") as stream:
        stream.write(f"{text}\n\nCorrect it and put it back into the landing folder.\n")
    return Refused(shown, reasons, folder)


def _free(path: Path) -> Path:
    """The path, or the path with a number if the name is taken."""
    number, candidate = 1, path
    while candidate.exists() or candidate.is_symlink():
        number += 1
        candidate = path.with_name(f"{path.name}-{number}")
    return candidate

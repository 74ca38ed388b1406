"""Folders for the user who runs alone: the working files hold respondents' words."""

from __future__ import annotations

import stat
from pathlib import Path

WORK = ".work"
MODE = 0o700


def make_private(folder: Path) -> None:
    """Make a folder and close it to others, with every level of it from `.work` on.

    Below no `.work` only the folder itself is closed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = folder.parts
    depth = len(parts) - parts[::-1].index(WORK) if WORK in parts else len(parts)
    for level in range(depth, len(parts) + 1):
        close_to_others(Path(*parts[:level]), MODE)


def close_to_others(path: Path, mode: int) -> None:
    """Give a file or folder a mode where others may now do anything with it."""
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        path.chmod(mode)

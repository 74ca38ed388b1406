"""Folders that only the current user may read: working files contain respondents' answers."""

from __future__ import annotations

import stat
from pathlib import Path

WORK = ".work"
MODE = 0o700


def make_private(folder: Path) -> None:
    """Make a folder and close it, and its parents up to `.work`, to other users.

    Outside `.work` only the folder itself is closed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = folder.parts
    depth = len(parts) - parts[::-1].index(WORK) if WORK in parts else len(parts)
    for level in range(depth, len(parts) + 1):
        close_to_others(Path(*parts[:level]), MODE)


def close_to_others(path: Path, mode: int) -> None:
    """Set a mode if others have any permission now."""
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        path.chmod(mode)

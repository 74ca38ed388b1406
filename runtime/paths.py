"""Paths of a checkout."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(os.environ.get("SAMSPIL_ROOT", Path(__file__).resolve().parent.parent))
STUDIES = ROOT / "studies"
# The packages whose code decides what a run computes, in import order.
PACKAGES = (
    "runtime", "declarations", "assets", "replication", "expectations", "publishing", "pipelines",
)  # fmt: skip
# The report's own study. Its output folder does not contain the study's name.
OWN = "samspil"
STUDY = STUDIES / OWN
OUTPUT = ROOT / "output"


def study_folder(name: str) -> Path:
    """The folder of a study's declarations."""
    return STUDIES / name


def study_place(name: str) -> str:
    """The folder of the study below `output` and `.work`."""
    return "" if name == OWN else name


def withdrawn_note(root: Path, place: str, wave: str) -> Path:
    """The note that a wave was withdrawn; runs read it and do not publish the wave."""
    return root / ".work" / place / f"{wave}.withdrawn.txt"


def output_folder(name: str, wave: str) -> Path:
    """The published folder of a wave."""
    return OUTPUT / study_place(name) / wave

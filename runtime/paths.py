"""Where things are in a checkout."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(os.environ.get("SAMSPIL_ROOT", Path(__file__).resolve().parent.parent))
STUDIES = ROOT / "studies"
# The packages whose code decides what a run computes, in the order of their imports.
PACKAGES = (
    "runtime", "declarations", "assets", "replication", "expectations", "publishing", "pipelines",
)  # fmt: skip
# The report's own study; its output is not in a folder of the study's name.
OWN = "samspil"
STUDY = STUDIES / OWN
OUTPUT = ROOT / "output"


def study_folder(name: str) -> Path:
    """The declarations of a study."""
    return STUDIES / name


def place_of(name: str) -> str:
    """The study's folder below `output` and `.work`."""
    return "" if name == OWN else name


def output_folder(name: str, wave: str) -> Path:
    """What readers of a wave look into."""
    return OUTPUT / place_of(name) / wave

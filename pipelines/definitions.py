"""The code location of the report's own study, or of the one SAMSPIL_STUDY names."""

from __future__ import annotations

import os

from pipelines.chain import WAVE_JOB, build_definitions, study_definitions
from runtime import paths

__all__ = ["WAVE_JOB", "build_definitions", "defs"]

defs = study_definitions(os.environ.get("SAMSPIL_STUDY", paths.OWN))

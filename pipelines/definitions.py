"""The code location of the report's study, or of the study in SAMSPIL_STUDY."""

from __future__ import annotations

import os

from pipelines.chain import study_definitions
from runtime import paths

defs = study_definitions(os.environ.get("SAMSPIL_STUDY", paths.OWN))

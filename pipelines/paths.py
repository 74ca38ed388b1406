"""Where things are in a checkout."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(os.environ.get("SAMSPIL_ROOT", Path(__file__).resolve().parent.parent))
STUDY = ROOT / "studies" / "samspil"
OUTPUT = ROOT / "output"

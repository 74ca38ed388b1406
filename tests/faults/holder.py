"""`python -m tests.faults.holder LOCK OWNER`: hold a wave's lock until killed."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from runtime.wave_lock import wave_lock

if __name__ == "__main__":
    with wave_lock(Path(sys.argv[1]), sys.argv[2], 0):
        sys.stdout.write("held\n")
        sys.stdout.flush()
        time.sleep(60)

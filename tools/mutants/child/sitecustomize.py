"""Puts the probes into every process: Python imports this module at its start.

On the path only while `tools/mutants/trace.py` traces the tests.
"""

import os
from pathlib import Path

if "SAMSPIL_TRACE" in os.environ:
    from tools.mutants.probes import install

    install(Path(os.environ["SAMSPIL_TRACE"]))

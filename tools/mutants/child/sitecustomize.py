"""Traces the processes that tests start: Python imports this module at its start.

On the path only while `tools/mutants/trace.py` traces the tests.
"""

import atexit
import os
import sys

if "SAMSPIL_TRACE" in os.environ and "SAMSPIL_TEST" in os.environ:
    sys.path.append(os.environ["SAMSPIL_COVERAGE"])
    import coverage

    _coverage = coverage.Coverage(
        data_file=os.environ["SAMSPIL_TRACE"] + "/lines", data_suffix=True, config_file=False,
        source=os.environ["SAMSPIL_SOURCE"].split(":"), context=os.environ["SAMSPIL_TEST"],
    )  # fmt: skip
    _coverage.start()
    atexit.register(_coverage.save)
    atexit.register(_coverage.stop)

"""Runs of the chain: the Dagster definitions, jobs, resources and commands."""

import time

# The time at which this process began to load the code. It may not know files written later.
LOADED = time.time()

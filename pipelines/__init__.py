"""Runs of the chain: the Dagster definitions, jobs, resources and commands."""

import time

# When this process began to load the code. Files written later may be unknown to it.
LOADED = time.time()

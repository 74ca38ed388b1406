"""How it runs: the only Definitions, jobs, resources and commands."""

import time

# when this process began to load what it runs: what was written later it may not know
LOADED = time.time()

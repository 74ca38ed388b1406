"""A run of a wave: what has to be computed, the run, its record and summary."""

"""A run of a wave: what to compute, the run itself, its record and summary."""

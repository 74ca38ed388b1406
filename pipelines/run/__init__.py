"""Runs of a wave, of all waves, and of the jobs over published waves."""

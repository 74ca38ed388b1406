"""The cost of a run by the size of its wave: a grown wave, its run, and comparisons."""

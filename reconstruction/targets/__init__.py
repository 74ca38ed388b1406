"""Targets of the constructed wave: print decoded to counts, and figures from the text."""

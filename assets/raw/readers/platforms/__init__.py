"""Readers of other platforms' exports, one per platform; all return the same three tables."""

"""Counts per item, code, group and level."""

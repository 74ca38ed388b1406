"""Exports of other platforms as the same three tables: one reader per platform, by name."""

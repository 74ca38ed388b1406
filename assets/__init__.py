"""What exists: declarations, raw files, clean tables, counts and result tables."""

"""What exists: declarations, raw files, clean tables, counts and result tables."""

import os

# DuckDB writes memory it never set into its files. Its allocator reads this once, when the library
# is loaded, which is after this package is.
os.environ.setdefault("DUCKDB_JE_MALLOC_CONF", "zero:true")

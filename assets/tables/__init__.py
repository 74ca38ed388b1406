"""Tables of the report: results from counts, and their layout."""

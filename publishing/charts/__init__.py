"""Charts of tables: which kind fits, and how it is drawn."""

"""All that a study can tabulate: fields, made from items and variables, and levels of groups."""

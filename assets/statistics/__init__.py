"""Statistics as pure functions over counts, without Dagster, files or databases."""

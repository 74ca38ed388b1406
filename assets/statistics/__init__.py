"""Statistics as pure functions over counts. Knows no Dagster, files or databases."""

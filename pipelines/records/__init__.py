"""What was computed: the record of a run, Dagster's own records, and what both say of a wave."""

"""What is computed: tables, results without a table, models, tests."""

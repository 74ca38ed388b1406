"""Declared results: tables, results without a table, models, tests."""

"""Analyses of tables and counts: tests, models, the scan, changes between waves."""

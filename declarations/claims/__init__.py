"""Statements of a report as typed predicates."""

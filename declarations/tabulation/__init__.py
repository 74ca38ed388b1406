"""Declarations for tables of any question: variables, groups, weights, filters, short tables."""

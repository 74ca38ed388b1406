"""Builds the constructed default wave.

Respondent-level answers that agree with the printed tables.
"""

"""Respondent-level answers that agree with the printed tables: the embedded default input."""

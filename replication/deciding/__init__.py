"""Deciding a claim from facts: pure functions, one for each kind of claim."""

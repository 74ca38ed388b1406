"""Decides claims from facts: pure functions, one for each kind of claim."""

"""Draws the constructed wave: respondents first, then their answers, question by question."""

"""The disclosure gate: what published figures reveal about single respondents, and what to hide."""

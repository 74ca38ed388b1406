"""The disclosure gate: what published figures tell about single respondents, and what to hide."""

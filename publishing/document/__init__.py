"""Every table of a wave as a text document."""

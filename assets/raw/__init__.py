"""The raw export as text: what is read, and which rules it has to meet."""

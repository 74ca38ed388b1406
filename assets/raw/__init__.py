"""The raw export as text, and the rules that it has to meet."""

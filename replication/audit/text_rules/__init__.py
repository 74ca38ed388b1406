"""The rules about the text."""

"""The rules about printed figures."""

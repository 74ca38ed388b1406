"""Reads SPSS files, in a process of its own."""

"""Data that agree with print, found or excluded by whole-number programs."""

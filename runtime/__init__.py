"""The ground: files, locks, keys, faults, safe text. Knows no survey."""

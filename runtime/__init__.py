"""Files, locks, keys, faults and safe text. This package knows nothing about surveys."""

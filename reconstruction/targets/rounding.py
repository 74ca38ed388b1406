"""Percentages as the report prints them, implemented independently of the assets."""

from __future__ import annotations

import math


def printed_percent(count: int, base: int, decimals: int) -> float:
    """`count / base * 100` in double precision, halves up. 92 of 320 is 28.7, as in Table 6.7."""
    scale = 10**decimals
    return math.floor(count / base * 100 * scale + 0.5) / scale

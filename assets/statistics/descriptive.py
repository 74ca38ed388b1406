"""Statistics of the report as pure functions over counts.

The module uses no files, databases or Dagster. Denominators are always an argument.
"""

from __future__ import annotations

import math
from collections.abc import Mapping


def percent(count: float, base: float) -> float:
    """Share of `base` in percent, computed as `count / base * 100` in double precision.

    The order matters if the exact value is half-way between two printed ones: 92 of 320 is 28.75,
    as a double 28.749999999999996, and the report prints 28.7 (Table 6.7). This order reproduces
    every half-way figure of the report; `100 * count / base` does not.

    Raises ValueError for an empty base or a count outside 0..base.
    """
    if base <= 0:
        raise ValueError(f"a percentage needs a base of at least 1, not {base}")
    if not 0 <= count <= base:
        raise ValueError(f"count {count} is outside 0..{base}")
    return count / base * 100


def round_half_up(value: float, decimals: int) -> float:
    """Round as the report does: halves go up, on the exact value of the double.

    `round_half_up(58.65, 1)` is 58.7. Works on magnitudes, so -0.25 becomes -0.3.
    """
    scale = 10**decimals
    # adding 0.0 turns -0.0 into 0.0
    return math.copysign(math.floor(abs(value) * scale + 0.5) / scale, value) + 0.0


def difference(first: float, second: float) -> float:
    """Percentage points between two percentages, unrounded."""
    return first - second


def relative_difference(first: float, second: float) -> float:
    """The difference in percent of the first number: `100 * (first - second) / first`.

    Raises ValueError if `first` is 0.
    """
    if first == 0:
        raise ValueError("a relative difference needs a first value other than 0")
    return 100 * (first - second) / first


def mean(counts: Mapping[float, int]) -> float:
    """Mean of values with frequencies: `{value: count}`.

    Raises ValueError if nothing was counted.
    """
    total = _total(counts)
    return math.fsum(value * n for value, n in counts.items()) / total


def median(counts: Mapping[float, int]) -> float:
    """Median of values with frequencies; for an even number the mean of the two middle values.

    Raises ValueError if nothing was counted.
    """
    total = _total(counts)
    middle = ((total - 1) // 2, total // 2)
    found = []
    passed = 0
    for value in sorted(counts):
        reached = passed + counts[value]
        found += [value for place in middle if passed <= place < reached]
        passed = reached
    return sum(found) / 2


def _total(counts: Mapping[float, int]) -> int:
    if any(n < 0 for n in counts.values()):
        raise ValueError("a count below 0")
    total = sum(counts.values())
    if not total:
        raise ValueError("nothing was counted")
    return total


def format_number(value: float, decimals: int) -> str:
    """Rounded half up, with a decimal point and exactly `decimals` decimals."""
    return f"{round_half_up(value, decimals):.{decimals}f}"

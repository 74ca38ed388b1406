"""Column letters: which columns of a row differ, after an adjustment for multiple comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from assets.statistics.significance import benjamini_hochberg, holm

ADJUSTMENTS = ("none", "holm", "bh")
Pair = tuple[int, int]


def adjusted_p(p: npt.ArrayLike, adjustment: str) -> npt.NDArray[np.float64]:
    """Adjusted p-values of one family (`none`, `holm` or `bh`).

    Values that are not numbers stay.

    Raises ValueError for another adjustment.
    """
    values = np.asarray(p, np.float64)
    if adjustment == "none":
        return values
    if adjustment == "bh":
        return benjamini_hochberg(values)
    if adjustment != "holm":
        raise ValueError(f"adjustment {adjustment!r} is not one of {', '.join(ADJUSTMENTS)}")
    return holm(values)


def letter(place: int) -> str:
    """The letter of a column: A to Z, then AA, AB, ..."""
    first, last = divmod(place, 26)
    return (letter(first - 1) if first else "") + chr(ord("A") + last)


def column_pairs(columns: int) -> list[Pair]:
    """Every pair of columns, once."""
    return list(combinations(range(columns), 2))


def column_letters(
    values: Sequence[float], p: Mapping[Pair, float], level: float, names: Sequence[str]
) -> list[str]:
    """Per column the letters of the columns with a significantly smaller value, in order.

    `p` has the adjusted p of pairs of positions. A pair without a test gives no letter.
    """
    found: list[list[str]] = [[] for _ in values]
    for (first, second), probability in sorted(p.items()):
        if not probability < level or values[first] == values[second]:
            continue
        high, low = (first, second) if values[first] > values[second] else (second, first)
        found[high].append(names[low])
    return ["".join(sorted(own, key=names.index)) for own in found]

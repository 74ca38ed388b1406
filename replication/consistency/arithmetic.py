"""Whole numbers behind printed percentages, in exact arithmetic.

A printed figure is an integer in units of its last decimal: 38.7 is 387 with 1 decimal.
"""

from __future__ import annotations

from functools import cache

from assets.statistics.descriptive import percent, round_half_up

Interval = tuple[float, float]


def as_units(text: str) -> tuple[int, int]:
    """A printed number in units of its last decimal, and its decimals: "38.7" is (387, 1).

    A difference may be negative. Raises ValueError if the text is not a number.
    """
    whole, _, fraction = text.removeprefix("-").partition(".")
    if not (whole + fraction).isdecimal():
        raise ValueError(f"{text!r} is not a printed number")
    sign = -1 if text.startswith("-") else 1
    return sign * int(whole + fraction), len(fraction)


def print_form(units: int, decimals: int) -> str:
    """The printed form: (387, 1) is "38.7"."""
    return f"{units / 10**decimals:.{decimals}f}"


@cache
def printed_percent(count: int, base: int, decimals: int) -> int:
    """Percent as the report rounds it (half up, on the double count / base * 100), in units."""
    return round(round_half_up(percent(count, base), decimals) * 10**decimals)


def half_up(count: int, base: int, decimals: int) -> int:
    """Percent rounded half up in exact arithmetic, in units."""
    scale: int = 10**decimals
    return (200 * scale * count + base) // (2 * base)


def half_even(count: int, base: int, decimals: int) -> int:
    """Percent rounded to the nearest unit, ties to an even one."""
    scale: int = 10**decimals
    whole, rest = divmod(100 * scale * count, base)
    return whole + (2 * rest > base or (2 * rest == base and whole % 2 == 1))


def rounded_twice(count: int, base: int, decimals: int) -> int:
    """Percent rounded half up to one decimal more first, then to the decimals shown."""
    return (half_up(count, base, decimals + 1) + 5) // 10


def cut_off(count: int, base: int, decimals: int) -> int:
    """Percent with the further decimals left out."""
    scale: int = 10**decimals
    return 100 * scale * count // base


# Other ways of rounding that may explain a percentage.
OTHER_WAYS = {
    "rounded half to even": half_even,
    "if rounded twice": rounded_twice,
    "if cut off": cut_off,
}


@cache
def counts_of(units: int, base: int, decimals: int) -> tuple[int, ...]:
    """The counts out of `base` that are printed as `units`.

    A tie in the double may round either way.
    """
    return tuple(
        count
        for count in nearby_counts(units, base, decimals)
        if units in (printed_percent(count, base, decimals), half_up(count, base, decimals))
    )


def nearby_counts(units: int, base: int, decimals: int) -> range:
    """The counts whose percentage is within one unit of `units`, by any way of rounding."""
    if base <= 0:
        return range(0)
    scale = 100 * 10**decimals
    return range(
        max(0, (units - 1) * base // scale), min(base, (units + 1) * base // scale + 1) + 1
    )


@cache
def allowed_counts(units: int, base: int, decimals: int) -> tuple[int, int]:
    """The smallest and largest count that a percentage allows.

    If no count fits, its two neighbours.

    An impossible percentage is one finding. A sum that contains it should not become another.
    """
    if found := counts_of(units, base, decimals):
        return found[0], found[-1]
    below = units * base // (100 * 10**decimals)
    return below, below + 1


def other_ways(units: int, base: int, decimals: int) -> list[tuple[str, int]]:
    """Ways of rounding that give the figure when the report's way does not, with the count."""
    return [
        (name, count)
        for name, way in OTHER_WAYS.items()
        for count in nearby_counts(units, base, decimals)
        if way(count, base, decimals) == units
    ]


def neighbours(units: int, base: int, decimals: int) -> list[str]:
    """The two counts next to an impossible percentage, each with its own percentage."""
    if base <= 0:
        return ["there are no percentages of it"]
    scale = 100 * 10**decimals
    below = min(int(units * base / scale), base)
    return [
        f"{count}: {print_form(printed_percent(count, base, decimals), decimals)}"
        for count in (below, below + 1)
        if 0 <= count <= base
    ]


def is_digit_edit(old: str, new: str) -> bool:
    """Whether a changed, missing or added digit, or two exchanged digits, explain a difference.

    The decimal point and leading zeros are not digits: "3.2" and "35.2" differ by a missing one.
    """
    a, b = (text.replace(".", "").lstrip("0") or "0" for text in (old, new))
    if a == b or old == new:
        return False
    if len(a) == len(b):
        places = [i for i in range(len(a)) if a[i] != b[i]]
        swapped = len(places) == 2 and a[places[0]] + a[places[1]] == b[places[1]] + b[places[0]]
        return len(places) == 1 or swapped
    short, long = sorted((a, b), key=len)
    return len(long) - len(short) == 1 and any(
        long[:i] + long[i + 1 :] == short for i in range(len(long))
    )

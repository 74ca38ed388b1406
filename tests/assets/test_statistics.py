"""Statistics against arithmetic worked by hand."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.statistics.descriptive import (
    difference,
    format_number,
    percent,
    relative_difference,
    round_half_up,
)


@pytest.mark.parametrize(
    ("count", "base", "shown"),
    [
        # 92/320 is exactly 28.75; as count / base * 100 it is a hair below, and print has 28.7
        # (100 * count / base would be 28.75 and give 28.8)
        (92, 320, "28.7"),
        (276, 320, "86.3"),
        (1, 8, "12.5"),
        (1, 16, "6.3"),
        (1, 3, "33.3"),
        (2, 3, "66.7"),
        (248, 411, "60.3"),
        (0, 7, "0.0"),
        (7, 7, "100.0"),
        # a value that is half-way and exact in binary goes up
        (1, 80, "1.3"),
        (126, 400, "31.5"),
        (45, 57, "78.9"),
        (294, 388, "75.8"),
    ],
)
def test_percentages_worked_by_hand(count: int, base: int, shown: str) -> None:
    assert format_number(percent(count, base), 1) == shown


@pytest.mark.parametrize(("count", "base"), [(1, 0), (0, 0), (0, -1), (-1, 5), (6, 5)])
def test_percent_refuses_what_is_no_share(count: int, base: int) -> None:
    with pytest.raises(ValueError, match=r"base of at least 1|outside 0\.\."):
        percent(count, base)


@pytest.mark.parametrize(
    ("value", "decimals", "rounded"),
    [
        (0.25, 1, 0.3),
        (-0.25, 1, -0.3),
        (0.05, 1, 0.1),
        (0.5, 0, 1.0),
        (1.5, 0, 2.0),
        (2.5, 0, 3.0),  # half to even would be 2
        (-2.5, 0, -3.0),
        (58.65, 1, 58.7),
        (68.39, 0, 68.0),
        (99.95, 1, 100.0),
        (0.0, 1, 0.0),
        (12.34, 2, 12.34),
    ],
)
def test_halves_go_up_in_magnitude(value: float, decimals: int, rounded: float) -> None:
    assert round_half_up(value, decimals) == rounded


@given(st.integers(1, 838).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_rounded_percent_is_the_nearest_tenth(pair: tuple[int, int]) -> None:
    count, base = pair
    exact = Fraction(100 * count, base)
    shown = Fraction(format_number(percent(count, base), 1))
    # half a tenth, and the nearest doubles
    assert abs(shown - exact) <= Fraction(1, 20) + Fraction(1, 10**10)
    assert 0 <= shown <= 100


@pytest.mark.parametrize(
    ("a", "b", "points", "relative"),
    [
        # Table 6.5 as print has it: a - b, and c * 100 / a without decimals
        (74.6, 30.7, "43.9", "59"),
        (67.9, 25.2, "42.7", "63"),
        (52.2, 16.5, "35.7", "68"),  # print has 32, an erratum
        (20.0, 30.0, "-10.0", "-50"),
    ],
)
def test_differences_of_table_6_5(a: float, b: float, points: str, relative: str) -> None:
    assert format_number(difference(a, b), 1) == points
    assert format_number(relative_difference(a, b), 0) == relative


def test_relative_difference_needs_something_to_relate_to() -> None:
    with pytest.raises(ValueError, match="other than 0"):
        relative_difference(0, 5)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(3.0, 0, "3"), (3.0, 1, "3.0"), (0.04, 1, "0.0"), (100.0, 1, "100.0"), (1234.5, 1, "1234.5")],
)
def test_numbers_have_exactly_the_declared_decimals(value: float, decimals: int, text: str) -> None:
    assert format_number(value, decimals) == text


def test_a_small_negative_number_is_not_shown_as_minus_zero() -> None:
    assert format_number(-0.04, 1) == "0.0"

"""Two samples at the edges of their tests, and effect sizes worked out by hand."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from assets.statistics.survey.estimates import EstimatedDifference
from assets.statistics.two_samples import (
    NO_TEST,
    Effect,
    MeanOfSample,
    ShareOfSample,
    cohens_d,
    cohens_h,
    difference_of_shares,
    student,
    welch,
    z_of_shares,
)

Z = stats.norm.ppf(0.975)


def mean(value: float, sd: float, n: float) -> MeanOfSample:
    return MeanOfSample(value, sd, n)


def share(hits: float, base: float) -> ShareOfSample:
    return ShareOfSample(hits, base, base)


def numbers(found: EstimatedDifference | Effect) -> tuple[float, ...]:
    return tuple(value for value in vars(found).values() if isinstance(value, float))


def nothing(found: EstimatedDifference | Effect) -> bool:
    return all(map(math.isnan, numbers(found)))


def test_welch_needs_two_of_each_and_something_that_varies() -> None:
    assert welch(mean(1, 1, 1), mean(2, 1, 9)) is NO_TEST
    assert welch(mean(1, 1, 9), mean(2, 1, 1)) is NO_TEST
    assert welch(mean(1, 0, 9), mean(2, 0, 9)) is NO_TEST
    found = welch(mean(1, 0, 5), mean(3, 1, 5))
    assert (found.statistic, found.df) == pytest.approx((-2 / math.sqrt(0.2), 4))
    assert not math.isnan(welch(mean(1, 1, 1.5), mean(2, 1, 1.5)).p)


def test_student_needs_one_degree_of_freedom() -> None:
    assert student(mean(1, math.nan, 1), mean(2, math.nan, 1)) is NO_TEST
    assert student(mean(1, 1, 0.5), mean(2, 1, 9)) is NO_TEST
    # one person has no deviation; the other two give 1 degree of freedom
    found = student(mean(5, math.nan, 1), mean(2, 2, 2))
    assert (found.statistic, found.df) == pytest.approx((3 / math.sqrt(4 * 1.5), 1))


def test_shares_that_are_all_0_or_all_1_have_no_error_and_no_p() -> None:
    for hits in (0, 1):
        found = z_of_shares(share(hits * 5, 5), share(hits * 8, 8))
        assert (found.difference, found.error) == (0, 0)
        assert math.isnan(found.statistic)
        assert math.isnan(found.p)
    assert z_of_shares(share(0, 0), share(1, 2)) is NO_TEST
    assert z_of_shares(share(1, 2), share(0, 0)) is NO_TEST
    assert math.isnan(share(0, 0).value)


def test_the_interval_of_a_difference_is_newcombes() -> None:
    """56 of 70 and 48 of 80: example of Newcombe (1998), method 10."""
    found = difference_of_shares(share(56, 70), share(48, 80))
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    # at 0 and 1 the Wilson intervals end there
    ends = difference_of_shares(share(10, 10), share(0, 20))
    assert (ends.value, ends.low, ends.high) == pytest.approx((1, 0.6791, 1), abs=5e-5)
    assert nothing(difference_of_shares(share(0, 0), share(1, 2)))
    assert nothing(difference_of_shares(share(1, 2), share(0, 0)))


def test_cohens_h_is_the_difference_of_two_angles() -> None:
    found = cohens_h(share(5, 10), share(10, 40))
    h, half = math.pi / 2 - math.pi / 3, Z * math.sqrt(1 / 10 + 1 / 40)
    assert (found.value, found.low, found.high) == pytest.approx((h, h - half, h + half))
    assert nothing(cohens_h(share(0, 0), share(1, 2)))
    assert nothing(cohens_h(share(1, 2), share(0, 0)))


def test_cohens_d_has_the_pooled_deviation() -> None:
    found = cohens_d(mean(7, 2, 10), mean(4, 4, 20))
    d = 3 / math.sqrt((9 * 4 + 19 * 16) / 28)
    half = Z * math.sqrt(30 / 200 + d * d / 60)
    assert (found.value, found.low, found.high) == pytest.approx((d, d - half, d + half))
    assert nothing(cohens_d(mean(7, 0, 10), mean(4, 0, 20)))
    assert nothing(cohens_d(mean(7, math.nan, 1), mean(4, math.nan, 1)))
    assert nothing(cohens_d(mean(7, 1, 0.9), mean(4, 1, 9)))
    # one person and two: the deviation of the two
    assert cohens_d(mean(7, math.nan, 1), mean(4, 2, 2)).value == pytest.approx(1.5)

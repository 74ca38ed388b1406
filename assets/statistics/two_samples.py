"""Tests of two shares or two means from counts, and effect sizes with intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass

from assets.statistics.significance import wilson
from assets.statistics.survey.estimates import EstimatedDifference, t_test


@dataclass(frozen=True)
class ShareOfSample:
    """`hits` of `base`, weighted or not; `effective` is the base that tests use."""

    hits: float
    base: float
    effective: float

    @property
    def value(self) -> float:
        """The share, a fraction; not a number if the base is empty."""
        return self.hits / self.base if self.base > 0 else math.nan


@dataclass(frozen=True)
class MeanOfSample:
    """A mean with its standard deviation and the base that tests use."""

    value: float
    sd: float
    effective: float


@dataclass(frozen=True)
class Effect:
    """An effect size with its confidence interval."""

    name: str
    value: float
    low: float
    high: float


NO_TEST = EstimatedDifference(math.nan, math.nan, math.nan, math.nan, math.nan)


def z_of_shares(first: ShareOfSample, second: ShareOfSample) -> EstimatedDifference:
    """Z test of two independent shares with the pooled share, without correction.

    With unweighted bases its square is Pearson's chi-square of the 2 x 2 table.
    """
    if not (first.effective > 0 and second.effective > 0):
        return NO_TEST
    n, m = first.effective, second.effective
    pooled = (first.value * n + second.value * m) / (n + m)
    error = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m)) if 0 < pooled < 1 else 0.0
    return _normal(first.value - second.value, error)


def welch(first: MeanOfSample, second: MeanOfSample) -> EstimatedDifference:
    """Welch's t test of two independent means; no test if a base is under 2."""
    n, m = first.effective, second.effective
    if not (n > 1 and m > 1):
        return NO_TEST
    a, b = first.sd**2 / n, second.sd**2 / m
    if not a + b > 0:
        return NO_TEST
    df = (a + b) ** 2 / (a * a / (n - 1) + b * b / (m - 1))
    return t_test(first.value - second.value, math.sqrt(a + b), df)


def student(first: MeanOfSample, second: MeanOfSample) -> EstimatedDifference:
    """Student's t test with the pooled variance; no test without degrees of freedom."""
    n, m = first.effective, second.effective
    if not (n >= 1 and m >= 1 and n + m > 2):
        return NO_TEST
    pooled = ((n - 1) * _square(first.sd) + (m - 1) * _square(second.sd)) / (n + m - 2)
    return t_test(first.value - second.value, math.sqrt(pooled * (1 / n + 1 / m)), n + m - 2)


def difference_of_shares(
    first: ShareOfSample, second: ShareOfSample, confidence: float = 0.95
) -> Effect:
    """The difference of two shares with Newcombe's interval (hybrid of two Wilson intervals)."""
    if not (first.effective > 0 and second.effective > 0):
        return Effect("difference", math.nan, math.nan, math.nan)
    p, q = first.value, second.value
    (low_p, low_q), (high_p, high_q) = wilson(
        [p * first.effective, q * second.effective], [first.effective, second.effective], confidence
    )
    apart = p - q
    low = apart - math.hypot(p - low_p, high_q - q)
    return Effect("difference", apart, low, apart + math.hypot(high_p - p, q - low_q))


def cohens_h(first: ShareOfSample, second: ShareOfSample, confidence: float = 0.95) -> Effect:
    """Cohen's h of two shares: the difference of 2 arcsin(root of p); its variance is 1/n + 1/m."""
    n, m = first.effective, second.effective
    if not (n > 0 and m > 0):
        return Effect("h", math.nan, math.nan, math.nan)
    h = 2 * (math.asin(math.sqrt(first.value)) - math.asin(math.sqrt(second.value)))
    half = _z(confidence) * math.sqrt(1 / n + 1 / m)
    return Effect("h", h, h - half, h + half)


def cohens_d(first: MeanOfSample, second: MeanOfSample, confidence: float = 0.95) -> Effect:
    """Cohen's d with the pooled standard deviation.

    The interval uses the large-sample variance (n + m) / (n m) + d^2 / (2 (n + m)) of Hedges and
    Olkin (1985).
    """
    n, m = first.effective, second.effective
    if not (n >= 1 and m >= 1 and n + m > 2):
        return Effect("d", math.nan, math.nan, math.nan)
    pooled = ((n - 1) * _square(first.sd) + (m - 1) * _square(second.sd)) / (n + m - 2)
    if not pooled > 0:
        return Effect("d", math.nan, math.nan, math.nan)
    d = (first.value - second.value) / math.sqrt(pooled)
    half = _z(confidence) * math.sqrt((n + m) / (n * m) + d * d / (2 * (n + m)))
    return Effect("d", d, d - half, d + half)


def _square(sd: float) -> float:
    # a single observation has no deviation and no degree of freedom
    return 0.0 if math.isnan(sd) else sd * sd


def _normal(difference: float, error: float) -> EstimatedDifference:
    if not error > 0:
        return EstimatedDifference(difference, error, math.inf, math.nan, math.nan)
    z = difference / error
    return EstimatedDifference(difference, error, math.inf, z, math.erfc(abs(z) / math.sqrt(2)))


def _z(confidence: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf((1 + confidence) / 2)

"""Errors of totals, scores and their covariance, against the covariance of single respondents."""

from __future__ import annotations

import numpy as np
import pytest

from assets.statistics.survey.sampling import Sample
from assets.tabulate.cells import Sums, Variance

# strata of 4, 3 and 1 units; a stratum with one unit has no variance
STRATA = np.array([0, 0, 0, 0, 1, 1, 1, 2])
FRACTION = np.array([0.0, 0.25, 0.5])
CELLS, WEIGHTS = np.array([0, 1, 1, 2, 0, 0, 1, 2]), np.array([1.0, 2, 1.5, 1, 3, 1, 0.5, 2])
# the weight of each unit in its own cell
SCORES = np.eye(3)[CELLS] * WEIGHTS[:, None]


def by_stratum(values: np.ndarray) -> np.ndarray:
    return np.array([values[one == STRATA].sum(axis=0) for one in range(3)])


def expected(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The sum over strata of (1 - f) n times the covariance of single units."""
    found = np.zeros((first.shape[1], second.shape[1]))
    for one, fraction in enumerate(FRACTION):
        a, b = first[one == STRATA], second[one == STRATA]
        if len(a) > 1:
            apart = (a - a.mean(axis=0)).T @ (b - b.mean(axis=0)) / (len(a) - 1)
            found += (1 - fraction) * len(a) * apart
    return found


@pytest.mark.parametrize("by_unit", [False, True])
def test_totals_have_the_covariance_of_single_units(by_unit: bool) -> None:
    variance = Variance(Sample(STRATA, FRACTION), by_unit)
    w, ww = (SCORES, SCORES**2) if by_unit else (by_stratum(SCORES), by_stratum(SCORES**2))
    assert variance.parts == len(w)
    found = variance.totals(w, ww, seen=5)
    assert found.value == pytest.approx(SCORES.sum(axis=0))
    assert found.covariance == pytest.approx(expected(SCORES, SCORES))
    assert found.df == 5


def test_strata_that_nobody_of_the_cells_is_in_have_no_degree_of_freedom() -> None:
    seen = SCORES * (STRATA < 1)[:, None]
    variance = Variance(Sample(STRATA, FRACTION), by_unit=True)
    assert variance.totals(seen, seen**2, seen=0).df == 3


@pytest.mark.parametrize("by_unit", [False, True])
def test_scores_have_the_variance_of_single_units(by_unit: bool) -> None:
    rng = np.random.default_rng(1)
    one, other = rng.normal(size=(2, 8, 2))
    variance = Variance(Sample(STRATA, FRACTION), by_unit)
    parts = (lambda values: values) if by_unit else by_stratum
    found = variance.of_scores(parts(one), parts(one**2))
    assert found == pytest.approx(np.diag(expected(one, one)))
    both = variance.covariance(parts(one), parts(other), parts(one * other))
    assert both == pytest.approx(np.diag(expected(one, other)))


def test_sums_over_parts_codes_and_columns() -> None:
    n = np.arange(12.0).reshape(2, 3, 2)
    sums = Sums(n, n / 2, n / 4)
    assert sums.count.tolist() == [[6, 8], [10, 12], [14, 16]]
    assert sums.weighted.tolist() == [[3, 4], [5, 6], [7, 8]]
    # w² / sum of squares: 9 / 1.5, ...
    assert sums.effective.tolist() == [[6, 8], [10, 12], [14, 16]]
    some = sums.over(np.array([0, 2]))
    assert some.n.tolist() == [[4, 6], [16, 18]]
    assert (some.w.tolist(), some.ww.tolist()) == ([[2, 3], [8, 9]], [[1, 1.5], [4, 4.5]])
    assert some.rest.n.tolist() == [[0, -2], [0, -2]]
    assert some.at([1]).n.tolist() == [[6], [18]]
    empty = Sums(n * 0, n * 0, n * 0)
    assert empty.effective.tolist() == [[0, 0]] * 3

"""Logistic regression against the row-level fit, R, closed forms and a brute-force maximum."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from assets.statistics.regression import (
    ESTIMATED,
    NOT_ESTIMABLE,
    NOTHING,
    PENALIZED,
    SPARSE,
    Patterns,
    Rules,
    adjusted_odds,
    bivariate,
    collect,
    fit_likelihood,
    fit_penalized,
    independent_columns,
)

# every fit by maximum likelihood, with any number of events
FREE = Rules(events_per_term=0, level_events=0)
Rows = tuple[NDArray[np.bool_], NDArray[np.bool_]]


def random_rows(seed: int, n: int = 300, width: int = 6) -> Rows:
    """Overlapping 0/1 terms with an outcome that depends on them."""
    rng = np.random.default_rng(seed)
    design = rng.random((n, width)) < rng.uniform(0.1, 0.6, width)
    score = -0.5 + design @ rng.normal(0, 0.7, width)
    return design, rng.random(n) < 1 / (1 + np.exp(-score))


def with_constant(design: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.column_stack([np.ones(len(design)), design.astype(float)])


@pytest.mark.parametrize("seed", range(200))
def test_patterns_give_the_row_level_fit(seed: int) -> None:
    import statsmodels.api as sm

    design, outcome = random_rows(seed)
    rows = sm.Logit(outcome.astype(float), with_constant(design)).fit(
        disp=0, method="newton", tol=1e-14, maxiter=100
    )
    found = adjusted_odds(collect(design, outcome), FREE)
    interval = np.exp(rows.conf_int())
    for place, line in enumerate(found):
        assert line.status == ESTIMATED
        assert line.ratio == pytest.approx(math.exp(rows.params[place]), rel=1e-8)
        assert line.low == pytest.approx(interval[place, 0], rel=1e-8)
        assert line.high == pytest.approx(interval[place, 1], rel=1e-8)
        assert line.p == pytest.approx(rows.pvalues[place], rel=1e-8, abs=1e-12)


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_r_gives_the_same_coefficients_and_errors() -> None:
    cases = [random_rows(seed, n=400, width=4) for seed in range(200, 400)]
    script = ["options(digits = 17)"]
    for design, outcome in cases:
        columns = ", ".join(f"c({', '.join(map(str, c.astype(int)))})" for c in design.T)
        script += [
            f"x <- cbind({columns}); y <- c({', '.join(map(str, outcome.astype(int)))})",
            "f <- glm(y ~ x, family = binomial, control = list(epsilon = 1e-14, maxit = 100))",
            # once more from there: R takes the errors from the round before the last
            "f <- glm(y ~ x, family = binomial, start = coef(f))",
            "cat(sprintf('%.17g', summary(f)$coefficients[, 1:2]), '\\n')",
        ]
    done = subprocess.run(
        ["Rscript", "--vanilla", "-"],
        input="\n".join(script), capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    for (design, outcome), line in zip(cases, done.stdout.splitlines(), strict=True):
        patterns = collect(design, outcome)
        fit = fit_likelihood(
            with_constant(patterns.design == 1), patterns.successes, patterns.failures
        )
        assert fit is not None
        expected = np.array(line.split(), dtype=float).reshape(2, -1)
        np.testing.assert_allclose(fit, expected, rtol=1e-8, atol=1e-8)


def test_patterns_count_everybody_once() -> None:
    design = np.array([[1, 0], [1, 0], [0, 1], [0, 0], [1, 0]], dtype=bool)
    patterns = collect(design, np.array([1, 0, 1, 0, 1], dtype=bool))
    assert patterns.design.tolist() == [[0, 0], [0, 1], [1, 0]]
    assert patterns.successes.tolist() == [0, 1, 2]
    assert patterns.failures.tolist() == [1, 0, 1]
    assert (patterns.events, patterns.non_events) == (3, 2)
    assert patterns.cells(0) == (2, 1, 1, 1)
    assert patterns.cells(1) == (1, 0, 2, 2)


def test_an_odds_ratio_worked_by_hand() -> None:
    # 30 of 50 against 20 of 50: (30 * 30) / (20 * 20) = 2.25; variance 2/30 + 2/20 = 1/6
    found = bivariate((30, 20, 20, 30), Rules())
    reach = 1.959963984540054 / math.sqrt(6)
    assert found.ratio == pytest.approx(2.25)
    assert found.low == pytest.approx(math.exp(math.log(2.25) - reach))
    assert found.high == pytest.approx(math.exp(math.log(2.25) + reach))
    # z = 0.81093 / 0.40825 = 1.98637
    assert found.p == pytest.approx(0.046992, abs=1e-6)
    assert found.status == ESTIMATED


@given(st.tuples(*[st.integers(1, 60)] * 4))
def test_the_closed_form_is_the_fit_with_one_dummy(cells: tuple[int, int, int, int]) -> None:
    a, b, c, d = cells
    patterns = Patterns(np.array([[1.0], [0.0]]), np.array([a, c], float), np.array([b, d], float))
    alone, fitted = bivariate(cells, FREE), adjusted_odds(patterns, FREE)[1]
    for name in ("ratio", "low", "high", "p"):
        assert getattr(alone, name) == pytest.approx(getattr(fitted, name), rel=1e-7, abs=1e-12)


@pytest.mark.parametrize("cells", [(0, 0, 5, 5), (5, 5, 0, 0), (0, 5, 0, 5), (5, 0, 5, 0)])
def test_an_empty_margin_is_not_estimable(cells: tuple[int, int, int, int]) -> None:
    assert bivariate(cells, Rules()) == NOTHING


def test_an_empty_cell_is_penalized_as_half_an_observation_in_each() -> None:
    # (0.5 * 10.5) / (20.5 * 10.5), Heinze & Schemper 2002
    found = bivariate((0, 20, 10, 10), Rules())
    assert found.status == PENALIZED
    assert found.ratio == pytest.approx(0.5 * 10.5 / (20.5 * 10.5))
    assert found.high is not None
    assert found.high < 1


@given(st.tuples(*[st.integers(0, 40)] * 4))
def test_penalized_fit_of_one_dummy_has_its_closed_form(cells: tuple[int, int, int, int]) -> None:
    a, b, c, d = cells
    assume(a + b and c + d and a + c and b + d)
    design = np.array([[1.0, 1.0], [1.0, 0.0]])
    fit = fit_penalized(design, np.array([a, c], float), np.array([b, d], float))
    assert fit is not None
    expected = math.log((a + 0.5) * (d + 0.5) / ((b + 0.5) * (c + 0.5)))
    assert fit[0][1] == pytest.approx(expected, abs=1e-8)
    if 0 in cells:
        found = bivariate(cells, FREE)
        assert found.ratio == pytest.approx(math.exp(expected), rel=1e-8)


@pytest.mark.parametrize("seed", range(8))
def test_penalized_fit_is_the_maximum_of_the_penalized_likelihood(seed: int) -> None:
    from scipy.optimize import minimize

    design, outcome = random_rows(seed, n=60, width=3)
    outcome &= ~design[:, 0]  # nobody in the first level has the outcome
    patterns = collect(design, outcome)
    x = with_constant(patterns.design == 1)
    total = patterns.successes + patterns.failures

    def loss(beta: NDArray[np.float64]) -> float:
        score = x @ beta
        share = 1 / (1 + np.exp(-score))
        information = x.T @ ((total * share * (1 - share))[:, None] * x)
        likelihood = patterns.successes @ score - total @ np.log1p(np.exp(score))
        return -float(likelihood + np.linalg.slogdet(information)[1] / 2)

    best = minimize(
        loss, np.zeros(4), method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-13, "maxiter": 20000, "maxfev": 20000},
    )  # fmt: skip
    fit = fit_penalized(x, patterns.successes, patterns.failures)
    assert fit is not None
    np.testing.assert_allclose(fit[0], best.x, atol=1e-5)
    assert loss(fit[0]) <= best.fun + 1e-12


def separated(
    x: NDArray[np.float64], successes: Sequence[float], failures: Sequence[float]
) -> bool:
    """Konis' linear program: a direction that no observation contradicts and some support."""
    from scipy.optimize import linprog

    yes, no = np.array(successes, float) > 0, np.array(failures, float) > 0
    rows = np.vstack([x[yes], -x[no]])
    found = linprog(-rows.sum(axis=0), A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=(-1, 1))
    assert found.success
    return -found.fun > 1e-6


SMALL = np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 0.0, 1.0], [1.0, 1.0, 1.0]])


@pytest.mark.parametrize(
    ("successes", "failures", "expected"),
    [
        ((0, 0, 5, 5), (5, 5, 0, 0), True),  # complete
        ((3, 3, 5, 5), (5, 5, 0, 0), True),  # a level without non-events
        # no empty cell in either level, but their sum separates
        ((0, 2, 2, 5), (5, 2, 2, 0), True),
        ((1, 2, 2, 5), (5, 2, 2, 1), False),
    ],
)
def test_separation_has_no_fit_by_maximum_likelihood(
    successes: tuple[int, ...], failures: tuple[int, ...], expected: bool
) -> None:
    assert separated(SMALL, successes, failures) is expected
    counts = (np.array(successes, float), np.array(failures, float))
    assert (fit_likelihood(SMALL, *counts) is None) is expected
    assert fit_penalized(SMALL, *counts) is not None


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=4, max_size=4))
def test_a_fit_is_missing_exactly_where_the_linear_program_says(
    cells: list[tuple[int, int]],
) -> None:
    successes, failures = np.array(cells, float).T
    kept = successes + failures > 0
    assume(np.linalg.matrix_rank(SMALL[kept]) == 3)
    fit = fit_likelihood(SMALL[kept], successes[kept], failures[kept])
    assert (fit is None) is separated(SMALL[kept], successes[kept], failures[kept])


@given(st.integers(0, 10_000), st.integers(0, 3))
def test_no_huge_number_is_ever_passed_on(seed: int, rare: int) -> None:
    rng = np.random.default_rng(seed)
    design = rng.random((80, 5)) < rng.choice([0.0, 0.02, 0.2, 0.5, 0.98, 1.0], 5)
    outcome = np.zeros(80, dtype=bool)
    outcome[rng.choice(80, rare, replace=False)] = True
    for line in adjusted_odds(collect(design, outcome), Rules()):
        if line.status == NOT_ESTIMABLE:
            assert line == NOTHING
            continue
        assert None not in (line.ratio, line.low, line.high, line.p)
        assert line.low is not None
        assert line.high is not None
        assert line.p is not None
        assert math.isfinite(line.high)
        assert line.high / line.low < math.exp(40)
        assert 0 <= line.p <= 1


def test_an_empty_or_repeated_term_is_left_out_and_named() -> None:
    design, outcome = random_rows(3, width=2)
    wide = np.column_stack([design, np.zeros(len(design), bool), design[:, 0], ~design[:, 1]])
    found = adjusted_odds(collect(wide, outcome), FREE)
    narrow = adjusted_odds(collect(design, outcome), FREE)
    assert [line.status for line in found] == [ESTIMATED] * 3 + [NOT_ESTIMABLE] * 3
    for left, right in zip(found[:3], narrow, strict=True):
        assert left.ratio == pytest.approx(right.ratio)
        assert left.p == pytest.approx(right.p)
    assert independent_columns(with_constant(wide)) == [0, 1, 2]


def test_an_outcome_everybody_has_is_not_estimable() -> None:
    design, _ = random_rows(4)
    for constant in (True, False):
        outcome = np.full(len(design), constant)
        assert set(adjusted_odds(collect(design, outcome), Rules())) == {NOTHING}


def test_few_events_are_penalized_and_a_thin_level_is_called_sparse() -> None:
    rng = np.random.default_rng(5)
    design = rng.random((400, 4)) < 0.4
    design[:, 3] = False
    design[:6, 3] = True
    outcome = rng.random(400) < 0.4
    outcome[:6] = [True, False, True, False, False, True]
    found = adjusted_odds(collect(design, outcome), Rules())
    assert [line.status for line in found] == [ESTIMATED] * 4 + [SPARSE]
    few = np.zeros(400, dtype=bool)
    few[::60] = True  # 7 events for 4 terms
    assert {line.status for line in adjusted_odds(collect(design, few), Rules())} == {PENALIZED}


@pytest.fixture
def logistf() -> str:
    """R's logistf, where it is installed."""
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed")
    asked = subprocess.run(
        ["Rscript", "-e", "cat(requireNamespace('logistf', quietly = TRUE))"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    if asked.stdout.strip() != "TRUE":
        pytest.skip("R's logistf is not installed")
    return "Rscript"


def test_logistf_gives_the_same_penalized_fit(logistf: str) -> None:
    design, outcome = random_rows(11, n=80, width=3)
    outcome &= ~design[:, 0]
    data = json.dumps([*(c.astype(int).tolist() for c in design.T)])
    columns = data.strip("[]").replace("], [", "), c(")
    script = (
        f"x <- cbind(c({columns})); y <- c({', '.join(map(str, outcome.astype(int)))})\n"
        "f <- logistf::logistf(y ~ x, pl = FALSE, "
        "control = logistf::logistf.control(maxit = 1000, gconv = 1e-12, xconv = 1e-12))\n"
        "cat(sprintf('%.17g', c(f$coefficients, sqrt(diag(f$var)))))"
    )
    done = subprocess.run(
        [logistf, "-e", script], capture_output=True, text=True, check=True, timeout=60
    )
    patterns = collect(design, outcome)
    fit = fit_penalized(with_constant(patterns.design == 1), patterns.successes, patterns.failures)
    assert fit is not None
    np.testing.assert_allclose(np.concatenate(fit), np.array(done.stdout.split(), float), atol=1e-6)

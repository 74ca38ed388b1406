"""Our statistics against SciPy, statsmodels and R on random tables, and worked by hand."""

from __future__ import annotations

import math
import shutil
import subprocess
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from assets.statistics import exact
from assets.statistics import significance as own

Table = NDArray[np.float64]
CLOSE: dict[str, Any] = {"rel": 1e-10, "abs": 1e-12}
RSCRIPT = shutil.which("Rscript")
needs_r = pytest.mark.skipif(RSCRIPT is None, reason="no Rscript here (Debian: r-base-core)")


def random_tables(count: int = 240, two_by_two: bool = False) -> list[Table]:
    """Tables as surveys give them: sparse, with zeros, every third with an empty row or column."""
    generator = np.random.default_rng(20150101)
    tables = []
    for number in range(count):
        shape = (2, 2) if two_by_two else tuple(generator.integers(2, (6, 7)))
        mean = generator.choice([0.7, 3.0, 12.0, 60.0])
        table = generator.poisson(mean * generator.gamma(1.0, size=shape)).astype(np.float64)
        if number % 3 == 0 and not two_by_two:
            axis = int(generator.integers(2))
            table = np.insert(table, generator.integers(shape[axis] + 1), 0, axis=axis)
        tables.append(table)
    return tables


TABLES = random_tables()
FOURFOLD = random_tables(300, two_by_two=True)
COMPARABLE = [table for table in TABLES if min(exact.without_empty_lines(table).shape) > 1]


def test_the_random_tables_are_what_they_are_meant_to_be() -> None:
    assert len(COMPARABLE) >= 200
    assert sum((table == 0).any() for table in COMPARABLE) > 100
    assert sum(exact.without_empty_lines(table).shape != table.shape for table in COMPARABLE) > 50
    assert sum(bool(own.degrees_of_freedom(table) > 0) for table in FOURFOLD) >= 200


@pytest.mark.parametrize(
    ("test", "lambda_"), [(own.pearson, "pearson"), (own.likelihood_ratio, "log-likelihood")]
)
def test_chi_square_and_likelihood_ratio_agree_with_scipy(
    test: Callable[[Table], own.Test], lambda_: str
) -> None:
    from scipy.stats import chi2_contingency

    for table in COMPARABLE:
        found = test(table)
        theirs = chi2_contingency(
            exact.without_empty_lines(table), correction=False, lambda_=lambda_
        )
        assert found.statistic == pytest.approx(theirs.statistic, rel=1e-10, abs=1e-10)
        assert found.df == theirs.dof
        assert found.p == pytest.approx(theirs.pvalue, **CLOSE)


def test_expected_counts_and_cramers_v_agree_with_scipy() -> None:
    from scipy.stats.contingency import association, expected_freq

    for table in COMPARABLE:
        kept = exact.without_empty_lines(table)
        assert own.expected_counts(kept) == pytest.approx(expected_freq(kept), **CLOSE)
        theirs = association(kept.astype(int), method="cramer")
        assert own.cramers_v(table) == pytest.approx(theirs, **CLOSE)
        assert own.least_expected(table) == pytest.approx(expected_freq(kept).min(), **CLOSE)


def test_fishers_exact_test_agrees_with_scipy() -> None:
    from scipy.stats import fisher_exact

    for table in FOURFOLD:
        if own.degrees_of_freedom(table):
            theirs = fisher_exact(table.astype(int)).pvalue
            assert exact.fisher_exact(table) == pytest.approx(theirs, **CLOSE)
        else:
            assert math.isnan(exact.fisher_exact(table))


def test_trend_agrees_with_statsmodels() -> None:
    from statsmodels.stats.contingency_tables import Table as Contingency

    for table in COMPARABLE:
        found = own.linear_by_linear(table)
        theirs = Contingency(table, shift_zeros=False).test_ordinal_association()
        assert found.statistic == pytest.approx(theirs.zscore**2, rel=1e-10, abs=1e-10)
        assert found.p == pytest.approx(theirs.pvalue, rel=1e-10, abs=1e-10)


def test_trend_is_the_correlation_of_the_scores() -> None:
    for table in COMPARABLE:
        down, across = table.shape
        rows = np.repeat(np.arange(down), table.sum(axis=1).astype(int))
        columns = np.concatenate([np.repeat(np.arange(across), line.astype(int)) for line in table])
        r = np.corrcoef(rows, columns)[0, 1]
        statistic = (len(rows) - 1) * r * r
        assert own.linear_by_linear(table).statistic == pytest.approx(statistic, rel=1e-10)


def test_gamma_has_the_p_value_of_somers_d() -> None:
    # both test the same numerator by its standard error under independence
    from scipy.stats import somersd

    for table in COMPARABLE:
        found, theirs = own.gamma(table), somersd(table.astype(int))
        if math.isnan(found.value):
            continue
        assert found.p == pytest.approx(theirs.pvalue, **CLOSE)
        assert np.sign(found.value) == np.sign(round(theirs.statistic, 14))


def test_gamma_counts_pairs() -> None:
    for table in COMPARABLE[:60]:
        cells = list(np.ndenumerate(table))
        same = sum(n * m for (i, n), (j, m) in product(cells, cells) if (i[0] - j[0]) * (
            i[1] - j[1]) > 0)  # fmt: skip
        opposite = sum(n * m for (i, n), (j, m) in product(cells, cells) if (i[0] - j[0]) * (
            i[1] - j[1]) < 0)  # fmt: skip
        found = own.gamma(table).value
        if same + opposite:
            assert found == pytest.approx((same - opposite) / (same + opposite), **CLOSE)
        else:
            assert math.isnan(found)


def test_the_standard_error_of_gamma_is_that_of_the_delta_method() -> None:
    """The multinomial variance of gamma, its derivatives taken numerically."""
    for table in COMPARABLE[:60]:
        shares, n = table / table.sum(), table.sum()
        found = own.gamma(table)
        if math.isnan(found.value):
            continue
        step, slope = 1e-6, np.zeros_like(shares)
        for place in np.ndindex(*shares.shape):
            up, down = shares.copy(), shares.copy()
            up[place] += step
            # a share of zero has no smaller one; it does not weigh in the variance either
            down[place] = max(0.0, down[place] - step)
            width = up[place] - down[place]
            slope[place] = (own.gamma(up).value - own.gamma(down).value) / width
        mean = (shares * slope).sum()
        error = math.sqrt(max(0.0, (shares * (slope - mean) ** 2).sum() / n))
        assert found.standard_error == pytest.approx(error, rel=1e-4, abs=1e-6)


def test_wilsons_interval_agrees_with_statsmodels() -> None:
    from statsmodels.stats.proportion import proportion_confint

    for n in (1, 2, 17, 57, 168, 445):
        counts = np.arange(n + 1)
        low, high = own.wilson(counts, np.full(n + 1, n))
        below, above = proportion_confint(counts, n, alpha=0.05, method="wilson")
        assert low == pytest.approx(below, rel=1e-10, abs=1e-12)
        assert high == pytest.approx(above, rel=1e-10, abs=1e-12)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_q_values_agree_with_statsmodels(p: list[float]) -> None:
    from statsmodels.stats.multitest import multipletests

    assert own.benjamini_hochberg(p) == pytest.approx(multipletests(p, method="fdr_bh")[1], **CLOSE)


def test_what_is_not_a_number_is_no_member_of_the_family() -> None:
    nan = float("nan")
    q = own.benjamini_hochberg([0.01, nan, 0.04])
    assert q[[0, 2]] == pytest.approx([0.02, 0.04])
    assert math.isnan(q[1])


def test_tables_of_different_sizes_may_be_stacked_with_zeros() -> None:
    padded = np.zeros((len(TABLES), 8, 9))
    for i, table in enumerate(TABLES):
        padded[i, : table.shape[0], : table.shape[1]] = table
    for test in (own.pearson, own.likelihood_ratio, own.linear_by_linear):
        alone = [test(table) for table in TABLES]
        together = test(padded)
        assert together.p == pytest.approx([one.p for one in alone], nan_ok=True, **CLOSE)
        assert list(together.df) == [one.df for one in alone]
    for measure in (own.cramers_v, own.least_expected, own.small_expected):
        single = [measure(table) for table in TABLES]
        assert measure(padded) == pytest.approx(single, nan_ok=True)
    gammas = [own.gamma(table) for table in TABLES]
    assert own.gamma(padded).p == pytest.approx([g.p for g in gammas], nan_ok=True, **CLOSE)


@pytest.mark.parametrize(
    "table", [[[0, 0], [0, 0]], [[3, 4], [0, 0]], [[3, 0], [4, 0]], [[5]], [[1, 2, 3]]]
)
def test_where_nothing_is_left_to_compare_there_is_no_p(table: list[list[int]]) -> None:
    for test in (own.pearson, own.likelihood_ratio, own.linear_by_linear):
        found = test(np.array(table))
        assert found.df == 0
        assert math.isnan(found.p)
    assert math.isnan(own.gamma(table).p)
    assert math.isnan(own.cramers_v(table))
    assert math.isnan(exact.fisher_simulated(table, 10, 1)[0])


def test_pearson_by_hand() -> None:
    # rows 30 and 70, columns 40 and 60 of 100: expected 12, 18, 28, 42; deviations all 8
    found = own.pearson([[20, 10], [20, 50]])
    assert found.statistic == pytest.approx(64 / 12 + 64 / 18 + 64 / 28 + 64 / 42)
    # with one degree of freedom p is the two-sided normal one
    assert found.p == pytest.approx(math.erfc(math.sqrt(found.statistic / 2)))
    assert own.cramers_v([[20, 10], [20, 50]]) == pytest.approx(math.sqrt(found.statistic / 100))


def test_fisher_by_hand() -> None:
    # eight cups, four of each kind, three of four guessed right: (1 + 16 + 16 + 1) / 70
    assert exact.fisher_exact([[3, 1], [1, 3]]) == pytest.approx(34 / 70)
    assert exact.fisher_exact([[4, 0], [0, 4]]) == pytest.approx(2 / 70)


def test_gamma_by_hand() -> None:
    # concordant pairs 3 x 4, discordant 1 x 2
    assert own.gamma([[3, 1], [2, 4]]).value == pytest.approx(10 / 14)


def test_trend_by_hand() -> None:
    # four people at (0,0), (0,1), (1,1), (1,2): covariance 1/4, variances 1/4 and 1/2, r^2 = 1/2
    assert own.linear_by_linear([[1, 1, 0], [0, 1, 1]]).statistic == pytest.approx(3 / 2)


def test_wilson_by_hand() -> None:
    low, high = own.wilson(0, 10)
    z2 = 1.959963984540054**2
    assert [low, high] == pytest.approx([0, z2 / (10 + z2)])
    assert all(math.isnan(end) for end in own.wilson(0, 0))


def test_small_expected_counts_follow_cochran() -> None:
    assert not own.small_expected([[10, 10], [10, 10]])
    # one of four expected counts under 5 is more than a fifth of them
    assert own.small_expected([[4, 36], [6, 54]])
    # one of ten is not, unless it is under 1
    wide = [[30, 30, 30, 30, 7], [30, 30, 30, 30, 2]]
    assert own.least_expected(wide) < 5
    assert not own.small_expected(wide, share=0.2)
    assert own.small_expected(wide, below=5, share=0.2, least=4.5)
    # an answer that nobody gave has no expected count
    assert not own.small_expected([[10, 10, 0], [10, 10, 0]])


def test_stars_and_bounds() -> None:
    thresholds = {0.05: "*", 0.01: "**", 0.001: "***"}
    marks = [own.stars(p, thresholds) for p in (0.06, 0.05, 0.049, 0.01, 0.0099, 0.0009)]
    assert marks == ["", "", "*", "*", "**", "***"]
    assert own.stars(float("nan"), thresholds) == ""
    ladder = [0.01, 0.05, 0.1]
    assert [own.bound(p, ladder) for p in (0.2, 0.1, 0.07, 0.002)] == [None, None, 0.1, 0.01]


def test_negative_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        own.pearson([[1, -1], [2, 3]])
    with pytest.raises(ValueError, match="2 x 2"):
        exact.fisher_exact([[1, 2, 3], [4, 5, 6]])
    with pytest.raises(ValueError, match="draw"):
        exact.fisher_simulated([[1, 2], [3, 4]], 0, 1)


def exact_probability(table: Table) -> float:
    """Fisher's p by listing every table with these margins, in whole numbers."""
    rows = [int(n) for n in table.sum(axis=1)]
    columns = [int(n) for n in table.sum(axis=0)]

    def weight(cells: list[list[int]]) -> Fraction:
        return Fraction(1, math.prod(math.factorial(n) for line in cells for n in line))

    def fillings(left: list[int], wanted: int) -> list[list[int]]:
        if len(left) == 1:
            return [[wanted]] if wanted <= left[0] else []
        return [
            [n, *rest]
            for n in range(min(left[0], wanted) + 1)
            for rest in fillings(left[1:], wanted - n)
        ]

    def tables(left: list[int], sizes: list[int]) -> list[list[list[int]]]:
        if len(sizes) == 1:
            return [[left]]
        return [
            [line, *rest]
            for line in fillings(left, sizes[0])
            for rest in tables([a - b for a, b in zip(left, line, strict=True)], sizes[1:])
        ]

    observed = weight([[int(n) for n in line] for line in table])
    weights = [weight(cells) for cells in tables(columns, rows)]
    return float(sum(w for w in weights if w <= observed) / sum(weights))


SMALL: list[list[list[int]]] = [
    [[3, 1, 2], [0, 4, 5]],
    [[5, 0, 1], [1, 3, 2], [0, 2, 4]],
    [[2, 2, 2, 0], [1, 0, 0, 6]],
    [[6, 5], [1, 7], [3, 3]],
]


@pytest.mark.parametrize("table", SMALL)
def test_the_simulation_comes_near_the_listing_of_all_tables(table: list[list[int]]) -> None:
    listed = exact_probability(np.array(table, dtype=np.float64))
    p, error = exact.fisher_simulated(table, 40_000, 7)
    assert abs(p - listed) < 4 * error + 1e-4


def test_the_simulation_is_seeded_and_ignores_empty_rows() -> None:
    table = [[3, 1, 2], [0, 4, 5]]
    first = exact.fisher_simulated(table, 500, 3)
    assert exact.fisher_simulated(table, 500, 3) == first
    assert exact.fisher_simulated([[3, 0, 1, 2], [0] * 4, [0, 0, 4, 5]], 500, 3) == first
    assert exact.fisher_simulated(table, 500, 4) != first
    assert exact.fisher_simulated([[9, 0], [0, 9]], 99, 1)[0] == pytest.approx(0.01)


R_SCRIPT = """
lines <- readLines(file("stdin"))
for (line in lines) {
  v <- as.numeric(strsplit(line, " ")[[1]])
  t <- matrix(v[-(1:2)], v[1], v[2], byrow = TRUE)
  n <- sum(t)
  test <- suppressWarnings(chisq.test(t, correct = FALSE))
  lr <- loglin(t, list(1, 2), print = FALSE)$lrt
  trend <- NA; fisher <- NA; low <- NA; high <- NA
  if (nrow(t) == 2) {
    s <- suppressWarnings(prop.trend.test(t[1, ], colSums(t), score = 0:(ncol(t) - 1)))
    trend <- unname(s$statistic) * (n - 1) / n
  }
  if (nrow(t) == 2 && ncol(t) == 2) {
    fisher <- fisher.test(t)$p.value
    ends <- suppressWarnings(prop.test(t[1, 1], sum(t[1, ]), correct = FALSE))$conf.int
    low <- ends[1]; high <- ends[2]
  }
  found <- c(test$statistic, test$p.value, pchisq(lr, test$parameter, lower.tail = FALSE),
             trend, fisher, low, high)
  cat(sprintf("%.17g", found), "\\n")
}
"""


def run_r(script: str, lines: list[str], folder: Path) -> list[list[float]]:
    """The lines of numbers that an R script returns for lines of numbers; NA is not a number."""
    assert RSCRIPT is not None
    path = folder / "script.R"
    path.write_text(script, encoding="utf-8")
    done = subprocess.run(
        [RSCRIPT, "--vanilla", str(path)],
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [
        [math.nan if word == "NA" else float(word) for word in line.split()]
        for line in done.stdout.splitlines()
    ]


@needs_r
def test_r_agrees_on_every_random_table(tmp_path: Path) -> None:
    every = [*COMPARABLE, *(t for t in FOURFOLD if own.degrees_of_freedom(t))]
    kept = [exact.without_empty_lines(table) for table in every]
    lines = [" ".join(str(int(n)) for n in (*table.shape, *table.flatten())) for table in kept]
    answers = run_r(R_SCRIPT, lines, tmp_path)
    assert len(answers) == len(kept) >= 400
    for table, (statistic, p, ratio_p, trend, fisher, low, high) in zip(kept, answers, strict=True):
        assert own.pearson(table).statistic == pytest.approx(statistic, **CLOSE)
        assert own.pearson(table).p == pytest.approx(p, **CLOSE)
        assert own.likelihood_ratio(table).p == pytest.approx(ratio_p, rel=1e-10, abs=1e-10)
        if len(table) == 2:
            assert own.linear_by_linear(table).statistic == pytest.approx(
                trend, rel=1e-10, abs=1e-10
            )
        if table.shape == (2, 2):
            assert exact.fisher_exact(table) == pytest.approx(fisher, **CLOSE)
            ends = own.wilson(table[0, 0], table[0].sum())
            assert ends == pytest.approx((low, high), rel=1e-10, abs=1e-10)


@needs_r
def test_r_agrees_on_q_values_and_larger_exact_tests(tmp_path: Path) -> None:
    p = np.random.default_rng(1).uniform(size=50) ** 3
    script = """
    v <- as.numeric(strsplit(readLines(file("stdin")), " ")[[1]])
    cat(sprintf("%.17g", p.adjust(v, method = "BH")), "\\n")
    """
    (theirs,) = run_r(script, [" ".join(f"{value:.17g}" for value in p)], tmp_path)
    assert own.benjamini_hochberg(p) == pytest.approx(theirs, **CLOSE)
    exact = """
    for (line in readLines(file("stdin"))) {
      v <- as.numeric(strsplit(line, " ")[[1]])
      cat(sprintf("%.17g", fisher.test(matrix(v[-(1:2)], v[1], v[2], byrow = TRUE))$p.value), "\\n")
    }
    """
    lines = [" ".join(map(str, (len(t), len(t[0]), *(n for line in t for n in line))))
             for t in SMALL]  # fmt: skip
    listed = [exact_probability(np.array(t, dtype=np.float64)) for t in SMALL]
    assert [line[0] for line in run_r(exact, lines, tmp_path)] == pytest.approx(listed, rel=1e-7)

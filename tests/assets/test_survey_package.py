"""The printed results of R's survey documentation, its rake(), and further oracles."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

from assets.statistics import letters, moments, reliability, two_samples
from assets.statistics.significance import pearson
from assets.statistics.survey import estimates, sampling, weighting
from assets.statistics.survey.rao_scott import rao_scott
from tests.assets.survey_designs import PARTS, needs_survey
from tests.assets.survey_package import EXAMPLES, random_samples, run_all
from tests.reference import survey

GOLDEN = json.loads(EXAMPLES.read_text(encoding="utf-8"))


@pytest.mark.parametrize("part", PARTS)
def test_the_golden_values_are_what_r_says_now(part: slice) -> None:
    needs_survey()
    found = run_all(random_samples()[part])
    assert len(GOLDEN["raked"]) == len(random_samples())
    for now, then in zip(found["sums"], GOLDEN["sums"], strict=True):
        assert now == pytest.approx(then, rel=1e-12)
    for now, then in zip(found["raked"], GOLDEN["raked"][part], strict=True):
        assert now == pytest.approx(then, rel=1e-9)


def test_apistrat_comes_out_to_the_printed_digits() -> None:
    strata = np.array([line[1:] for line in GOLDEN["sums"] if line[0] == 1])
    n, population = strata[:, 0], strata[:, 1]
    w, wx, ww, wwx, wwxx = strata[:, 2:7].T
    products = np.stack([np.stack([wwxx, wwx], axis=1), np.stack([wwx, ww], axis=1)], axis=1)
    totals = survey.totals_of_moments(np.stack([wx, w], axis=1), products, n, n / population)
    mean = survey.ratios(totals, [0], [1])
    assert (f"{mean.value[0]:.2f}", f"{mean.error[0]:.4f}") == ("662.29", "9.4089")
    assert totals.df == 197
    yes, yes2 = strata[:, 7:9].T
    # six cells that exclude each other: awards by type, the type being the stratum
    cells, squares = np.zeros((3, 6)), np.zeros((3, 6, 6))
    for h in range(3):
        cells[h, [h, 3 + h]] = w[h] - yes[h], yes[h]
        squares[h, h, h], squares[h, 3 + h, 3 + h] = ww[h] - yes2[h], yes2[h]
    table = survey.totals_of_moments(cells, squares, n, n / population)
    test = rao_scott(table, 2, 3, int(n.sum()))
    assert (f"{test.statistic:.3f}", f"{test.df:.4f}", f"{test.df_error:.4f}", f"{test.p:.3e}") == (
        "17.247", "1.8287", "360.2483", "2.035e-07",
    )  # fmt: skip


def test_apiclus1_comes_out_to_the_printed_digits() -> None:
    lines = np.array([line[1:] for line in GOLDEN["sums"] if line[0] == 2])
    sample = sampling.sample_of(None, len(lines), lines[0, 1])
    totals = survey.totals_of_units(lines[:, 2:8], sample)
    found = survey.ratios(totals, [1, 2, 3, 5], [0, 0, 4, 0])
    assert [f"{v:.2f}" for v in found.value[:2]] == ["644.17", "606.98"]
    assert [f"{v:.3f}" for v in found.error[:2]] == ["23.542", "24.225"]
    assert (f"{found.value[2]:.7f}", f"{found.error[2]:.9f}") == ("0.8497087", "0.008386297")
    low, high = survey.wald(found)
    assert (f"{low[0]:.4f}", f"{high[0]:.4f}") == ("593.6763", "694.6625")
    low, high = estimates.logit(found)
    assert (f"{low[3]:.4f}", f"{high[3]:.2f}") == ("0.0023", "0.18")
    cells = survey.totals_of_units(lines[:, 8:14], sample)
    test = rao_scott(cells, 2, 3, int(lines[:, 0].sum()))
    assert (f"{test.statistic:.4f}", f"{test.df:.4f}", f"{test.df_error:.4f}", f"{test.p:.5f}") == (
        "5.1934", "1.4946", "20.9250", "0.02175",
    )  # fmt: skip


def test_raked_weights_are_those_of_rake_and_meet_the_margins() -> None:
    for sample, expected in zip(random_samples(), GOLDEN["raked"], strict=True):
        margins = [weighting.Margin(name, *own) for name, own in sample["margins"].items()]
        found = weighting.raked(sample["w"], margins)
        assert found.weights == pytest.approx(expected, rel=1e-6)
        for margin in margins:
            reached = np.bincount(margin.level, weights=found.weights)
            assert reached == pytest.approx(margin.totals, rel=1e-9)


def test_trimmed_raking_meets_the_margins_within_its_bounds() -> None:
    done = 0
    for sample in random_samples():
        margins = [weighting.Margin(name, *own) for name, own in sample["margins"].items()]
        try:
            found = weighting.raked(sample["w"], margins, bounds=(0.3, 2.5), tolerance=1e-10)
        except weighting.NotConvergedError:
            continue
        done += 1
        shares = found.weights / found.weights.mean()
        assert shares.min() >= 0.3 * (1 - 1e-9)
        assert shares.max() <= 2.5 * (1 + 1e-9)
        for margin in margins:
            reached = np.bincount(margin.level, weights=found.weights)
            assert reached == pytest.approx(margin.totals, rel=1e-8)
    assert done >= 30


def test_raking_that_cannot_converge_names_the_margin() -> None:
    same = np.array([0, 0, 1, 1])
    margins = [
        weighting.Margin("a", same, np.array([3.0, 1.0])),
        weighting.Margin("b", same, np.array([1.0, 3.0])),
    ]
    with pytest.raises(weighting.NotConvergedError, match="margin a is off by"):
        weighting.raked(np.ones(4), margins, rounds=50)
    other = [margins[0], weighting.Margin("c", same, np.array([1.0, 2.0]))]
    with pytest.raises(ValueError, match="margin c adds up to 3, margin a to 4"):
        weighting.raked(np.ones(4), other)
    empty = weighting.Margin("d", np.zeros(4, np.int64), np.array([3.0, 1.0]))
    with pytest.raises(ValueError, match="margin d: level 1 has a total of 1 and no respondent"):
        weighting.raked(np.ones(4), [empty])


def test_one_margin_is_poststratification() -> None:
    generator = np.random.default_rng(3)
    level, w = generator.integers(0, 4, 80), generator.gamma(2.0, 1.0, 80)
    totals = np.array([10.0, 20.0, 30.0, 40.0])
    found = w * (totals / np.bincount(level, weights=w))[level]
    assert found == pytest.approx(
        weighting.raked(w, [weighting.Margin("m", level, totals)]).weights, rel=1e-9
    )
    cut = weighting.trimmed_weights(w, 0.2, 2.0)
    assert cut.sum() == pytest.approx(w.sum())
    assert cut.max() <= 2.0 * w.mean() * (1 + 1e-9)
    assert cut.min() >= 0.2 * w.mean() * (1 - 1e-9)


def test_alpha_is_that_of_standard_formulas() -> None:
    generator = np.random.default_rng(4)
    factor = generator.normal(size=200)
    items = np.stack([factor + generator.normal(size=200) * s for s in (0.5, 1, 2, 3)], axis=1)
    items[generator.random(items.shape) < 0.05] = np.nan
    whole = items[~np.isnan(items).any(axis=1)]
    found = reliability.reliability(items)
    variances = whole.var(axis=0, ddof=1)
    assert found.alpha == pytest.approx(
        4 / 3 * (1 - variances.sum() / whole.sum(axis=1).var(ddof=1))
    )
    assert found.n == len(whole)
    for i in range(4):
        rest = np.delete(whole, i, axis=1)
        r = stats.pearsonr(whole[:, i], rest.sum(axis=1)).statistic
        assert found.item_rest[i] == pytest.approx(r)
        own = 3 / 2 * (1 - rest.var(axis=0, ddof=1).sum() / rest.sum(axis=1).var(ddof=1))
        assert found.alpha_without[i] == pytest.approx(own)


def test_tests_of_means_and_shares_are_those_of_scipy() -> None:
    generator = np.random.default_rng(5)
    for _ in range(50):
        a = generator.normal(size=int(generator.integers(5, 40)))
        b = generator.normal(0.5, 2, size=int(generator.integers(5, 40)))
        one, two = (two_samples.MeanOfSample(v.mean(), v.std(ddof=1), len(v)) for v in (a, b))
        welch = stats.ttest_ind(a, b, equal_var=False)
        found = two_samples.welch(one, two)
        assert (found.statistic, found.df, found.p) == pytest.approx(
            (welch.statistic, welch.df, welch.pvalue)
        )
        assert two_samples.student(one, two).p == pytest.approx(stats.ttest_ind(a, b).pvalue)
        n, m = generator.integers(5, 60, 2)
        x, y = generator.integers(1, n), generator.integers(1, m)
        first, second = two_samples.ShareOfSample(x, n, n), two_samples.ShareOfSample(y, m, m)
        z = two_samples.z_of_shares(first, second)
        assert z.statistic**2 == pytest.approx(pearson([[x, n - x], [y, m - y]]).statistic)
        effect = two_samples.difference_of_shares(first, second)
        assert (effect.low, effect.high) == pytest.approx(
            confint_proportions_2indep(x, n, y, m, method="newcomb")
        )


def test_letters_after_adjustments() -> None:
    p = [0.001, 0.02, 0.03, float("nan"), 0.6]
    known = [0.001, 0.02, 0.03, 0.6]
    for own, theirs in (("holm", "holm"), ("bh", "fdr_bh")):
        found = letters.adjusted_p(p, own)
        assert math.isnan(found[3])
        assert np.delete(found, 3) == pytest.approx(multipletests(known, method=theirs)[1])
    assert letters.adjusted_p(p, "none")[1] == 0.02
    assert [letters.letter(n) for n in (0, 25, 26, 52)] == ["A", "Z", "AA", "BA"]
    marks = letters.column_letters(
        [50.0, 30.0, 10.0], {(0, 1): 0.2, (0, 2): 0.01, (1, 2): 0.04}, 0.05, ["A", "B", "C"]
    )
    assert marks == ["C", "C", ""]


def test_quantiles_and_deviations_are_those_of_numpy_where_weights_are_equal() -> None:
    generator = np.random.default_rng(6)
    for _ in range(100):
        x = generator.integers(0, 11, int(generator.integers(1, 40))).astype(float)
        at = (0.25, 0.5, 0.75)
        w = np.full(len(x), 0.7)
        assert moments.quantiles(x, w, len(x), at) == pytest.approx(np.quantile(x, at))
        values, counts = np.unique(x, return_counts=True)
        assert moments.quantiles(values, counts, len(x), at) == pytest.approx(np.quantile(x, at))
        sums = (w.sum(), (w * x).sum(), (w * x * x).sum())
        if len(x) > 1:
            assert moments.standard_deviation(len(x), *sums) == pytest.approx(
                x.std(ddof=1), abs=1e-7
            )
    # half of the weight is on 1
    assert moments.quantiles([1, 2, 3], [2, 1, 1], 3, [0.5])[0] == pytest.approx(2)

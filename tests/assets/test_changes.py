"""The test of a change: by hand, against statsmodels, and without variation."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.analysis.wave_changes import Change, change
from assets.statistics.significance import holm

# municipalities A, B, C: who said yes of who answered, in the earlier and in the later wave
YES = ([[1.0], [0.0], [1.0]], [[2.0], [1.0], [0.0]])
ASKED = ([2, 1, 1], [2, 2, 1])


def of_rows(rows: pd.DataFrame, confidence: float = 0.95) -> Change:
    """The change of `y` from wave 0 to wave 1 of rows with `cluster`, `wave`, `y`."""
    clusters = sorted(rows["cluster"].unique())
    sums, squares, sizes = [], [], []
    for wave in (0, 1):
        own = rows[rows["wave"] == wave].groupby("cluster")["y"]
        sums.append(own.sum().reindex(clusters, fill_value=0).to_numpy(float)[:, None])
        second = own.apply(lambda y: float((y**2).sum())).reindex(clusters, fill_value=0)
        squares.append(second.to_numpy(float)[:, None])
        sizes.append(own.size().reindex(clusters, fill_value=0).to_numpy(float))
    return change(
        (sums[0], sums[1]), (squares[0], squares[1]), (sizes[0], sizes[1]), confidence
    )  # fmt: skip


def test_three_municipalities_by_hand() -> None:
    found = change(YES, YES, ASKED, 0.95)
    assert found.difference[0] == pytest.approx(3 / 5 - 2 / 4)
    # A: (2 - 1.2) / 5 - 0; B: (1 - 1.2) / 5 + 0.5 / 4; C: -0.6 / 5 - 0.5 / 4
    assert found.standard_error[0] == pytest.approx(
        math.sqrt(3 / 2 * (0.16**2 + 0.085**2 + 0.245**2))
    )
    assert found.plain_error[0] == pytest.approx(math.sqrt(0.25 / 4 + 0.24 / 5))
    assert found.df == 2
    t = 0.1 / found.standard_error[0]
    assert found.t[0] == pytest.approx(t)
    # with two degrees of freedom the t distribution has a closed form
    assert found.p[0] == pytest.approx(1 - t / math.sqrt(2 + t * t))
    quantile = 0.95 * math.sqrt(2 / (1 - 0.95**2))
    assert found.low[0] == pytest.approx(0.1 - quantile * found.standard_error[0])
    assert found.high[0] == pytest.approx(0.1 + quantile * found.standard_error[0])


def drawn(seed: int, clusters: int, numbers: bool) -> pd.DataFrame:
    """Rows whose clusters are alike in both waves; some clusters are in one wave only."""
    rng = np.random.default_rng(seed)
    lean = rng.normal(size=clusters)
    lines = []
    for cluster in range(clusters):
        for wave in (0, 1):
            for _ in range(int(rng.integers(0, 6))):
                y = lean[cluster] + rng.normal() + 0.3 * wave
                lines.append((cluster, wave, y if numbers else float(y > 0)))
    return pd.DataFrame(lines, columns=["cluster", "wave", "y"])


@pytest.mark.parametrize("numbers", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_it_is_the_cluster_robust_test_of_statsmodels(seed: int, numbers: bool) -> None:
    import statsmodels.api as sm

    rows = drawn(seed, 12 + 5 * seed, numbers)
    found = of_rows(rows)
    design = sm.add_constant(rows["wave"].to_numpy(float))
    groups = rows["cluster"].to_numpy()
    fit = sm.OLS(rows["y"].to_numpy(), design).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}, use_t=True
    )
    clusters = rows["cluster"].nunique()
    correction = math.sqrt(clusters / (clusters - 1))
    assert found.difference[0] == pytest.approx(fit.params[1], abs=1e-12)
    assert found.standard_error[0] == pytest.approx(fit.bse[1] * correction, rel=1e-10)
    assert found.df == clusters - 1 == fit.df_resid_inference
    # its own correction is ours and (n - 1) / (n - 2), which ratio estimation has not
    usual = sm.OLS(rows["y"].to_numpy(), design).fit(
        cov_type="cluster", cov_kwds={"groups": groups}, use_t=True
    )
    factor = math.sqrt((len(rows) - 1) / (len(rows) - 2))
    assert found.standard_error[0] * factor == pytest.approx(usual.bse[1], rel=1e-10)
    if not numbers:
        with warnings.catch_warnings():
            # that a share could leave 0..1 by this link does not matter with one 0/1 term
            warnings.simplefilter("ignore")
            family = sm.families.Binomial(sm.families.links.Identity())
            fit = sm.GLM(rows["y"].to_numpy(), design, family=family).fit(
                cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}
            )
        assert found.standard_error[0] == pytest.approx(fit.bse[1] * correction, rel=1e-6)


def test_with_a_respondent_per_cluster_it_is_the_test_of_two_proportions() -> None:
    rows = drawn(3, 40, numbers=False)
    alone = rows.assign(cluster=range(len(rows)))
    found = of_rows(alone)
    shares = rows.groupby("wave")["y"].agg(["mean", "size"])
    variance = (shares["mean"] * (1 - shares["mean"]) / shares["size"]).sum()
    n = len(rows)
    assert found.plain_error[0] == pytest.approx(math.sqrt(variance))
    assert found.standard_error[0] == pytest.approx(math.sqrt(variance * n / (n - 1)))
    assert found.df == n - 1


def test_the_same_people_twice_count_as_one() -> None:
    """Equal answers in both waves mean no change, however many respondents there are."""
    rows = pd.DataFrame(
        [(c, w, float(c % 2)) for c in range(20) for w in (0, 1)], columns=["cluster", "wave", "y"]
    )
    found = of_rows(rows)
    assert found.difference[0] == 0
    assert np.isnan(found.standard_error[0])
    assert found.plain_error[0] > 0.1
    moved = rows.assign(y=rows["y"].where(~((rows["cluster"] == 0) & (rows["wave"] == 1)), 1.0))
    assert of_rows(moved).standard_error[0] < found.plain_error[0] / 2


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_answers_of_an_item_change_by_nothing_together(seed: int) -> None:
    rng = np.random.default_rng(seed)
    totals = [rng.integers(0, 4, size=(7, 3)).astype(float) + (rng.random((7, 1)) > 0.3)
              for _ in range(2)]  # fmt: skip
    sizes = [total.sum(axis=1) for total in totals]
    found = change((totals[0], totals[1]), (totals[0], totals[1]), (sizes[0], sizes[1]), 0.9)
    assert found.difference.sum() == pytest.approx(0, abs=1e-12)
    order = rng.permutation(7)
    again = change(
        (totals[0][order], totals[1][order]),
        (totals[0][order], totals[1][order]),
        (sizes[0][order], sizes[1][order]),
        0.9,
    )
    assert again.standard_error == pytest.approx(found.standard_error, nan_ok=True)
    assert (np.isnan(found.p) | (found.p >= 0) & (found.p <= 1)).all()


def test_one_municipality_and_no_variation_are_no_test() -> None:
    one = change(([[1.0]], [[2.0]]), ([[1.0]], [[2.0]]), ([3], [3]), 0.95)
    assert one.difference[0] == pytest.approx(1 / 3)
    assert np.isnan([one.standard_error[0], one.p[0], one.low[0]]).all()
    all_yes = ([[2.0], [1.0]], [[2.0], [3.0]])
    still = change(all_yes, all_yes, ([2, 1], [2, 3]), 0.95)
    assert still.difference[0] == 0
    assert np.isnan([still.standard_error[0], still.p[0]]).all()


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ValueError, match="nobody answered"):
        change(([[0.0]], [[1.0]]), ([[0.0]], [[1.0]]), ([0], [1]), 0.95)
    with pytest.raises(ValueError, match="different shapes"):
        change(([[0.0]], [[1.0]]), ([[0.0]], [[1.0]]), ([1, 2], [1]), 0.95)


def test_holm_by_hand_and_by_statsmodels() -> None:
    from statsmodels.stats.multitest import multipletests

    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, np.nan, 0.6]) == pytest.approx([1, np.nan, 1], nan_ok=True)
    assert len(holm([])) == 0
    p = np.random.default_rng(1).random(30) ** 3
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])

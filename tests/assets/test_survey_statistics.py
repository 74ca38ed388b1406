"""Weighted estimates against R's survey package, or against golden values where R is missing."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from assets.statistics.moments import standard_deviation
from assets.statistics.survey import estimates, sampling
from assets.statistics.survey.rao_scott import rao_scott
from assets.statistics.survey.weighting import effective_base
from tests.assets.survey_designs import (
    GOLDEN,
    PARTS,
    Design,
    needs_survey,
    random_designs,
    run_survey,
)
from tests.reference import survey

CLOSE = 1e-8
DESIGNS = random_designs()


def close(found: Any, expected: Any) -> None:
    """Whether two values agree to 1e-8.

    None means that R has no number; then ours must have none.
    """
    for own, theirs in zip(np.ravel(found), np.ravel(expected), strict=True):
        if theirs is None:
            assert math.isnan(own)
        else:
            assert own == pytest.approx(theirs, rel=CLOSE, abs=CLOSE)


def coded(values: Any, inside: Any) -> Any:
    """0/1 columns of the values that occur inside, 0 outside."""
    distinct = np.unique(values[inside])
    return ((values[:, None] == distinct) & inside[:, None]).astype(float)


def totals_by(design: Design, columns: Any) -> sampling.Totals:
    """Totals of unweighted columns: by units, and by moments where every line is a unit."""
    sample = design.sample
    weighted = design.columns["w"][:, None] * columns
    lines = survey.unit_totals(weighted, design.unit, sample.units)
    totals = survey.totals_of_units(lines, sample)
    if not design.clusters:
        own = [sample.stratum == h for h in range(len(sample.fraction))]
        sums = np.stack([weighted[s].sum(axis=0) for s in own])
        products = np.stack([weighted[s].T @ weighted[s] for s in own])
        again = survey.totals_of_moments(sums, products, sample.sizes, sample.fraction)
        scale = float(np.abs(totals.covariance).max())
        assert again.covariance == pytest.approx(totals.covariance, rel=1e-9, abs=1e-11 * scale)
        assert again.value == pytest.approx(totals.value, rel=1e-12)
    return totals


def our_line(design: Design) -> list[float]:
    """The results that R writes for a design, computed by our functions."""
    of = design.columns
    inside = of["inside"] == 1
    columns = coded(of["col"], inside)
    share = estimates.estimated_shares(totals_by(design, columns))
    one = inside.astype(float)
    sums = totals_by(design, np.stack([of["x"] * one, one], axis=1))
    mean = survey.ratios(sums, [0], [1])
    low, high = survey.wald(mean)
    first, last = estimates.logit(share)
    rows = coded(of["row"], inside)
    cells = (rows[:, :, None] * columns[:, None, :]).reshape(len(inside), -1)
    test = rao_scott(totals_by(design, cells), rows.shape[1], columns.shape[1], int(inside.sum()))
    pair = [inside & (of["row"] == r) for r in (0, 1)]
    both = [c * of["x"] for c in pair] + [c * 1.0 for c in pair]
    two = survey.ratios(totals_by(design, np.stack(both, axis=1)), [0, 1], [2, 3])
    t = survey.compare(two, 1, 0, two.df - 1)
    w = of["w"] * one
    spread = standard_deviation(
        int(inside.sum()), w.sum(), (w * of["x"]).sum(), (w * of["x"] ** 2).sum()
    )
    return [
        float(share.df), float(len(share.value)), *share.value, *share.error, *mean.value,
        *mean.error, *low, *high, first[0], last[0], test.statistic, test.df, test.df_error,
        test.p, t.statistic, t.df, t.p, spread,
    ]  # fmt: skip


def test_the_designs_are_of_every_kind() -> None:
    kinds = {(d.strata, d.clusters, d.finite) for d in DESIGNS}
    assert len(kinds) == 8
    assert len(DESIGNS) >= 200
    assert sum(bool((d.columns["inside"] == 0).any()) for d in DESIGNS) > 100


def test_estimates_errors_intervals_and_tests_agree_with_r() -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert len(golden) == len(DESIGNS)
    refused = []
    for number, (design, expected) in enumerate(zip(DESIGNS, golden, strict=True)):
        own = our_line(design)
        if expected[-5] is None:
            # R's svychisq stops where two rows have no observation in the same two columns
            assert empty_rectangle(design)
            refused.append(number)
            own[-8:-4], expected[-8:-4] = [0.0] * 4, [0.0] * 4
        close(own, expected)
    assert len(DESIGNS) - len(refused) >= 200


def empty_rectangle(design: Design) -> bool:
    inside = design.columns["inside"] == 1
    rows, columns = (coded(design.columns[name], inside) for name in ("row", "col"))
    empty = (rows.T @ columns == 0).astype(int)
    shared = empty @ empty.T
    return bool((shared[np.triu_indices(len(shared), 1)] >= 2).any())


@pytest.mark.parametrize("part", PARTS)
def test_r_says_so_now(part: slice) -> None:
    needs_survey()
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert len(golden) == len(DESIGNS)
    for now, then in zip(run_survey(DESIGNS[part]), golden[part], strict=True):
        close([math.nan if v is None else v for v in now], then)


def test_a_stratum_with_one_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="single unit"):
        sampling.sample_of([0, 0, 1], 3)
    with pytest.raises(ValueError, match=r"no variance: \[1, 2\]"):
        sampling.sample_of([0, 0, 1, 2], 4)


def test_a_population_smaller_than_its_sample_is_refused() -> None:
    with pytest.raises(ValueError, match=r"stratum 0 has 2 units of a population of 1$"):
        sampling.sample_of(None, 2, 1)
    with pytest.raises(ValueError, match=r"stratum 1 has 3 units of a population of 2$"):
        sampling.sample_of([0, 0, 1, 1, 1, 2, 2], 7, [9, 2, 1])
    # everybody was asked
    assert sampling.sample_of([0, 0], 2, 2).fraction.tolist() == [1]


def test_the_effective_base_of_equal_weights_is_their_number() -> None:
    assert effective_base([2.5] * 40) == pytest.approx(40)
    assert effective_base([1, 1, 2]) == pytest.approx(16 / 6)
    assert effective_base([]) == 0

"""Swapping answers: statistics agree with SciPy, and no target count changes."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from scipy.stats import chi2_contingency

from reconstruction.drawing.differences import Wanted, bring_about
from reconstruction.targets.count_targets import CountTarget

PEOPLE = range(200)


def belongs(person: int, group: str, level: str) -> bool:
    if group == "all":
        return True
    inside = person % {"half": 2, "third": 3, "fifth": 5}[group] == 0
    return not inside if level.startswith("!") else inside


def independent() -> dict[int, int]:
    rng = random.Random(1)
    return {p: rng.choice((1, 1, 2, 3)) for p in PEOPLE}


def p_value(answers: dict[int, int], group: str) -> float:
    rows = [
        [
            sum(answers[p] == c and belongs(p, group, "in") == inside for p in PEOPLE)
            for c in (1, 2, 3)
        ]
        for inside in (True, False)
    ]
    return float(chi2_contingency(rows, correction=False)[1])


def test_a_wanted_difference_shows_and_the_counts_stay() -> None:
    answers = independent()
    before = Counter(answers.values())
    in_third = Counter(answers[p] for p in PEOPLE if p % 3 == 0)
    targets = [CountTarget("q", (c,), "third", "in", in_third[c], "t") for c in (1, 2, 3)]
    wanted = [
        Wanted("q", "half", ("in",), below=0.01, more=(1,)),
        Wanted("q", "fifth", ("in",), above=0.05),
    ]
    missed = bring_about(answers, wanted, targets, belongs, random.Random(2), 20_000)
    assert missed == []
    assert Counter(answers.values()) == before
    assert Counter(answers[p] for p in PEOPLE if p % 3 == 0) == in_third
    assert p_value(answers, "half") < 0.01
    assert p_value(answers, "fifth") > 0.05
    share = {x: sum(answers[p] == 1 for p in PEOPLE if p % 2 == x) for x in (0, 1)}
    assert share[0] > share[1]


def test_what_the_counts_forbid_is_reported_as_missed() -> None:
    answers = independent()
    fixed = Counter(answers[p] for p in PEOPLE if p % 2 == 0)
    targets = [CountTarget("q", (c,), "half", "in", fixed[c], "t") for c in (1, 2, 3)]
    wanted = [Wanted("q", "half", ("in",), below=0.001)]
    assert bring_about(answers, wanted, targets, belongs, random.Random(2), 2_000) == wanted


def test_a_difference_the_wrong_way_is_turned_round() -> None:
    answers = {p: 1 if p % 2 else 2 for p in PEOPLE}
    wanted = [Wanted("q", "half", ("in",), below=0.05, more=(1,))]
    assert bring_about(answers, wanted, [], belongs, random.Random(3), 20_000) == []
    assert sum(answers[p] == 1 for p in PEOPLE if p % 2 == 0) > 50


@pytest.mark.parametrize("below", [0.05, 0.01])
def test_a_difference_beside_other_variables_is_one_in_a_regression(below: float) -> None:
    import numpy as np

    answers = independent()
    beside = (("third", "in"), ("fifth", "in"))
    wanted = [Wanted("q", "half", ("in",), (1,), below=below, more=(1,), beside=beside)]
    assert bring_about(answers, wanted, [], belongs, random.Random(4), 20_000) == []
    design = np.array(
        [[1.0, *(belongs(p, g, "in") for g in ("half", "third", "fifth"))] for p in PEOPLE]
    )
    outcome = np.array([float(answers[p] == 1) for p in PEOPLE])
    estimate, (rest,), *_ = np.linalg.lstsq(design, outcome, rcond=None)
    error = rest / (len(outcome) - 4) * np.linalg.inv(design.T @ design)[1, 1]
    assert estimate[1] / error**0.5 > {0.05: 1.96, 0.01: 2.58}[below]


def test_respondents_in_none_of_the_levels_may_swap_too() -> None:
    """Two quarters are compared at a time; a recounted table has the wanted p-value."""

    def in_quarter(person: int, group: str, level: str) -> bool:
        return group == "all" or str(person % 4) == level

    answers = independent()
    wanted = [
        Wanted("q", "quarter", ("0", "1"), below=0.01, more=(1,)),
        Wanted("q", "quarter", ("2", "3"), above=0.2),
    ]
    assert bring_about(answers, wanted, [], in_quarter, random.Random(5), 20_000) == []
    p = {}
    for pair in ((0, 1), (2, 3)):
        rows = [
            [sum(answers[x] == c for x in PEOPLE if x % 4 == quarter) for c in (1, 2, 3)]
            for quarter in pair
        ]
        p[pair] = float(chi2_contingency(rows, correction=False)[1])
    assert p[0, 1] < 0.01
    assert p[2, 3] > 0.2

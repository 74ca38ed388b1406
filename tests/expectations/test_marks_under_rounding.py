"""Marks over all counts print allows: against enumeration by hand and by brute force."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from fractions import Fraction
from itertools import product

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from assets.analysis.comparisons import ItemTest, settings_of
from declarations import Study
from declarations.tables.significance import Convention
from replication.consistency.arithmetic import counts_of
from replication.fit import Mark
from replication.proof.marks import (
    CERTAIN,
    IMPOSSIBLE,
    POSSIBLE,
    PRange,
    _judged,
    marks_frame,
    range_of_p,
)
from replication.solver import tables as search
from replication.solver.stated import Range, Stated, StatedFigure, read_figures, state
from replication.solver.tables import NotSearchedError, allowed_tables, compositions

PEARSON = Convention("declared", "pearson_chi_square", "whole", "in_base")
AREA = ItemTest(
    "t", "r", "", "c", "i", "area", ("x", "!x"), (1, 2, 3), None, (1,), True, (0,)
)  # fmt: skip


@pytest.fixture(scope="module")
def figures(study: Study) -> list[StatedFigure]:
    return read_figures(study)


@pytest.fixture(scope="module")
def frame(study: Study, figures: list[StatedFigure]) -> pd.DataFrame:
    return marks_frame(study, figures)


def printed(everyone: list[int], n: int, shown: int) -> Stated:
    """All answers of everyone. Of the level x, its base and how many gave answer 1."""
    counts = {("i", str(c), "all", "all"): Range(k, k) for c, k in enumerate(everyone, start=1)}
    counts["i", "1", "area", "x"] = Range(shown, shown)
    total = sum(everyone)
    return Stated(
        counts, {("i", "all", "all"): Range(total, total), ("i", "area", "x"): Range(n, n)}
    )


def test_rows_worked_out_by_hand() -> None:
    # 3 in all, the first at least 1, the last at most 1
    rows = compositions(Range(3, 3), [Range(1, 3), Range(0, 3), Range(0, 1)])
    assert sorted(map(tuple, rows.tolist())) == [(1, 1, 1), (1, 2, 0), (2, 0, 1), (2, 1, 0), (3, 0, 0)]  # noqa: E501 # fmt: skip


def test_a_small_publication_worked_out_by_hand() -> None:
    # 10 answered 5, 3, 2; of the 4 in x 2 gave answer 1. The other 2 gave 2 2, 2 3 or 3 3.
    tables = allowed_tables(AREA, printed([5, 3, 2], 4, 2))
    assert sorted(t[0].tolist() for t in tables) == [[2, 0, 2], [2, 1, 1], [2, 2, 0]]
    assert all((t.sum(axis=0) == [5, 3, 2]).all() for t in tables)


@given(st.data())
def test_the_search_finds_exactly_the_tables_brute_force_finds(data: st.DataObject) -> None:
    everyone = data.draw(st.lists(st.integers(0, 5), min_size=3, max_size=3).filter(sum))
    n = data.draw(st.integers(0, sum(everyone)))
    shown = data.draw(st.integers(0, min(n, everyone[0])))
    expected = [
        [[shown, b, c], [everyone[0] - shown, everyone[1] - b, everyone[2] - c]]
        for b, c in product(range(everyone[1] + 1), range(everyone[2] + 1))
        if shown + b + c == n
    ]
    found = allowed_tables(AREA, printed(everyone, n, shown))
    assert sorted(found.tolist()) == sorted(expected)


def p_of(table: list[list[int]]) -> float:
    kept = [column for column in zip(*table, strict=True) if sum(column)]
    rows = [row for row in zip(*kept, strict=True) if sum(row)]
    if len(kept) < 2 or len(rows) < 2:
        return 1.0
    return float(chi2_contingency(rows, correction=False).pvalue)


@given(data=st.data())
def test_the_ends_are_those_of_all_tables(data: st.DataObject, study: Study) -> None:
    everyone = data.draw(st.lists(st.integers(0, 9), min_size=3, max_size=3).filter(sum))
    n = data.draw(st.integers(1, sum(everyone)))
    low = max(0, n - everyone[1] - everyone[2])
    shown = data.draw(st.integers(low, min(n, everyone[0])))
    stars = data.draw(st.sampled_from(["", "*", "**"]))
    mark = Mark("t", "r", "", "c", stars, None, (AREA,))
    stated = printed(everyone, n, shown)
    found = range_of_p(AREA, PEARSON, stated, settings_of(study), mark)
    every = [p_of(table) for table in allowed_tables(AREA, stated).tolist()]
    assert found.low == pytest.approx(min(every), rel=1e-9)
    assert found.high == pytest.approx(max(every), rel=1e-9)
    bounds = {"": (0.05, math.inf), "*": (0.01, 0.05), "**": (0.001, 0.01)}[stars]
    assert found.meeting == sum(bounds[0] <= p < bounds[1] for p in every)
    assert p_of(list(found.witness_low.values())) == pytest.approx(found.low, rel=1e-9)
    assert p_of(list(found.witness_high.values())) == pytest.approx(found.high, rel=1e-9)


def test_levels_compared_with_each_other_stay_below_everyone() -> None:
    sizes = ItemTest("t", "", "", "", "i", "size", ("a", "b"), (1, 2), None, (1,), True, (0,))
    bases = {("i", "all", "all"): Range(5, 5), ("i", "size", "a"): Range(2, 2)}
    bases["i", "size", "b"] = Range(2, 2)
    counts = {("i", "1", "all", "all"): Range(2, 2), ("i", "1", "size", "a"): Range(1, 1)}
    tables = allowed_tables(sizes, Stated(counts, bases))
    # b may hold none or one of the second 1; with two there would be three
    assert sorted(tables.tolist()) == [[[1, 1], [0, 2]], [[1, 1], [1, 1]]]


@given(st.integers(1, 3000), st.integers(0, 2), st.data())
def test_counts_of_a_percentage_are_all_that_round_to_it(
    base: int, decimals: int, data: st.DataObject
) -> None:
    k = data.draw(st.integers(0, base))
    units = math.floor(k / base * 100 * 10**decimals + 0.5)
    half = Fraction(1, 2)
    # the double of a tie may be on either side of it
    every = [
        j
        for j in range(base + 1)
        if math.floor(j / base * 100 * 10**decimals + 0.5) == units
        or math.floor(Fraction(100 * 10**decimals * j, base) + half) == units
    ]
    assert list(counts_of(units, base, decimals)) == every
    assert k in every


def test_too_many_tables_are_refused_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_TABLES", 2)
    with pytest.raises(NotSearchedError, match="more than 2"):
        allowed_tables(AREA, printed([5, 3, 2], 4, 2))


def test_every_mark_of_the_report_is_searched(frame: pd.DataFrame) -> None:
    assert len(frame) == 88 + 18
    assert set(frame["verdict"]) == {CERTAIN, POSSIBLE, IMPOSSIBLE}
    assert (frame["p_min"] <= frame["p_max"]).all()
    assert (frame["meeting"] <= frame["tables"]).all()


def test_the_marks_print_excludes_are_the_four_it_pins(frame: pd.DataFrame) -> None:
    excluded = frame[frame["verdict"] == IMPOSSIBLE]
    assert list(zip(excluded["table"], excluded["row"], strict=True)) == [
        ("table_5_8", ""), ("table_6_2", "cut_spending"), ("table_6_4", "trust"),
        ("table_6_4", "democratisation"),
    ]  # fmt: skip
    assert (excluded["p_min"] == excluded["p_max"]).all()
    # Table 5.8, social services: 50 of 155 against 39 of 169
    expected = chi2_contingency([[50, 105], [39, 130]], correction=False).pvalue
    assert excluded["p_min"].iloc[0] == pytest.approx(expected, rel=1e-10)


def test_a_star_worked_out_by_hand(frame: pd.DataFrame) -> None:
    # Table 4.3, management: 3 of 15 heads (20.0 %) have drop-in centres; everyone 87, 43, 124, 92
    line = frame[(frame["row"] == "management") & (frame["column"] == "drop_in")].iloc[0]
    every = [
        p_of([[3, b, c, 12 - b - c], [84, 43 - b, 124 - c, 92 - 12 + b + c]])
        for b in range(13)
        for c in range(13 - b)
    ]
    assert line["tables"] == len(every) == 91
    assert line["p_min"] == pytest.approx(min(every), rel=1e-9)
    assert line["p_max"] == pytest.approx(max(every), rel=1e-9)
    assert line["meeting"] == sum(p >= 0.05 for p in every)


def test_witnesses_round_to_print(frame: pd.DataFrame, figures: list[StatedFigure]) -> None:
    shown = {
        (f.cell.table, f.cell.row, f.cell.column): (float(f.printed), f.n, f.void) for f in figures
    }
    stated = state(figures)
    for line in frame[frame["table"].isin(["table_4_2", "table_4_3"])].to_dict("records"):
        value, n, void = shown[line["table"], line["row"], line["column"]]
        for name in ("witness_min", "witness_max"):
            table = list(json.loads(line[name]).values())
            assert sum(table[0]) == n
            assert void or math.floor(table[0][0] / sum(table[0]) * 1000 + 0.5) / 10 == value
            whole = [a + b for a, b in zip(*table, strict=True)]
            for code, k in enumerate(whole, start=1):
                assert k in stated.count(line["item"], code, "all", "all")


def test_the_ends_over_several_comparisons_name_the_levels_as_declared() -> None:
    low = PRange(0.01, 0.4, 5, 0, {"Øst": [1, 2]}, {"Vest": [3]})
    high = PRange(0.02, 0.2, 7, 2, {"Vest": [4]}, {"Ærø": [5, 6]})
    assert _judged([low, high]) == (
        0.01, 0.2, POSSIBLE, 12, 2, '{"Øst": [1, 2]}', '{"Ærø": [5, 6]}'
    )  # fmt: skip
    assert _judged([low])[2] == IMPOSSIBLE
    assert _judged([low, replace(high, meeting=7)])[2] == CERTAIN

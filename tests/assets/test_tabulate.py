"""Tables of an invented poll against pandas, SciPy and statsmodels on its raw file."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest

from assets.statistics.survey import sampling
from assets.statistics.survey.rao_scott import rao_scott
from assets.tabulate import derived_assets
from declarations import Study
from tests.poll import BOXES, ITEMS, WAVE, people, write_poll
from tests.reference import survey
from tests.tabulated import computed, figure, table

DECLARED: dict[str, Any] = {
    "groups/ages.yaml": {
        "id": "ages", "kind": "bands", "of": "age",
        "levels": [{"key": "young", "below": 35}, {"key": "mid", "from": 35, "below": 60},
                   {"key": "old", "from": 60}],
    },
    "groups/area.yaml": {
        "id": "area", "kind": "background", "column": "region",
        "levels": [{"key": "north", "values": ["North"]},
                   {"key": "rest", "values": ["South", "East"]}],
    },
    "groups/big.yaml": {
        "id": "big", "kind": "answer", "of": "party",
        "levels": [{"key": "big", "codes": ["A1", "B2"]}, {"key": "small", "codes": ["-oth-"]}],
    },
    "groups/sexage.yaml": {"id": "sexage", "kind": "cross", "of": ["gender", "ages"]},
    "variables/top.yaml": {"id": "top", "kind": "net", "of": "trust_1", "codes": [4, 5]},
    "variables/three.yaml": {
        "id": "three", "kind": "recode", "of": "trust_1",
        "codes": [{"key": "low", "codes": [1, 2]}, {"key": "mid", "codes": [3]},
                  {"key": "high", "codes": [4, 5]}, {"key": "dk", "codes": [8], "missing": True}],
    },
    "variables/rich.yaml": {
        "id": "rich", "kind": "bands", "of": "income",
        "levels": [{"key": "less", "below": 300}, {"key": "more", "from": 300}],
    },
    "variables/trusting.yaml": {
        "id": "trusting", "kind": "index", "of": ["trust"], "reversed": ["trust_4"], "least": 3,
        "scores": "codes",
    },
    "variables/papers.yaml": {"id": "papers", "kind": "count", "of": ["reads"]},
    "variables/any_high.yaml": {
        "id": "any_high", "kind": "any", "of": ["trust"], "codes": [5],
    },
    "variables/all_high.yaml": {"id": "all_high", "kind": "all", "of": ["trust"], "codes": [4, 5]},
    "variables/gap.yaml": {
        "id": "gap", "kind": "difference", "of": ["trust_1", "trust_2"], "scores": "codes",
    },
    "weights/w.yaml": {"id": "w", "kind": "column", "column": "weight"},
    "weights/fit.yaml": {
        "id": "fit", "kind": "rake", "base": "w", "trim": {"lower": 0.2, "upper": 4},
        "margins": {"area": {"north": 30, "rest": 70},
                    "ages": {"young": 0.3, "mid": 0.45, "old": 0.25}},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def poll(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return write_poll(tmp_path_factory.mktemp("poll"), DECLARED)


@pytest.fixture(scope="module")
def connection(poll: Study) -> Iterator[duckdb.DuckDBPyConnection]:
    made = computed(poll, WAVE)
    yield made
    made.close()


@pytest.fixture(scope="module")
def raw() -> pd.DataFrame:
    """The raw file with the declared variables and groups, computed by pandas alone."""
    d = people()
    d["w"] = d["weight"].astype(float)
    age = d["age"].astype(int)
    d["ages"] = np.select([age < 35, age < 60], ["young", "mid"], "old")
    d["area"] = np.where(d["region"] == "North", "north", "rest")
    d["big"] = d["party"].map({"A1": "big", "B2": "big", "-oth-": "small"})
    d["sex"] = d["gender"].map({"1": "woman", "2": "man"})
    d["income_n"] = pd.to_numeric(d["income"], errors="coerce")
    d["liking_n"] = pd.to_numeric(d["liking"], errors="coerce").where(d["liking"] != "99")
    for name in ITEMS:
        d[f"{name}_n"] = pd.to_numeric(d[name], errors="coerce").where(d[name] != "8")
    turned = d[[f"{n}_n" for n in ITEMS]].copy()
    turned["trust_4_n"] = 6 - turned["trust_4_n"]
    d["trusting"] = turned.mean(axis=1).where(turned.notna().sum(axis=1) >= 3)
    ticked = (d[list(BOXES)] == "1").sum(axis=1)
    d["papers"] = ticked.where(ticked > 0)
    known = d[[f"{n}_n" for n in ITEMS]]
    d["any_high"] = (known == 5).any(axis=1).where(known.notna().any(axis=1))
    d["all_high"] = ((known >= 4) | known.isna()).all(axis=1).where(known.notna().any(axis=1))
    d["gap"] = d["trust_1_n"] - d["trust_2_n"]
    return d


BANNER = {
    "all": None, "sex": ("gender", ["woman", "man"]), "ages": ("ages", ["young", "mid", "old"]),
    "area": ("area", ["north", "rest"]), "big": ("big", ["big", "small"]),
}  # fmt: skip


def columns_of(raw: pd.DataFrame) -> Iterator[tuple[str, str, pd.Series]]:
    """(group, level, who) of the banner, boxes and a nested chain included."""
    yield "all", "all", pd.Series(True, index=raw.index)
    for name, told in BANNER.items():
        for level in told[1] if told else ():
            yield str(told[0]) if told else "", level, raw[name] == level
    for box in BOXES:
        yield "reads", box, raw[box] == "1"
    for sex in ("woman", "man"):
        for age in ("young", "mid", "old"):
            who = (raw["sex"] == sex) & (raw["ages"] == age)
            yield "gender > ages", f"{sex} > {age}", who
            yield "sexage", f"{sex} > {age}", who


BY = ["gender", "ages", "area", "big", "reads", "gender > ages", "sexage"]


@pytest.mark.parametrize("weight", [None, "w"])
def test_every_cell_equals_pandas(
    poll: Study, connection: duckdb.DuckDBPyConnection, raw: pd.DataFrame, weight: str | None
) -> None:
    shown = ["percent", "n", "mean", "sd", "median", "quartiles"]
    of = ["party", "trust_1", "reads", "income", "liking", "trusting", "papers", "gap"]
    asked = {"of": of, "by": BY, "show": shown, "scores": "codes"}
    if weight:
        asked["weight"] = weight
    # the codes of parties are names
    frame = table(connection, poll, WAVE, {**asked, "of": of[1:]})
    frame = pd.concat(
        [frame, table(connection, poll, WAVE, {**asked, "of": "party", "show": shown[:2]})]
    )
    by_place = dict(iter(frame.groupby(["row", "column", "group", "level", "statistic"])))
    w = raw["w"] if weight else pd.Series(1.0, index=raw.index)
    seen = 0
    for group, level, who in columns_of(raw):
        for row, codes, valid in (
            (
                "party",
                {f"p{n}": v for n, v in enumerate(("A1", "B2", "-oth-"), 1)},
                raw["party"] != "",
            ),
            ("trust_1", {f"a{n}": str(n) for n in range(1, 6)}, raw["trust_1_n"].notna()),
        ):
            base = who & valid
            for key, text in codes.items():
                hit = base & (raw[row] == text)
                line = by_place[row, key, group, level, "percent"].iloc[0]
                assert line["value"] == pytest.approx(w[hit].sum() / w[base].sum() * 100)
                assert line["numerator"] == hit.sum()
                assert line["base"] == base.sum()
                assert line["weighted_base"] == pytest.approx(w[base].sum())
                kish = w[base].sum() ** 2 / (w[base] ** 2).sum()
                assert line["effective_base"] == pytest.approx(kish)
                seen += 1
        ticked = who & (raw[list(BOXES)] == "1").any(axis=1)
        for box in BOXES:
            line = by_place[box, "ticked", group, level, "percent"].iloc[0]
            share = w[ticked & (raw[box] == "1")].sum() / w[ticked].sum()
            assert line["value"] == pytest.approx(share * 100)
        for row, column in (
            ("income", "income_n"), ("liking", "liking_n"), ("trusting", "trusting"),
            ("papers", "papers"), ("gap", "gap"), ("trust_1", "trust_1_n"),
        ):  # fmt: skip
            own = who & raw[column].notna()
            x = raw[column][own].astype(float)
            mean = (w[own] * x).sum() / w[own].sum()
            sd = math.sqrt((w[own] * (x - mean) ** 2).sum() / w[own].sum() * len(x) / (len(x) - 1))
            value = {
                s: by_place[row, "", group, level, s].iloc[0]["value"]
                for s in ("mean", "sd", "q1", "median", "q3")
            }
            assert value["mean"] == pytest.approx(mean)
            assert value["sd"] == pytest.approx(sd)
            if weight is None:
                quartiles = [x.quantile(q) for q in (0.25, 0.5, 0.75)]
                assert [value["q1"], value["median"], value["q3"]] == pytest.approx(quartiles)
            seen += 1
    assert seen > 200


def test_derived_variables_equal_pandas(
    poll: Study, connection: duckdb.DuckDBPyConnection, raw: pd.DataFrame
) -> None:
    of = ["top", "three", "rich", "any_high", "all_high"]
    frame = table(connection, poll, WAVE, {"of": of, "by": ["ages"]})
    shares = frame[(frame["group"] == "ages") & (frame["statistic"] == "percent")]
    t1 = raw["trust_1_n"]
    expected = {
        ("top", "in"): (t1 >= 4).where(t1.notna()),
        ("three", "low"): (t1 <= 2).where(t1.notna()),
        ("three", "high"): (t1 >= 4).where(t1.notna()),
        ("rich", "more"): (raw["income_n"] >= 300).where(raw["income_n"].notna()),
        ("any_high", "in"): raw["any_high"],
        ("all_high", "in"): raw["all_high"],
    }
    for (row, key), series in expected.items():
        for level in ("young", "mid", "old"):
            own = series[raw["ages"] == level].dropna().astype(float)
            line = figure(shares, row=row, column=key, level=level)
            assert line["value"] == pytest.approx(own.mean() * 100)
            assert line["base"] == len(own)
    # a code that is missing is counted and has no percentage
    dk = frame[(frame["row"] == "three") & (frame["column"] == "dk")]
    assert set(dk["statistic"]) == {"n"}
    everyone = figure(frame, row="three", column="dk", group="all", statistic="n")
    assert everyone["value"] == (raw["trust_1"] == "8").sum()


@pytest.mark.parametrize("base", ["answered", "valid", "all"])
@pytest.mark.parametrize("percent", ["column", "row", "total"])
def test_bases_and_percentages(
    poll: Study, connection: duckdb.DuckDBPyConnection, raw: pd.DataFrame, base: str, percent: str
) -> None:
    asked = {"of": "trust_1", "by": ["big"], "base": base, "percent": percent, "weight": "w"}
    frame = table(connection, poll, WAVE, asked)
    base_of = {
        "answered": raw["trust_1"] != "", "valid": raw["trust_1_n"].notna(), "all": raw["id"] != "",
    }[base]  # fmt: skip
    for level in ("big", "small"):
        who, hit = raw["big"] == level, raw["trust_1"] == "5"
        under = {
            "column": who & base_of, "row": hit if base != "x" else who, "total": base_of,
        }[percent]  # fmt: skip
        line = figure(frame, column="a5", level=level, statistic="percent")
        share = raw["w"][who & hit].sum() / raw["w"][under].sum()
        assert line["value"] == pytest.approx(share * 100)
    assert bool((frame["column"] == "dk").any())
    dk = frame[(frame["column"] == "dk") & (frame["statistic"] == "percent")]
    assert bool(len(dk)) == (base == "answered")


def test_filters_leave_whom_pandas_leaves(
    poll: Study, connection: duckdb.DuckDBPyConnection, raw: pd.DataFrame
) -> None:
    told = {
        "and": [
            {"or": [{"group": "area", "levels": ["north"]}, {"item": "party", "codes": ["A1"]}]},
            {"not": {"group": "ages", "levels": ["old"]}},
        ]
    }
    frame = table(connection, poll, WAVE, {"of": "income", "filter": told, "show": ["mean"]})
    own = ((raw["area"] == "north") | (raw["party"] == "A1")) & (raw["ages"] != "old")
    line = figure(frame, statistic="mean")
    assert line["base"] == (own & raw["income_n"].notna()).sum()
    assert line["value"] == pytest.approx(raw["income_n"][own].mean())


def test_small_bases_are_hidden_or_marked(
    poll: Study, connection: duckdb.DuckDBPyConnection, raw: pd.DataFrame
) -> None:
    n = ((raw["big"] == "small") & raw["trust_1_n"].notna()).sum()
    for weight in ({}, {"weight": "w"}):
        asked = {"of": "trust_1", "by": ["big"], **weight}
        hidden = table(connection, poll, WAVE, {**asked, "min_base": int(n) + 1})
        line = figure(hidden, column="a5", level="small", statistic="percent")
        assert (line["formatted"], line["note"]) == ("", f"base under {n + 1}")
        assert math.isnan(line["value"])
        shown = table(connection, poll, WAVE, {**asked, "min_base": int(n)})
        assert figure(shown, column="a5", level="small", statistic="percent")["formatted"] != ""
        marked = table(
            connection, poll, WAVE, {**asked, "min_base": {"least": int(n) + 1, "below": "mark"}}
        )
        line = figure(marked, column="a5", level="small", statistic="percent")
        assert line["formatted"].startswith("(")


def test_letters_are_those_of_statsmodels_and_scipy(
    poll: Study, connection: duckdb.DuckDBPyConnection, raw: pd.DataFrame
) -> None:
    compare = {"against": "columns", "adjust": "holm", "level": 0.1, "effect": True}
    asked = {
        "of": ["trust_1", "income"],
        "by": ["ages"],
        "compare": compare,
        "show": ["percent", "mean"],
        "scores": "codes",
    }
    frame = table(connection, poll, WAVE, asked)
    levels = ["young", "mid", "old"]
    names = dict(zip(levels, "ABC", strict=True))
    pairs = [(0, 1), (0, 2), (1, 2)]
    for row, key in [("trust_1", f"a{n}") for n in range(1, 6)] + [("income", "")]:
        own = [raw[raw["ages"] == level] for level in levels]
        if key:
            hits = [(o["trust_1"] == key[1:]).sum() for o in own]
            bases = [o["trust_1_n"].notna().sum() for o in own]
            values = [h / b for h, b in zip(hits, bases, strict=True)]
            p = [proportions_ztest([hits[a], hits[b]], [bases[a], bases[b]])[1] for a, b in pairs]
        else:
            numbers = [o["income_n"].dropna() for o in own]
            values = [x.mean() for x in numbers]
            p = [stats.ttest_ind(numbers[a], numbers[b], equal_var=False).pvalue for a, b in pairs]
        holm = multipletests(p, method="holm")[1]
        lines = frame[(frame["row"] == row) & (frame["column"] == key)]
        for (a, b), probability in zip(pairs, holm, strict=True):
            note = f"against {levels[b]}"
            line = figure(lines, level=levels[a], statistic="p", note=note)
            assert line["value"] == pytest.approx(probability)
        expected = dict.fromkeys(levels, "")
        for (a, b), probability in zip(pairs, holm, strict=True):
            if probability < 0.1:
                high, low = (a, b) if values[a] > values[b] else (b, a)
                expected[levels[high]] += names[levels[low]]
        for level in levels:
            line = figure(lines, level=level, statistic="letters")
            assert line["formatted"] == "".join(sorted(expected[level]))
    test = figure(frame, row="trust_1", statistic="test")
    crossed = pd.crosstab(raw["trust_1"], raw["ages"]).loc[["1", "2", "3", "4", "5"]]
    assert test["value"] == pytest.approx(stats.chi2_contingency(crossed, correction=False).pvalue)


def test_a_column_against_the_rest(
    poll: Study, connection: duckdb.DuckDBPyConnection, raw: pd.DataFrame
) -> None:
    asked = {"of": "trust_1", "by": ["ages"], "compare": "rest"}
    frame = table(connection, poll, WAVE, asked)
    valid = raw["trust_1_n"].notna()
    for level in ("young", "mid", "old"):
        who = raw["ages"] == level
        hits = [(valid & g & (raw["trust_1"] == "5")).sum() for g in (who, ~who)]
        bases = [(valid & g).sum() for g in (who, ~who)]
        p = proportions_ztest(hits, bases)[1]
        line = figure(frame, column="a5", level=level, statistic="letters")
        assert line["value"] == pytest.approx(p)
        sign = "+" if hits[0] / bases[0] > hits[1] / bases[1] else "-"
        assert line["formatted"] == (sign if p < 0.05 else "")


def test_a_mean_against_the_rest(
    poll: Study, connection: duckdb.DuckDBPyConnection, raw: pd.DataFrame
) -> None:
    for test, equal in (("auto", False), ("t", True)):
        compare = {"against": "rest", "test": test, "effect": True}
        frame = table(connection, poll, WAVE, {"of": "income", "by": ["ages"], "compare": compare})
        for level in ("young", "mid", "old"):
            who = raw["ages"] == level
            own, rest = raw["income_n"][who].dropna(), raw["income_n"][~who].dropna()
            p = stats.ttest_ind(own, rest, equal_var=equal).pvalue
            line = figure(frame, column="", level=level, statistic="letters")
            assert line["value"] == pytest.approx(p)
            sign = "+" if own.mean() > rest.mean() else "-"
            assert line["formatted"] == (sign if p < 0.05 else "")
            n, m = len(own), len(rest)
            pooled = math.sqrt(((n - 1) * own.var() + (m - 1) * rest.var()) / (n + m - 2))
            effect = figure(frame, column="", level=level, statistic="d")
            assert effect["value"] == pytest.approx((own.mean() - rest.mean()) / pooled)


@pytest.mark.parametrize("design", [None, {"strata": "stratum"}, {"cluster": "cluster"},
                                    {"strata": "stratum", "cluster": "cluster",
                                     "population": {"s1": 60, "s2": 80}}])  # fmt: skip
def test_errors_and_tests_are_those_of_the_design(
    tmp_path: Path, raw: pd.DataFrame, design: dict[str, Any] | None
) -> None:
    declared = DECLARED | ({"design.yaml": design} if design else {})
    study = write_poll(tmp_path, declared)
    compare = {"against": "columns", "effect": True}
    asked = {
        "of": ["trust_1", "income"], "by": ["ages", "reads"], "weight": "w", "compare": compare,
        "show": ["percent", "mean"], "scores": "codes",
    }  # fmt: skip
    with computed(study, WAVE) as found:
        frame = table(found, study, WAVE, asked)
    w = raw["w"].to_numpy()
    sample, unit = drawn(raw, design or {})

    def totals(*columns: Any) -> sampling.Totals:
        lines = np.stack([w * np.asarray(c, float) for c in columns], axis=1)
        return survey.totals_of_units(survey.unit_totals(lines, unit, sample.units), sample)

    valid = raw["trust_1_n"].notna()
    for group, level, who in columns_of(raw):
        if group not in ("all", "ages", "reads"):
            continue
        hit = who & (raw["trust_1"] == "5")
        share = survey.ratios(totals(hit, who & valid), [0], [1])
        line = figure(frame, column="a5", group=group, level=level, statistic="percent")
        assert line["standard_error"] == pytest.approx(share.error[0] * 100, rel=1e-8)
        answered = who & raw["income_n"].notna()
        mean = survey.ratios(totals(answered * raw["income_n"].fillna(0), answered), [0], [1])
        line = figure(frame, row="income", group=group, level=level, statistic="mean")
        assert line["standard_error"] == pytest.approx(mean.error[0], rel=1e-8)
    cells = [valid & (raw["ages"] == a) & (raw["trust_1"] == str(n))
             for n in range(1, 6) for a in ("young", "mid", "old")]  # fmt: skip
    expected = rao_scott(totals(*cells), 5, 3, int(valid.sum()))
    test = figure(frame, row="trust_1", group="ages", statistic="test")
    assert test["value"] == pytest.approx(expected.p, rel=1e-7)
    # columns that overlap are compared with the covariance they have
    for first, second in (("read_1", "read_2"), ("read_1", "read_3")):
        both = [valid & (raw[b] == "1") for b in (first, second)]
        hits = [b & (raw["trust_1"] == "5") for b in both]
        two = survey.ratios(totals(*hits, *both), [0, 1], [2, 3])
        own = survey.compare(two, 0, 1, two.df - 1)
        note = f"against {second}"
        line = figure(frame, column="a5", level=first, statistic="p", note=note)
        assert line["value"] == pytest.approx(own.p, rel=1e-6)
    # a column's mean against that of everyone who is not in it
    with computed(study, WAVE) as found:
        frame = table(found, study, WAVE, asked | {"of": "income", "compare": "rest"})
    known, income = raw["income_n"].notna(), raw["income_n"].fillna(0)
    for level in ("young", "mid", "old"):
        halves = [known & (raw["ages"] == level), known & (raw["ages"] != level)]
        two = survey.ratios(totals(*(h * income for h in halves), *halves), [0, 1], [2, 3])
        own = survey.compare(two, 0, 1, two.df - 1)
        line = figure(frame, group="ages", level=level, statistic="letters")
        assert line["value"] == pytest.approx(own.p, rel=1e-6)


def drawn(raw: pd.DataFrame, design: dict[str, Any]) -> tuple[sampling.Sample, Any]:
    """The sample by hand: unit of every respondent and the units' strata."""
    stratum = raw["stratum"] if "strata" in design else pd.Series("all", index=raw.index)
    cluster = raw["cluster"] if "cluster" in design else raw["id"]
    unit, names = pd.factorize(stratum + "/" + cluster, sort=True)
    of_unit, levels = pd.factorize(pd.Index(names).str.split("/").str[0], sort=True)
    population = design.get("population")
    size = None if population is None else [population[level] for level in levels]
    return sampling.sample_of(of_unit, len(names), size), unit


def test_raked_weights_meet_their_margins(
    poll: Study, connection: duckdb.DuckDBPyConnection, raw: pd.DataFrame
) -> None:
    asked = {"of": "reads", "by": ["area", "ages"], "weight": "fit", "base": "all"}
    frame = table(connection, poll, WAVE, asked)
    base = frame[(frame["statistic"] == "base") & (frame["row"] == "read_1")]
    total = raw["w"].sum()
    assert figure(base, group="all")["weighted_base"] == pytest.approx(total)
    shares = {("area", "north"): 0.3, ("ages", "young"): 0.3, ("ages", "old"): 0.25}
    for (group, level), share in shares.items():
        line = figure(base, group=group, level=level)
        assert line["weighted_base"] == pytest.approx(share * total, rel=1e-9)
        assert line["base"] == (raw[group] == level).sum()


def test_everything_that_is_derived_is_an_asset_that_rests_on_what_it_names(poll: Study) -> None:
    (one,) = derived_assets.steps(poll)
    made = {"/".join(asset.key.path): asset for asset in one.assets}
    declared = poll.tabulation
    kinds = {"variables": declared.variables, "groups": declared.groups,
             "weights": declared.weights}  # fmt: skip
    names = {f"{kind}/{each.id}" for kind, own in kinds.items() for each in own}
    assert all(kinds.values())
    assert set(made) == names | {"variables/reliability_of_indices"}
    assert len(made) == len(one.assets)
    assert all(asset.deps for asset in made.values())

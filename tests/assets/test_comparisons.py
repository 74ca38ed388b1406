"""The comparisons of tables, against counts computed independently."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from assets.analysis.comparison_frames import (
    CONVENTION_COLUMNS,
    MARK_COLUMNS,
    convention_frame,
    mark_frame,
)
from assets.analysis.comparisons import (
    compared_codes,
    comparisons,
    marked_tables,
    settings_of,
    stacked,
)
from assets.analysis.testing import families
from declarations import SpecError, Study, load_study
from declarations.tables.significance import Convention
from tests.chain import STUDY, WAVE, Chain


@pytest.fixture(scope="module")
def conventions(study: Study, committed: Chain) -> pd.DataFrame:
    return convention_frame(study, committed.index, WAVE)


@pytest.fixture(scope="module")
def marks(study: Study, committed: Chain, conventions: pd.DataFrame) -> pd.DataFrame:
    return mark_frame(study, conventions, committed.tables, committed.index, WAVE)


def test_every_mark_of_print_has_its_comparisons(study: Study) -> None:
    found = {
        name: len(comparisons(study.table[name], marking, study))
        for name, marking in marked_tables(study).items()
        if (STUDY / "printed" / f"{name}.csv").is_file()
    }
    assert found == {
        "table_3_3": 8, "table_4_2": 48, "table_4_3": 40, "table_4_4": 3, "table_5_7": 1,
        "table_5_8": 8, "table_6_2": 2, "table_6_4": 5,
    }  # fmt: skip


def crosstab(committed: Chain, study: Study, item: str, group: str) -> pd.DataFrame:
    """Answers (rows) by level, from the respondents' own lines."""
    answers = committed.answers[study.items[item].question]
    own = answers[(answers["item"] == item) & answers["rule"].isna()]
    placed = committed.memberships
    joined = own.merge(placed[placed["group"] == group], on="respondent")
    return pd.crosstab(joined["code"].astype(int), joined["level"])


def test_declared_p_values_are_scipys_on_the_respondents(
    study: Study, committed: Chain, conventions: pd.DataFrame
) -> None:
    from scipy.stats import chi2_contingency

    declared = conventions[conventions["convention"] == "declared"]
    printed = [(STUDY / "printed" / f"{name}.csv").is_file() for name in declared["table"]]
    assert sum(printed) == 115
    for line in declared.to_dict("records"):
        by_level = crosstab(committed, study, line["item"], line["by"])
        levels = line["levels"].split()
        if levels[1].startswith("!"):
            everyone = crosstab(committed, study, line["item"], "all")["all"]
            inside = by_level[levels[0]].reindex(everyone.index, fill_value=0)
            table = np.array([inside, everyone - inside])
        else:
            table = by_level[levels].to_numpy().T
        theirs = chi2_contingency(table[:, table.sum(axis=0) > 0], correction=False)
        assert line["p"] == pytest.approx(theirs.pvalue, rel=1e-10)
        assert line["df"] == theirs.dof
        assert line["min_expected"] == pytest.approx(theirs.expected_freq.min())


def test_a_comparison_is_made_of_the_codes_its_convention_names(study: Study) -> None:
    marking = marked_tables(study)["table_4_2"]
    first = comparisons(study.table["table_4_2"], marking, study)[0]
    whole = Convention("x", "pearson_chi_square", "whole", "in_base")
    assert first.levels == ("health", "!health")
    assert compared_codes(first, whole) == [(1,), (2,), (3,), (4,)]
    assert compared_codes(first, replace(whole, dont_know="outside_base")) == [(1,), (2,), (3,)]
    assert compared_codes(first, replace(whole, test="gamma")) == [(1,), (2,), (3,)]
    shown = replace(whole, distribution="shown")
    assert compared_codes(first, shown) == [(1,), (2, 3, 4)]
    assert compared_codes(first, replace(shown, dont_know="outside_base")) == [(1,), (2, 3)]
    assert compared_codes(first, replace(shown, dont_know="own_category")) == [(1,), (2, 3), (4,)]


def test_answers_without_an_order_have_no_trend(study: Study, conventions: pd.DataFrame) -> None:
    trend = conventions[conventions["convention"].isin(["trend", "gamma"])]
    assert "table_3_3" not in set(trend["table"])
    assert {"table_4_4", "table_5_7", "table_6_4"} <= set(trend["table"])


def test_the_family_of_q_is_the_table(study: Study, conventions: pd.DataFrame) -> None:
    from statsmodels.stats.multitest import multipletests

    for _, own in conventions.groupby(["convention", "table"]):
        assert list(own["q"]) == pytest.approx(multipletests(own["p"], method="fdr_bh")[1])
    assert families([], np.array([])).size == 0


def test_flips_are_where_the_policy_of_dont_know_decides(conventions: pd.DataFrame) -> None:
    place = ["table", "row", "group", "column", "test", "distribution"]
    for _, own in conventions.groupby(place):
        assert set(own["flips"]) == {own["stars"].nunique() > 1}
    declared = conventions[conventions["convention"] == "declared"]
    assert not declared["changes"].any()
    assert conventions["flips"].any()


def test_marks_hold_every_percentage_with_its_interval(
    study: Study, committed: Chain, marks: pd.DataFrame
) -> None:
    from statsmodels.stats.proportion import proportion_confint

    assert list(marks.columns) == list(MARK_COLUMNS)
    assert len(marks) == sum(len(study.table[name].cells) for name in marked_tables(study))
    counts = np.rint(marks["value"] * marks["base"] / 100)
    low, high = proportion_confint(counts, marks["base"], alpha=0.05, method="wilson")
    assert marks["wilson_low"].to_numpy() == pytest.approx(100 * low, abs=1e-9)
    assert marks["wilson_high"].to_numpy() == pytest.approx(100 * high, abs=1e-9)
    everyone = marks["level"] == "all"
    assert marks.loc[everyone, "p"].isna().all()
    assert marks.loc[~everyone, "p"].notna().all()
    assert (marks.loc[everyone, "stars"] == "").all()
    values = pd.concat(committed.tables[name] for name in marked_tables(study))["value"]
    assert list(marks["value"]) == list(values)


def test_percentages_without_dont_know_are_those_of_the_others(
    study: Study, committed: Chain, marks: pd.DataFrame
) -> None:
    for line in marks[marks["table"].isin(["table_6_4", "table_5_7"])].to_dict("records"):
        scale = study.items[line["item"]].scale
        unknown = {str(code.code) for code in scale if code.key == "dont_know"}
        others = line["level"][1:] if line["level"].startswith("!") else ""
        by_level = crosstab(committed, study, line["item"], line["by"])
        if line["level"] == "all" or others:
            answers = crosstab(committed, study, line["item"], "all")["all"]
            answers = answers - (by_level[others].reindex(answers.index, fill_value=0)
                                 if others else 0)  # fmt: skip
        else:
            answers = by_level[line["level"]]
        known = answers[[str(code) not in unknown for code in answers.index]]
        if line["code"] in unknown:
            assert pd.isna(line["without_dont_know"])
        else:
            expected = 100 * known.get(int(line["code"]), 0) / known.sum()
            assert line["without_dont_know"] == pytest.approx(expected)


def test_columns_are_as_declared(conventions: pd.DataFrame, study: Study) -> None:
    assert list(conventions.columns) == list(CONVENTION_COLUMNS)
    settings = settings_of(study)
    ids = [settings.convention.id, *(c.id for c in settings.alternatives)]
    assert list(dict.fromkeys(conventions["convention"])) == ids
    simulated = conventions["method"] == "fisher_simulated"
    assert (conventions.loc[simulated, "standard_error"] < 0.012).all()


def test_the_same_frame_twice(study: Study, committed: Chain, conventions: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(convention_frame(study, committed.index, WAVE), conventions)


def test_counts_are_padded_with_zeros(study: Study, committed: Chain) -> None:
    found = [
        comparison
        for name in ("table_4_4", "table_5_8")
        for comparison in comparisons(study.table[name], marked_tables(study)[name], study)
    ]
    tables = stacked(found, settings_of(study).convention, committed.index)
    assert tables.shape == (11, 2, 6)
    assert tables[-1, :, 2:].sum() == 0
    assert list(tables[:, :, :].sum(axis=(1, 2))) == [346] * 3 + [324] * 8


def changed(folder: Path, name: str, significance: dict[str, Any]) -> Study:
    path = folder / "tables" / f"{name}.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump(data | {"significance": significance}), encoding="utf-8")
    return load_study(folder)


def test_a_table_may_have_a_convention_of_its_own(study_copy: Path, committed: Chain) -> None:
    own = {"by": "cell", "mark": "stars", "test": "fisher", "distribution": "shown"}
    frame = convention_frame(changed(study_copy, "table_4_2", own), committed.index, WAVE)
    declared = frame[frame["convention"] == "declared"]
    assert set(declared.loc[declared["table"] == "table_4_2", "method"]) == {"fisher_exact"}
    assert set(declared.loc[declared["table"] == "table_4_3", "method"]) == {"pearson_chi_square"}


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"mark": "stars"}, "significance.by: found no such entry"),
        ({"by": "page", "mark": "stars"}, "by: found 'page'"),
        ({"by": "cell", "mark": "stars", "test": "t"}, "test: found 't', expected one of"),
        ({"by": "cell", "mark": "stars", "dont_know": "maybe"}, "dont_know: found 'maybe'"),
    ],
)
def test_a_wrong_declaration_names_table_and_entry(
    study_copy: Path, entry: dict[str, Any], message: str
) -> None:
    with pytest.raises(SpecError, match=r"tables/table_4_2.yaml line \d+: significance") as caught:
        changed(study_copy, "table_4_2", entry)
    assert message in str(caught.value)


def test_levels_that_overlap_are_not_compared_with_each_other(study_copy: Path) -> None:
    entry = {"by": "table", "mark": "bound", "against": "levels"}
    study = changed(study_copy, "table_5_8", entry)
    with pytest.raises(SpecError, match="levels of area overlap"):
        comparisons(study.table["table_5_8"], marked_tables(study)["table_5_8"], study)


def test_one_mark_cannot_speak_of_two_items(study_copy: Path) -> None:
    study = changed(study_copy, "table_4_2", {"by": "row", "mark": "bound"})
    with pytest.raises(SpecError, match="one mark for items"):
        comparisons(study.table["table_4_2"], marked_tables(study)["table_4_2"], study)

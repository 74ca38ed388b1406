"""Trends of the two committed waves: planned changes are found, meaningless ones refused."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import yaml

from assets.analysis.trend_text import question_markdown
from assets.analysis.trends import (
    NUMBERS,
    TREND_COLUMNS,
    WHOLE,
    WaveAnswers,
    trend_frame,
    wave_pairs,
)
from assets.tables.results import count_of
from declarations import SpecError, Study, load_study
from declarations.spans import ALWAYS
from declarations.survey.trend import TrendSettings
from tests.chain import WAVE, Chain, compute_chain, declared_study, edit
from tests.declared import study_of

LATER = "2018"
PLANNED = yaml.safe_load(
    (Path(__file__).parents[2] / "reconstruction" / "demonstration.yaml").read_text("utf-8")
)["drift"]
BIG = [entry for entry in PLANNED if abs(entry["points"]) >= 10]
NULL = [entry for entry in PLANNED if entry["points"] == 0]
DECLARED = declared_study()
SETTINGS = TrendSettings(clusters="municipality", adjust="holm")


def answers_of(chain: Chain, wave: str) -> WaveAnswers:
    """The relations of a wave's snapshot."""
    usable = {name: frame[frame["rule"].isna()] for name, frame in chain.answers.items()}
    invited = chain.invitations
    places = dict(zip(invited["respondent"], invited["municipality"], strict=True))
    return WaveAnswers(wave, usable, places)


@pytest.fixture(scope="module")
def later() -> Chain:
    return compute_chain(DECLARED, LATER)


@pytest.fixture(scope="module")
def waves(committed: Chain, later: Chain) -> dict[str, WaveAnswers]:
    return {WAVE: answers_of(committed, WAVE), LATER: answers_of(later, LATER)}


@pytest.fixture(scope="module")
def trends(waves: dict[str, WaveAnswers]) -> pd.DataFrame:
    return trend_frame(DECLARED.questions, waves, SETTINGS)


def line(trends: pd.DataFrame, item: str, code: int | str) -> pd.Series:
    (found,) = trends[(trends["item"] == item) & (trends["code"] == str(code))].to_dict("records")
    return pd.Series(found)


def test_every_wave_is_compared_with_the_next_and_the_first_with_the_last() -> None:
    assert wave_pairs(["10", "2", "9"]) == [("2", "9"), ("9", "10"), ("2", "10")]
    assert wave_pairs([LATER, WAVE]) == [(WAVE, LATER)]
    assert wave_pairs([WAVE]) == wave_pairs([]) == []


@pytest.mark.parametrize("entry", BIG, ids=lambda e: str(e["item"]))
def test_a_large_planned_drift_is_found(trends: pd.DataFrame, entry: dict[str, int]) -> None:
    found = line(trends, str(entry["item"]), entry["code"])
    assert found["change"] == pytest.approx(entry["points"], abs=0.2)
    assert found["p_adjusted"] < 0.01
    assert found["low"] * found["high"] > 0


@pytest.mark.parametrize("entry", NULL, ids=lambda e: str(e["item"]))
def test_where_no_drift_was_planned_none_is_found(
    trends: pd.DataFrame, entry: dict[str, int]
) -> None:
    found = line(trends, str(entry["item"]), entry["code"])
    assert found["p"] > 0.5
    assert found["low"] < 0 < found["high"]


def test_of_what_only_the_draw_moved_few_are_called_a_change(trends: pd.DataFrame) -> None:
    planned = {entry["item"] for entry in PLANNED}
    rest = trends[~trends["item"].isin(planned) & trends["p"].notna()]
    assert len(rest) > 250
    assert (rest["p_adjusted"] < 0.05).mean() < 0.02


def test_shares_and_bases_are_those_of_the_counts(
    trends: pd.DataFrame, committed: Chain, later: Chain
) -> None:
    told = trends[(trends["refused"] == "") & (trends["statistic"] == "percent")]
    assert len(told) > 350
    for side, chain in (("from", committed), ("to", later)):
        index = chain.index
        for one in told.iloc[::7].to_dict("records"):
            n = count_of(index, one["item"], one["code"], "all", "all")
            base = count_of(index, one["item"], "total", "all", "all")
            assert (one[f"{side}_numerator"], one[f"{side}_base"]) == (n, base)
            assert one[f"{side}_value"] == pytest.approx(100 * n / base)
    assert (told["to_value"] - told["from_value"]).to_numpy() == pytest.approx(
        told["change"].to_numpy()
    )


@pytest.mark.parametrize(
    ("item", "reason", "lines"),
    [
        ("reason_knowledge", "not asked in 2018", 4),
        ("actor_online", "not asked in 2015", 4),
        ("cross_cutting", "other wording from 2018", 6),
    ],
)
def test_what_means_nothing_stands_without_a_number(
    trends: pd.DataFrame, item: str, reason: str, lines: int
) -> None:
    own = trends[trends["item"] == item]
    assert len(own) == lines
    assert (own["refused"] == reason).all()
    assert own[[*NUMBERS, *WHOLE]].isna().all().all()


def test_nothing_else_is_refused(trends: pd.DataFrame) -> None:
    assert list(trends.columns) == list(TREND_COLUMNS)
    refused = trends[trends["refused"] != ""].groupby("item").size()
    known = {"reason_knowledge": 4, "actor_online": 4, "cross_cutting": 6}
    assert {item: refused.get(item) for item in known} == known
    # everything that both waves asked with the same wording is compared
    assert all(DECLARED.items[item].span != ALWAYS for item in set(refused.index) - set(known))
    assert not trends.duplicated(["item", "code", "from_wave", "to_wave"]).any()


def test_municipalities_with_new_names_are_the_same(
    waves: dict[str, WaveAnswers], trends: pd.DataFrame
) -> None:
    """The municipalities 480 and 820 have answers in both waves, under different names."""
    for code in ("480", "820"):
        assert all(code in wave.municipality.values() for wave in waves.values())
    found = line(trends, "position", 1)
    answering = [
        {wave.municipality[r] for r in wave.answers["position"]["respondent"]}
        for wave in waves.values()
    ]
    assert found["clusters"] == len(answering[0] | answering[1])
    assert found["clusters_both"] == len(answering[0] & answering[1])
    assert found["df"] == found["clusters"] - 1


def test_numbers_are_compared_by_their_means(
    trends: pd.DataFrame, committed: Chain, later: Chain
) -> None:
    found = line(trends, "collaborations", "")
    means = [c.answers["collaborations"]["number"].dropna().mean() for c in (committed, later)]
    assert [found["from_value"], found["to_value"]] == pytest.approx(means)
    assert found["change"] == pytest.approx(means[1] - means[0])
    assert found["statistic"] == "mean"
    assert pd.isna(found["from_numerator"])


def changed(study_copy: Path, name: str, old: str, new: str) -> Study:
    edit(study_copy / "questions" / name, old, new)
    return load_study(study_copy)


def test_other_codes_are_refused_and_a_comparable_rewording_is_noted(
    study_copy: Path, waves: dict[str, WaveAnswers]
) -> None:
    study = changed(study_copy, "19_formality.yaml", "{code: 3, key", "{code: 3, from: 2018, key")
    own = trend_frame([study.question["formality"]], waves, SETTINGS)
    assert set(own["refused"]) == {"other answers to choose from: 3 in one of the waves only"}
    study = changed(study_copy, "15_cross_cutting.yaml", "comparable: false", "comparable: true")
    own = trend_frame([study.question["cross_cutting"]], waves, SETTINGS)
    assert set(own["refused"]) == {""}
    assert own["note"].str.startswith("reworded in 2018, comparable").all()
    assert own["change"].notna().all()


def test_without_clusters_every_respondent_stands_alone(waves: dict[str, WaveAnswers]) -> None:
    alone = TrendSettings(clusters="respondent", adjust="none")
    own = trend_frame([DECLARED.question["economy"]], waves, alone)
    assert own["p_adjusted"].isna().all()
    bases = own["from_base"] + own["to_base"]
    assert (own["clusters"] == bases).all()
    assert (own["clusters_both"] == 0).all()
    factor = bases / (bases - 1)
    assert own["design_effect"].to_numpy(float) == pytest.approx(factor.to_numpy(float))


def test_a_wave_without_answers_is_refused(waves: dict[str, WaveAnswers]) -> None:
    nobody = {"economy": waves[LATER].answers["economy"].iloc[:0]}
    own = trend_frame(
        [DECLARED.question["economy"]],
        {WAVE: waves[WAVE], LATER: WaveAnswers(LATER, nobody, {})},
        SETTINGS,
    )
    assert set(own["refused"]) == {"nobody answered in 2018"}


def test_a_page_says_shares_changes_and_refusals(trends: pd.DataFrame) -> None:
    text = question_markdown(DECLARED.question["municipal_policy"], trends, 0.95)
    assert "### 5. Overordnet politik eller strategi i kommunen / " in text
    assert "| Ja | 60,3% (N 411) | 74,4% (N 406) | +14,0 pp |" in text
    text = question_markdown(DECLARED.question["reasons"], trends, 0.95)
    assert text.count("not asked in 2018") == 4
    assert "nan" not in text.lower()


@pytest.mark.parametrize(
    ("trend", "problem"),
    [
        ({"test": "z"}, "trend.test: found 'z', expected 'cluster_robust'"),
        ({"clusters": "school"}, "trend.clusters: found 'school'"),
        ({"adjust": "bonferroni"}, "trend.adjust: found 'bonferroni'"),
        ({"confidence": 95}, "trend.confidence: found 95, expected a number below 1"),
        ([], "trend: found \\[\\], expected a mapping"),
    ],
)
def test_an_unknown_convention_is_refused(tmp_path: Path, trend: object, problem: str) -> None:
    with pytest.raises(SpecError, match=problem):
        study_of(tmp_path, f"conventions: {json.dumps({'trend': trend})}")


def test_what_a_study_may_leave_out(tmp_path: Path) -> None:
    usual = "conventions: {trend: {}}\n"
    frame = "frame: {columns: {code: c, name: n}}\nexport: {municipality: m}\n"
    assert study_of(tmp_path, frame).trend is None
    assert study_of(tmp_path, usual + frame).trend == SETTINGS
    alone = TrendSettings(clusters="respondent", adjust="holm")
    assert study_of(tmp_path, usual).trend == alone
    with pytest.raises(SpecError, match="need a frame"):
        study_of(tmp_path, "conventions: {trend: {clusters: municipality}}")

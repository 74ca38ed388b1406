"""Results without a table: declarations written out, numbers, and the prose's own figures."""

from __future__ import annotations

import statistics as python_statistics
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.counts.counting import number_contingency, number_text
from assets.statistics.descriptive import mean, median
from assets.tables.results import RESULT_COLUMNS, counts_index, table_results
from declarations import SpecError, Study, load_study
from declarations.tables.unnumbered import Unnumbered, read_unnumbered
from tests.chain import WAVE, Chain, declared_study
from tests.engine import coded_answers

STUDY_DECLARED = declared_study()
DECLARED = read_unnumbered(STUDY_DECLARED)
BY_ID = {result.id: result for result in DECLARED}


@pytest.fixture(scope="module")
def counted(study: Study, committed: Chain) -> dict[str, pd.DataFrame]:
    """Counts as the asset stores them: codes, and the numbers of numeric items."""
    question = study.question["collaborations"]
    answers = committed.answers[question.id]
    with coded_answers(study, question.id, answers, committed.memberships) as connection:
        numbers = number_contingency(connection, question, study)
    return committed.counts | {
        question.id: pd.concat([committed.counts[question.id], numbers], ignore_index=True)
    }


def results(result: Unnumbered, counted: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return table_results(
        result.table, counts_index(counted[result.question.id]), WAVE, STUDY_DECLARED
    )


def cell(frame: pd.DataFrame, row: str, group: str, column: str) -> pd.Series:
    (line,) = frame[
        (frame["row"] == row) & (frame["group"] == group) & (frame["column"] == column)
    ].to_dict("records")
    return pd.Series(line)


def test_every_closed_item_is_shown_the_never_reported_among_them() -> None:
    shown = {item.id for result in DECLARED for item in result.items}
    asked = STUDY_DECLARED.in_wave(WAVE)
    closed = {i.id for q in asked.questions for i in q.closed_items if len(i.codes) > 1}
    assert closed <= shown
    assert {"task_solving_joint", "reason_other", "actor_other", "value_other"} <= shown


@pytest.mark.parametrize("result", DECLARED, ids=lambda result: result.id)
def test_shares_of_an_item_add_up_and_lines_are_unique(
    result: Unnumbered, counted: dict[str, pd.DataFrame]
) -> None:
    frame = results(result, counted)
    assert list(frame.columns) == list(RESULT_COLUMNS)
    assert not frame.duplicated(["row", "group", "column"]).any()
    groups = [result.by_id[g] for g in result.groups if g != "all"]
    lines = 1 + sum(len(g.levels) * (2 if g.overlapping else 1) for g in groups)
    assert len(frame) == lines * len(result.items) * frame["column"].nunique()
    if result.question.type in ("single", "grid"):
        shares = frame[(frame["statistic"] == "percent") & (frame["base"] > 0)]
        sums = shares.groupby(["row", "group"])["value"].sum()
        assert sums.between(100 - 1e-9, 100 + 1e-9).all()


def test_the_figures_of_the_prose(counted: dict[str, pd.DataFrame]) -> None:
    titles = results(BY_ID["u_2_1_position"], counted)
    assert [
        f"{cell(titles, 'position', 'all:all', column)['value']:.0f}"
        for column in ("area_head", "centre_head", "staff_head", "other")
    ] == ["47", "25", "6", "22"]
    focus = results(BY_ID["u_4_1_new_focus"], counted)
    assert f"{cell(focus, 'new_focus', 'all:all', 'yes')['value']:.0f}" == "82"
    assert f"{cell(focus, 'new_focus', 'area:technical', 'yes')['value']:.0f}" == "70"
    placement = results(BY_ID["u_5_1_placement"], counted)
    assert cell(placement, "placement", "all:all", "n")["value"] == 334
    policy = results(BY_ID["u_3_1_municipal_policy"], counted)
    shown = [
        f"{cell(policy, 'municipal_policy', f'area:{level}', 'yes')['value']:.0f}"
        for level in ("technical", "!technical")
    ]
    assert shown == ["48", "63"]


def test_the_number_of_collaborations(committed: Chain, counted: dict[str, pd.DataFrame]) -> None:
    frame = results(BY_ID["u_4_2_collaborations"], counted)
    answers = committed.answers["collaborations"]
    numbers = answers.loc[answers["item"] == "collaborations", "number"].dropna().astype(float)
    everyone = {
        column: cell(frame, "collaborations", "all:all", column)
        for column in frame["column"].unique()
    }
    assert everyone["n"]["value"] == len(numbers) == 230
    assert everyone["mean"]["value"] == pytest.approx(numbers.mean())
    assert everyone["median"]["value"] == numbers.median() == 5
    assert everyone["to_3"]["numerator"] == (numbers <= 3).sum()
    assert everyone["above_10"]["numerator"] == (numbers > 10).sum()
    assert everyone["dont_know_n"]["value"] == 130
    assert everyone["dont_know"]["base"] == 360
    assert everyone["dont_know"]["value"] == pytest.approx(130 / 3.6)
    members = committed.memberships
    large = members[(members["group"] == "size") & (members["level"] == "from_75000")]
    own = answers[answers["respondent"].isin(large["respondent"])]["number"].dropna().astype(float)
    found = cell(frame, "collaborations", "size:from_75000", "mean")
    assert found["value"] == pytest.approx(own.mean())
    inside = cell(frame, "collaborations", "area:health", "n")["value"]
    outside = cell(frame, "collaborations", "area:!health", "n")["value"]
    assert inside + outside == 230


def test_an_empty_level_has_no_mean_and_no_share() -> None:
    result = BY_ID["u_4_2_collaborations"]
    places = ["all/all", *(line["group"] + "/" + line["level"] for line in _places(result))]
    lines = [("collaborations_dont_know", "1", *place.split("/"), 0) for place in places]
    lines += [("collaborations", "4", "all", "all", 2)]
    counts = pd.DataFrame(lines, columns=["item", "code", "group", "level", "n"])
    frame = table_results(result.table, counts_index(counts), WAVE, STUDY_DECLARED)
    empty = frame[frame["group"] == "size:from_75000"]
    assert (empty["formatted"] == "").sum() == 7
    assert cell(frame, "collaborations", "all:all", "mean")["formatted"] == "4.0"
    assert cell(frame, "collaborations", "area:!health", "median")["formatted"] == "4.0"


def _places(result: Unnumbered) -> list[dict[str, str]]:
    groups = [result.by_id[g] for g in result.groups if g != "all"]
    return [{"group": g.id, "level": level.key} for g in groups for level in g.levels]


NUMBERS = st.lists(st.integers(0, 300) | st.sampled_from([0.5, 2.5]), min_size=1, max_size=40)


@given(NUMBERS)
def test_mean_and_median_are_pythons(numbers: list[float]) -> None:
    counts = {float(value): numbers.count(value) for value in numbers} | {999.0: 0}
    assert mean(counts) == pytest.approx(python_statistics.fmean(numbers))
    assert median(counts) == python_statistics.median(numbers)


@pytest.mark.parametrize("statistic", [mean, median])
def test_of_nothing_there_is_no_mean(statistic: object) -> None:
    assert callable(statistic)
    with pytest.raises(ValueError, match="nothing was counted"):
        statistic({3.0: 0})
    with pytest.raises(ValueError, match="below 0"):
        statistic({3.0: -1, 4.0: 2})


def test_numbers_are_named_without_needless_decimals() -> None:
    assert [number_text(n) for n in (12.0, 0.0, 2.5, 100000.0)] == ["12", "0", "2.5", "100000"]


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("u_3_3_inspiration", "items_of: inspiration", "items_of: nothing", "'nothing'"),
        ("u_3_3_inspiration", "bloc", "blocs", "found 'blocs', expected a group"),
        (
            "u_3_3_inspiration",
            "codes_of: inspiration",
            "codes_of: value",
            "inspiration, as in rows",
        ),
        ("u_4_2_collaborations", "items: [collaborations]", "items: [value_trust]", "value_trust"),
        ("u_3_3_inspiration", 'section: "3.3"', "part: 3", "part: found an unknown entry"),
    ],
)
def test_a_broken_declaration_is_refused_by_name(
    study_copy: Path, name: str, old: str, new: str, says: str
) -> None:
    path = study_copy / "unnumbered" / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(SpecError) as error:
        read_unnumbered(load_study(study_copy))
    assert name in str(error.value)
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("range: [0, 3]", "range: [0]", "columns[to_3].range[2]: found no such entry"),
        ("statistic: mean", "statistic: mode", "'mode'"),
        ("statistic: mean", "item: value_trust, statistic: mean", "value_trust is not numeric"),
        ("collaborations_dont_know]", "missing]", "base: found 'missing', expected items"),
    ],
)
def test_a_broken_column_is_refused(study_copy: Path, old: str, new: str, says: str) -> None:
    path = study_copy / "unnumbered" / "u_4_2_collaborations.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(SpecError) as error:
        load_study(study_copy)
    assert says in str(error.value)


def test_a_study_may_declare_none(study_copy: Path) -> None:
    for path in (study_copy / "unnumbered").glob("*.yaml"):
        path.unlink()
    assert read_unnumbered(load_study(study_copy)) == ()

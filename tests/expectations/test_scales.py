"""Scale checks: Great Expectations independently finds what the cleaning quarantines."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.raw.cells.reading import read_number
from declarations import Question, Study
from declarations.survey.questions import USUAL
from expectations.scale_answers import MOST_ROWS, distinct_answers
from expectations.scales import ScaleResult, check_suites, number_pattern
from tests.chain import Chain, declared_study, raw_wave
from tests.engine import engine
from tests.reference import cleaning

DECLARED = declared_study().in_wave("2015")


def check(question: Question, answers: pd.DataFrame) -> ScaleResult:
    return check_suites([question], {question.id: answers}, "dataset.csv")[0]


def damaged(committed: Chain, cells: dict[tuple[int, str], str]) -> pd.DataFrame:
    """The committed data set with other texts in some cells, {(line of the file, column): text}."""
    frame = committed.dataset.copy()
    for (row, variable), text in cells.items():
        frame.loc[frame["file_row"] == row, variable] = text
    return frame


def read(committed: Chain, dataset: pd.DataFrame, question: str) -> pd.DataFrame:
    asked = DECLARED.question[question]
    return cleaning.answers(dataset, committed.ids, committed.respondents, asked, DECLARED)


def distinct(answers: pd.DataFrame) -> pd.DataFrame:
    """The distinct texts of answers, as a run gives them to the suites."""
    grouped = answers.groupby(["item", "variable", "value"], sort=False)["file_row"]
    return grouped.agg(cells="size", rows=lambda own: sorted(own)[:MOST_ROWS]).reset_index()


def answered_line(committed: Chain, item: str) -> int:
    answers = committed.answers[DECLARED.items[item].question]
    return int(answers.loc[answers["item"] == item, "file_row"].iloc[3])


@pytest.mark.parametrize("question", DECLARED.counted_questions, ids=lambda q: q.id)
def test_the_committed_answers_are_within_their_scales(
    committed: Chain, question: Question
) -> None:
    result = check(question, distinct(committed.answers[question.id]))
    assert result.findings == []
    checked = {item.id for item in question.items if item.type != "open"}
    assert result.checked == committed.answers[question.id]["item"].isin(checked).sum() > 0
    assert result.expectations


def test_an_empty_box_beside_a_ticked_one_is_within_its_scale(committed: Chain) -> None:
    question = DECLARED.question["measurement"]
    ticked = committed.answers["measurement"].query("code == 1").iloc[0]
    empty = {
        (int(ticked["file_row"]), item.variable): ""
        for item in question.closed_items
        if item.variable != ticked["variable"]
    }
    answers = read(committed, damaged(committed, empty), "measurement")
    result = check(question, distinct(answers))
    boxes = [item.id for item in question.closed_items]
    filled = committed.answers["measurement"]["item"].isin(boxes).sum()
    assert (result.checked, result.findings) == (filled, [])


@pytest.mark.parametrize("item", ["position", "actor_housing", "measure_goals", "economy"])
def test_an_undeclared_code_is_found_with_row_column_and_value(committed: Chain, item: str) -> None:
    row, variable = answered_line(committed, item), DECLARED.items[item].variable
    name = DECLARED.items[item].question
    answers = read(committed, damaged(committed, {(row, variable): "77"}), name)
    (finding,) = check(DECLARED.question[name], distinct(answers)).findings
    assert (finding.file, finding.row, finding.column, finding.value) == (
        "dataset.csv", row, variable, "77",
    )  # fmt: skip
    codes = ", ".join(map(str, DECLARED.items[item].codes))
    assert finding.expected == f"one of the codes {codes} ({item})"


def test_a_code_of_another_item_of_the_question_is_found(committed: Chain) -> None:
    # s_54 takes 1 only; 2 is a number that s_53 beside it may hold
    row = answered_line(committed, "collaborations")
    answers = read(committed, damaged(committed, {(row, "s_54"): "2"}), "collaborations")
    (finding,) = check(DECLARED.question["collaborations"], distinct(answers)).findings
    assert (finding.row, finding.column, finding.value) == (row, "s_54", "2")


def test_a_number_that_is_none_is_found(committed: Chain) -> None:
    row = answered_line(committed, "collaborations")
    answers = read(committed, damaged(committed, {(row, "s_53"): "en del"}), "collaborations")
    (finding,) = check(DECLARED.question["collaborations"], distinct(answers)).findings
    assert (finding.row, finding.column, finding.value) == (row, "s_53", "en del")
    expected = "a number from 0 to 999999 without a thousands separator (collaborations)"
    assert finding.expected == expected


@pytest.mark.parametrize(
    ("text", "number"),
    [("1.000", False), ("1,000", False), ("999.999", False), ("1.00", True), ("0.500", True),
     ("1000.000", True), ("1000", True), ("1.234,5", False)],
)  # fmt: skip
def test_thousands_are_no_number_to_the_suites_either(text: str, number: bool) -> None:
    assert bool(re.match(number_pattern(USUAL), text)) is number
    assert (read_number(text) is not None) is number


def test_the_share_is_of_the_answers_checked() -> None:
    assert ScaleResult("q", 0, 0, [], []).share == 0


QUESTIONS = ("civil_actors", "measurement", "collaborations", "position")
# codes, codes written in other ways, and what only looks like one
TEXTS = st.one_of(
    st.sampled_from(("0", "1", "2", "4", "5", "9", "1.0", "4.00", "0.0", "01", "+1", "-1", "-0")),
    st.sampled_from(("1,0", "1.5", "1e0", "1_0", "12,5", " 2 ", "\u00a03", "1\n", "", " ")),
    st.sampled_from(("x", "nan", "None", "٣", "²")),
    st.text(max_size=4),
)


@settings(max_examples=25)
@given(data=st.data(), question=st.sampled_from(QUESTIONS))
def test_findings_are_the_quarantine(committed: Chain, data: st.DataObject, question: str) -> None:
    declared = DECLARED.question[question]
    rows = [int(row) for row in committed.answers[question]["file_row"].unique()[:12]]
    variables = [item.variable for item in declared.items]
    where = st.tuples(st.sampled_from(rows), st.sampled_from(variables))
    cells = data.draw(st.dictionaries(where, TEXTS, min_size=1, max_size=8))
    answers = read(committed, damaged(committed, cells), question)
    rejected = answers[answers["rule"].notna()]
    assert not (rejected["rule"] == "status_says_unanswered").any()
    found = check(declared, distinct(answers)).findings
    assert sorted((f.row or 0, f.column or "") for f in found) == sorted(
        zip(rejected["file_row"], rejected["variable"], strict=True)
    )


def test_the_suites_are_given_what_the_cells_are(committed: Chain) -> None:
    with engine(raw_wave(DECLARED), DECLARED) as made:
        for question in DECLARED.counted_questions:
            given_ = distinct_answers(made.case, question)
            answers = committed.answers[question.id]
            counted = [item.id for item in question.items if item.type != "open"]
            own = distinct(answers[answers["item"].isin(counted)])
            assert sorted(given_.drop(columns="rows").itertuples(index=False)) == sorted(
                own.drop(columns="rows").itertuples(index=False)
            )


def test_every_question_with_a_scale_has_a_check(study: Study) -> None:
    assert [q.id for q in study.counted_questions] == [
        q.id for q in study.questions if any(i.closed or i.type == "numeric" for i in q.items)
    ]


def test_items_without_answers_do_not_hide_the_findings_of_later_ones(committed: Chain) -> None:
    """Nobody gave a number; a wrong code of another question is found, whichever comes first."""
    (whole, *_) = (q for q in DECLARED.counted_questions if q.items[0].type == "numeric")
    number = replace(whole, items=whole.items[:1])
    closed = DECLARED.question["inspiration"]
    answers = distinct(committed.answers[closed.id])
    answers.loc[answers.index[0], "value"] = "77"
    given = {number.id: distinct(committed.answers[number.id]).iloc[:0], closed.id: answers}
    for asked in ([number, closed], [closed, number]):
        found = check_suites(asked, given, "dataset.csv")
        assert {one.question: (one.checked == 0, one.outside) for one in found} == {
            number.id: (True, 0), closed.id: (False, int(answers["cells"].iloc[0])),
        }  # fmt: skip

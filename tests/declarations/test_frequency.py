"""The frequency table of a question: its rows and columns."""

from __future__ import annotations

from dataclasses import replace

import pytest

from declarations import Study, load_study
from declarations.labels import Label
from declarations.tables.frequency import has_frequencies, with_frequency
from declarations.tables.table_file import TableFile
from tests.chain import STUDY


@pytest.fixture(scope="module")
def declared() -> Study:
    return load_study(STUDY)


FILE = TableFile.model_validate(
    {"id": "table_9_1", "number": "9.1", "chapter": "9", "section": "9", "frequency": "q"}
)


def test_answers_of_a_grid_are_headed_by_the_labels_of_its_first_line(declared: Study) -> None:
    question = next(q for q in declared.questions if q.type == "grid" and len(q.items) > 2)
    first, *rest = question.items
    renamed = [
        replace(one, scale=tuple(replace(c, label=Label("x", "y")) for c in one.scale))
        for one in rest
    ]
    made = with_frequency(FILE, replace(question, items=(first, *renamed)))
    heads = [f"{code.label.en} ({sign})" for sign in ("N", "%") for code in first.scale]
    assert [column.en for column in made.columns or ()] == [*heads, "Answers"]
    assert [column.statistic for column in made.columns or ()] == [
        *["count"] * len(first.scale), *["percent"] * len(first.scale), "count"
    ]  # fmt: skip
    assert [row.item for row in made.rows or ()] == [item.id for item in question.closed_items]


def test_other_answers_in_one_line_leave_no_frequencies(declared: Study) -> None:
    question = next(q for q in declared.questions if q.type == "grid" and len(q.items) > 2)
    first, *rest = question.items
    assert has_frequencies(question)
    other = replace(first, scale=first.scale[:-1])
    assert not has_frequencies(replace(question, items=(other, *rest)))
    assert not has_frequencies(replace(question, items=()))
    boxes = next(q for q in declared.questions if q.type == "multiple")
    assert has_frequencies(boxes)


def test_a_single_item_has_a_row_for_each_answer_and_the_total(declared: Study) -> None:
    question = next(q for q in declared.questions if q.type == "single")
    (item,) = question.closed_items
    made = with_frequency(FILE, question)
    assert [row.code for row in made.rows or ()] == [*item.codes, "total"]
    assert [column.key for column in made.columns or ()] == ["n", "pct"]
    assert made.title == question.label

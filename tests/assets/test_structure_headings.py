"""How columns of a structure table are matched to headings."""

from __future__ import annotations

import pytest

from assets.raw.delimited import RawTable
from assets.raw.readers.structure_guess import STRUCTURE_COLUMNS
from assets.raw.readers.structure_headings import with_headings

LINE = ("q1", "s_2", "Closed", "Single", "What?", "2", "No")
BY_PLACE = "no line of headings, expected questionName, variableName, ... (by place)"


def headed(columns: tuple[str, ...], line: tuple[str, ...] = LINE) -> RawTable:
    return with_headings(RawTable("structure.csv", "", 0, columns, (line,), (2,)), ("s_1", "s_2"))


def test_a_first_line_of_data_is_a_line_of_data() -> None:
    first = ("q1", "s_1", "Closed", "Single", "What?", "1", "Yes")
    table = headed(first)
    assert table.columns == STRUCTURE_COLUMNS
    assert (table.rows, table.lines, table.notes) == ((first, LINE), (1, 2), (BY_PLACE,))


@pytest.mark.parametrize(
    "columns",
    [
        # a name of a variable alone, or a type alone, is a heading as any other
        ("q1", "s_1", "a", "b", "c", "d", "e"),
        ("q1", "x", "Closed", "b", "c", "d", "e"),
    ],
)
def test_a_first_line_without_a_variable_and_its_type_is_one_of_headings(
    columns: tuple[str, ...],
) -> None:
    table = headed(columns)
    assert (table.columns, table.rows, table.lines) == (STRUCTURE_COLUMNS, (LINE,), (2,))
    assert BY_PLACE not in table.notes


def test_a_heading_that_is_known_keeps_its_column() -> None:
    columns = ("variableName", "Frage", "Art", "Unter", "Worte", "Wert", "Worte2")
    table = headed(columns, ("s_1", "q1", *LINE[2:]))
    assert table.columns == (
        "variableName", "Frage", "questionType", "subType", "questionText", "choiceValue",
        "choiceText",
    )  # fmt: skip
    assert table.notes[0] == "heading Art, expected questionType (taken for it)"
    assert table.notes[-1].startswith("no heading questionName, expected the headings ")

"""Exports of platforms as lines of cells: which platform it is, and what its reader makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from assets.raw.errors import DataError
from assets.raw.readers.platforms import enalyzer
from assets.raw.readers.platforms.columns import Export, PlatformSheet, tables
from assets.raw.readers.platforms.registry import READERS, data_platform, read_platform


def grid(*rows: str) -> PlatformSheet:
    """Lines with their cells divided by bars."""
    cells = tuple((at, tuple(row.split("|"))) for at, row in enumerate(rows, start=1))
    return PlatformSheet("export.csv", "", 0, "csv", cells)


def tables_of(platform: str, given: PlatformSheet) -> Export:
    """The tables of an export without a definition, with splits as detected."""
    return tables(platform, given, None, READERS[platform](given, None), None)


QUESTION = "How satisfied are you?"


@pytest.mark.parametrize(
    ("rows", "platform"),
    [
        (["ResponseId|RecordedDate|Q1", "x|y|z"], "qualtrics"),
        (["ResponseId|Q1", "x|y"], "plain"),
        (["Q1|Q2", "a|b", '{"ImportId":"QID1"}|x'], "qualtrics"),
        # the marks of an import are in the first three lines
        (["Q1|Q2", "a|b", "c|d", '{"ImportId":"QID1"}|x'], "plain"),
        # an older one: texts of its own columns below their names
        (["StartDate|EndDate|Q1", "Start Date|End Date|How?", "1|2|3"], "qualtrics"),
        (["StartDate|Q1", "Start Date|How?", "1|2"], "plain"),
        (["Respondent ID|Collector ID|a", "1|2|3"], "surveymonkey"),
        (["RespondentID|CollectorID|a", "1|2|3"], "surveymonkey"),
        (["Respondent ID|CollectorID|a", "1|2|3"], "plain"),
        (["_uuid|_index|a", "1|2|3"], "kobo"),
        (["_uuid|a", "1|2"], "plain"),
        (["id|redcap_event_name", "1|2"], "redcap"),
        (["record_id|a", "1|2"], "redcap"),
        (["a|record_id", "1|2"], "plain"),
        (["a___1|form_complete", "1|2"], "redcap"),
        (["a___1|form", "1|2"], "plain"),
        (["a|form_complete", "1|2"], "plain"),
        (["Seen (choice=Yes)|a", "1|2"], "redcap"),
        (["submitdate|lastpage|a", "1|2|3"], "limesurvey"),
        (["submitdate|a", "1|2"], "plain"),
        (["ID|Start time|a", "1|2|3"], "microsoft_forms"),
        (["ID|Time|a", "1|2|3"], "plain"),
        (["Timestamp|a", "1|2"], "google_forms"),
        (["a|Timestamp", "1|2"], "plain"),
        (["q1|q2", f"{QUESTION}|How old are you now?", "1|2"], "enalyzer"),
    ],
)
def test_the_platform_of_a_file_is_in_its_headings(rows: list[str], platform: str) -> None:
    assert data_platform(grid(*rows)) == platform


@pytest.mark.parametrize(
    "rows",
    [
        ["q1|q2", f"{QUESTION}|How old are you now?"],
        ["q 1|q2", f"{QUESTION}|How old are you now?", "1|2"],
        [f"{'q' * 31}|q2", f"{QUESTION}|How old are you now?", "1|2"],
        # half of the texts are long; one is empty; one is an answer too
        ["q1|q2", f"{QUESTION}|Age", "1|2"],
        ["q1|q2|q3", f"{QUESTION}|How old are you now?|", "1|2|3"],
        ["q1|q2", f"{QUESTION}|How old are you now?", f"1|{'How old are you now?'}"],
        # answers are as long as the texts
        ["q1|q2", f"{QUESTION}|How old are you now?", "Very much so indeed|I do not know it"],
    ],
)
def test_what_is_no_second_line_of_headings(rows: list[str]) -> None:
    assert not enalyzer.two_headers(grid(*rows))


def test_names_above_texts_are_names_and_texts() -> None:
    given = grid(f"{'q' * 30}|q2|q3", f"{QUESTION}|How old are you now?|Sex", "1|2|3", "2|3|4")
    assert enalyzer.two_headers(given)
    found = tables_of("enalyzer", given)
    assert found.dataset.columns == ("q" * 30, "q2", "q3")
    assert found.dataset.rows == (("1", "2", "3"), ("2", "3", "4"))
    assert [row[4] for row in found.structure.rows] == [QUESTION, "How old are you now?", "Sex"]
    assert found.dataset.notes == (
        "two header lines, expected one (the first has the names, the second the texts)",
    )


def test_the_second_line_of_qualtrics_has_the_texts() -> None:
    given = grid("ResponseId|RecordedDate|Q1", "Response ID|Recorded Date|How is it?", "r|d|Good")
    found = tables_of("qualtrics", given)
    assert found.dataset.rows == (("r", "d", "Good"),)
    assert [(row[1], row[4]) for row in found.structure.rows] == [("Q1", "How is it?")]


def test_a_question_of_surveymonkey_spans_its_columns() -> None:
    found = tables_of(
        "surveymonkey",
        grid(
            "Respondent ID|Collector ID|Read?|||Why?|Old?",
            "|||Books|Papers|Open-Ended Response|Response",
            "1|c|yes|Books||because|7",
            "2|c|yes|||of it|8",
            "||||||",
        ),
    )
    assert found.dataset.rows == (
        ("1", "c", "yes", "1", "", "because", "7"),
        ("2", "c", "yes", "", "", "of it", "8"),
    )
    assert [(row[0], row[1], row[6]) for row in found.structure.rows] == [
        ("Read?", "Read?", ""), ("Read?", "Read? [Books]", "Books"),
        ("Read?", "Read? [Papers]", "Papers"), ("Why?", "Why?", ""), ("Old?", "Old?", ""),
    ]  # fmt: skip


def test_columns_of_yes_and_nothing_are_boxes_and_of_yes_and_no_are_told() -> None:
    names = "id|submitdate|lastpage|Q1[a]|Q1[b]|Q2[a]|Q2[b]|Q3[a]"
    given = grid(names, "1|d|1|Y||Yes|No|5", "2|d|1||Y|No|Yes|6")
    found = tables_of("limesurvey", given)
    kinds = {row[1]: (row[2], row[5], row[6]) for row in found.structure.rows}
    assert kinds == {
        "Q1[a]": ("Closed", "1", "a"), "Q1[b]": ("Closed", "2", "b"),
        "Q2[a]": ("Closed", "1", "a"), "Q2[b]": ("Closed", "2", "b"), "Q3[a]": ("Open", "", ""),
    }  # fmt: skip
    assert [row[3:7] for row in found.dataset.rows] == [("1", "", "1", "0"), ("", "1", "0", "1")]
    (note,) = found.dataset.notes
    assert note.startswith("Q2 in columns of yes and no, expected an .lss that distinguishes boxes")


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        # what is no definition at all, and one with a fault of its own
        ("a.lss", "<a", "definition"),
        ("a.lss", "<a/>", "definition"),
        ("a.csv", "id;q1\n1;a\n2;b\n3;c;d\n", "row_width"),
        ("a.csv", "", "not_empty"),
    ],
)
def test_a_definition_that_cannot_be_used_is_named_with_the_reason(
    tmp_path: Path, name: str, content: str, rule: str
) -> None:
    dataset, definition = tmp_path / "data.csv", tmp_path / name
    dataset.write_text("id;submitdate;q1\n1;2015;A\n", encoding="utf-8")
    definition.write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as error:
        read_platform("limesurvey", dataset, definition)
    assert [(one.rule, one.file) for one in error.value.findings] == [(rule, name)]

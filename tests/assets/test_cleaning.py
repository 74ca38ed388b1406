"""Cleaning: every filled cell becomes one line, usable or with the rule it breaks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.clean import background
from assets.clean.people import AREA_TEXTS
from assets.clean.pseudonyms import keyed_hashes
from assets.raw.cells.reading import A_NUMBER, CellReading, read_cell
from assets.raw.delimited import read_delimited
from assets.raw.structure import RawWave, raw_frame
from declarations import Study
from tests.chain import KEY, Chain, declared_study
from tests.engine import ANSWER_COLUMNS, NO_FILE, Engine, engine, raw_table
from tests.reference import quarantine as reference
from tests.synthetic import REGISTER, write_wave

DECLARED = declared_study().in_wave("2015")
TICKS = [item.variable for item in DECLARED.question["measurement"].closed_items]


def dataset(*lines: dict[str, str]) -> pd.DataFrame:
    """A raw data set.

    Cells that a line does not give are empty; tick boxes and other flags are 0.
    """
    records = []
    for number, line in enumerate(lines, start=2):
        record: dict[str, object] = {"file_row": number, "respondent": f"R{number}"}
        record["kommune"] = "Køge"
        for item in DECLARED.items.values():
            record[item.variable] = "0" if item.type == "multiple" else ""
        record |= {f"stato_{n}": "0" for n in range(1, 6)}
        if not any(name.startswith("stato") for name in line):
            record["stato_4"] = "1"
        records.append(record | line)
    return pd.DataFrame(records)


REGISTER_TABLE = read_delimited(REGISTER, ",", "utf-8")


@contextmanager
def cleaned(frame: pd.DataFrame, *questions: str) -> Iterator[Engine]:
    raw = RawWave(raw_table(frame), NO_FILE, NO_FILE, REGISTER_TABLE)
    with engine(raw, DECLARED) as made:
        made.clean(KEY)
        made.answers(*(DECLARED.question[question] for question in questions))
        yield made


def clean(frame: pd.DataFrame, *questions: str) -> pd.DataFrame:
    with cleaned(frame, *questions) as made:
        return made.cells(*(DECLARED.question[question] for question in questions))


def filled_cells(frame: pd.DataFrame) -> list[tuple[int, str]]:
    return reference.filled_cells(frame, DECLARED)


@cache
def in_one_file(variable: str, question: str, texts: tuple[str, ...]) -> pd.DataFrame:
    """The answers to a question in a file whose lines have one of the texts each."""
    return clean(dataset(*({variable: text} for text in texts)), question)


def answer(variable: str, question: str, texts: tuple[str, ...], text: str) -> dict[Any, Any]:
    """The answer of the line that has this text."""
    answers = in_one_file(variable, question, texts)
    (line,) = answers[answers["file_row"] == 2 + texts.index(text)].to_dict("records")
    return line


STATUS: tuple[tuple[dict[str, str], str], ...] = (
    ({"stato_1": "1"}, "none"),
    ({"stato_2": "1"}, "none"),
    ({"stato_3": "1"}, "partial"),
    ({"stato_4": "1"}, "complete"),
    # dropped out: partial with any kind of answer
    ({"stato_5": "1"}, "none"),
    ({"stato_5": "1", "s_1": "2"}, "partial"),
    ({"stato_5": "1", "s_123": "Tak"}, "partial"),
    ({"stato_5": "1", TICKS[0]: "1"}, "partial"),
    ({"stato_5": "1", "s_3": "  "}, "none"),
    ({"stato_5": "1", **dict.fromkeys(TICKS, "0.0")}, "none"),
    ({"stato_5": "1", **dict.fromkeys(TICKS, "")}, "none"),
    # an answer does not make an invitation that was not answered a partial one
    ({"stato_2": "1", "s_1": "2"}, "none"),
)


@pytest.fixture(scope="module")
def statuses() -> dict[int, str]:
    with cleaned(dataset(*(line for line, _ in STATUS)), "position") as made:
        lines = made.frame("restricted.respondents")
        found = made.frame("clean.invitations").merge(lines, on="respondent", validate="1:1")
    return dict(zip(found["file_row"], found["status"], strict=True))


@pytest.mark.parametrize("place", range(len(STATUS)))
def test_status_follows_the_declared_flags(statuses: dict[int, str], place: int) -> None:
    assert statuses[2 + place] == STATUS[place][1], STATUS[place][0]


WHOLE = ("1", "1.0", "1.00", " 1 ", "1\t")


@pytest.mark.parametrize("text", WHOLE)
def test_a_code_may_be_written_as_a_whole_number(text: str) -> None:
    line = answer("s_1", "position", WHOLE, text)
    assert (line["code"], line["value"]) == (1, text)
    assert pd.isna(line["rule"])


NO_CODES = (
    "0",
    "5",
    "99",
    "-1",
    "+1",
    "01",
    "1,0",
    "1.000",
    "1.5",
    "1.",
    ".0",
    "x",
    "1;2",
    "1e0",
    "٣",
    "²",
)


@pytest.mark.parametrize("text", NO_CODES)
def test_anything_else_is_quarantined(text: str) -> None:
    line = answer("s_1", "position", NO_CODES, text)
    assert line["rule"] == "scale"
    assert line["expected"] == "one of the codes 1, 2, 3, 4"
    assert line["value"] == text
    assert pd.isna(line["code"])
    assert (line["variable"], line["item"]) == ("s_1", "position")


NUMBERS = {
        "0": 0.0, "12": 12.0, "2.5": 2.5, "2,5": 2.5, " 7 ": 7.0, "12.0": 12.0,
        "1.0000": 1.0, "0.125": 0.125, "0,125": 0.125, "1234.567": 1234.567,
}  # fmt: skip


@pytest.mark.parametrize(("text", "number"), NUMBERS.items())
def test_a_number_is_read_with_point_or_comma(text: str, number: float) -> None:
    line = answer("s_53", "collaborations", tuple(NUMBERS), text)
    assert line["number"] == number
    assert pd.isna(line["rule"])


NO_NUMBERS = (
    "-3", "+3", "ca. 5", "5-10", "nan", "inf", "1e3", "1.2.3", "٣", "1000000", "0102031234",
     # a thousand to some and one to others
     "1.000", "1,000", "12.500", "999,999", "1.234,5", "1,234.5", "1.234.567", "1 000", "1'000",
)  # fmt: skip


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_count_is_quarantined(text: str) -> None:
    line = answer("s_53", "collaborations", NO_NUMBERS, text)
    assert (line["rule"], line["expected"]) == ("scale", A_NUMBER)
    assert pd.isna(line["number"])


def test_an_open_answer_is_kept_as_it_is() -> None:
    text = '  Skole;\n"Fritid" '
    (line,) = clean(dataset({"s_5": text}), "responsibilities").to_dict("records")
    assert line["value"] == text
    assert pd.isna(line["code"])
    assert line["rule"] is None


def test_an_open_answer_in_quarantine_says_nothing_of_areas() -> None:
    frame = dataset({"s_5": "Skole"}, {"s_5": "Skole", "stato_2": "1"})
    with cleaned(frame, "responsibilities") as made:
        areas = made.frame(AREA_TEXTS)
    (known,) = keyed_hashes(KEY, DECLARED.id, [frame["respondent"][0]])
    assert areas[["respondent", "level"]].to_numpy().tolist() == [[known, "school"]]


def test_an_empty_cell_is_no_answer() -> None:
    assert clean(dataset({"s_1": ""}, {"s_1": "  "}), "position").empty


def test_tick_boxes_count_for_those_who_ticked_one() -> None:
    none = dict.fromkeys(TICKS, "0")
    floats = dict.fromkeys(TICKS, "0.0")
    frame = dataset(none, {**none, TICKS[2]: "1"}, floats, {**floats, TICKS[0]: "1.0"}, {})
    answers = clean(frame, "measurement")
    assert set(answers["file_row"]) == {3, 5}
    assert len(answers) == 2 * len(TICKS)
    assert dict(answers[answers["code"] == 1][["file_row", "variable"]].to_numpy()) == {
        3: TICKS[2], 5: TICKS[0],
    }  # fmt: skip


@pytest.mark.parametrize("unticked", ["0", "", " "])
def test_what_is_not_ticked_may_be_nothing_beside_a_ticked_box(unticked: str) -> None:
    none = dict.fromkeys(TICKS, unticked)
    frame = dataset(none, {**none, TICKS[2]: "1"}, {**none, TICKS[0]: "1", TICKS[2]: "1"})
    answers = clean(frame, "measurement")
    bases = answers.groupby("variable")["code"].agg(["size", "sum"]).to_dict("index")
    ticked = {TICKS[0]: 1, TICKS[2]: 2}
    assert bases == {name: {"size": 2, "sum": ticked.get(name, 0)} for name in TICKS}
    places = zip(answers["file_row"], answers["variable"], strict=True)
    assert sorted(places) == sorted(filled_cells(frame))


def test_an_answer_on_a_line_that_was_not_answered_is_quarantined() -> None:
    (line,) = clean(dataset({"s_1": "2", "stato_2": "1"}), "position").to_dict("records")
    assert line["rule"] == "status_says_unanswered"
    assert pd.isna(line["code"])


def test_the_same_cell_text_is_judged_per_respondent() -> None:
    frame = dataset({"s_1": "2", "stato_2": "1"}, {"s_1": "2"}, {"s_1": "2", "stato_1": "1"})
    answers = clean(frame, "position")
    assert list(answers["rule"].isna()) == [False, True, False]


@given(st.text())
def test_any_cell_is_read_or_says_what_was_expected(text: str) -> None:
    for item in DECLARED.items.values():
        reading = read_cell(item, text.strip())
        if reading.rule is not None:
            assert reading.expected
            assert (reading.code, reading.number) == (None, None)
        elif item.closed:
            assert reading.code in item.codes
        elif item.type == "numeric":
            assert reading.number is not None
            assert reading.number >= 0
        else:
            assert reading == CellReading()


CELLS = st.sampled_from(["", " ", "0", "1", "2", "3", "7", "1.0", "0.0", "x", "-1", "Skole"])
VARIABLES = [item.variable for item in DECLARED.items.values()]


DAMAGE = given(
    st.lists(
        st.tuples(
            st.dictionaries(st.sampled_from(VARIABLES), CELLS, max_size=12),
            st.sampled_from("12345"),
        ),
        min_size=1,
        max_size=5,
    )
)


@settings(max_examples=5)
@DAMAGE
def test_no_filled_cell_is_lost(damage: list[tuple[dict[str, str], str]]) -> None:
    check_cells(damage)


@pytest.mark.long
@settings(max_examples=80)
@DAMAGE
def test_no_filled_cell_of_many_is_lost(damage: list[tuple[dict[str, str], str]]) -> None:
    check_cells(damage)


def check_cells(damage: list[tuple[dict[str, str], str]]) -> None:
    frame = dataset(*(cells | {f"stato_{flag}": "1"} for cells, flag in damage))
    read = clean(frame, *DECLARED.question)
    assert tuple(read.columns) == ANSWER_COLUMNS
    places = zip(read["file_row"], read["variable"], strict=True)
    assert sorted(places) == sorted(filled_cells(frame))
    assert not read.duplicated(["file_row", "variable"]).any()


def test_the_committed_wave_quarantines_nothing(committed: Chain) -> None:
    assert all(frame["rule"].isna().all() for frame in committed.answers.values())
    assert sum(map(len, committed.answers.values())) == len(filled_cells(committed.dataset))


def test_memberships_hold_everyone_once_per_division(committed: Chain) -> None:
    members = committed.memberships
    assert not members.duplicated(["respondent", "group", "level"]).any()
    for group in DECLARED.groups:
        own = members[members["group"] == group.id]
        if group.kind == "identity" or not DECLARED.has_group(group):
            assert own.empty
        elif not group.overlapping:
            assert sorted(own["respondent"]) == sorted(committed.respondents["respondent"])
        assert set(own["level"]) <= {level.key for level in group.levels}
    assert (members["group"] == "all").sum() == 445


def test_a_register_value_without_level_is_named(study: Study, tmp_path: Path) -> None:
    wave = write_wave(study, tmp_path / "2015", rows=3)
    path = wave / "municipalities.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",Hovedstaden,", ",Storkøbenhavn,", 1),
                    encoding="utf-8")  # fmt: skip
    register = raw_frame(read_delimited(path, ",", "utf-8"))
    with pytest.raises(ValueError, match="municipality 101, column region: 'Storkøbenhavn'"):
        background.municipalities(register, study)

"""Item nonresponse: who was asked an item, and how many answered it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import duckdb
import pandas as pd
import pytest

from assets.clean.nonresponse_assets import COLUMNS, NONRESPONSE, nonresponse, steps
from assets.clean.people import NUMBER
from assets.step.names import answers
from declarations import Study
from declarations.survey.questions import Condition
from runtime.store import create_relations
from tests.chain import Chain

RAW = ("position", "municipal_policy", "inspiration_charter")
NUMBERED = NUMBER.strip('"')
NOTHING = pd.DataFrame({"unit": [], "item": [], "file_row": []}).astype(
    {"unit": "str", "item": "str", "file_row": "int64"}
)


@pytest.fixture(scope="module")
def database(study: Study, committed: Chain) -> Iterator[duckdb.DuckDBPyConnection]:
    """The committed answers as codes in a database; each respondent is a number."""
    everyone = sorted(committed.invitations["respondent"])
    numbers = {person: number for number, person in enumerate(everyone, start=1)}
    answering = set(committed.respondents["respondent"])
    frames = {
        ("coded", "respondents"): pd.DataFrame(
            {
                NUMBERED: list(numbers.values()),
                "respondent": everyone,
                "answering": [person in answering for person in everyone],
            }
        )
    }
    for question in study.counted_questions:
        usable = committed.answers[question.id]
        usable = usable[usable["rule"].isna()]
        kept = {item.id: "code" if item.closed else "number" for item in question.items}
        columns = {NUMBERED: list(numbers.values())}
        for item in question.items:
            if item.type != "open":
                own = usable[usable["item"] == item.id].set_index("respondent")[kept[item.id]]
                columns[item.id] = list(own.reindex(everyone))
        frames["coded", question.id] = pd.DataFrame(columns)
    with duckdb.connect() as connection:
        create_relations(connection, frames)
        yield connection


def counted(
    database: duckdb.DuckDBPyConnection, study: Study, quarantine: pd.DataFrame = NOTHING
) -> pd.DataFrame:
    create_relations(database, {("checks", "quarantine"): quarantine})
    return nonresponse(database, study, "2015").set_index("item")


def test_items_are_counted_as_in_the_raw_file(
    database: duckdb.DuckDBPyConnection, study: Study, committed: Chain
) -> None:
    """Counted again from the text of the export, without the cleaning code."""
    found = counted(database, study)
    answering = committed.dataset[committed.ids.isin(set(committed.respondents["respondent"]))]
    for name in RAW:
        filled = answering[study.items[name].variable].str.strip().ne("").sum()
        line = found.loc[name]
        assert line["answered"] == filled
        assert line["asked"] == len(answering)
        assert line["unanswered"] == len(answering) - filled


def test_asked_is_answered_unanswered_and_quarantined(
    database: duckdb.DuckDBPyConnection, study: Study, committed: Chain
) -> None:
    found = counted(database, study)
    parts = found["answered"] + found["unanswered"] + found["quarantined"]
    assert (found["asked"] == parts).all()
    closed = [i.id for q in study.counted_questions for i in q.items if i.type != "open"]
    assert list(found.index) == [i for i in closed if not _of_invitations(study, i)]
    assert (found["asked"] <= len(committed.respondents)).all()


def test_an_item_is_put_to_whom_an_earlier_answer_leads(study: Study) -> None:
    earlier, item = study.items["position"], study.items["municipal_policy"]
    item = replace(item, question="q", condition=Condition(item="position", codes=(1, 2)))
    question = SimpleNamespace(id="q", items=[item], of_invitations=False)
    led: Any = SimpleNamespace(counted_questions=[question], items={"position": earlier})
    frames = {
        ("coded", "respondents"): pd.DataFrame(
            {NUMBERED: [1, 2, 3, 4, 5], "answering": [True, True, True, True, False]}
        ),
        ("coded", "position"): pd.DataFrame({NUMBERED: [1, 2, 3, 5], "position": [1, 2, 3, 1]}),
        ("coded", "q"): pd.DataFrame({NUMBERED: [1, 4], item.id: [1, 2]}),
        ("checks", "quarantine"): NOTHING,
    }
    with duckdb.connect() as connection:
        create_relations(connection, frames)
        (line,) = nonresponse(connection, led, "1").to_dict("records")
    # 1 and 2 are led to it, 4 answered it all the same, 3 was not asked, 5 is no respondent
    assert (line["asked"], line["answered"], line["unanswered"]) == (3, 2, 1)


def test_an_answer_set_aside_is_counted_once(
    database: duckdb.DuckDBPyConnection, study: Study
) -> None:
    item = next(i.id for i in study.items.values() if i.type == "single" and not i.condition)
    before = counted(database, study).loc[item]
    aside = pd.DataFrame({"unit": ["answer", "answer", "row"], "item": [item, item, None],
                          "file_row": [5, 5, 6]})  # fmt: skip
    after = counted(database, study, aside).loc[item]
    assert after["quarantined"] == 1
    assert after["unanswered"] == max(before["unanswered"] - 1, 0)


def test_the_asset_is_published_and_described(study: Study) -> None:
    ((asset,),) = [one.assets for one in steps(study)]
    assert asset.key == NONRESPONSE
    assert set(map(answers, (q.id for q in study.counted_questions))) < set(asset.deps)
    assert asset.published[0].csv
    assert all(COLUMNS.values())


def _of_invitations(study: Study, item: str) -> bool:
    return study.question[study.items[item].question].of_invitations

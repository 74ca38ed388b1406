"""Item nonresponse: who an item was put to, and what became of it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pandas as pd

from assets.clean.nonresponse_assets import COLUMNS, NONRESPONSE, nonresponse, steps
from assets.step.names import answers
from declarations import Study
from declarations.survey.questions import Condition
from tests.chain import Chain

RAW = ("position", "municipal_policy", "inspiration_charter")
NOTHING = pd.DataFrame({"unit": [], "item": [], "file_row": []})


def counted(study: Study, chain: Chain, quarantine: pd.DataFrame = NOTHING) -> pd.DataFrame:
    usable = pd.concat([chain.answers[q.id] for q in study.counted_questions])
    usable = usable[usable["rule"].isna()]
    everyone = set(chain.respondents["respondent"])
    return nonresponse(study, "2015", everyone, usable, quarantine).set_index("item")


def test_items_are_counted_as_in_the_raw_file(study: Study, committed: Chain) -> None:
    """Counted again from the text of the export, without the cleaning code."""
    found = counted(study, committed)
    answering = committed.dataset[committed.ids.isin(set(committed.respondents["respondent"]))]
    for name in RAW:
        filled = answering[study.items[name].variable].str.strip().ne("").sum()
        line = found.loc[name]
        assert line["answered"] == filled
        assert line["asked"] == len(answering)
        assert line["unanswered"] == len(answering) - filled


def test_asked_is_answered_unanswered_and_quarantined(study: Study, committed: Chain) -> None:
    found = counted(study, committed)
    parts = found["answered"] + found["unanswered"] + found["quarantined"]
    assert (found["asked"] == parts).all()
    closed = [i.id for q in study.counted_questions for i in q.items if i.type != "open"]
    assert list(found.index) == [i for i in closed if not _of_invitations(study, i)]
    assert (found["asked"] <= len(committed.respondents)).all()


def test_an_item_is_put_to_whom_an_earlier_answer_leads(study: Study) -> None:
    item = replace(study.items["municipal_policy"], condition=Condition("position", (1, 2)))
    question = SimpleNamespace(id="q", items=[item], of_invitations=False)
    led: Any = SimpleNamespace(counted_questions=[question])
    usable = pd.DataFrame(
        [("a", "position", 1), ("b", "position", 2), ("c", "position", 3),
         ("a", item.id, 1), ("d", item.id, 2)],
        columns=["respondent", "item", "code"],
    )  # fmt: skip
    (line,) = nonresponse(led, "1", set("abcd"), usable, NOTHING).to_dict("records")
    # a and b are led to it, d answered it all the same, c was not asked
    assert (line["asked"], line["answered"], line["unanswered"]) == (3, 2, 1)


def test_an_answer_set_aside_is_counted_once(study: Study, committed: Chain) -> None:
    item = next(i.id for i in study.items.values() if i.type == "single" and not i.condition)
    before = counted(study, committed).loc[item]
    aside = pd.DataFrame({"unit": ["answer", "answer", "row"], "item": [item, item, None],
                          "file_row": [5, 5, 6]})  # fmt: skip
    after = counted(study, committed, aside).loc[item]
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

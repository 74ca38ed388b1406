"""Item nonresponse: respondents asked, answered, unanswered and quarantined, per item."""

from collections.abc import Iterator

import dagster as dg
import pandas as pd

from assets.step.columns import described
from assets.step.declaring import FIGURES
from assets.step.factory import Asset, Given, Made, Published, Step, step
from assets.step.names import answers, clean
from declarations import Item, Study
from declarations.survey.rules import ANSWER

NONRESPONSE = dg.AssetKey(["checks", "item_nonresponse"])
QUARANTINE = dg.AssetKey(["checks", "quarantine"])
COLUMNS = described(
    ("wave", "question", "item", "asked", "answered", "unanswered", "quarantined"),
    {
        "question": "Declared question",
        "asked": (
            "Respondents who were asked the item: all, or those whose answer to an earlier item "
            "leads to it; also those who answered it nevertheless"
        ),
        "answered": "Respondents with a usable answer, including don't know",
        "unanswered": "Respondents who were asked the item and did not answer",
        "quarantined": "Respondents whose answer is quarantined (quarantine.csv)",
    },
)


def steps(study: Study) -> list[Step]:
    """One asset over all closed and numeric items; open answers are in no published relation."""
    # the assets of answers decide what is usable
    put_to = [
        (q.id, q.of_invitations, [(i.id, i.type, i.condition) for i in q.items])
        for q in study.counted_questions
    ]
    asset = Asset(
        NONRESPONSE,
        group="checks",
        description="Item nonresponse per closed or numeric item: respondents asked, answered, "
        "unanswered and quarantined. asked = answered + unanswered + quarantined.",
        deps=[
            clean("respondents"),
            QUARANTINE,
            *(answers(question.id) for question in study.counted_questions),
        ],
        rests_on=put_to,
        columns=COLUMNS,
        published=[Published("checks", "item_nonresponse", csv=True, holds=FIGURES)],
    )
    return [step("count_nonresponse", study, asset, count_nonresponse)]


def count_nonresponse(given: Given) -> Iterator[Made]:
    """The relation of a wave, from its answers and its quarantine."""
    store, questions = given.store, [q.id for q in given.study.counted_questions]
    frame = nonresponse(
        given.asked,
        given.wave,
        set(store.read("clean", "respondents")["respondent"]),
        pd.concat(store.read_all("answers", questions).values()) if questions else NOTHING,
        store.read(*QUARANTINE.path),
    )
    lineage = {
        "answered": [(answers(name), "respondent") for name in questions],
        "quarantined": [(QUARANTINE, "item")],
        "asked": [(clean("respondents"), "respondent")],
    }
    yield Made(NONRESPONSE, frame, lineage)


NOTHING = pd.DataFrame(columns=["respondent", "item", "code"], dtype="object")


def nonresponse(
    study: Study, wave: str, everyone: set[str], usable: pd.DataFrame, quarantine: pd.DataFrame
) -> pd.DataFrame:
    """One line per closed or numeric item, in the order of the questionnaire; see COLUMNS.

    `everyone` are the respondents, `usable` their answers, `quarantine` the quarantined answers. A
    respondent has at most one answer to an item, which may break several rules.
    """
    of_item = {item: set(own) for item, own in usable.groupby("item")["respondent"]}
    aside = quarantine[quarantine["unit"] == ANSWER].groupby("item")["file_row"].nunique()
    lines = []
    for question in study.counted_questions:
        for item in question.items:
            if item.type == "open" or question.of_invitations:
                continue
            answered = of_item.get(item.id, set()) & everyone
            put_to = everyone if item.condition is None else led_to(item, usable) & everyone
            quarantined = int(aside.get(item.id, 0))
            unanswered = max(len(put_to - answered) - quarantined, 0)
            asked = len(answered) + unanswered + quarantined
            lines.append(
                (wave, question.id, item.id, asked, len(answered), unanswered, quarantined)
            )
    return pd.DataFrame(lines, columns=list(COLUMNS))


def led_to(item: Item, usable: pd.DataFrame) -> set[str]:
    """The respondents whose answer to the earlier item leads to this one."""
    assert item.condition is not None
    earlier = usable[usable["item"] == item.condition.item]
    codes = set(map(str, item.condition.codes))
    return set(earlier.loc[earlier["code"].astype("str").isin(codes), "respondent"])

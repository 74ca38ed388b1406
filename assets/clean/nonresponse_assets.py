"""Item nonresponse: respondents asked, answered, unanswered and quarantined, per item."""

from collections.abc import Collection, Iterator

import dagster as dg
import duckdb
import pandas as pd

from assets.clean.coded import coded, coded_columns, special
from assets.clean.people import NUMBER, PEOPLE, ROW
from assets.step.columns import described
from assets.step.declaring import FIGURES
from assets.step.factory import Asset, Given, Made, Published, Step, step
from assets.step.names import answers, clean
from declarations import Item, Study
from declarations.survey.questions import Condition
from declarations.survey.rules import ANSWER
from runtime.store import quote, text_literal

NONRESPONSE = dg.AssetKey(["checks", "item_nonresponse"])
QUARANTINE = dg.AssetKey(["checks", "quarantine"])
COLUMNS = described(
    ("wave", "question", "item", "asked", "answered", "unanswered", "quarantined"),
    {
        "question": "Declared question",
        "asked": (
            "Respondents who were asked the item: all, or those whose answer to an earlier item "
            "leads to it; also those who answered it without being asked"
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
    return [step("count_nonresponse", study, asset, count_nonresponse, as_asked=True)]


def count_nonresponse(given: Given) -> Iterator[Made]:
    """The relation of a wave, from its answers and its quarantine."""
    with given.store.connect() as connection:
        frame = nonresponse(connection, given.asked, given.wave)
    questions = [question.id for question in given.study.counted_questions]
    lineage = {
        "answered": [(answers(name), "respondent") for name in questions],
        "quarantined": [(QUARANTINE, "item")],
        "asked": [(clean("respondents"), "respondent")],
    }
    yield Made(NONRESPONSE, frame, lineage)


def nonresponse(connection: duckdb.DuckDBPyConnection, study: Study, wave: str) -> pd.DataFrame:
    """One line per closed or numeric item, in the order of the questionnaire; see COLUMNS.

    A respondent has at most one answer to an item, which may break several rules.
    """
    aside = dict(
        connection.execute(
            f"SELECT item, count(DISTINCT {ROW}) FROM checks.quarantine "
            f"WHERE unit = {text_literal(ANSWER)} GROUP BY item"
        ).fetchall()
    )
    everyone = _one(connection, f"SELECT count(*) FROM {PEOPLE} WHERE answering")[0]
    lines = []
    for question in study.counted_questions:
        items = [item for item in question.items if item.type != "open"]
        if question.of_invitations or not items:
            continue
        known = coded_columns(connection, question.id)
        given = [_usable(item, known) for item in items]
        numbers = _one(
            connection,
            f"SELECT {', '.join(f'coalesce(count_if({some}), 0)' for some in given)} "
            f"FROM {coded(question.id)}",
        )
        for item, some, answered in zip(items, given, numbers, strict=True):
            quarantined = int(aside.get(item.id, 0))
            silent = everyone - answered
            if item.condition is not None:
                own = f"SELECT {NUMBER} FROM {coded(question.id)} WHERE {some}"
                led = _led_to(connection, item.condition, study)
                silent = _one(
                    connection, f"SELECT count(*) FROM ({led}) ANTI JOIN ({own}) USING ({NUMBER})"
                )[0]
            unanswered = max(silent - quarantined, 0)
            asked = answered + unanswered + quarantined
            lines.append((wave, question.id, item.id, asked, answered, unanswered, quarantined))
    return pd.DataFrame(lines, columns=list(COLUMNS))


def _usable(item: Item, known: Collection[str]) -> str:
    """The SQL condition that a line of codes has a usable answer to an item."""
    if item.id not in known:
        return "false"
    some = f"{quote(item.id)} IS NOT NULL"
    return f"({some} OR {special(item)} IS NOT NULL)" if item.special else some


def _led_to(connection: duckdb.DuckDBPyConnection, condition: Condition, study: Study) -> str:
    """SQL for the respondents who were asked this item because of an earlier answer."""
    earlier = study.items[condition.item]
    column = quote(earlier.id) if earlier.closed else special(earlier)
    known = coded_columns(connection, earlier.question)
    codes = ", ".join(map(str, condition.codes))
    held = f"{column} IN ({codes})" if codes and column.strip('"') in known else "false"
    return (
        f"SELECT {NUMBER} FROM {coded(earlier.question)} "
        f"SEMI JOIN (SELECT {NUMBER} FROM {PEOPLE} WHERE answering) USING ({NUMBER}) WHERE {held}"
    )


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> list[int]:
    return [int(number) for number in connection.execute(sql).fetchone() or ()]

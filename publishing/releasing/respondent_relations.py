"""The relations of respondents in the snapshot. They are copied between databases, never read."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import pandas as pd

from assets.clean.coded import SCHEMA, coded_columns, long_answers
from assets.clean.people import MEMBERS, MEMBERSHIPS_VIEW
from declarations import Study
from runtime.masking import column_shown
from runtime.snapshot import Place, Stored
from runtime.store import Store, quote, text_literal

ANSWERS, CLEAN = "answers", "clean"
MEMBERSHIPS = (CLEAN, "memberships")
# Relations as large as the wave. All other published relations fit into memory many times over.
LARGE = {(CLEAN, name) for name in ("invitations", "respondents", "responsibilities")}
NUMBERS = (SCHEMA, "respondents")
# The columns of these relations by which pages count.
FEW_VALUES = ("municipality", "status", "group", "level")


def of_respondents(place: Place) -> bool:
    """Whether a published relation has a line for every respondent."""
    return place[0] == ANSWERS or place == MEMBERSHIPS or place in LARGE


def for_pages(connection: duckdb.DuckDBPyConnection, place: Place) -> pd.DataFrame:
    """What the pages need of a relation of respondents: its columns, and the size of each level.

    Answers have no lines here, and no line identifies a respondent.
    """
    schema, name = map(quote, place)
    if place[0] == ANSWERS:
        return connection.execute(f"FROM {schema}.{name} LIMIT 0").df()
    if place == MEMBERSHIPS:
        return connection.execute(
            f'SELECT NULL::VARCHAR AS respondent, "group"::VARCHAR AS "group", '
            f"level::VARCHAR AS level, count(*) AS n FROM {MEMBERS} GROUP BY ALL ORDER BY ALL"
        ).df()
    relation = f"{schema}.{name}"
    described = connection.execute(f"FROM {relation} LIMIT 0").description or ()
    shown = ["NULL::VARCHAR AS respondent"] + [
        f"{quote(column)}::ENUM({_values(connection, relation, column)}) AS {quote(column)}"
        for column, *_ in described
        if column in FEW_VALUES
    ]
    return connection.execute(f"SELECT {', '.join(shown)} FROM {relation}").df()


def _values(connection: duckdb.DuckDBPyConnection, relation: str, column: str) -> str:
    found = connection.execute(
        f"SELECT DISTINCT {quote(column)} AS v FROM {relation} WHERE v IS NOT NULL ORDER BY v"
    ).fetchall()
    return ", ".join(text_literal(str(value)) for (value,) in found) or "''"


def stored_relations(store: Store, published: Iterable[Place], asked: Study) -> Stored:
    """The copied relations of these places: answers as codes, and views in long form."""
    places = [place for place in published if of_respondents(place)]
    tables = [place for place in places if place in LARGE]
    views: dict[Place, str] = {}
    for schema, name in places:
        if schema == ANSWERS:
            tables.append((SCHEMA, name))
            views[schema, name] = _answers(store, name, asked)
    if MEMBERSHIPS in places:
        tables.append((SCHEMA, "memberships"))
        views[MEMBERSHIPS] = MEMBERSHIPS_VIEW
    if views:
        tables.append(NUMBERS)
    return Stored(store, tuple(tables), views)


def _answers(store: Store, name: str, asked: Study) -> str:
    question = asked.question[name]
    with store.connect() as connection:
        known = coded_columns(connection, name)
    items = [item for item in question.items if item.type != "open" and item.id in known]
    return long_answers(question, items, shown=column_shown)

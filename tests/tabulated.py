"""Relations of a wave in memory, made by the pure functions of the chain, for tests of tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from assets.clean import cleaning
from assets.raw.assets import read_wave
from assets.raw.structure import raw_frame
from assets.tabulate.counting import Counter
from assets.tabulate.request import request_of
from assets.tabulate.results import tabulate
from declarations import Study
from declarations.errors import Mistakes
from declarations.model import validated
from declarations.tabulation.crosstab import Crosstab
from declarations.tabulation.fields import fields_of
from tests.chain import KEY


def computed(study: Study, wave: str) -> duckdb.DuckDBPyConnection:
    """`clean` and `answers` of a wave, in memory."""
    asked = study.in_wave(wave)
    raw = read_wave(study.source_sheet(wave))
    dataset = raw_frame(raw.dataset)
    register = None
    if raw.municipalities is not None:
        register = cleaning.municipalities(raw_frame(raw.municipalities), study)
    ids = cleaning.respondent_ids(dataset, asked, KEY)
    invited = cleaning.invitations(dataset, ids, register, asked)
    answering = cleaning.respondents(invited)
    answers = {q.id: cleaning.answers(dataset, ids, answering, q, asked) for q in asked.questions}
    texts = pd.concat(answers.values())
    areas = cleaning.responsibilities(texts, asked)
    members = cleaning.memberships(answering, register, areas, asked)
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA clean; CREATE SCHEMA answers")
    made = {"clean.respondents": answering, "clean.memberships": members}
    if register is not None:
        made["clean.municipalities"] = register
    for question in asked.questions:
        usable = cleaning.usable_answers(answers[question.id], question)
        made[f'answers."{question.id}"'] = usable
    for name, frame in made.items():
        connection.register("incoming", frame)
        connection.execute(f"CREATE TABLE {name} AS FROM incoming")
        connection.unregister("incoming")
    return connection


def table(
    connection: duckdb.DuckDBPyConnection, study: Study, wave: str, declared: Mapping[str, Any]
) -> pd.DataFrame:
    """The results of a table in the short form, as its YAML would have it."""
    mistakes = Mistakes()
    made = validated(Crosstab, {"id": "t", **declared}, Path(), mistakes, file="t")
    mistakes.stop()
    assert made is not None
    asked = study.in_wave(wave)
    fields = fields_of(asked)
    request = request_of(made, asked, fields)
    counter = Counter(connection, asked, fields)
    folder = study.folder / "waves" / wave
    return tabulate(counter, [request], wave, folder)[made.id]


def figure(frame: pd.DataFrame, **where: object) -> pd.Series:
    """The one line with these values."""
    found = frame
    for name, value in where.items():
        found = found[found[name] == value]
    assert len(found) == 1, (where, len(found))
    return found.iloc[0]

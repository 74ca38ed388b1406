"""Relations of a wave in memory, made by the pure functions of the chain, for tests of tables."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from assets.raw.wave_files import read_wave
from assets.tabulate.counting import Counter
from assets.tabulate.request import request_of
from assets.tabulate.results import tabulate_requests
from declarations import Study
from declarations.errors import Mistakes
from declarations.fields.fields import fields_of
from declarations.model import validated
from declarations.tabulation.crosstab import Crosstab
from tests.chain import KEY
from tests.engine import engine

# databases stay open as long as the tests run
OPENED = ExitStack()


def computed(study: Study, wave: str) -> duckdb.DuckDBPyConnection:
    """`clean` and `answers` of a wave, in memory."""
    made = OPENED.enter_context(engine(read_wave(study.source_sheet(wave)), study.in_wave(wave)))
    made.clean(KEY)
    made.answers()
    return made.connection


def table(
    connection: duckdb.DuckDBPyConnection, study: Study, wave: str, declared: Mapping[str, Any]
) -> pd.DataFrame:
    """The results of a table in the short form, declared as in YAML."""
    mistakes = Mistakes()
    made = validated(Crosstab, {"id": "t", **declared}, Path(), mistakes, file="t")
    mistakes.stop()
    assert made is not None
    asked = study.in_wave(wave)
    fields = fields_of(asked)
    request = request_of(made, asked, fields)
    counter = Counter(connection, asked, fields)
    folder = study.folder / "waves" / wave
    return tabulate_requests(counter, [request], wave, folder)[made.id]


def figure(frame: pd.DataFrame, **where: object) -> pd.Series:
    """The one line with these values."""
    found = frame
    for name, value in where.items():
        found = found[found[name] == value]
    assert len(found) == 1, (where, len(found))
    return found.iloc[0]

"""Figures of tables in the short form and the banner book: their keys, and their masking.

A weighted percentage counts as revealing as much as an unweighted one. A derived variable is
attacked as a separate item.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from assets.tables.results import SUPPRESSED
from assets.tabulate.counting import Counter
from assets.tabulate.request import BannerColumn, Request, requests_of
from declarations import Study
from declarations.fields.fields import Field, fields_of
from declarations.tables.cells import TOTAL
from expectations.disclosure.block import EVERYONE, Key
from expectations.disclosure.outgoing import DISTRIBUTION

SHARES = ("percent", "n", "low", "high")
NUMBERS = ("mean", "sd", "q1", "median", "q3")
# each of these depends on several figures of a row
JOINT = ("letters", "test", "p", "difference", "h", "d")
MEMBERS = ["respondent", "group", "level"]


@dataclass(frozen=True)
class Tabulated:
    """Figures to be published, also those of variables, with each respondent's groups and answers.

    `memberships` are the columns of the tables as groups, `answers` those to the variables.
    """

    keys: frozenset[Key] = frozenset()
    variables: tuple[Field, ...] = ()
    memberships: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=MEMBERS))
    answers: tuple[pd.DataFrame, ...] = ()


def tabulated_figures(asked: Study, connection: duckdb.DuckDBPyConnection) -> Tabulated:
    """The figures of a whole wave. `asked` is the study as the wave asked it."""
    fields = fields_of(asked)
    requests = requests_of(asked, fields)
    if not requests:
        return Tabulated()
    counter = Counter(connection, asked, fields)
    counter.people(None)
    keys: set[Key] = set()
    members = []
    seen: set[tuple[object, ...]] = set()
    for request in requests:
        columns = counter.columns(request.by)
        counter.inside(request.filter)
        for one in request.fields:
            for column in columns:
                place = level_of_column(request, column)
                keys |= {(one.id, what, *place) for what in _answers_of(one)}
        shared = (request.by, request.filter)
        if shared not in seen:
            seen.add(shared)
            members.append(_members(counter, request, columns))
    variables = {f.id: f for request in requests for f in request.fields if f.item is None}
    answers = [_answers(counter, one) for one in variables.values()]
    return Tabulated(
        frozenset(keys),
        tuple(variables.values()),
        pd.concat(members, ignore_index=True).drop_duplicates(),
        tuple(answers),
    )


def level_of_column(request: Request, column: BannerColumn) -> tuple[str, str]:
    """The group and level of a table's column; a filter makes separate groups."""
    if request.filter.empty:
        return (column.block, column.level)
    return (f"{column.block} | {request.filter.words}", column.level)


def _answers_of(one: Field) -> list[str]:
    codes = [code.code for code in one.codes]
    numbered = one.kind == "numeric" or any(code.score is not None for code in one.codes)
    return [TOTAL, *codes, *([DISTRIBUTION] if numbered and one.kind == "numeric" else [])]


def _members(counter: Counter, request: Request, columns: list[BannerColumn]) -> pd.DataFrame:
    lines = counter.connection.execute(
        "SELECT person.respondent, banner.col FROM banner JOIN inside USING (p) "
        "JOIN person USING (p)"
    ).fetchall()
    places = [level_of_column(request, column) for column in columns]
    found = [(one, *places[col]) for one, col in lines if places[col] != EVERYONE]
    return pd.DataFrame(found, columns=MEMBERS)


def _answers(counter: Counter, one: Field) -> pd.DataFrame:
    """The answers to a variable, in the same form as the answers to an item."""
    sql = counter.relations.field(one)
    code = "CAST(NULL AS INTEGER)" if one.kind == "numeric" else "CAST(f.code AS INTEGER)"
    number = "f.number" if one.kind == "numeric" else "CAST(NULL AS DOUBLE)"
    found = counter.connection.execute(
        f"SELECT person.respondent, {code} AS code, {number} AS number FROM ({sql}) AS f "
        "JOIN person ON person.p = f.p"
    ).df()
    return found.assign(item=one.id)


def mask_tabulated(
    frame: pd.DataFrame, requests: Iterable[Request], hidden: Collection[Key], mark: str
) -> pd.DataFrame:
    """The results with the mark in place of every figure that depends on a hidden one."""
    if not hidden:
        return frame
    known = {request.id: request for request in requests}
    rows = {(key[0], key[2], key[3]) for key in hidden}
    items = {key[0] for key in hidden}
    gone, based = [], []
    for line in frame.to_dict("records"):
        request = known[line["table"]]
        place = level_of_column(request, BannerColumn(line["group"], "", line["level"], ""))
        total = (line["row"], TOTAL, *place) in hidden
        based.append(total)
        gone.append(total or _rests(line, request, place, rows, items, hidden))
    masked = frame.copy()
    lines = np.array(gone, dtype=bool)
    for name in ("value", "numerator", "standard_error"):
        masked[name] = pd.to_numeric(masked[name]).astype("float64").where(~lines)
    for name in ("base", "weighted_base", "effective_base"):
        masked[name] = pd.to_numeric(masked[name]).astype("float64").where(~np.array(based))
    # the text of a test contains its numbers
    masked.loc[lines, "note"] = SUPPRESSED
    masked.loc[lines, "formatted"] = mark
    return masked


def _rests(
    line: Mapping[Any, Any],
    request: Request,
    place: tuple[str, str],
    rows: Collection[tuple[str, str, str]],
    items: Collection[str],
    hidden: Collection[Key],
) -> bool:
    row, statistic = str(line["row"]), str(line["statistic"])
    if statistic == "base" or not row:
        return False
    if statistic.removesuffix("_low").removesuffix("_high") in JOINT or request.percent != "column":
        return row in items
    if statistic in NUMBERS:
        return (row, *place) in rows
    one = next(each for each in request.fields if each.id == row)
    code = one.code_of(str(line["column"]))
    if statistic not in SHARES or code is None:
        # a net, or the respondents without an answer, is a sum over codes
        return (row, *place) in rows
    return (row, code, *place) in hidden

"""Rules about whole lines of the data set. Under `quarantine` the whole line is quarantined."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from assets.raw.cells.ingest import FILE_ROW
from assets.raw.cells.judgements import flag_column
from assets.raw.cells.wide import stripped, stripped_names
from assets.raw.errors import Finding, Holds
from assets.raw.rules.case import Case, Offence, Part
from declarations.platform import STATUS_FLAGS
from runtime.plain_text import plain
from runtime.store import quote, text_literal, write_frame

ROW = quote(FILE_ROW)


@dataclass(frozen=True)
class RowCheck:
    """Lines examined, and those that break a rule, as SQL: file_row, column, value, expected."""

    checked: int
    lines: str | None = None
    holds: Holds = "cell"


FindRows = Callable[[Case], RowCheck]


def part_of(rule: str, case: Case, check: RowCheck) -> list[Part]:
    """Run a check."""
    if check.lines is None:
        return [Part("", check.checked, [], 0)]
    (found,) = case.one(f"SELECT count(*) FROM ({check.lines})")
    limit = "" if case.most is None else f" LIMIT {case.most}"
    lines = case.connection.execute(f"FROM ({check.lines}) ORDER BY 1{limit}").fetchall()
    offences = [
        Offence(Finding(rule, case.file, row, column, value, expected, check.holds))
        for row, column, value, expected in lines
    ]
    return [Part("", check.checked, offences, found)]


def unique_respondents(case: Case) -> RowCheck:
    """Lines of a respondent with several lines, and lines without an identifier.

    Of identical lines the first is kept. If the lines of a respondent differ, all break the rule,
    because it is unknown which is right.
    """
    column, wide = case.study.respondent_column, case.judged.wide
    if column is None or not wide.has(column):
        return RowCheck(0)
    checked = wide.known.count
    name = f"({stripped_names(quote(column))})"
    (several,) = case.one(
        f"SELECT count(*) - count(DISTINCT {name}) + count(*) FILTER (WHERE {name} = '') "
        f"FROM {wide.relation}"
    )
    if not several:
        return RowCheck(checked)
    cells = ", ".join(map(quote, wide.columns))
    lines = f"""
        WITH named AS (SELECT {ROW}, {name} AS name FROM {wide.relation}),
        several AS (
            SELECT name, min({ROW}) AS first, list_sort(list({ROW}))[2] AS second
            FROM named WHERE name <> '' GROUP BY name HAVING count(*) > 1
        ),
        own AS (
            SELECT s.*, w.{ROW} AS here, row({cells}) AS cells
            FROM {wide.relation} AS w JOIN several AS s ON {name} = s.name
        ),
        alike AS (SELECT name, count(DISTINCT cells) = 1 AS same FROM own GROUP BY name)
        SELECT {ROW}, {text_literal(column)}, name, 'an identifier of the respondent'
        FROM named WHERE name = ''
        UNION ALL
        SELECT here, {text_literal(column)}, name, CASE
            WHEN same THEN 'every respondent once (row ' || first || ' repeated)'
            WHEN here = first THEN 'every respondent once (row ' || second || ' differs)'
            ELSE 'every respondent once (row ' || first || ' differs)' END
        FROM own JOIN alike USING (name) WHERE NOT same OR here <> first
    """
    return RowCheck(checked, lines, "personal")


def repeated_lines(case: Case) -> RowCheck:
    """Lines without an identifier whose answers equal those of an earlier line in every cell.

    They may be one respondent twice or two who agree. Under `quarantine` the first line is kept.
    """
    judged, wide = case.judged, case.judged.wide
    answered = judged.answered_any()
    (checked,) = case.one(f"SELECT count(*) FILTER (WHERE {answered}) FROM {judged.relation}")
    if not wide.columns:
        return RowCheck(checked)
    across = text_literal(f"{wide.columns[0]}..{wide.columns[-1]}")
    cells = ", ".join(map(quote, wide.columns))
    # compare whole lines only if their hash occurs twice
    lines = f"""
        WITH hashed AS (
            SELECT {ROW}, hash({cells}) AS sign FROM {wide.relation}
            SEMI JOIN (SELECT {ROW} FROM {judged.relation} WHERE {answered}) USING ({ROW})
        ),
        doubtful AS (FROM hashed QUALIFY count(*) OVER (PARTITION BY sign) > 1),
        placed AS (
            SELECT {ROW} AS here, min({ROW}) OVER (PARTITION BY {cells}) AS first
            FROM {wide.relation} SEMI JOIN doubtful USING ({ROW})
        )
        SELECT here, {across}, NULL::VARCHAR,
            'a line of its own (row ' || first || ' is the same in every cell)'
        FROM placed WHERE here <> first
    """
    return RowCheck(checked, lines)


def unknown_municipalities(case: Case) -> RowCheck:
    """Invitations to municipalities that the register does not have."""
    column, register = case.study.municipality_column, case.raw.municipalities
    wide = case.judged.wide
    if column is None or register is None:
        return RowCheck(0)
    name_column = case.study.register_columns["name"]
    # other rules report a missing column
    if not wide.has(column) or name_column not in register.columns:
        return RowCheck(0)
    names = {plain(row[register.position(name_column)]) for row in register.rows}
    known = f"a municipality named in {register.file} (column {name_column})"
    found = {raw: raw.strip() for raw, _ in wide.frequencies(column)}
    expected = {
        # the message shows only the shape of a misspelt cell; the names are the register's
        raw: known + (f"; near it: {', '.join(near)}" if near else "")
        for raw, value in found.items()
        if plain(value) not in names
        for near in [difflib.get_close_matches(value[:60], sorted(names), n=2)]
    }
    if not expected:
        return RowCheck(wide.known.count)
    result = pd.DataFrame(
        {"raw": list(expected), "text": [found[r] for r in expected], "said": expected.values()},
        dtype="object",
    )
    write_frame(case.connection, "TEMP TABLE unknown_names", result)
    lines = (
        f"SELECT {ROW}, {text_literal(column)}, u.text, u.said FROM {wide.relation} AS w "
        f"JOIN unknown_names AS u ON w.{quote(column)} = u.raw"
    )
    return RowCheck(wide.known.count, lines)


def one_status(case: Case) -> RowCheck:
    """Lines on which not exactly one status flag is set."""
    wide, relation = case.judged.wide, case.judged.relation
    if not wide.has(*STATUS_FLAGS):
        return RowCheck(0)
    columns = [flag_column(flag) for flag in STATUS_FLAGS]
    between = text_literal(f"{STATUS_FLAGS[0]}..{STATUS_FLAGS[-1]}")
    # one flag is 1, and all others are 0
    wrong = f"{' + '.join(columns)} <> 1 OR greatest({', '.join(columns)}) > 1"
    value = " || ',' || ".join(stripped(f"w.{quote(flag)}") for flag in STATUS_FLAGS)
    lines = (
        f"SELECT w.{ROW}, {between}, {value}, 'exactly one flag 1, the others 0' "
        f"FROM {wide.relation} AS w SEMI JOIN (SELECT {ROW} FROM {relation} WHERE {wrong}) "
        f"USING ({ROW})"
    )
    return RowCheck(wide.known.count, lines)


def complete_but_empty(case: Case) -> RowCheck:
    """Lines with the status complete and without an answer."""
    judged = case.judged
    flags = [str(flag) for flag in case.study.status_flags.get("complete") or ()]
    if not judged.wide.has(*flags):
        return RowCheck(0)
    complete = judged.completed()
    (checked,) = case.one(f"SELECT count(*) FILTER (WHERE {complete}) FROM {judged.relation}")
    lines = (
        f"SELECT {ROW}, {text_literal(', '.join(flags))}, '1', 'an answer to any question' "
        f"FROM {judged.relation} WHERE {complete} AND NOT {judged.answered_any()}"
    )
    return RowCheck(checked, lines)

"""Writes the answers to each question as codes, and the unusable cells, in SQL over judgements.

A judgement is the number of a distinct text (`assets/raw/cells/judgements.py`). `coded.<question>`
has one line per respondent and one column per item. `answers.<question>` shows it in long form with
the respondents' hashes. `restricted.unusable` has the cells that cannot be used, so every cell is
either usable or unusable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import duckdb

from assets.clean.people import LINKS, NUMBER, PEOPLE, ROW, STRAY
from assets.raw.cells.judgements import JudgedTable, any_of, flag_column, judgement_column
from assets.raw.rules.case import Case
from declarations import Item, Question
from declarations.survey.questions import NOT_TICKED
from runtime.store import drop_relation, quote, relation_exists, text_literal

SCHEMA = "coded"
UNUSABLE = "restricted.unusable"
CELLS = "restricted.cells"
FILLED = "restricted.filled"
LINES = "coded_lines"
# First the cell's own text, then the status of its line, then rules across columns.
OF_SCALE, OF_STATUS, OF_RULES = -2, -1, 0
USABLE_COLUMNS = ("respondent", "item", "variable", "code", "number")


def coded(question: str) -> str:
    """The relation of a question's codes, quoted."""
    return f"{SCHEMA}.{quote(question)}"


def coded_columns(connection: duckdb.DuckDBPyConnection, question: str) -> set[str]:
    """The columns of a question's codes.

    A query of information_schema would read every relation.
    """
    return {name for name, *_ in connection.execute(f"FROM {coded(question)} LIMIT 0").description}


def special(item: Item) -> str:
    """The column for codes of a numeric item that has special values."""
    return quote(f"{item.id} code")


def write_lines(case: Case) -> None:
    """Write the accepted lines in the order of the respondents' numbers, for this connection.

    With `person`, a line also has a hash of the respondent that does not depend on other lines.
    """
    judged = case.judged
    others = [judged.answered(question) for question in judged.study.questions]
    others += [flag_column(flag) for flag in judged.flags]
    cells = f"j.* EXCLUDE ({', '.join(others)})" if others else "j.*"
    case.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {LINES} AS SELECT p.{NUMBER}, p.answering, "
        f"hash(p.respondent) AS person, {cells} FROM {case.judged.relation} AS j "
        f"JOIN {LINKS} AS l USING ({ROW}) JOIN {PEOPLE} AS p USING ({NUMBER}) ORDER BY p.{NUMBER}"
    )


def write_unusable(case: Case, questions: Sequence[Question], broken: str) -> None:
    """Replace the unusable cells of some questions: file_row, item, place, rule, expected.

    `broken` is a query of the cells that rules across columns quarantine. There is one line per
    broken rule, in the order of `place`.
    """
    connection, judged = case.connection, case.judged
    if not relation_exists(connection, UNUSABLE):
        connection.execute(
            f"CREATE TABLE {UNUSABLE} "
            f"({ROW} BIGINT, item VARCHAR, place INTEGER, rule VARCHAR, expected VARCHAR)"
        )
    names = ", ".join(text_literal(item.id) for q in questions for item in q.items) or "''"
    connection.execute(f"DELETE FROM {UNUSABLE} WHERE item IN ({names})")
    for question in questions:
        for item in judged.present(question):
            name = text_literal(item.id)
            if item.type != "open" and judged.judgements[item.id].broken:
                words = judged.expected(item, named=False)
                connection.execute(
                    f"INSERT INTO {UNUSABLE} SELECT {ROW}, {name}, {OF_SCALE}, 'scale', {words} "
                    f"FROM {LINES} WHERE {judged.broken(item)}"
                )
    stray = [
        (item, judged.filled(item))
        for question in questions
        if not question.of_invitations
        for item in judged.present(question)
    ]
    rule, expected = map(text_literal, STRAY)
    some = any_of(condition for _, condition in stray)
    # a study without questions has no lines to look at
    if stray and case.one(f"SELECT count(*) FROM {LINES} WHERE NOT answering AND {some}")[0]:
        for item, condition in stray:
            connection.execute(
                f"INSERT INTO {UNUSABLE} SELECT {ROW}, {text_literal(item.id)}, {OF_STATUS}, "
                f"{rule}, {expected} FROM {LINES} WHERE NOT answering AND {condition}"
            )
    connection.execute(
        f"INSERT INTO {UNUSABLE} SELECT {ROW}, item, place + {OF_RULES}, rule, expected "
        f"FROM ({broken}) WHERE item IN ({names})"
    )


def write_question(case: Case, question: Question) -> None:
    """Replace `coded.<question>` and the view `answers.<question>`."""
    judged, connection = case.judged, case.connection
    items = [item for item in judged.present(question) if item.type != "open"]
    codes = [f"{value} AS {name}" for item in items for name, value in _codes(judged, item)]
    aside = dict(
        connection.execute(
            f"SELECT item, count(*) FROM {UNUSABLE} WHERE place >= {OF_RULES} GROUP BY item"
        ).fetchall()
    )
    source, others = LINES, [item for item in items if item.id in aside]
    if others:
        names = ", ".join(text_literal(item.id) for item in others)
        source = (
            f"{LINES} LEFT JOIN (SELECT {ROW}, list(item) AS aside FROM {UNUSABLE} "
            f"WHERE place >= {OF_RULES} AND item IN ({names}) GROUP BY {ROW}) USING ({ROW})"
        )
        codes = [
            f"CASE WHEN NOT coalesce(list_contains(aside, {text_literal(item.id)}), false) "
            f"THEN {value} END AS {name}"
            for item in items
            for name, value in _codes(judged, item)
        ]
    who = "true" if question.of_invitations else "answering"
    some = any_of(judged.filled(item) for item in items)
    connection.execute(
        f"CREATE OR REPLACE TABLE {coded(question.id)} AS "
        f"SELECT {', '.join([NUMBER, *codes])} FROM {source} "
        f"WHERE {who} AND {some} ORDER BY {NUMBER}"
    )
    connection.execute("CREATE SCHEMA IF NOT EXISTS answers")
    drop_relation(connection, "answers", question.id)
    name = f"answers.{quote(question.id)}"
    connection.execute(f"CREATE VIEW {name} AS {long_answers(question, items)}")


def _codes(judged: JudgedTable, item: Item) -> list[tuple[str, str]]:
    """Columns of an item with their values, as SQL over its judgements."""
    own = judged.judgements[item.id]
    readings = [text.reading if text.text else None for text in own.texts[: own.readable]]

    def held(values: Sequence[float | None], kind: str) -> str:
        if item.type == "multiple":
            return f"CASE WHEN {judged.filled(item)} THEN {_listed(item, values, kind)} END"
        return _listed(item, values, kind)

    codes = [None if r is None else r.code for r in readings]
    if item.type == "multiple":
        codes = [NOT_TICKED if code is None else code for code in codes]
    if item.closed:
        return [(quote(item.id), held(codes, "INTEGER"))]
    numbers = [None if r is None else r.number for r in readings]
    columns = [(quote(item.id), held(numbers, "DOUBLE"))]
    if item.special:
        columns.append((special(item), held(codes, "INTEGER")))
    return columns


def _listed(item: Item, values: Sequence[float | None], kind: str) -> str:
    """The value that belongs to each judgement's number; NULL beyond the list."""
    if not any(value is not None for value in values):
        return f"NULL::{kind}"
    text = ", ".join("NULL" if value is None else repr(value) for value in values)
    return f"([{text}]::{kind}[])[{judgement_column(item.id)} + 1]"


def long_answers(
    question: Question,
    items: Sequence[Item],
    source: str | None = None,
    shown: Callable[[str], str] = str,
) -> str:
    """SQL for usable answers in long form, from the codes of a question: see USABLE_COLUMNS.

    `shown` gives the names of the export's columns.
    """
    source = source or coded(question.id)
    parts = []
    closed = [item for item in items if item.closed]
    numeric = [item for item in items if item.type == "numeric"]
    if closed:
        names = ", ".join(quote(item.id) for item in closed)
        parts.append(
            f"SELECT {NUMBER}, item, code::BIGINT AS code, NULL::DOUBLE AS value "
            f"FROM {source} UNPIVOT (code FOR item IN ({names}))"
        )
    for item in numeric:
        code = special(item) if item.special else "NULL"
        parts.append(
            f"SELECT {NUMBER}, {text_literal(item.id)} AS item, {code}::BIGINT AS code, "
            f"{quote(item.id)}::DOUBLE AS value "
            f"FROM {source} WHERE {quote(item.id)} IS NOT NULL"
            + (f" OR {special(item)} IS NOT NULL" if item.special else "")
        )
    nothing = (
        f"SELECT 0::INTEGER AS {NUMBER}, '' AS item, 0::BIGINT AS code, 0::DOUBLE AS value "
        "WHERE false"
    )
    variables = " ".join(
        f"WHEN {text_literal(item.id)} THEN {text_literal(shown(item.variable))}" for item in items
    )
    variable = f"CASE l.item {variables} END" if variables else "''"
    return (
        f"SELECT p.respondent, l.item, {variable} AS variable, l.code, l.value AS number "
        f"FROM ({' UNION ALL '.join(parts or [nothing])}) AS l JOIN {PEOPLE} AS p USING ({NUMBER})"
    )


def write_cells(case: Case, questions: Sequence[Question]) -> None:
    """The views of every filled cell: `restricted.filled` and `restricted.cells`.

    The first has the text of the cell. The second also has the respondent, the broken rules and the
    reading of the cell.
    """
    judged, wide = case.judged, case.judged.wide
    parts = [
        f"SELECT {ROW}, {text_literal(item.id)} AS item, "
        f"{text_literal(item.variable)} AS variable, "
        f"d.{quote(item.variable)} AS value FROM {wide.relation} AS d "
        f"JOIN {judged.relation} AS j USING ({ROW}) WHERE {judged.filled(item)}"
        for question in questions
        for item in judged.present(question)
    ]
    nothing = f"SELECT 0::BIGINT AS {ROW}, '' AS item, '' AS variable, '' AS value WHERE false"
    for name in (CELLS, FILLED):
        drop_relation(case.connection, *name.split("."))
    case.connection.execute(f"CREATE VIEW {FILLED} AS {' UNION ALL '.join([nothing, *parts])}")
    case.connection.execute(
        f"CREATE VIEW {CELLS} AS "
        "SELECT l.respondent, c.*, v.code, v.value AS number, u.rule, u.expected "
        f"FROM {FILLED} AS c JOIN {LINKS} AS l USING ({ROW}) "
        f"LEFT JOIN (SELECT {ROW}, item, string_agg(rule, chr(10) ORDER BY place) AS rule, "
        f"string_agg(expected, chr(10) ORDER BY place) AS expected FROM {UNUSABLE} "
        f"GROUP BY {ROW}, item) AS u USING ({ROW}, item) "
        "LEFT JOIN restricted.judgements AS v "
        "ON u.rule IS NULL AND v.item = c.item AND v.text = c.value"
    )

"""Invitations, respondents and memberships, in SQL over the judged data set.

Keyed hashes identify respondents. In the database they are whole numbers in the order of the hashes
(`coded.respondents`), so a number does not reveal a position in the file.
"""

from __future__ import annotations

import duckdb
import pandas as pd

from assets.clean.background import areas_of
from assets.clean.pseudonyms import keyed_hashes
from assets.raw.cells.ingest import FILE_ROW
from assets.raw.cells.judgements import JudgedTable, all_of, any_of, flag_set
from assets.raw.cells.wide import stripped_names
from assets.raw.rules.case import Case
from declarations import Item, Study
from declarations.survey.groups import Group
from runtime.plain_text import plain
from runtime.store import drop_relation, quote, text_literal, write_frame

ROW = quote(FILE_ROW)
LINKS = "restricted.respondents"
AREA_TEXTS = "restricted.responsibilities"
# no item can have this name
NUMBER = quote("respondent #")
PEOPLE = "coded.respondents"
MEMBERS = "coded.memberships"
STRAY = (
    "status_says_unanswered",
    "no answers on a line whose status says it was not answered",
)


def write_links(case: Case, key: bytes) -> None:
    """The line of each respondent: respondent, identifier, file_row, number. Restricted.

    The identifier is the raw one, or `row N` if the export has none. Numbers are in the order of
    the hashes. Raises CollisionError if two identifiers have the same hash.
    """
    study, wide, connection = case.study, case.judged.wide, case.connection
    if study.respondent_column is None:
        name = f"'row ' || {ROW}"
    else:
        name = stripped_names(quote(study.respondent_column))
    lines = connection.execute(
        f"SELECT {ROW}, {name} AS identifier FROM {case.without_rejected(wide.relation)}"
    ).fetchnumpy()
    identifiers: list[str] = list(lines["identifier"])
    hashes = keyed_hashes(key, study.id, identifiers)
    texts = {"respondent": hashes, "identifier": identifiers}
    frame = pd.DataFrame({FILE_ROW: lines[FILE_ROW], **texts}, dtype="object")
    write_frame(
        connection,
        f"TABLE {LINKS}",
        frame,
        f"SELECT respondent::VARCHAR AS respondent, identifier::VARCHAR AS identifier, "
        f"{ROW}::BIGINT AS {ROW}, row_number() OVER (ORDER BY respondent)::INTEGER AS {NUMBER} "
        f"FROM incoming ORDER BY {ROW}",
    )


def write_people(case: Case, municipalities: pd.DataFrame | None) -> None:
    """`clean.invitations`, `clean.respondents` and the numbers of respondents.

    One line per invited head: respondent, municipality (code, with a frame), status; then the
    background columns declared as not personal. Lines are in the order of the hashes.

    Status is complete, partial or none by the declared flags. "Dropped out" is partial if at least
    one question was answered, else none. Without flags everyone who answered anything is complete.
    """
    study, judged, connection = case.study, case.judged, case.connection
    columns, joined = ["l.respondent"], ""
    if municipalities is not None and study.municipality_column is not None:
        column = quote(study.municipality_column)
        _write_places(case, municipalities, study.municipality_column)
        joined = f"LEFT JOIN municipality_codes AS m ON m.raw = d.{column}"
        columns.append("m.code AS municipality")
    columns.append(f"{_status(judged, study)} AS status")
    columns += [f"d.{quote(name)}" for name in study.harmless_columns]
    connection.execute(
        f"CREATE OR REPLACE TABLE clean.invitations AS SELECT {', '.join(columns)} "
        f"FROM {LINKS} AS l JOIN {judged.relation} AS j USING ({ROW}) "
        f"JOIN {judged.wide.relation} AS d USING ({ROW}) {joined} ORDER BY l.{NUMBER}"
    )
    # DuckDB keeps the order of the lines, so it is the order of the numbers
    connection.execute(
        "CREATE OR REPLACE TABLE clean.respondents AS FROM clean.invitations WHERE status <> 'none'"
    )
    connection.execute(
        f"CREATE OR REPLACE TABLE {PEOPLE} AS SELECT row_number() OVER ()::INTEGER AS {NUMBER}, "
        "respondent, status <> 'none' AS answering FROM clean.invitations"
    )


def _write_places(case: Case, municipalities: pd.DataFrame, column: str) -> None:
    codes = {
        plain(n): c for n, c in zip(municipalities["name"], municipalities["code"], strict=True)
    }
    raw = [text for text, _ in case.judged.wide.frequencies(column)]
    frame = pd.DataFrame(
        {"raw": raw, "code": [codes.get(plain(text)) for text in raw]}, dtype="object"
    )
    write_frame(case.connection, "TEMP TABLE municipality_codes", frame)


def _status(judged: JudgedTable, study: Study) -> str:
    answered, declared = judged.answered_any(), study.status_flags
    if not declared:
        return f"CASE WHEN {answered} THEN 'complete' ELSE 'none' END"
    # a later entry overrides an earlier one
    cases = [
        (
            all_of((any_of(map(flag_set, _flags(study, "partial_if_answered"))), answered)),
            "partial",
        ),
        (any_of(map(flag_set, _flags(study, "partial"))), "partial"),
        (any_of(map(flag_set, _flags(study, "complete"))), "complete"),
    ]
    text = " ".join(f"WHEN {condition} THEN {text_literal(name)}" for condition, name in cases)
    return f"CASE {text} ELSE 'none' END"


def _flags(study: Study, name: str) -> list[str]:
    return [str(flag) for flag in study.status_flags.get(name) or ()]


def write_areas(case: Case, broken: str) -> None:
    """Write the areas derived from open answers, with the text that each was derived from.

    `broken` is a query of quarantined cells (file_row, item, ...). Each distinct text is read once.
    """
    study, wide, connection = case.study, case.judged.wide, case.connection
    groups = [group for group in study.groups if group.kind == "text_rules"]
    connection.execute(
        f"CREATE OR REPLACE TABLE {AREA_TEXTS} "
        '(respondent VARCHAR, "group" VARCHAR, level VARCHAR, text VARCHAR)'
    )
    parts = []
    for place, group in enumerate(groups):
        item = study.items.get(group.source)
        if item is None or not wide.has(item.variable):
            continue
        _write_levels(case, group, place, item)
        answering = "true" if study.question[item.question].of_invitations else "p.answering"
        text = quote(item.variable)
        parts.append(
            f'SELECT l.respondent, {text_literal(group.id)} AS "group", g.level, d.{text} AS text, '
            f"{place} AS place, g.number FROM {LINKS} AS l JOIN {PEOPLE} AS p USING ({NUMBER}) "
            f"JOIN {wide.relation} AS d USING ({ROW}) "
            f"JOIN {case.judged.relation} AS j USING ({ROW}) "
            f"JOIN levels_{place} AS g ON g.text = d.{text} "
            f"WHERE {answering} AND {case.judged.filled(item)} "
            f"AND NOT {case.judged.broken(item)} "
            f"AND l.{ROW} NOT IN "
            f"(SELECT {ROW} FROM ({broken}) WHERE item = {text_literal(item.id)})"
        )
    if parts:
        connection.execute(
            f'INSERT INTO {AREA_TEXTS} SELECT respondent, "group", level, text '
            f"FROM ({' UNION ALL '.join(parts)}) ORDER BY respondent, place, number"
        )


def _write_levels(case: Case, group: Group, place: int, item: Item) -> None:
    lines = [
        (text, level, number)
        for text, _ in case.judged.wide.frequencies(item.variable)
        for number, level in enumerate(areas_of(text, group))
    ]
    frame = pd.DataFrame(lines, columns=["text", "level", "number"])
    frame = frame.astype({"text": "object", "level": "object", "number": "int64"})
    query = "SELECT text::VARCHAR AS text, level::VARCHAR AS level, number FROM incoming"
    write_frame(case.connection, f"TEMP TABLE levels_{place}", frame, query)


def write_memberships(
    connection: duckdb.DuckDBPyConnection, study: Study, municipalities: pd.DataFrame | None
) -> None:
    """A line per respondent, group and level, including the level `all` of the group `all`.

    Respondents are numbers in `coded.memberships`; `clean.memberships` shows their hashes. A group
    whose levels are the municipalities is left out, because no question is broken down by it.
    """
    levels = [("all", "all")]
    levels += [(group.id, level.key) for group in study.groups for level in group.levels]
    groups = ", ".join(text_literal(name) for name in dict.fromkeys(name for name, _ in levels))
    keys = ", ".join(text_literal(name) for name in dict.fromkeys(key for _, key in levels))
    parts = [f"SELECT {NUMBER}, 'all' AS \"group\", 'all' AS level FROM {PEOPLE} WHERE answering"]
    if any(group.kind == "text_rules" for group in study.groups):
        parts.append(
            f'SELECT {NUMBER}, "group", level FROM {AREA_TEXTS} JOIN {PEOPLE} USING (respondent)'
        )
    if municipalities is not None:
        declared = [
            group.id for group in study.groups if group.by_municipality and group.kind != "identity"
        ]
        columns = ", ".join([NUMBER, *(f"m.{quote(name)}" for name in declared)])
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE places AS SELECT {columns} "
            f"FROM {PEOPLE} AS p JOIN clean.respondents AS r USING (respondent) "
            "LEFT JOIN clean.municipalities AS m ON m.code = r.municipality"
        )
        parts += [
            f"SELECT {NUMBER}, {text_literal(name)}, {quote(name)} FROM places" for name in declared
        ]
    ordered = " UNION ALL ".join(
        f"(SELECT *, {place} AS place FROM ({part}))" for place, part in enumerate(parts)
    )
    drop_relation(connection, "clean", "memberships")
    connection.execute(
        f"CREATE OR REPLACE TABLE {MEMBERS} AS "
        f'SELECT {NUMBER}, "group"::ENUM({groups}) AS "group", '
        f"level::ENUM({keys}) AS level FROM ({ordered}) ORDER BY place, {NUMBER}"
    )
    connection.execute(f"CREATE VIEW clean.memberships AS {MEMBERSHIPS_VIEW}")


MEMBERSHIPS_VIEW = (
    f'SELECT p.respondent, m."group"::VARCHAR AS "group", m.level::VARCHAR AS level '
    f"FROM {MEMBERS} AS m JOIN {PEOPLE} AS p USING ({NUMBER})"
)

"""Counts per item, code, group and level: the sufficient statistic of every table.

Standard SQL over two relations: the answers of a question, long, and the memberships.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import duckdb
import pandas as pd

from declarations import Question, Study
from declarations.load import STATUS_CODES, STATUS_ITEM
from runtime.store import quote

COUNT_COLUMNS = ("item", "code", "group", "level", "n")
Key = tuple[str, str, str, str]  # item, code, group, level

CONTINGENCY = """
SELECT a.item AS item, a.{value} AS "value", m."group" AS "group", m.level AS level, COUNT(*) AS n
FROM {answers} AS a
JOIN {memberships} AS m ON m.respondent = a.respondent
WHERE a.{value} IS NOT NULL
GROUP BY a.item, a.{value}, m."group", m.level
"""


INVITED = """
SELECT item, {value} AS "value", 'all' AS "group", 'all' AS level, COUNT(*) AS n
FROM {answers}
WHERE {value} IS NOT NULL
GROUP BY item, {value}
"""


def contingency(
    connection: duckdb.DuckDBPyConnection, question: Question, study: Study
) -> pd.DataFrame:
    """Counts of one question: item, code (text), group, level, n; declared zeros included.

    Unanswered cells are not counted, so that each item has its own base; quarantined answers
    are not counted either. What came with the respondent list is counted for everyone invited
    and by no group. Sorted by declaration order.
    """
    found = _count(connection, question, "code")
    counted = {(i, str(int(c)), g, lv): n for (i, c, g, lv), n in found.items()}
    levels = _levels(question, study)
    grid = [
        (item.id, str(code), group, level)
        for item in question.closed_items
        for code in item.codes
        for group, level in levels
    ]
    return _on_grid(counted, grid)


def number_contingency(
    connection: duckdb.DuckDBPyConnection, question: Question, study: Study
) -> pd.DataFrame:
    """The same of the question's numeric items: the numbers that were answered stand for codes.

    Smallest first, without zeros; empty where the question has no numeric item.
    """
    items = [item.id for item in question.items if item.type == "numeric"]
    found = _count(connection, question, "number") if items else {}
    place = {level: position for position, level in enumerate(_levels(question, study))}
    ordered = sorted(found, key=lambda key: (items.index(key[0]), key[1], place[key[2:]]))
    grid = [(item, number_text(number), group, level) for item, number, group, level in ordered]
    return _on_grid(dict(zip(grid, (found[key] for key in ordered), strict=True)), grid)


def number_text(number: float) -> str:
    """A number as counts name it: 12 and not 12.0."""
    return str(int(number)) if number == int(number) else str(float(number))


def _count(
    connection: duckdb.DuckDBPyConnection, question: Question, value: str
) -> dict[tuple[str, float, str, str], int]:
    sql = (INVITED if question.of_invitations else CONTINGENCY).format(
        answers=f"answers.{quote(question.id)}", memberships="clean.memberships", value=value
    )
    return {line[:4]: line[4] for line in connection.execute(sql).fetchall()}


def _levels(question: Question, study: Study) -> list[tuple[str, str]]:
    if question.of_invitations:
        return [("all", "all")]
    declared = [(group.id, level.key) for group in study.groups for level in group.levels]
    return [("all", "all"), *declared]


def status_counts(invitations: pd.DataFrame, municipalities: pd.DataFrame | None) -> pd.DataFrame:
    """Invitations by how they were answered, for all and per municipality, zeros included."""
    counted: Counter[Key] = Counter(
        (STATUS_ITEM, status, "all", "all") for status in invitations["status"]
    )
    levels = [("all", "all")]
    if municipalities is not None:
        counted.update(
            (STATUS_ITEM, status, "municipality", code)
            for status, code in zip(invitations["status"], invitations["municipality"], strict=True)
        )
        levels += [("municipality", code) for code in municipalities["code"]]
    grid = [(STATUS_ITEM, code, *level) for code in STATUS_CODES for level in levels]
    return _on_grid(counted, grid)


def _on_grid(counted: Mapping[Key, int], grid: list[Key]) -> pd.DataFrame:
    lines = [(*key, counted.get(key, 0)) for key in grid]
    frame = pd.DataFrame(lines, columns=list(COUNT_COLUMNS))
    return frame.astype({"n": "int64"})

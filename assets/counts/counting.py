"""Counts per item, code, group and level: the sufficient statistic of every table.

Standard SQL over two relations: the codes of a question, and the respondents' groups in blocks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import duckdb
import pandas as pd

from assets.clean.coded import coded
from assets.clean.people import MEMBERS, NUMBER
from assets.counts.blocks import blocks_of, count_sql, invited_sql, lines_sql, patterns_sql
from declarations import Question, Study
from declarations.survey.questions import CLOSED
from declarations.tables.cells import STATUS_CODES, STATUS_ITEM

COUNT_COLUMNS = ("item", "code", "group", "level", "n")
Key = tuple[str, str, str, str]  # item, code, group, level

PATTERNS = "patterns_of_respondents"
LINES = "answers_with_patterns"


def write_patterns(connection: duckdb.DuckDBPyConnection, study: Study) -> None:
    """The patterns of all respondents, for the counts over this connection."""
    sql = patterns_sql(blocks_of(study), MEMBERS, NUMBER)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {PATTERNS} AS {sql}")


def contingency(
    connection: duckdb.DuckDBPyConnection, question: Question, study: Study
) -> pd.DataFrame:
    """Counts of one question: item, code (text), group, level, n; includes declared zeros.

    Unanswered and quarantined cells are not counted, so each item has its own base. Values from the
    respondent list are counted for everyone invited, without groups. Sorted by declaration order.
    """
    found = _count(connection, question, study, "code")
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
    """Counts of the question's numeric items, with numbers in place of codes.

    Smallest number first, without zeros. Empty if the question has no numeric item.
    """
    items = [item.id for item in question.items if item.type == "numeric"]
    found = _count(connection, question, study, "number")
    place = {level: position for position, level in enumerate(_levels(question, study))}
    ordered = sorted(found, key=lambda key: (items.index(key[0]), key[1], place[key[2:]]))
    grid = [(item, number_text(number), group, level) for item, number, group, level in ordered]
    return _on_grid(dict(zip(grid, (found[key] for key in ordered), strict=True)), grid)


def number_text(number: float) -> str:
    """A number as text in counts: 12 and not 12.0."""
    return str(int(number)) if number == int(number) else str(float(number))


def _count(
    connection: duckdb.DuckDBPyConnection, question: Question, study: Study, value: str
) -> dict[tuple[str, float, str, str], int]:
    kinds = ("numeric",) if value == "number" else CLOSED
    items = [item.id for item in question.items if item.type in kinds]
    if not items:
        return {}
    answers = coded(question.id)
    if question.of_invitations:
        invited = connection.execute(invited_sql(answers, items, value)).fetchall()
        return {(item, code, "all", "all"): n for item, code, n in invited}
    found: Counter[tuple[str, float, str, str]] = Counter()
    blocks = blocks_of(study)
    lines = lines_sql(answers, blocks, PATTERNS, NUMBER)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {LINES} AS {lines}")
    for block in blocks:
        sql = count_sql(LINES, items, value, block)
        levels: dict[int, list[tuple[str, str]]] = {}
        for item, code, pattern, n in connection.execute(sql).fetchall():
            if pattern not in levels:
                levels[pattern] = block.levels_of(pattern)
            for group, level in levels[pattern]:
                found[item, code, group, level] += n
    return found


def _levels(question: Question, study: Study) -> list[tuple[str, str]]:
    if question.of_invitations:
        return [("all", "all")]
    declared = [(group.id, level.key) for group in study.groups for level in group.levels]
    return [("all", "all"), *declared]


def status_counts(
    connection: duckdb.DuckDBPyConnection, municipalities: Sequence[str] | None
) -> pd.DataFrame:
    """Invitations by status, for all and per municipality (codes), with zeros."""
    place = "NULL" if municipalities is None else "municipality"
    counted: Counter[Key] = Counter()
    for status, code, n in connection.execute(
        f"SELECT status, {place}, count(*) FROM clean.invitations GROUP BY ALL"
    ).fetchall():
        counted[STATUS_ITEM, status, "all", "all"] += n
        counted[STATUS_ITEM, status, "municipality", code] += n
    levels = [("all", "all"), *(("municipality", code) for code in municipalities or ())]
    grid = [(STATUS_ITEM, code, *level) for code in STATUS_CODES for level in levels]
    return _on_grid(counted, grid)


def _on_grid(counted: Mapping[Key, int], grid: list[Key]) -> pd.DataFrame:
    lines = [(*key, counted.get(key, 0)) for key in grid]
    frame = pd.DataFrame(lines, columns=list(COUNT_COLUMNS))
    return frame.astype({"n": "int64"})

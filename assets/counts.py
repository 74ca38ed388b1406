"""Counts per item, code, group and level: the sufficient statistic of every table.

Standard SQL over two relations: the answers of a question, long, and the memberships.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import duckdb
import pandas as pd

from assets.specs import Question, Study
from assets.specs.load import STATUS_CODES, STATUS_ITEM
from assets.store import quote

Key = tuple[str, str, str, str]  # item, code, group, level

CONTINGENCY = """
SELECT a.item AS item, CAST(a.code AS VARCHAR) AS code, m."group" AS "group", m.level AS level,
       COUNT(*) AS n
FROM {answers} AS a
JOIN {memberships} AS m ON m.respondent = a.respondent
WHERE a.rule IS NULL AND a.code IS NOT NULL
GROUP BY a.item, a.code, m."group", m.level
"""


def contingency(
    connection: duckdb.DuckDBPyConnection, question: Question, study: Study
) -> pd.DataFrame:
    """Counts of one question: item, code (text), group, level, n; declared zeros included.

    Unanswered cells are not counted, so that each item has its own base; quarantined answers
    are not counted either. Sorted by declaration order.
    """
    sql = CONTINGENCY.format(
        answers=f"answers.{quote(question.id)}", memberships="clean.memberships"
    )
    counted = {line[:4]: line[4] for line in connection.execute(sql).fetchall()}
    levels = [("all", "all")]
    levels += [(group.id, level.key) for group in study.groups for level in group.levels]
    grid = [
        (item.id, str(code), group, level)
        for item in question.closed_items
        for code in item.codes
        for group, level in levels
    ]
    return _on_grid(counted, grid)


def status_counts(invitations: pd.DataFrame, municipalities: pd.DataFrame) -> pd.DataFrame:
    """Invitations by how they were answered, per municipality and for all, zeros included."""
    counted: Counter[Key] = Counter()
    for status, code in zip(invitations["status"], invitations["municipality"], strict=True):
        counted[(STATUS_ITEM, status, "all", "all")] += 1
        counted[(STATUS_ITEM, status, "municipality", code)] += 1
    levels = [("all", "all"), *(("municipality", code) for code in municipalities["code"])]
    grid = [(STATUS_ITEM, code, *level) for code in STATUS_CODES for level in levels]
    return _on_grid(counted, grid)


def _on_grid(counted: Mapping[Key, int], grid: list[Key]) -> pd.DataFrame:
    lines = [(*key, counted.get(key, 0)) for key in grid]
    frame = pd.DataFrame(lines, columns=["item", "code", "group", "level", "n"])
    return frame.astype({"n": "int64"})

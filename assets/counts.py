"""Counts per item, code, group and level: the sufficient statistic of every table.

Standard SQL over two relations: the answers of a question, long, and the memberships.
"""

from __future__ import annotations

import duckdb
import pandas as pd

from assets.specs import Question, Study
from assets.specs.load import STATUS_CODES, STATUS_ITEM
from assets.store import quote

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
    counted = connection.execute(sql).df()
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
    own = invitations.groupby(["status", "municipality"]).size().reset_index(name="n")
    own = own.rename(columns={"status": "code", "municipality": "level"})
    own = own.assign(item=STATUS_ITEM, group="municipality")
    total = own.groupby("code", as_index=False)["n"].sum()
    total = total.assign(item=STATUS_ITEM, group="all", level="all")
    levels = [("all", "all")] + [("municipality", code) for code in municipalities["code"]]
    grid = [(STATUS_ITEM, code, *level) for code in STATUS_CODES for level in levels]
    return _on_grid(pd.concat([own, total], ignore_index=True), grid)


def _on_grid(counted: pd.DataFrame, grid: list[tuple[str, str, str, str]]) -> pd.DataFrame:
    keys = ["item", "code", "group", "level"]
    full = pd.DataFrame(grid, columns=keys, dtype="object")
    merged = full.merge(counted[[*keys, "n"]], on=keys, how="left")
    return merged.assign(n=merged["n"].fillna(0).astype("int64"))

"""The counts as a Spark job: the same SQL, translated; Parquet in, counts as Parquet out.

The job receives codes, levels and whole numbers for respondents; no text, no identifier, no hash.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from assets.clean.coded import coded
from assets.clean.people import MEMBERS, NUMBER
from assets.counts.blocks import (
    CountedGroups,
    blocks_of,
    count_sql,
    invited_sql,
    lines_sql,
    patterns_sql,
)
from assets.counts.counting import COUNT_COLUMNS, PATTERNS, number_text
from declarations import Question, Study
from declarations.survey.questions import CLOSED
from runtime.store import text_literal

MEMBERSHIPS = "memberships"


@dataclass(frozen=True)
class Query:
    """One query of a job; `block` is None if everyone is counted without groups."""

    name: str
    question: str
    value: str
    block: CountedGroups | None
    sql: str


def queries_of(study: Study) -> list[Query]:
    """Every count of a study, in the SQL that DuckDB runs too."""
    found = []
    for question in study.counted_questions:
        for value, kinds in (("code", CLOSED), ("number", ("numeric",))):
            items = [item.id for item in question.items if item.type in kinds]
            if not items:
                continue
            answers = f"answers_{question.id}"
            if question.of_invitations:
                sql = invited_sql(answers, items, value)
                found.append(_query(question, value, None, sql))
                continue
            for block in blocks_of(study):
                sql = count_sql(f"lines_{question.id}", items, value, block)
                found.append(_query(question, value, block, sql))
    return found


def _query(question: Question, value: str, block: CountedGroups | None, sql: str) -> Query:
    name = f"{question.id}_{value}_{block.name if block else 'all'}"
    return Query(name, question.id, value, block, sql)


def write_job(
    connection: duckdb.DuckDBPyConnection, study: Study, folder: Path, settings: Mapping[str, str]
) -> Path:
    """Write the Parquet files and `job.json` of a job; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for question in study.counted_questions:
        name = f"answers_{question.id}"
        files[name] = _export(connection, coded(question.id), folder, name)
    files[MEMBERSHIPS] = _export(
        connection,
        f'(SELECT {NUMBER}, "group"::VARCHAR AS "group", level::VARCHAR AS level FROM {MEMBERS})',
        folder,
        MEMBERSHIPS,
    )
    blocks = blocks_of(study)
    views = {PATTERNS: _spark(patterns_sql(blocks, MEMBERSHIPS, NUMBER))}
    for question in study.counted_questions:
        sql = lines_sql(f"answers_{question.id}", blocks, PATTERNS, NUMBER)
        views[f"lines_{question.id}"] = _spark(sql)
    job: dict[str, Any] = {
        "settings": dict(settings),
        "files": files,
        "views": views,
        "queries": {query.name: _spark(query.sql) for query in queries_of(study)},
    }
    path = folder / "job.json"
    path.write_text(json.dumps(job), encoding="utf-8")
    return path


def read_counts(connection: duckdb.DuckDBPyConnection, study: Study, folder: Path) -> pd.DataFrame:
    """The counts of a job, by item, code, group and level; without zeros, in sorted order."""
    found: Counter[tuple[str, str, str, str]] = Counter()
    for query in queries_of(study):
        files = text_literal(f"{folder / 'out' / query.name}/*.parquet")
        pattern = "pattern" if query.block else "0"
        for item, value, code, n in connection.execute(
            f"SELECT item, {query.value}, {pattern}, n FROM read_parquet({files})"
        ).fetchall():
            text = number_text(value) if query.value == "number" else str(int(value))
            levels = query.block.levels_of(code) if query.block else [("all", "all")]
            for group, level in levels:
                found[item, text, group, level] += n
    lines = sorted((*key, n) for key, n in found.items() if n)
    return pd.DataFrame(lines, columns=list(COUNT_COLUMNS))


def differing(counts: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Cells whose counts differ between the two frames; a missing cell is 0."""
    key = list(COUNT_COLUMNS[:-1])
    both = counts.merge(others, on=key, how="outer", suffixes=("_duckdb", "_spark")).fillna(0)
    return both[both["n_duckdb"] != both["n_spark"]]


def _export(connection: duckdb.DuckDBPyConnection, relation: str, folder: Path, name: str) -> str:
    file = f"{name}.parquet"
    target = text_literal(str(folder / file))
    connection.execute(f"COPY (FROM {relation}) TO {target} (FORMAT parquet)")
    return file


def _spark(sql: str) -> str:
    # only a study that counts in Spark needs this import
    import sqlglot

    return sqlglot.transpile(sql, read="duckdb", write="spark")[0]

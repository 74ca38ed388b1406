"""Metadata of an asset whose relation a step wrote in SQL; not all rows are read."""

from __future__ import annotations

from collections.abc import Mapping

import dagster as dg
import duckdb

from assets.step.factory import Given, Made
from assets.step.metadata import PREVIEW_ROWS, Lineage, frame_metadata
from assets.step.rows_version import hashed_version
from runtime.store import quote, rows_hash


def stored_metadata(
    given: Given,
    connection: duckdb.DuckDBPyConnection,
    key: dg.AssetKey,
    columns: Mapping[str, str],
    lineage: Lineage,
) -> Made:
    """Row count, preview, schema, lineage and a hash of the rows of a stored relation.

    The asset key names the relation; `columns` has the meaning of its columns.
    """
    relation = f"{quote(key.path[0])}.{quote(key.path[-1])}"
    head = connection.execute(f"FROM {relation} LIMIT {PREVIEW_ROWS}").df()
    rows = rows_hash(connection, f"FROM {relation}")
    lines = (list(map(str, head.columns)), rows)
    return Made(
        key,
        metadata={
            **frame_metadata(head, given.sheet, lineage, columns),
            "dagster/row_count": int(rows[0]),
        },
        version=hashed_version(lines, given.sheet),
    )

"""Judgements stored in the working file, so that only changed items are classified again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import duckdb

from assets.raw.cells.ingest import Ingested
from assets.raw.cells.judgements import ItemJudgements, JudgedTable, Text
from assets.raw.cells.reading import CellReading
from assets.raw.cells.wide import Wide
from declarations import Item, Study
from runtime.store import quote, relation_exists

SCHEMA = "restricted"
DATASET = f"{SCHEMA}.dataset"
JUDGED = f"{SCHEMA}.judged"
JUDGEMENTS = f"{SCHEMA}.judgements"
JUDGED_ITEMS = f"{SCHEMA}.judged_items"


def judged_wave(
    connection: duckdb.DuckDBPyConnection, known: Ingested, study: Study, *, anew: bool = False
) -> JudgedTable:
    """The stored data set as judgements. Items with an unchanged declaration are reused."""
    wide = Wide(connection, DATASET, known)
    kept = {} if anew else _kept(connection, known, study)
    judged = JudgedTable(wide, study, JUDGED, kept)
    if judged.complete:
        return judged
    judged.create()
    texts = [
        (item, number, text.raw, text.cells, *text.reading)
        for item, own in judged.judgements.items()
        for number, text in enumerate(own.texts)
    ]
    items = [
        (item, _sign(own.item, known), own.empty, own.unticked, own.readable)
        for item, own in judged.judgements.items()
    ]
    _replace(
        connection, JUDGEMENTS,
        {"item": "VARCHAR", "number": "INTEGER", "text": "VARCHAR", "cells": "BIGINT",
         "code": "BIGINT", "value": "DOUBLE", "rule": "VARCHAR", "expected": "VARCHAR"}, texts,
    )  # fmt: skip
    _replace(
        connection, JUDGED_ITEMS,
        {"item": "VARCHAR", "declared": "VARCHAR", "empty": "INTEGER", "unticked": "INTEGER",
         "readable": "INTEGER"}, [*items, (None, _layout(study, wide), 0, 0, 0)],
    )  # fmt: skip
    return judged


def _kept(
    connection: duckdb.DuckDBPyConnection, known: Ingested, study: Study
) -> Mapping[str, ItemJudgements]:
    if not all(relation_exists(connection, name) for name in (JUDGED, JUDGEMENTS, JUDGED_ITEMS)):
        return {}
    lines = connection.execute(f"FROM {JUDGED_ITEMS}").fetchall()
    if (None, _layout(study, Wide(connection, DATASET, known))) not in [line[:2] for line in lines]:
        return {}
    items = study.items
    bounds = {
        item: tuple(numbers)
        for item, declared, *numbers in lines
        if item in items and declared == _sign(items[item], known)
    }
    texts: dict[str, list[Text]] = {item: [] for item in bounds}
    for item, _, raw, cells, *reading in connection.execute(
        f"FROM {JUDGEMENTS} ORDER BY item, number"
    ).fetchall():
        if item in texts:
            texts[item].append(Text(raw, raw.strip(), cells, CellReading(*reading)))
    return {
        item: ItemJudgements(items[item], tuple(texts[item]), *numbers)
        for item, numbers in bounds.items()
    }


def _sign(item: Item, known: Ingested) -> str:
    """A hash of an item's declaration and of the file of its texts."""
    return hashlib.sha256(repr((item, known.sha256)).encode()).hexdigest()


def _layout(study: Study, wide: Wide) -> str:
    """A hash of everything except items that the columns of the judgements depend on."""
    questions = [
        (q.id, [(i.id, i.variable, i.type) for i in q.items if wide.has(i.variable)])
        for q in study.questions
    ]
    # only the reader of a file knows how it was read
    known = replace(wide.known, read_as=("", ""))
    text = repr((questions, sorted(study.status_flags.items(), key=repr), known))
    return hashlib.sha256(text.encode()).hexdigest()


def _replace(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Mapping[str, str],
    lines: list[tuple[Any, ...]],
) -> None:
    """Replace a small relation by rows of plain values."""
    text = ", ".join(f"{quote(name)} {kind}" for name, kind in columns.items())
    connection.execute(f"CREATE OR REPLACE TABLE {relation} ({text})")
    values = zip(*lines, strict=True)
    unnested = ", ".join(
        f"unnest(${place}::{kind}[])" for place, kind in enumerate(columns.values(), start=1)
    )
    if lines:
        connection.execute(
            f"INSERT INTO {relation} SELECT {unnested}", [list(column) for column in values]
        )

"""The distinct texts of answers with their frequencies, for the suites."""

from __future__ import annotations

import pandas as pd

from assets.raw.cells.judgements import judgement_column
from assets.raw.rules.case import Case
from declarations import Item, Question
from runtime.store import quote

COLUMNS = ("item", "variable", "value", "cells", "rows")
# Maximum number of lines of the file reported for a text.
MOST_ROWS = 10


def distinct_answers(case: Case, question: Question) -> pd.DataFrame:
    """Every distinct text of a question's closed and numeric items, as in the file.

    One line per item and text: `cells` is the number of accepted lines with this text as an answer,
    `rows` the first of these lines.
    """
    lines = [
        line
        for item in case.judged.present(question)
        if item.type != "open"
        for line in _of_item(case, item)
    ]
    return pd.DataFrame(lines, columns=list(COLUMNS)).astype(
        {"item": "object", "variable": "object", "value": "object", "cells": "int64"}
    )


def _of_item(case: Case, item: Item) -> list[tuple[str, str, str, int, list[int]]]:
    judged, own = case.judged, case.judged.judgements[item.id]
    lines = case.kept(judged.relation)
    column = judgement_column(item.id)
    found = case.connection.execute(
        f"SELECT {column}, count(*), min(file_row, {MOST_ROWS}) FROM {lines} "
        f"WHERE {judged.filled(item)} AND {column} < {own.readable} GROUP BY ALL ORDER BY 1"
    ).fetchall()
    parts = [(item.id, item.variable, own.texts[n].raw, cells, rows) for n, cells, rows in found]
    if own.broken:
        text = quote(item.variable)
        parts += [
            (item.id, item.variable, raw, cells, rows)
            for raw, cells, rows in case.connection.execute(
                f"SELECT d.{text}, count(*), min(d.file_row, {MOST_ROWS}) "
                f"FROM {judged.wide.relation} AS d "
                f"SEMI JOIN (SELECT file_row FROM {lines} WHERE {judged.broken(item)}) "
                "USING (file_row) GROUP BY ALL ORDER BY min(d.file_row)"
            ).fetchall()
        ]
    return parts

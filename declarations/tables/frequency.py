"""The frequency table of a question: `frequency: QUESTION` in place of rows and columns."""

from __future__ import annotations

from typing import Any

from declarations.labels import Label
from declarations.survey.questions import TICKED, Code, Item, Question
from declarations.tables.table_file import Column, Row, TableFile

COUNT = Column(key="n", da="N", en="N", statistic="count")
PERCENT = Column(key="pct", da="%", en="%", statistic="percent")
ANSWERED = Column(key="answered", da="Svar", en="Answers", code="total", statistic="count")


def with_frequency(file: TableFile, question: Question) -> TableFile:
    """The table with rows and columns in place of `frequency`, and the question's title.

    A single closed item has a row per answer and the total. Tick boxes have a row per box, and the
    base is everyone who ticked any. A grid has a row per line, and per answer the number and the
    percentage.
    """
    made = {
        "title": file.title or question.label,
        "rows": file.rows or tuple(_rows(question)),
        "columns": file.columns or tuple(_columns(question)),
    }
    facts = {name: getattr(file, name) for name in file.model_fields_set}
    return TableFile(**{**facts, **made})


def has_frequencies(question: Question) -> bool:
    """Whether a question has a frequency table: closed items, all with the same scale."""
    items = question.closed_items
    same = {tuple(code.code for code in item.scale) for item in items}
    return bool(items) and (question.type == "multiple" or len(same) == 1)


def _rows(question: Question) -> list[Row]:
    items = question.closed_items
    if question.type == "multiple":
        return [_row(item, code=TICKED) for item in items if item.type == "multiple"]
    if len(items) > 1:
        return [_row(item) for item in items]
    (item,) = items
    answers = [
        Row(key=code.key, item=item.id, code=code.code, **label_entries(code.label))
        for code in item.scale
    ]
    return [*answers, Row(key="total", da="I alt", en="Total", code="total", item=item.id)]


def _columns(question: Question) -> list[Column]:
    items = question.closed_items
    if question.type == "multiple":
        return [COUNT, PERCENT, ANSWERED]
    if len(items) == 1:
        return [COUNT, PERCENT]
    scale = items[0].scale
    return [
        *(_column(code, "n", "count") for code in scale),
        *(_column(code, "pct", "percent") for code in scale),
        ANSWERED,
    ]


def _row(item: Item, **coordinates: Any) -> Row:
    return Row(key=item.id, item=item.id, **label_entries(item.label), **coordinates)


def _column(code: Code, suffix: str, statistic: Any) -> Column:
    sign = "%" if statistic == "percent" else "N"
    return Column(
        key=f"{code.key}_{suffix}",
        da=f"{code.label.da} ({sign})",
        en=f"{code.label.en} ({sign})",
        code=code.code,
        statistic=statistic,
    )


def label_entries(label: Label) -> dict[str, Any]:
    """A label as entries of a mapping."""
    return {"da": label.da, "en": label.en}

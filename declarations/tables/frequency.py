"""The frequency table of a question: `frequency: QUESTION` stands for its rows and columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from declarations.errors import SpecError
from declarations.labels import Label
from declarations.survey.questions import TICKED, Code, Item, Question

TOTAL = {"key": "total", "da": "I alt", "en": "Total", "code": "total"}
COUNT = {"key": "n", "da": "N", "en": "N", "statistic": "count"}
PERCENT = {"key": "pct", "da": "%", "en": "%", "statistic": "percent"}
ANSWERED = {"key": "answered", "da": "Svar", "en": "Answers", "code": "total", "statistic": "count"}


def with_frequency(data: Any, questions: Mapping[str, Question], source: str) -> Any:
    """A table's mapping with the rows and columns that `frequency` stands for.

    One closed item: a row per answer and the total. Tick boxes: a row per box, whose base is
    those who ticked any. A grid: a row per line; per answer the number, then the percentage.
    """
    if not isinstance(data, dict) or "frequency" not in data:
        return data
    name = str(data["frequency"])
    if name not in questions or not questions[name].closed_items:
        raise SpecError(source, f"frequency names {name!r}, which is no question with closed items")
    question = questions[name]
    made = {"title": _texts(question.label), "cell": {}, **data}
    made.setdefault("rows", _rows(question))
    made.setdefault("columns", _columns(question))
    return made


def _rows(question: Question) -> list[dict[str, Any]]:
    items = question.closed_items
    if question.type == "multiple":
        boxes = [i for i in items if i.type == "multiple"]
        return [_row(item) | {"code": TICKED} for item in boxes]
    if len(items) > 1:
        return [_row(item) for item in items]
    answers = [
        {"key": code.key, **_texts(code.label), "item": items[0].id, "code": code.code}
        for code in items[0].scale
    ]
    return [*answers, TOTAL | {"item": items[0].id}]


def _columns(question: Question) -> list[dict[str, Any]]:
    items = question.closed_items
    if question.type == "multiple":
        return [COUNT, PERCENT, ANSWERED]
    if len(items) == 1:
        return [COUNT, PERCENT]
    scale = items[0].scale
    if any([c.code for c in item.scale] != [c.code for c in scale] for item in items):
        raise SpecError(question.source, "frequency needs the same scale for all closed items")
    return [
        *(_column(code, "n", "count") for code in scale),
        *(_column(code, "pct", "percent") for code in scale),
        ANSWERED,
    ]


def _row(item: Item) -> dict[str, Any]:
    return {"key": item.id, **_texts(item.label), "item": item.id}


def _column(code: Code, suffix: str, statistic: str) -> dict[str, Any]:
    sign = "%" if statistic == "percent" else "N"
    texts = {language: f"{text} ({sign})" for language, text in _texts(code.label).items()}
    return {
        "key": f"{code.key}_{suffix}",
        **texts,
        "code": code.code,
        "statistic": statistic,
    }


def _texts(label: Label) -> dict[str, str]:
    return {"da": label.da, "en": label.en}

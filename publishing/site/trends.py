"""The changes between waves as the data of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from declarations import Question
from declarations.labels import Label
from publishing.site.data import TICKS, script
from publishing.site.derivation import both_languages

TRENDS_FILE = "trends.js"
# what the trends note about a line, longer phrases first
REFUSED = (
    ("other answers to choose from:", "andre svar at vælge mellem:"),
    ("in one of the waves only", "kun i den ene bølge"),
    (", comparable", ", kan sammenlignes"),
    ("reworded in", "omformuleret i"),
    ("other wording from", "anden ordlyd fra"),
    ("not asked in", "ikke spurgt i"),
    ("nobody answered in", "ingen svarede i"),
    ("few answers", "få svar"),
    (" and ", " og "),
)
NUMBER = Label("tal", "number")


def trends_script(
    questions: Sequence[Question], frame: pd.DataFrame, data_labels: Sequence[str]
) -> str:
    """The script output/trends/trends.js; `frame` in TREND_COLUMNS, a line per item and answer."""
    lines: dict[str, list[dict[str, Any]]] = {}
    known = {item.id: item for question in questions for item in question.items}
    for line in frame.to_dict("records"):
        item = known.get(line["item"])
        codes = {str(code.code): code.label for code in item.scale} if item else {}
        codes |= {str(code): label for code, label in TICKS.items()} if not codes else {}
        code = codes.get(str(line["code"]), Label(*[str(line["code_label_da"])] * 2))
        if line["statistic"] != "percent":
            code = NUMBER
        lines.setdefault(line["question"], []).append(
            {
                "item": both_languages(item.label) if item else [line["item_label_da"]] * 2,
                "code": both_languages(code),
                "waves": f"{line['from_wave']}, {line['to_wave']}",
                "shares": [_number(line[f"{side}_value"]) for side in ("from", "to")],
                "change": _number(line["change"]),
                "low": _number(line["low"]),
                "high": _number(line["high"]),
                "p": None if pd.isna(line["p"]) else float(line["p"]),
                "refused": reason_or_note(line),
            }
        )
    shown = [
        {"label": [f"{q.order}. {text}" for text in both_languages(q.label)], "lines": lines[q.id]}
        for q in questions
        if q.id in lines
    ]
    return script(
        "window.samspilTrends",
        {"banners": [_in_both(text) for text in data_labels], "questions": shown},
    )


def reason_or_note(line: Mapping[Any, Any]) -> list[str]:
    """Why two waves are not compared, or a note on the change, as a pair."""
    english = str(line["refused"] or line["note"] or "")
    danish = english
    for phrase, entry in REFUSED:
        danish = danish.replace(phrase, entry)
    return [danish, english]


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else round(float(value), 6)


def _in_both(text: str) -> list[str]:
    """A line `wave: DANSK / ENGLISH` as a pair."""
    wave, _, said = text.partition(": ")
    danish, _, english = said.partition(" / ")
    return [f"{wave}: {danish}", f"{wave}: {english or danish}"]

"""Trends as a page: per question the shares of two waves and the change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from assets.statistics.descriptive import format_number
from assets.step.markdown import markdown
from assets.tables.layout import danish
from declarations import Question

HEADER = ("", "Svar / Answer", "", "", "Ændring / Change", "95 %", "p", "p Holm", "")
MINUS = "\N{MINUS SIGN}"


def question_markdown(question: Question, frame: pd.DataFrame, confidence: float) -> str:
    """The question's changes, a table per pair of waves, with the reasons for refused lines."""
    parts = []
    own = frame[frame["question"] == question.id]
    for (first, second), lines in own.groupby(["from_wave", "to_wave"], sort=False):
        rows = [_row(line) for line in lines.to_dict("records")]
        names = list(HEADER)
        names[2:4] = [str(first), str(second)]
        names[5] = f"{100 * confidence:g} %"
        table = markdown(pd.DataFrame(_without_repeats(rows), columns=names, dtype="object"))
        parts.append(f"### {question.order}. {question.label.both}, {first} - {second}\n\n{table}")
    return "\n\n".join(parts)


def trends_markdown(
    title: str,
    data_labels: Sequence[str],
    notes: Sequence[str],
    questions: Sequence[Question],
    frame: pd.DataFrame,
    confidence: float,
) -> str:
    """A whole page; it begins with the statement on the data."""
    lines = [question_markdown(question, frame, confidence) for question in questions]
    parts = [f"# {title}", *data_labels, *notes, *(text for text in lines if text)]
    return "\n\n".join(parts) + "\n"


def _row(line: Mapping[Any, Any]) -> list[str]:
    label = [str(line["item_label_da"]), str(line["code_label_da"])]
    if line["refused"]:
        return [*label, "", "", "", "", "", "", str(line["refused"])]
    share = line["statistic"] == "percent"
    values = [
        f"{_number(line[f'{side}_value'])}{'%' if share else ''} (N {line[f'{side}_base']})"
        for side in ("from", "to")
    ]
    unit = " pp" if share else ""
    interval = "" if pd.isna(line["low"]) else f"{_signed(line['low'])}; {_signed(line['high'])}"
    ps = [_p(line["p"]), _p(line["p_adjusted"])]
    return [*label, *values, f"{_signed(line['change'])}{unit}", interval, *ps, str(line["note"])]


def _without_repeats(rows: list[list[str]]) -> list[list[str]]:
    """The item's name, on its first line only."""
    shown, before = [], None
    for row in rows:
        shown.append([row[0] if row[0] != before else "", *row[1:]])
        before = row[0]
    return shown


def _number(value: float) -> str:
    return danish(format_number(float(value), 1))


def _signed(value: float) -> str:
    text = _number(abs(value))
    if text == "0,0":
        return text
    return f"{MINUS if value < 0 else '+'}{text}"


def _p(value: float) -> str:
    if pd.isna(value):
        return ""
    return "<0,001" if value < 0.001 else danish(f"{value:.3f}")

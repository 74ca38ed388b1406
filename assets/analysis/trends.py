"""Trends: the change of every item's answers between waves, with a test.

Pure functions of declarations and the answers of complete waves. They return one line per item,
answer and pair of waves. If a change would be meaningless, its line has a reason instead of
numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from assets.analysis.wave_changes import Change, change
from assets.statistics.significance import holm
from declarations import Item, Question
from declarations.spans import Rewording, wave_order
from declarations.survey.questions import TICKED
from declarations.survey.trend import HOLM, MUNICIPALITY, TrendSettings

TREND_COLUMNS = (
    "question", "item", "item_label_da", "code", "code_label_da", "statistic",
    "from_wave", "to_wave", "from_value", "from_numerator", "from_base",
    "to_value", "to_numerator", "to_base", "change", "low", "high", "standard_error", "t", "df",
    "p", "p_adjusted", "design_effect", "clusters", "clusters_both", "note", "refused",
)  # fmt: skip
WHOLE = ("from_numerator", "from_base", "to_numerator", "to_base", "df", "clusters",
         "clusters_both")  # fmt: skip
NUMBERS = (
    "from_value", "to_value", "change", "low", "high", "standard_error", "t", "p", "p_adjusted",
    "design_effect",
)  # fmt: skip
FEW = 5
TICKED_DA = "Afkrydset"
Pair = tuple[str, str]


@dataclass(frozen=True)
class WaveAnswers:
    """The usable answers of a wave (respondent, item, code, number) and all municipalities."""

    wave: str
    answers: Mapping[str, pd.DataFrame]
    municipality: Mapping[str, str]


def wave_pairs(waves: Sequence[str]) -> list[Pair]:
    """Each wave with the next, and with more than two waves the first with the last."""
    ordered = sorted(waves, key=wave_order)
    found = list(pairwise(ordered))
    return [*found, (ordered[0], ordered[-1])] if len(ordered) > 2 else found


def compared_items(question: Question) -> list[Item]:
    """Items with comparable answers: closed items with more than one answer, and numeric items."""
    return [i for i in question.items if i.type == "numeric" or (i.closed and len(i.codes) > 1)]


def refusal(question: Question, item: Item, pair: Pair) -> str:
    """Why a change between two waves would be meaningless; empty if it is meaningful."""
    first, second = pair
    for wave in pair:
        if not item.span.holds(wave):
            return f"not asked in {wave}"
    wording = [r for r in _reworded(question, item, pair) if not r.comparable]
    if wording:
        return f"other wording from {wording[0].wave}"
    before, after = set(item.in_wave(first).codes), set(item.in_wave(second).codes)
    if before != after:
        changed = ", ".join(map(str, sorted(before ^ after)))
        return f"other answers to choose from: {changed} in one of the waves only"
    return ""


def _reworded(question: Question, item: Item, pair: Pair) -> list[Rewording]:
    first, second = pair
    made = question.rewordings(item.id, second)
    return [r for r in made if wave_order(r.wave) > wave_order(first)]


def trend_frame(
    questions: Sequence[Question],
    waves: Mapping[str, WaveAnswers],
    settings: TrendSettings,
) -> pd.DataFrame:
    """All changes of the questions between the waves, in TREND_COLUMNS.

    Values and changes of shares are percentages and percentage points of the respondents who
    answered the item in the wave. For numbers (`statistic` mean) they are in the unit of the
    numbers. An item that neither wave asked has no line.
    Raises KeyError if a wave lacks the answers of a question.
    """
    lines = []
    for question in questions:
        for pair in wave_pairs(list(waves)):
            own = list(_question_lines(question, pair, waves, settings))
            if settings.adjust == HOLM:
                adjusted = holm([line.get("p", np.nan) for line in own])
                for line, p in zip(own, adjusted, strict=True):
                    line["p_adjusted"] = p
            lines += own
    frame = pd.DataFrame(lines, columns=list(TREND_COLUMNS))
    frame = frame.astype(dict.fromkeys(NUMBERS, "float64") | dict.fromkeys(WHOLE, "Int64"))
    texts = [name for name in TREND_COLUMNS if name not in (*NUMBERS, *WHOLE)]
    return frame.astype(dict.fromkeys(texts, "object"))


def _question_lines(
    question: Question,
    pair: Pair,
    waves: Mapping[str, WaveAnswers],
    settings: TrendSettings,
) -> Iterator[dict[str, Any]]:
    for item in compared_items(question):
        if not any(item.span.holds(wave) for wave in pair):
            continue
        refused = refusal(question, item, pair)
        counted = None
        if not refused:
            own = [_item_answers(waves[wave], question, item) for wave in pair]
            empty = [wave for wave, frame in zip(pair, own, strict=True) if frame.empty]
            if empty:
                refused = f"nobody answered in {' and '.join(empty)}"
            else:
                counted = _Counted.of(item, own, [waves[wave] for wave in pair], settings)
        notes = [f"reworded in {r.wave}, comparable" for r in _reworded(question, item, pair)]
        for place, (code, label) in enumerate(_answers(item)):
            line: dict[str, Any] = {
                "question": question.id,
                "item": item.id,
                "item_label_da": item.label.da,
                "code": code,
                "code_label_da": label,
                "statistic": "mean" if item.type == "numeric" else "percent",
                "from_wave": pair[0],
                "to_wave": pair[1],
                "note": "; ".join(notes),
                "refused": refused,
            }
            yield line if counted is None else line | counted.line(place, line["note"])


def _answers(item: Item) -> list[tuple[str, str]]:
    """The lines of an item.

    A closed item has one line per code in page order, a box one with its ticked share, a numeric
    item one.
    """
    if item.type == "numeric":
        return [("", "")]
    if item.type == "multiple":
        return [(str(TICKED), TICKED_DA)]
    return [(str(code.code), code.label.da) for code in item.scale]


def _item_answers(wave: WaveAnswers, question: Question, item: Item) -> pd.DataFrame:
    """Respondent and answer, as a number, of everyone who answered."""
    frame = wave.answers[question.id]
    own = frame[frame["item"] == item.id]
    column = "number" if item.type == "numeric" else "code"
    own = own[own[column].notna()]
    return pd.DataFrame(
        {"respondent": own["respondent"], "answer": own[column].astype("float64")}
    ).reset_index(drop=True)


@dataclass(frozen=True)
class _Counted:
    """Totals of an item's answers in two waves, and the test of their change."""

    item: Item
    numerators: tuple[np.ndarray, np.ndarray]
    bases: tuple[int, int]
    clusters: int
    both: int
    change: Change

    @classmethod
    def of(
        cls,
        item: Item,
        frames: Sequence[pd.DataFrame],
        waves: Sequence[WaveAnswers],
        settings: TrendSettings,
    ) -> _Counted:
        names = [_clusters(f, w, settings) for f, w in zip(frames, waves, strict=True)]
        known = {name: i for i, name in enumerate(sorted({*names[0], *names[1]}))}
        totals, squares, sizes = [], [], []
        for frame, own in zip(frames, names, strict=True):
            place = np.array([known[name] for name in own])
            answers = frame["answer"].to_numpy()
            if item.type == "numeric":
                values = answers[:, None]
            else:
                codes = [float(code) for code, _ in _answers(item)]
                values = (answers[:, None] == codes).astype(float)
            totals.append(_summed(values, place, len(known)))
            squares.append(_summed(values**2, place, len(known)))
            sizes.append(np.bincount(place, minlength=len(known)).astype(float))
        result = change(
            (totals[0], totals[1]), (squares[0], squares[1]), (sizes[0], sizes[1]),
            settings.confidence,
        )  # fmt: skip
        return cls(
            item,
            (totals[0].sum(axis=0), totals[1].sum(axis=0)),
            (len(frames[0]), len(frames[1])),
            len(known),
            int(((sizes[0] > 0) & (sizes[1] > 0)).sum()),
            result,
        )

    def line(self, place: int, note: str) -> dict[str, Any]:
        """The numbers of one answer's line."""
        found, numeric = self.change, self.item.type == "numeric"
        scale = 1.0 if numeric else 100.0
        numerators = [float(n[place]) for n in self.numerators]
        values = [scale * n / base for n, base in zip(numerators, self.bases, strict=True)]
        few = not numeric and any(
            min(n, base - n) < FEW for n, base in zip(numerators, self.bases, strict=True)
        )
        error, plain = float(found.standard_error[place]), float(found.plain_error[place])
        return {
            "from_value": values[0],
            "to_value": values[1],
            "from_numerator": None if numeric else round(numerators[0]),
            "to_numerator": None if numeric else round(numerators[1]),
            "from_base": self.bases[0],
            "to_base": self.bases[1],
            "change": scale * float(found.difference[place]),
            "low": scale * float(found.low[place]),
            "high": scale * float(found.high[place]),
            "standard_error": scale * error,
            "t": float(found.t[place]),
            "df": found.df,
            "p": float(found.p[place]),
            "design_effect": (error / plain) ** 2 if plain else np.nan,
            "clusters": self.clusters,
            "clusters_both": self.both,
            "note": "; ".join(text for text in (note, "few answers" if few else "") if text),
        }


def _clusters(frame: pd.DataFrame, wave: WaveAnswers, settings: TrendSettings) -> list[str]:
    """The cluster of each respondent's answers; the respondent if there are no clusters."""
    if settings.clusters == MUNICIPALITY:
        return [wave.municipality[respondent] for respondent in frame["respondent"]]
    return [f"{wave.wave} {respondent}" for respondent in frame["respondent"]]


def _summed(values: np.ndarray, place: np.ndarray, clusters: int) -> np.ndarray:
    summed = np.zeros((clusters, values.shape[1]))
    np.add.at(summed, place, values)
    return summed

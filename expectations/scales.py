"""Scale checks: Great Expectations suites generated from the declared codes, per question."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from assets.raw.cells.reading import a_number, codes_listed
from assets.raw.errors import Finding
from declarations import Item, Question
from declarations.survey.questions import Numbers
from expectations.validated import IN_SET, MATCHING, rejected_lines
from runtime import second_process
from runtime.plain_text import plain

# a number that may be one or a thousand (1.000) is not accepted
NOT_THOUSANDS = r"(?!-?[1-9][0-9]{0,2}[.,][0-9]{3}$)"
WHOLE_CODE = r"\.0{1,2}$"
NOT_TICKED = "0"
# Maximum number of findings in words; all are counted.
MOST_LISTED = 100


@dataclass(frozen=True)
class ScaleResult:
    """The result of one question's suite: answers checked, and the number `outside` the scale.

    `findings` are the first of these.
    """

    question: str
    checked: int
    outside: int
    findings: list[Finding]
    expectations: list[str]

    @property
    def share(self) -> float:
        """Share of the checked answers outside the scale (0 without answers)."""
        return self.outside / self.checked if self.checked else 0.0


def declared_answers(question: Question) -> list[str]:
    """Every valid answer of a closed item, as `item=code` or `item=value`."""
    return [
        f"{item.id}={text}"
        for item in question.closed_items
        for text in (
            [plain(code.cell) for code in item.scale]
            if item.by_value
            else [str(code) for code in item.codes]
        )
    ]


def number_pattern(numbers: Numbers) -> str:
    """A regular expression for the text of a numeric item."""
    sign = "-?" if numbers.negative else ""
    decimal = "[.,]" if numbers.sign is None else re.escape(numbers.sign)
    meant = NOT_THOUSANDS if numbers.sign is None else ""
    return rf"^{meant}{sign}[0-9]{{1,{numbers.digits}}}(?:{decimal}[0-9]+)?$"


@dataclass(frozen=True)
class _Suite:
    """The expectations on some items of one question; `expected` states them in words, by item."""

    question: str
    kind: str
    wanted: tuple[str, ...]
    expected: dict[str, str]


def check_suites(
    questions: list[Question], answers: dict[str, pd.DataFrame], file: str
) -> list[ScaleResult]:
    """Validate the distinct answers to questions (`distinct_answers`) against their codes.

    Works on the text as exported, not on the codes that the cleaning derived, so the same cells are
    read independently twice. Equal expectations of several questions are validated at once, because
    a validation costs more than its answers.
    """
    texts = {q.id: _as_judged(q, answers[q.id]) for q in questions}
    suites = {q.id: _suites(q) for q in questions}
    alike: dict[tuple[str, tuple[str, ...]], list[_Suite]] = {}
    for suite in (suite for own in suites.values() for suite in own):
        # Value sets of several items form one suite, because an answer includes the name of its
        # item.
        key = (suite.kind, () if suite.kind == IN_SET else suite.wanted)
        alike.setdefault(key, []).append(suite)
    outside = dict.fromkeys(texts, 0)
    findings: dict[str, list[Finding]] = {name: [] for name in texts}
    for (kind, pattern), own in alike.items():
        parts = [_of_items(texts[suite.question], suite) for suite in own]
        part = pd.concat(parts, ignore_index=True)
        if part.empty:
            continue
        wanted = pattern or tuple(text for suite in own for text in suite.wanted)
        rejected = part.loc[second_process.call(rejected_lines, kind, wanted, part)]
        words = {item: text for suite in own for item, text in suite.expected.items()}
        for name, wrong in rejected.groupby("question", sort=False):
            outside[str(name)] += int(wrong["cells"].sum())
            findings[str(name)] += _findings(wrong, words, file)
    results = []
    for question in questions:
        name, found = question.id, findings[question.id]
        found.sort(key=lambda finding: (finding.row or 0, finding.column or ""))
        described = [
            f"{suite.kind} over {_of_items(texts[name], suite)['cells'].sum()} answers"
            for suite in suites[name]
        ]
        checked = int(texts[name]["cells"].sum())
        results.append(ScaleResult(name, checked, outside[name], found[:MOST_LISTED], described))
    return results


def _as_judged(question: Question, answers: pd.DataFrame) -> pd.DataFrame:
    """The answers in the form that the suites judge: the text in one spelling, and `item=text`."""
    closed = {item.id for item in question.closed_items}
    numeric = {item.id for item in question.items if item.type == "numeric"}
    judged = answers[answers["item"].isin(closed | numeric)].reset_index(drop=True)
    text = judged["value"].astype("object").map(plain).astype("object")
    valued = {item.id for item in question.closed_items if item.by_value}
    text = text.where(
        judged["item"].isin(numeric | valued), text.str.replace(WHOLE_CODE, "", regex=True)
    )
    # an empty box among the answers belongs to a question with at least one ticked box
    boxes = [item.id for item in question.items if item.type == "multiple"]
    text = text.mask(judged["item"].isin(boxes) & (text == ""), NOT_TICKED)
    found = judged.assign(value=text, answer=judged["item"] + "=" + text, question=question.id)
    return found[["question", "variable", "item", "value", "answer", "cells", "rows"]]


def _of_items(texts: pd.DataFrame, suite: _Suite) -> pd.DataFrame:
    return texts[texts["item"].isin(suite.expected)]


def _suites(question: Question) -> list[_Suite]:
    found = []
    if question.closed_items:
        codes = {i.id: f"one of the codes {codes_listed(i)}" for i in question.closed_items}
        found.append(_Suite(question.id, IN_SET, tuple(declared_answers(question)), codes))
    alike: dict[str, list[Item]] = {}
    for item in question.items:
        if item.type == "numeric":
            alike.setdefault(_numeric_pattern(item), []).append(item)
    for pattern, items in alike.items():
        expected = {item.id: a_number(item.numbers) for item in items}
        found.append(_Suite(question.id, MATCHING, (pattern,), expected))
    return found


def _numeric_pattern(item: Item) -> str:
    """A number, or one of the special values."""
    number = number_pattern(item.numbers)
    special = "|".join(re.escape(plain(code.cell)) for code in item.special)
    return f"{number}|^(?:{special})(?:{WHOLE_CODE[:-1]})?$" if special else number


def _findings(wrong: pd.DataFrame, expected: dict[str, str], file: str) -> list[Finding]:
    """The first cells with a rejected text."""
    return [
        Finding("scale", file, int(row), variable, value, f"{expected[item]} ({item})")
        for item, variable, value, rows in zip(
            wrong["item"], wrong["variable"], wrong["value"], wrong["rows"], strict=True
        )
        for row in rows
    ]

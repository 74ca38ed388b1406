"""Scale checks: Great Expectations suites generated from the declared codes, per question."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from assets.raw.errors import Finding
from assets.raw.rules.reading import a_number, codes_told
from declarations import Item, Question
from declarations.survey.questions import Numbers
from runtime.plain_text import plain

# a number that may be one or a thousand (1.000) is not accepted
NOT_THOUSANDS = r"(?!-?[1-9][0-9]{0,2}[.,][0-9]{3}$)"
WHOLE_CODE = r"\.0{1,2}$"
NOT_TICKED = "0"
# Maximum number of findings in words; all are counted.
MOST_TOLD = 100


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
    decimal = "[.,]" if numbers.decimal is None else re.escape(numbers.decimal)
    meant = NOT_THOUSANDS if numbers.decimal is None else ""
    return rf"^{meant}{sign}[0-9]{{1,{numbers.digits}}}(?:{decimal}[0-9]+)?$"


def check_all(
    questions: list[Question], answers: dict[str, pd.DataFrame], file: str
) -> list[ScaleResult]:
    """Check several questions with one checker; `answers` by question id."""
    checker = ScaleChecker()
    return [checker.check(question, answers[question.id], file) for question in questions]


class ScaleChecker:
    """Runs suites in an ephemeral context: nothing is written or sent."""

    def __init__(self) -> None:
        os.environ["GX_ANALYTICS_ENABLED"] = "false"
        # Importing Great Expectations takes seconds; the code location must not need it.
        import great_expectations as gx

        self._context = gx.get_context(mode="ephemeral")
        self._context.variables.progress_bars = {"globally": False, "metric_calculations": False}
        source = self._context.data_sources.add_pandas("answers")
        self._batches = source.add_dataframe_asset("long").add_batch_definition_whole_dataframe(
            "question"
        )

    def check(self, question: Question, answers: pd.DataFrame, file: str) -> ScaleResult:
        """Validate the distinct answers to a question (`distinct_answers`) against its codes.

        Works on the text as exported, not on the codes that the cleaning derived, so the same cells
        are read independently twice.
        """
        import great_expectations as gx

        closed = {item.id for item in question.closed_items}
        numeric = {item.id for item in question.items if item.type == "numeric"}
        judged = answers[answers["item"].isin(closed | numeric)].reset_index(drop=True)
        text = judged["value"].astype("object").map(plain).astype("object")
        valued = {item.id for item in question.closed_items if item.by_value}
        text = text.where(
            judged["item"].isin(numeric | valued), text.str.replace(WHOLE_CODE, "", regex=True)
        )
        # an empty box among the answers belongs to a question with a ticked one
        boxes = [item.id for item in question.items if item.type == "multiple"]
        text = text.mask(judged["item"].isin(boxes) & (text == ""), NOT_TICKED)
        batch_frame = judged.assign(value=text, answer=judged["item"] + "=" + text)[
            ["variable", "item", "value", "answer", "cells", "rows"]
        ]
        findings: list[Finding] = []
        outside = 0
        described: list[str] = []
        for expectation, chosen, expected in _expectations(question, closed, numeric):
            part = batch_frame[batch_frame["item"].isin(chosen)].reset_index(drop=True)
            described.append(f"{expectation.expectation_type} over {part['cells'].sum()} answers")
            if part.empty:
                continue
            batch = self._batches.get_batch(
                {"dataframe": part.drop(columns="rows").rename_axis("place").reset_index()}
            )
            suite = gx.ExpectationSuite(name=question.id, expectations=[expectation])
            outcome = batch.validate(
                suite,
                result_format={
                    "result_format": "COMPLETE",
                    "unexpected_index_column_names": ["place"],
                },
            )
            wrong = part.loc[_unexpected(outcome)]
            outside += int(wrong["cells"].sum())
            findings += _findings(wrong, expected, file)
        findings.sort(key=lambda finding: (finding.row or 0, finding.column or ""))
        checked = int(batch_frame["cells"].sum())
        return ScaleResult(question.id, checked, outside, findings[:MOST_TOLD], described)


def _expectations(
    question: Question, closed: set[str], numeric: set[str]
) -> list[tuple[Any, set[str], dict[str, str]]]:
    import great_expectations.expectations as gxe

    found: list[tuple[Any, set[str], dict[str, str]]] = []
    if closed:
        # Item and code share one column: a set per item would be one expectation each, and the
        # expectation on column pairs examines answers one by one.
        pairs = gxe.ExpectColumnValuesToBeInSet(
            column="answer", value_set=declared_answers(question)
        )
        codes = {i.id: f"one of the codes {codes_told(i)}" for i in question.closed_items}
        found.append((pairs, closed, codes))
    alike: dict[str, list[Item]] = {}
    for item in question.items:
        if item.id in numeric:
            alike.setdefault(_numeric_pattern(item), []).append(item)
    for pattern, items in alike.items():
        number = gxe.ExpectColumnValuesToMatchRegex(column="value", regex=pattern)
        expected = {item.id: a_number(item.numbers) for item in items}
        found.append((number, set(expected), expected))
    return found


def _numeric_pattern(item: Item) -> str:
    """A number, or one of the special values."""
    number = number_pattern(item.numbers)
    special = "|".join(re.escape(plain(code.cell)) for code in item.special)
    return f"{number}|^(?:{special})(?:{WHOLE_CODE[:-1]})?$" if special else number


def _unexpected(outcome: Any) -> list[int]:
    """Positions of the lines that a suite rejects."""
    found = []
    for result in outcome.results:
        if result.exception_info and result.exception_info.get("raised_exception"):
            raise RuntimeError(f"Great Expectations failed: {result.exception_info}")
        found += [int(line["place"]) for line in result.result.get("unexpected_index_list") or ()]
    return found


def _findings(wrong: pd.DataFrame, expected: dict[str, str], file: str) -> list[Finding]:
    """The first cells with a rejected text."""
    return [
        Finding("scale", file, int(row), variable, value, f"{expected[item]} ({item})")
        for item, variable, value, rows in zip(
            wrong["item"], wrong["variable"], wrong["value"], wrong["rows"], strict=True
        )
        for row in rows
    ]

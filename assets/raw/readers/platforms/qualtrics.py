"""Qualtrics: CSV or TSV with three header lines (name, text, import id), and the .qsf where given.

https://www.qualtrics.com/support/survey-platform/data-and-analysis-module/data/download-data/export-data-overview/
https://www.qualtrics.com/support/survey-platform/data-and-analysis-module/data/download-data/understanding-your-dataset/
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assets.raw.readers.platforms.cells import Split
from assets.raw.readers.platforms.columns import (
    BOX,
    CLOSED,
    META,
    TEXT,
    UNKNOWN,
    Labels,
    PlatformColumn,
    PlatformSheet,
    ReadColumns,
    across,
    ticks,
    without_markup,
)
from runtime.plain_text import plain, same_text

META_NAMES = frozenset({
    "startdate", "enddate", "status", "ipaddress", "progress", "duration (in seconds)", "finished",
    "recordeddate", "responseid", "recipientlastname", "recipientfirstname", "recipientemail",
    "externalreference", "externaldatareference", "locationlatitude", "locationlongitude",
    "distributionchannel", "userlanguage",
})  # fmt: skip
SELECTED = re.compile(r"\s*[-–]\s*(?:Selected Choice|Valgt svar)\s*(?:[-–]\s*)?", re.IGNORECASE)
OPEN_PART = re.compile(r"_TEXT$|_[0-9]+_TEXT$")
BOX_NAME = re.compile(r"(.+)_([0-9]+)")


@dataclass
class QualtricsQuestion:
    """A question of the .qsf by its export tag."""

    type: str
    selector: str
    text: str
    choices: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)

    @property
    def several(self) -> bool:
        """Whether several choices may be given."""
        return self.type == "MC" and self.selector.startswith(("MA", "MS"))

    @property
    def labels(self) -> Labels:
        """Codes and texts of its choices; for a matrix, those of its answers."""
        own = self.answers if self.type == "Matrix" and self.answers else self.choices
        return tuple((self.codes.get(code, code), text) for code, text in own.items())


def definition_of(content: bytes) -> dict[str, QualtricsQuestion]:
    """Questions of a .qsf by export tag. Raises ValueError if the file is not a .qsf."""
    data = json.loads(content)
    found = {}
    for element in data.get("SurveyElements") or []:
        payload = element.get("Payload")
        if element.get("Element") != "SQ" or not isinstance(payload, dict):
            continue
        question = QualtricsQuestion(
            str(payload.get("QuestionType", "")), str(payload.get("Selector", "")),
            without_markup(str(payload.get("QuestionText", ""))),
            _texts(payload.get("Choices"), payload.get("ChoiceOrder")),
            _texts(payload.get("Answers"), payload.get("AnswerOrder")),
            {str(k): str(v) for k, v in dict(payload.get("RecodeValues") or {}).items()},
        )  # fmt: skip
        found[str(payload.get("DataExportTag") or element.get("PrimaryAttribute"))] = question
    if not found:
        raise ValueError("no questions")
    return found


def _texts(entries: Any, order: Any) -> dict[str, str]:
    if isinstance(entries, list):
        entries = {str(n): entry for n, entry in enumerate(entries, start=1)}
    if not isinstance(entries, dict):
        return {}
    keys = [str(key) for key in order or entries if str(key) in entries]
    return {
        k: without_markup(str(entries[k].get("Display", "")))
        for k in keys
        if isinstance(entries[k], dict)
    }


def read(
    grid: PlatformSheet,
    _: PlatformSheet | None,
    questions: Mapping[str, QualtricsQuestion] | None = None,
) -> ReadColumns:
    """Answers as codes or texts; with a .qsf codes have labels and an order."""
    names = grid.headed()[0]
    texts, skip = [plain(cell) for cell in grid.rows[1][1]], 2
    texts += [""] * (len(names) - len(texts))
    notes = []
    if len(grid.rows) > 2 and any("ImportId" in cell for cell in grid.rows[2][1]):
        skip = 3
    else:
        notes.append(
            "two header lines, expected three (name, text, import id; the third line is read "
            "as data)"
        )
    body = grid.headed(skip=skip)[1]
    columns = []
    for name, text, cells in zip(names, texts, across(body, len(names)), strict=False):
        if same_text(name) in META_NAMES:
            columns.append(PlatformColumn(name, cells, kind=META))
        elif OPEN_PART.search(name):
            columns.append(PlatformColumn(name, cells, text, TEXT))
        else:
            columns.append(_column(name, text, cells, questions or {}))
    columns = _boxes(columns)
    splits = {}
    for column in columns:
        question = (questions or {}).get(column.name)
        if question is not None and question.several and column.kind != BOX:
            found = _split(column, question)
            if found is not None:
                splits[column.name] = found
    return ReadColumns([line for line, _ in body], columns, notes, splits)


def _column(
    name: str, text: str, cells: tuple[str, ...], questions: Mapping[str, QualtricsQuestion]
) -> PlatformColumn:
    text = SELECTED.sub(" - ", text).strip(" -–") if SELECTED.search(text) else text
    question = questions.get(name) or questions.get(name.rpartition("_")[0])
    if question is None or question.type not in ("MC", "Matrix", "SBS"):
        numeric = question is not None and question.type in ("Slider", "CS")
        kind = (
            TEXT
            if question is not None and question.type == "TE" and not _digits(cells)
            else UNKNOWN
        )
        return PlatformColumn(
            name, cells, text or (question.text if question else ""), UNKNOWN if numeric else kind
        )
    if question.several:
        return PlatformColumn(name, cells, text or question.text, labels=question.labels)
    labels = question.labels
    if {same_text(c) for c in cells if c.strip()} <= {same_text(label) for _, label in labels}:
        labels = tuple((label, label) for _, label in labels)
    return PlatformColumn(name, cells, text or question.text, CLOSED, labels=labels)


def _digits(cells: tuple[str, ...]) -> bool:
    return all(re.fullmatch(r"-?[0-9]+(?:[.,][0-9]+)?", c.strip()) for c in cells if c.strip())


def _split(column: PlatformColumn, question: QualtricsQuestion) -> Split | None:
    """Several choices in one cell, separated by commas: codes, or texts of choices."""
    codes = [code for code, _ in question.labels]
    texts = [text for _, text in question.labels]
    parts = {plain(p) for cell in column.cells for p in cell.split(",") if p.strip()}
    return Split(",", tuple(codes if parts <= set(codes) else texts)) if parts else None


def _boxes(columns: list[PlatformColumn]) -> list[PlatformColumn]:
    """`Q2_1`, `Q2_2`: one column per choice; a cell has a text, a code or nothing."""
    groups: dict[str, list[PlatformColumn]] = {}
    for column in columns:
        found = BOX_NAME.fullmatch(column.name)
        if found and column.kind in (UNKNOWN, CLOSED):
            groups.setdefault(found.group(1), []).append(column)
    ready: dict[str, PlatformColumn] = {}
    for stem, own in groups.items():
        held = [{plain(cell) for cell in column.cells if cell.strip()} for column in own]
        ends = [_choice(column.text) for column in own]
        as_text = all(
            not cells or {same_text(c) for c in cells} == {same_text(end)}
            for cells, end in zip(held, ends, strict=True)
        )
        as_code = all(len(cells) <= 1 and all(map(str.isdigit, cells)) for cells in held)
        empty = any(not cell.strip() for column in own for cell in column.cells)
        if (
            any(held)
            and empty
            and (as_text or as_code)
            and len({c for h in held for c in h}) >= (1 if as_code else min(2, len(own)))
        ):
            for column, end in zip(own, ends, strict=True):
                number = column.name.rpartition("_")[2]
                head = (
                    column.text[: len(column.text) - len(end)].strip(" -–") if end else column.text
                )
                ready[column.name] = PlatformColumn(
                    column.name, ticks(column.cells), head, BOX, stem, str(int(number)), end
                )
    return [ready.get(column.name, column) for column in columns]


def _choice(text: str) -> str:
    return text.rpartition(" - ")[2]

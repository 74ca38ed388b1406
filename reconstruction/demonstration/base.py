"""The wave whose answers the invented wave starts from."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from declarations import Study
from reconstruction import export
from reconstruction.grouping import levels_of

Answers = dict[str, str]


@dataclass
class Head:
    """An invited head: municipality code, status flag (1..5) and the answers' text by item."""

    municipality: str
    flag: int
    answers: Answers
    answering: bool


@dataclass(frozen=True)
class WaveBase:
    """The wave whose answers are reused."""

    study: Study
    heads: tuple[Head, ...]
    register: tuple[Mapping[str, str], ...]
    like: Mapping[str, tuple[str, str]]
    """Size and region of each municipality."""

    @property
    def answering(self) -> list[Head]:
        """The respondents: everyone who answered anything."""
        return [head for head in self.heads if head.answering]


def read_base(study: Study, wave: str) -> WaveBase:
    """The constructed wave, read from its files."""
    asked, sheet = study.in_wave(wave), study.source_sheet(wave)
    content = sheet.files["municipalities"].path.read_text(encoding="utf-8")
    register = tuple(csv.DictReader(io.StringIO(content, newline="")))
    code = {row["name"]: row["code"] for row in register}
    dataset = sheet.files["dataset"].path.read_bytes().decode(export.ENCODING)
    heads = []
    for row in csv.DictReader(io.StringIO(dataset, newline=""), delimiter=export.DELIMITER):
        flag = next(n for n in range(1, 6) if row[f"stato_{n}"] == "1")
        answers = _answers(asked, row)
        heads.append(Head(code[row[str(study.municipality_column)]], flag, answers, bool(answers)))
    columns = study.register_columns
    size, region = (
        levels_of(register, study.group[name], "code", columns[study.group[name].source])
        for name in ("size", "region")
    )
    return WaveBase(asked, tuple(heads), register, {c: (size[c], region[c]) for c in code.values()})


def _answers(study: Study, row: Mapping[str, str]) -> Answers:
    """Filled cells by item; boxes only if at least one of the question is ticked."""
    found: Answers = {}
    for question in study.questions:
        boxes = {item.id for item in question.items if item.type == "multiple"}
        ticked = any(row[i.variable] == "1" for i in question.items if i.id in boxes)
        for item in question.items:
            if row[item.variable] and (ticked or item.id not in boxes):
                found[item.id] = row[item.variable]
    return found

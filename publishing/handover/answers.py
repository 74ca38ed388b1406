"""The cleaned answers as one table, a line per respondent: for SPSS, Parquet and the codebook.

It contains only what the disclosure gate permits. If respondent-level data are withheld, there is
no table. It has groups, but no open answers, identifiers or municipality.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from declarations import Item, Question
from declarations.labels import Label
from declarations.survey.questions import NOT_TICKED, TICKED
from publishing.published import PublishedWave
from runtime.masking import column_shown
from runtime.safe_text import visible

SAV, PARQUET = "answers.sav", "answers.parquet"
NAME = re.compile(r"[^A-Za-z0-9_]")
# maximum number of bytes of variable labels and of value labels in SPSS
LABEL_BYTES, VALUE_BYTES, NAME_BYTES = 250, 118, 60
ROW = Label("Respondent, løbenummer uden mening", "Respondent, a number without meaning")
MEMBER = {0: Label("nej", "no"), 1: Label("ja", "yes")}
TICKS = {NOT_TICKED: Label("ikke valgt", "not ticked"), TICKED: Label("valgt", "ticked")}


@dataclass(frozen=True)
class HandoverVariable:
    """A column of the table: its meaning, its codes, and which of them are missing answers."""

    name: str
    label: Label
    question: str = ""
    wording: str = ""
    values: Mapping[int, Label] = field(default_factory=dict)
    missing: tuple[int, ...] = ()
    continuous: bool = False


@dataclass(frozen=True)
class AnswerTable:
    """A line per respondent; an empty cell means no answer."""

    frame: pd.DataFrame
    variables: tuple[HandoverVariable, ...]


def answer_table(wave: PublishedWave) -> AnswerTable | None:
    """The table of a wave; None if respondent-level data are withheld."""
    everyone = wave.relation("clean", "respondents")
    asked = wave.study.in_wave(wave.wave)
    answers = {q.id: wave.relation("answers", q.id) for q in asked.counted_questions}
    if everyone is None or any(frame is None for frame in answers.values()):
        return None
    ids = pd.Index(sorted(everyone["respondent"]), name="respondent")
    columns: dict[str, Any] = {"respondent": np.arange(1, len(ids) + 1)}
    variables = [HandoverVariable("respondent", ROW, continuous=True)]
    _groups(wave, ids, columns, variables)
    for question in asked.counted_questions:
        frame = answers[question.id]
        assert frame is not None
        by_item = dict(tuple(frame.groupby("item", sort=False)))
        for item in question.items:
            if item.type == "open":
                continue
            variable = _variable(question, item, {v.name.lower() for v in variables})
            own = by_item.get(item.id)
            columns[variable.name] = _answers_of(own, item, ids)
            variables.append(variable)
    return AnswerTable(pd.DataFrame(columns), tuple(variables))


def _answers_of(own: pd.DataFrame | None, item: Item, ids: pd.Index) -> Any:
    if own is None:
        return pd.array([pd.NA] * len(ids), dtype="Int64")
    numeric = not item.closed
    values = own.set_index("respondent")["number" if numeric else "code"]
    if numeric and "code" in own:
        # a special value of a numeric item has a code but no number
        values = values.fillna(own.set_index("respondent")["code"].astype("float64"))
    found = values.reindex(ids)
    return found.astype("float64" if numeric else "Int64").array


def _groups(
    wave: PublishedWave, ids: pd.Index, columns: dict[str, Any], variables: list[HandoverVariable]
) -> None:
    """Groups with declared levels: one column, or one per level if levels overlap."""
    members = wave.relation("clean", "memberships")
    if members is None:
        return
    for group in wave.study.groups:
        own = members[members["group"] == group.id]
        if not group.levels or own.empty:
            continue
        if group.overlapping:
            for level in group.levels:
                inside = set(own.loc[own["level"] == level.key, "respondent"])
                name = _name(f"{group.id}_{level.key}", {v.name.lower() for v in variables})
                label = Label(
                    f"{group.label.da}: {level.label.da}", f"{group.label.en}: {level.label.en}"
                )
                columns[name] = pd.array([int(one in inside) for one in ids], dtype="Int64")
                variables.append(HandoverVariable(name, label, values=MEMBER))
            continue
        codes = {level.key: n for n, level in enumerate(group.levels, start=1)}
        level_of = own.set_index("respondent")["level"].map(codes).reindex(ids)
        name = _name(group.id, {v.name.lower() for v in variables})
        columns[name] = level_of.astype("Int64").array
        labels = {codes[level.key]: level.label for level in group.levels}
        variables.append(HandoverVariable(name, group.label, values=labels))


def _variable(question: Question, item: Item, taken: set[str]) -> HandoverVariable:
    shown = column_shown(item.variable)
    # if a column's name may be personal, the item gives the name
    name = _name(item.variable if shown == item.variable else item.id, taken)
    label = item.label
    if label != question.label:
        label = Label(f"{question.label.da}: {label.da}", f"{question.label.en}: {label.en}")
    values = {code.code: code.label for code in item.scale}
    if item.type == "multiple":
        values = dict(TICKS)
    missing = tuple(code.code for code in item.scale if getattr(code, "missing", False))
    return HandoverVariable(
        name, label, question.id, item.questionnaire or "", values, missing, not item.closed
    )


def _name(wanted: str, taken: set[str]) -> str:
    """A valid name for statistics programs, unique in the table."""
    name = NAME.sub("_", wanted)[:NAME_BYTES] or "v"
    name = name if name[0].isalpha() else f"v_{name}"
    number, found = 2, name
    while found.lower() in taken:
        found, number = f"{name}_{number}", number + 1
    return found


def write_answers(wave: PublishedWave, table: AnswerTable, folder: Path) -> list[Path]:
    """Write answers.sav (Danish labels, missing values) and answers.parquet."""
    import duckdb
    import pyreadstat

    paths = [folder / SAV, folder / PARQUET]
    frame = table.frame.astype("float64")
    pyreadstat.write_sav(
        frame,
        str(paths[0]),
        file_label=_cut(f"{wave.study.title.da}, {wave.wave}", 60),
        column_labels={v.name: _cut(v.label.da, LABEL_BYTES) for v in table.variables},
        variable_value_labels={
            v.name: {float(c): _cut(label.da, VALUE_BYTES) for c, label in v.values.items()}
            for v in table.variables
            if v.values
        },
        missing_ranges={
            v.name: [float(code) for code in v.missing] for v in table.variables if v.missing
        },
        variable_measure={v.name: "scale" if v.continuous else "nominal" for v in table.variables},
        note=[_cut(text, 80) for text in _whose(wave)] or None,
    )
    with duckdb.connect() as connection:
        connection.register("answers", table.frame)
        target = str(paths[1]).replace("'", "''")
        connection.execute(f"COPY answers TO '{target}' (FORMAT parquet)")
    return paths


def _whose(wave: PublishedWave) -> list[str]:
    if not wave.sheet.constructed:
        return []
    return [wave.sheet.shown_as.upper(), wave.sheet.statement.en]


def _cut(text: str, size: int) -> str:
    """Text cut to the length of the format, between characters."""
    raw = visible(text).encode("utf-8")
    return raw[:size].decode("utf-8", errors="ignore")

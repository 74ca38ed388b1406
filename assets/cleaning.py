"""From raw text to clean tables: invitations, respondents, areas and one table per question.

Pure functions over pandas frames. Every non-empty cell of a question becomes one line; a line
that cannot be used keeps its text and names the rule it breaks (`rule`, `expected`), so that
lines in = usable lines + quarantined lines.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import pandas as pd

from assets.background import areas_of, municipality_levels
from assets.delimited import RawTable
from assets.specs import Item, Question, Study

ANSWER_COLUMNS = (
    "respondent", "file_row", "item", "variable", "value", "code", "number", "rule", "expected",
)  # fmt: skip
# Platforms and spreadsheets write the code 3 as 3 or 3.0, but not as 03 or +3.
WHOLE_NUMBER = re.compile(r"(?:0|-?[1-9][0-9]{0,8})(?:\.0+)?")
NUMBER = re.compile(r"[0-9]{1,12}(?:[.,][0-9]+)?")
UNTICKED = re.compile(r"(?:0(?:\.0+)?)?")


def raw_frame(table: RawTable) -> pd.DataFrame:
    """The raw table as text columns, with the file's line number in `file_row`."""
    frame = pd.DataFrame(list(table.rows), columns=list(table.columns), dtype="object")
    frame.insert(0, "file_row", pd.Series(table.lines, dtype="int64"))
    return frame


def respondent_ids(dataset: pd.DataFrame, study: Study) -> pd.Series:
    """The declared identifier of every line, or `row N` where the export has none."""
    if study.respondent_column is None:
        return ("row " + dataset["file_row"].astype("str")).astype("object")
    return dataset[study.respondent_column].str.strip()


def invitations(
    dataset: pd.DataFrame, municipalities: pd.DataFrame | None, study: Study
) -> pd.DataFrame:
    """One line per invited head: respondent, municipality (code, with a frame), status, file_row.

    Status is complete, partial or none by the declared flags; "dropped out" is partial where
    at least one question was answered, else none. Without flags who answered anything is complete.
    """
    columns = {"respondent": respondent_ids(dataset, study)}
    if municipalities is not None and study.municipality_column is not None:
        codes = dict(zip(municipalities["name"], municipalities["code"], strict=True))
        columns["municipality"] = dataset[study.municipality_column].str.strip().map(codes)
    columns |= {"status": _status(dataset, study), "file_row": dataset["file_row"]}
    return pd.DataFrame(columns)


def _status(dataset: pd.DataFrame, study: Study) -> pd.Series:
    answered = answered_any(dataset, study)
    status = pd.Series("none", index=dataset.index, dtype="object")
    declared = study.status_flags
    if not declared:
        return status.mask(answered, "complete")
    for level in ("complete", "partial"):
        for flag in declared.get(level) or ():
            status[dataset[flag].str.strip() == "1"] = level
    for flag in declared.get("partial_if_answered") or ():
        status[(dataset[flag].str.strip() == "1") & answered] = "partial"
    return status


def answered_any(dataset: pd.DataFrame, study: Study) -> pd.Series:
    """Whether a line holds any answer: a filled cell, or a ticked box (unticked is 0 for all)."""
    answered = pd.Series(False, index=dataset.index)
    for item in study.items.values():
        if study.question[item.question].of_invitations:
            continue
        cells = dataset[item.variable].str.strip()
        empty = cells.str.fullmatch(UNTICKED.pattern) if item.type == "multiple" else cells == ""
        answered |= ~empty
    return answered


def respondents(invited: pd.DataFrame) -> pd.DataFrame:
    """The invited heads who answered all or part of the questionnaire."""
    return invited[invited["status"] != "none"].reset_index(drop=True)


def municipalities(register: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The register under declared names, with one column per municipality group (level key).

    Raises ValueError naming municipality, column and value where a value has no level.
    """
    columns = study.frame["columns"]
    frame = pd.DataFrame({name: register[column].str.strip() for name, column in columns.items()})
    rows = [{c: row[n] for n, c in columns.items()} for row in frame.to_dict("records")]
    for group in study.groups:
        if group.by_municipality and group.kind != "identity":
            levels = municipality_levels(rows, group, columns)
            frame[group.id] = frame["code"].map(levels)
    return frame


def responsibilities(answers: pd.DataFrame, study: Study) -> pd.DataFrame:
    """One line per respondent and area: respondent, group, level, text that was read."""
    lines = []
    for group in study.groups:
        if group.kind == "text_rules":
            own = answers[answers["item"] == group.source]
            for respondent, text in zip(own["respondent"], own["value"], strict=True):
                for level in areas_of(text, group):
                    lines.append((respondent, group.id, level, text))
    return pd.DataFrame(lines, columns=["respondent", "group", "level", "text"], dtype="object")


def memberships(
    answering: pd.DataFrame, register: pd.DataFrame | None, areas: pd.DataFrame, study: Study
) -> pd.DataFrame:
    """One line per respondent, group and level, the level `all` of the group `all` included.

    Identity groups (the municipality itself) are left out: no question is counted by them.
    """
    everyone = pd.DataFrame({"respondent": answering["respondent"], "group": "all", "level": "all"})
    parts = [everyone, areas[["respondent", "group", "level"]]]
    if register is None:
        return pd.concat(parts, ignore_index=True)
    groups = [g for g in study.groups if g.by_municipality and g.kind != "identity"]
    levels = register[["code", *(group.id for group in groups)]]
    placed = answering.merge(levels, left_on="municipality", right_on="code", how="left")
    for group in groups:
        parts.append(
            pd.DataFrame(
                {
                    "respondent": placed["respondent"],
                    "group": group.id,
                    "level": placed[group.id],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def answers(
    dataset: pd.DataFrame, answering: pd.DataFrame, question: Question, study: Study
) -> pd.DataFrame:
    """All filled cells of one question, long: see ANSWER_COLUMNS.

    For a multiple-choice question the lines of everyone who ticked at least one box are kept,
    ticked and unticked, because the platform writes 0 also for those who never saw it.
    """
    known = set(answering["respondent"])
    ids = list(respondent_ids(dataset, study))
    lines = list(dataset["file_row"])
    ticked = _answered_multiple(dataset, question)
    records = []
    for item in question.items:
        readings: dict[str, Reading] = {}
        for row, value in enumerate(dataset[item.variable]):
            text = value.strip()
            if not text or (item.type == "multiple" and not ticked[row]):
                continue
            if text not in readings:
                readings[text] = read_cell(item, text)
            reading = readings[text]
            if reading.rule is None and ids[row] not in known and not question.of_invitations:
                reading = STRAY
            records.append((ids[row], lines[row], item.id, item.variable, value, *reading))
    frame = pd.DataFrame(records, columns=list(ANSWER_COLUMNS))
    return frame.astype({"code": "Int64", "number": "float64", "file_row": "int64"})


def _answered_multiple(dataset: pd.DataFrame, question: Question) -> list[bool]:
    boxes = [list(dataset[i.variable]) for i in question.items if i.type == "multiple"]
    return [
        any(not UNTICKED.fullmatch(cell.strip()) for cell in cells)
        for cells in zip(*boxes, strict=True)
    ]


class Reading(NamedTuple):
    """What a cell's text says: a code or a number, or the rule it breaks."""

    code: int | None = None
    number: float | None = None
    rule: str | None = None
    expected: str | None = None


STRAY = Reading(
    rule="status_says_unanswered",
    expected="no answers on a line whose status says it was not answered",
)


def read_cell(item: Item, text: str) -> Reading:
    """Read a filled cell, blanks around it removed, by the item's declaration."""
    if item.closed:
        code = int(float(text)) if WHOLE_NUMBER.fullmatch(text) else None
        if code in item.codes:
            return Reading(code=code)
        known = ", ".join(map(str, item.codes))
        return Reading(rule="undeclared_code", expected=f"one of the codes {known}")
    if item.type == "numeric":
        if NUMBER.fullmatch(text):
            return Reading(number=float(text.replace(",", ".")))
        return Reading(rule="not_a_count", expected="a number of at least 0")
    return Reading()

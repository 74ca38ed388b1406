"""From raw text to clean tables: invitations, respondents, areas and one table per question.

Pure functions over pandas frames. Every answer to a question becomes one line; a line
that cannot be used keeps its text and names the rule it breaks (`rule`, `expected`), so that
lines in = usable lines + quarantined lines.
"""

from __future__ import annotations

import pandas as pd

from assets.clean.background import areas_of, municipality_levels
from assets.clean.pseudonyms import keyed_hashes
from assets.raw.cells.reading import UNTICKED, CellReading, read_cell
from declarations import Question, Study
from runtime.plain_text import plain
from tests.reference.judge import Broken

ANSWER_COLUMNS = (
    "respondent", "file_row", "item", "variable", "value", "code", "number", "rule", "expected",
)  # fmt: skip
ANSWER_TYPES = {"code": "Int64", "number": "float64", "file_row": "int64"}
USABLE_COLUMNS = ("respondent", "item", "variable", "code", "number")
# Of a cell that breaks several rules both columns name each, in the same order.
SEVERAL = "\n"
STRAY = (
    "status_says_unanswered",
    "no answers on a line whose status says it was not answered",
)
NONE_BROKEN: Broken = {}


def identifiers(dataset: pd.DataFrame, study: Study) -> pd.Series:
    """The raw identifier of every line, or `row N` if the export has none: personal data."""
    if study.respondent_column is None:
        return ("row " + dataset["file_row"].astype("str")).astype("object")
    return dataset[study.respondent_column].str.strip()


def respondent_ids(dataset: pd.DataFrame, study: Study, key: bytes) -> pd.Series:
    """The keyed hash of each line's respondent, which identifies the respondent everywhere else.

    Raises CollisionError if two identifiers have the same hash.
    """
    hashes = keyed_hashes(key, study.id, list(identifiers(dataset, study)))
    return pd.Series(hashes, index=dataset.index, dtype="object")


def links(dataset: pd.DataFrame, ids: pd.Series, study: Study) -> pd.DataFrame:
    """The line of each respondent: respondent, identifier, file_row. Restricted."""
    columns = {"respondent": ids, "identifier": identifiers(dataset, study)}
    return pd.DataFrame({**columns, "file_row": dataset["file_row"]})


def invitations(
    dataset: pd.DataFrame, ids: pd.Series, municipalities: pd.DataFrame | None, study: Study
) -> pd.DataFrame:
    """One line per invited head: respondent, municipality (code, with a frame), status.

    Then come the background columns declared as not personal. `ids` are `respondent_ids`. Lines are
    in the order of the ids, so the position reveals nothing about the file.

    Status is complete, partial or none by the declared flags. "Dropped out" is partial if at least
    one question was answered, else none. Without flags everyone who answered anything is complete.
    """
    columns = {"respondent": ids}
    if municipalities is not None and study.municipality_column is not None:
        names = municipalities["name"].map(plain)
        codes = dict(zip(names, municipalities["code"], strict=True))
        columns["municipality"] = dataset[study.municipality_column].map(plain).map(codes)
    columns["status"] = _status(dataset, study)
    columns |= {name: dataset[name] for name in study.harmless_columns}
    return pd.DataFrame(columns).sort_values("respondent", ignore_index=True)


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

    Raises ValueError with municipality, column and value if a value has no level.
    """
    columns = study.register_columns
    frame = pd.DataFrame({name: register[column].str.strip() for name, column in columns.items()})
    rows = [{c: row[n] for n, c in columns.items()} for row in frame.to_dict("records")]
    for group in study.groups:
        if group.by_municipality and group.kind != "identity":
            frame[group.id] = frame["code"].map(municipality_levels(rows, group, columns))
    return frame


def responsibilities(answers: pd.DataFrame, study: Study) -> pd.DataFrame:
    """One line per respondent and area: respondent, group, level, and the text that was read.

    The text is personal; everything else is in `clean.responsibilities`.
    """
    lines = []
    for group in study.groups:
        if group.kind == "text_rules":
            own = answers[(answers["item"] == group.source) & answers["rule"].isna()]
            for respondent, text in zip(own["respondent"], own["value"], strict=True):
                for level in areas_of(text, group):
                    lines.append((respondent, group.id, level, text))
    frame = pd.DataFrame(lines, columns=["respondent", "group", "level", "text"], dtype="object")
    return frame.sort_values("respondent", kind="stable", ignore_index=True)


def memberships(
    answering: pd.DataFrame, register: pd.DataFrame | None, areas: pd.DataFrame, study: Study
) -> pd.DataFrame:
    """One line per respondent, group and level, including the level `all` of the group `all`.

    Identity groups (the municipality itself) are left out, because no question is broken down by
    them.
    """
    everyone = pd.DataFrame({"respondent": answering["respondent"], "group": "all", "level": "all"})
    parts = [everyone, areas[["respondent", "group", "level"]]]
    if register is None:
        return pd.concat(parts, ignore_index=True)
    groups = [g for g in study.groups if g.by_municipality and g.kind != "identity"]
    groups = [group for group in groups if study.has_group(group)]
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


def without_rejected(dataset: pd.DataFrame, rejected: pd.DataFrame) -> pd.DataFrame:
    """The data set without the lines that a row rule has quarantined (`file_row` of `rejected`)."""
    return dataset[~dataset["file_row"].isin(rejected["file_row"])].reset_index(drop=True)


def answers(
    dataset: pd.DataFrame,
    ids: pd.Series,
    answering: pd.DataFrame,
    question: Question,
    study: Study,
    broken: Broken = NONE_BROKEN,
) -> pd.DataFrame:
    """All answers to one question, in long form: see ANSWER_COLUMNS, with the text of the cells.

    A filled cell is an answer. In a multiple-choice question all boxes count for everyone who
    ticked at least one, so that all boxes share a base. An empty box then means not ticked, like 0,
    which the platform also writes for respondents who never saw it. `broken` names the rules beyond
    their own scale that answers break, by (row, column).
    """
    known = set(answering["respondent"])
    names = ids.tolist()
    lines = dataset["file_row"].tolist()
    ticked = _ticked(dataset, question)
    records = []
    for item in question.items:
        readings: dict[str, CellReading] = {}
        for row, value in enumerate(dataset[item.variable].tolist()):
            text = value.strip()
            box = item.type == "multiple"
            if not (ticked[row] or not UNTICKED.fullmatch(text) if box else text):
                continue
            if text not in readings:
                readings[text] = read_cell(item, text)
            reading = readings[text]
            reasons = broken.get((lines[row], item.variable), ())
            if names[row] not in known and not question.of_invitations:
                reasons = (STRAY, *reasons)
            if reasons:
                reading = _rejected(reading, reasons)
            records.append((names[row], lines[row], item.id, item.variable, value, *reading))
    return pd.DataFrame(records, columns=list(ANSWER_COLUMNS)).astype(ANSWER_TYPES)


def no_answers() -> pd.DataFrame:
    """An empty relation of cells: see ANSWER_COLUMNS."""
    return pd.DataFrame(columns=list(ANSWER_COLUMNS), dtype="object").astype(ANSWER_TYPES)


def usable_answers(cells: pd.DataFrame, question: Question) -> pd.DataFrame:
    """The counted cells of a question, without text and position: see USABLE_COLUMNS.

    Closed and numeric items only, in the order of the respondents' ids.
    """
    opened = [item.id for item in question.items if item.type == "open"]
    usable = cells[cells["rule"].isna() & ~cells["item"].isin(opened)]
    ordered = usable.sort_values("respondent", kind="stable", ignore_index=True)
    return ordered[list(USABLE_COLUMNS)]


def _rejected(reading: CellReading, reasons: tuple[tuple[str, str], ...]) -> CellReading:
    """A reading that breaks further rules: it has no code and no number, and names all rules."""
    if reading.rule is not None:
        reasons = ((reading.rule, str(reading.expected)), *reasons)
    rules, expected = zip(*reasons, strict=True)
    return CellReading(rule=SEVERAL.join(rules), expected=SEVERAL.join(expected))


def rule_by_rule(rejected: pd.DataFrame) -> pd.DataFrame:
    """Answers that break several rules, once for each rule."""
    each = {name: rejected[name].str.split(SEVERAL) for name in ("rule", "expected")}
    return rejected.assign(**each).explode(["rule", "expected"], ignore_index=True)


def _ticked(dataset: pd.DataFrame, question: Question) -> list[bool]:
    """Whether a line has a ticked box of the question. An undeclared code is not a tick."""
    ticked = pd.Series(False, index=dataset.index)
    for item in question.items:
        if item.type == "multiple":
            texts = dataset[item.variable].str.strip()
            ticks = [text for text in set(texts) if text and read_cell(item, text).answers(item)]
            ticked |= texts.isin(ticks)
    return ticked.tolist()

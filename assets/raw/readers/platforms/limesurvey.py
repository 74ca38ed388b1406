"""LimeSurvey: CSV of answer codes with the survey's .lss or a CSV of full answers, or either alone.

https://www.limesurvey.org/manual/Exporting_results and
https://www.limesurvey.org/manual/Export_survey_structure (.lss)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree

from assets.raw.readers.platforms.columns import (
    BOX,
    CLOSED,
    META,
    NUMBER,
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
    "id", "response id", "submitdate", "date submitted", "lastpage", "last page", "startlanguage",
    "start language", "seed", "startdate", "date started", "datestamp", "date last action",
    "ipaddr", "ip address", "refurl", "referrer url", "token", "access code", "svar-id",
    "afsendelsesdato", "sidste side", "startsprog",
})  # fmt: skip
# `Q1[SQ001]`, `Q1[SQ001][1]`, `Q1_SQ001`, and with the text `Q1[SQ001]. What ...`
COLUMN = re.compile(
    r"([A-Za-z][A-Za-z0-9_]*?)(?:\[([^\]]*)\])?(?:\[([^\]]*)\])?(?:\.\s+(.*))?", re.DOTALL
)
FULL = re.compile(r"(.*?)\s*\[([^\[\]]+)\]", re.DOTALL)
MULTIPLE, NUMBERS = frozenset("MP"), frozenset("NK")
OPEN = frozenset("STUQD|*XR;")
YES, GENDER = (("Y", "Yes"), ("N", "No")), (("F", "Female"), ("M", "Male"))
TEN = tuple((str(n), str(n)) for n in range(1, 11))
FIXED: Mapping[str, Labels] = {
    "Y": YES, "G": GENDER, "C": (*YES, ("U", "Uncertain")),
    "E": (("I", "Increase"), ("S", "Same"), ("D", "Decrease")),
    "A": TEN[:5], "5": TEN[:5], "B": TEN,
}  # fmt: skip
OTHER = ("-oth-", "Other")


@dataclass
class LimeSurveyQuestion:
    """A question of the .lss: type, text, answers by scale, subquestions by code."""

    type: str
    text: str
    answers: list[tuple[str, str]] = field(default_factory=list)
    parts: dict[str, str] = field(default_factory=dict)
    other: bool = False


def definition_of(content: bytes) -> dict[str, LimeSurveyQuestion]:
    """Questions of an .lss by code. Raises ValueError if it is not a LimeSurvey structure.

    From version 4 on, texts are in separate tables (`question_l10ns`, `answer_l10ns`).
    """
    # NUL: UTF-16, in which the words would not be found
    if any(word in content for word in (b"<!DOCTYPE", b"<!ENTITY", b"\0")):
        raise ValueError("document types")
    root = ElementTree.fromstring(content)  # noqa: S314 - entities are refused above
    language = (root.findtext("./languages/language") or "").strip()

    def rows(name: str) -> list[dict[str, str]]:
        found = root.findall(f"./{name}/rows/row")
        return [{each.tag: each.text or "" for each in row} for row in found]

    def texts(name: str, key: str, text: str) -> dict[str, str]:
        facts: dict[str, str] = {}
        for row in rows(name):
            if row.get("language", language) == language or row.get(key) not in facts:
                facts[row.get(key, "")] = row.get(text, "")
        return facts

    asked, answered = (
        texts("question_l10ns", "qid", "question"),
        texts("answer_l10ns", "aid", "answer"),
    )
    own: dict[str, LimeSurveyQuestion] = {}
    by_id: dict[str, LimeSurveyQuestion] = {}
    for row in rows("questions"):
        if row.get("parent_qid", "0") in ("0", "") and row.get("language", language) == language:
            text = without_markup(asked.get(row["qid"], row.get("question", "")))
            question = LimeSurveyQuestion(row.get("type", ""), text, other=row.get("other") == "Y")
            own[row["title"]] = by_id[row["qid"]] = question
    for row in (*rows("subquestions"), *rows("questions")):
        parent = by_id.get(row.get("parent_qid", ""))
        if parent is not None and row.get("language", language) == language:
            parent.parts[row["title"]] = without_markup(
                asked.get(row["qid"], row.get("question", ""))
            )
    for row in sorted(rows("answers"), key=lambda r: int(r.get("sortorder") or 0)):
        question_ = by_id.get(row.get("qid", ""))
        if question_ is not None and row.get("language", language) == language:
            label = without_markup(answered.get(row.get("aid", ""), row.get("answer", "")))
            if row.get("code", "") not in dict(question_.answers):
                question_.answers.append((row.get("code", ""), label))
    if not own:
        raise ValueError("no questions")
    return own


def read(
    grid: PlatformSheet,
    definition: PlatformSheet | None,
    questions: Mapping[str, LimeSurveyQuestion] | None = None,
) -> ReadColumns:
    """Answer codes with labels from the .lss or from the full answers; or full answers alone."""
    names, body = grid.headed()
    columns = across(body, len(names))
    full: dict[str, tuple[str, ...]] = {}
    headings: dict[str, str] = {}
    notes: list[str] = []
    if definition is not None and questions is None:
        full, headings, notes = _full_answers(names, columns, definition)
    found = []
    for name, cells in zip(names, columns, strict=True):
        if same_text(name) in META_NAMES:
            found.append(PlatformColumn(name, cells, kind=META))
        elif questions:
            found.append(_of_definition(name, cells, questions))
        else:
            found.append(_alone(name, cells, full.get(name), headings.get(name, "")))
    lines = [line for line, _ in body]
    if questions:
        return ReadColumns(lines, found, lacking=("the .lss", "a question"))
    return ReadColumns(lines, _with_boxes(found, notes), notes)


def _parted(name: str) -> tuple[str, str, str, str]:
    found = COLUMN.fullmatch(name)
    if found is None:
        # a full heading: `What do you read? [Papers]`
        full = FULL.fullmatch(name)
        return (full.group(1), full.group(2), "", "") if full else (name, "", "", "")
    code, part, scale, text = (each or "" for each in found.groups())
    return code, part, scale, text


def _of_definition(
    name: str, cells: tuple[str, ...], questions: Mapping[str, LimeSurveyQuestion]
) -> PlatformColumn:
    code, part, scale, _ = _parted(name)
    question = questions.get(code)
    if question is None:
        # `Q1_SQ001`, written by programs that do not allow brackets
        code, _, part = name.rpartition("_")
        question = questions.get(code)
    if question is None:
        return PlatformColumn(name, cells)
    kind, text = question.type, question.text
    line = question.parts.get(part, "")
    message = f"{text} - {line}" if line and kind not in MULTIPLE else text
    if part in ("other", "comment") or part.endswith("comment") or kind in OPEN:
        return PlatformColumn(name, cells, f"{text} - {part}" if part else text, TEXT)
    if kind in MULTIPLE:
        place = list(question.parts).index(part) + 1 if part in question.parts else 99
        return PlatformColumn(
            name, ticks(cells, ("Y", "Yes", "Ja", "1")), text, BOX, code, str(place), line or part
        )
    if kind in NUMBERS:
        return PlatformColumn(name, _numbers(cells), message, NUMBER)
    if kind == ":":
        return PlatformColumn(name, cells, f"{message} - {scale}")
    labels = tuple(question.answers) or FIXED.get(kind, ())
    if question.other or "-oth-" in cells:
        labels = (*labels, OTHER)
    # full answers are their own labels
    texts = {same_text(label) for _, label in labels}
    given = {same_text(cell) for cell in cells if cell.strip()}
    codes = {same_text(code) for code, _ in labels}
    if given and not given <= codes and given <= texts:
        labels = tuple((label, label) for _, label in labels)
    return PlatformColumn(name, cells, message, CLOSED if labels else UNKNOWN, labels=labels)


LONG_NUMBER = re.compile(r"-?[0-9]+\.[0-9]{4,}")


def _numbers(cells: Sequence[str]) -> tuple[str, ...]:
    """Numbers without trailing zeros: the database writes ten decimals, 12.0000000000."""
    return tuple(
        cell.rstrip("0").rstrip(".") if LONG_NUMBER.fullmatch(cell) else cell for cell in cells
    )


def _alone(
    name: str, cells: tuple[str, ...], full: tuple[str, ...] | None, heading: str
) -> PlatformColumn:
    """A column without a definition.

    `Y` makes it a box; other codes get labels from the full answers.
    """
    code, part, _, text = _parted(name)
    text = heading or text or name
    if part in ("other", "comment") or part.endswith("comment"):
        return PlatformColumn(name, cells, f"{text} - {part}", TEXT)
    if full is None:
        return PlatformColumn(name, cells, text, question=code if part else "")
    pairs = {(plain(c), plain(f)) for c, f in zip(cells, full, strict=True) if c.strip()}
    labels = dict(sorted(pairs))
    own = all(code == label for code, label in pairs)
    if own or len(labels) != len(pairs) or len(labels) > 60:
        # equal code and label: a number, or the respondent's own words
        return PlatformColumn(name, cells, text)
    return PlatformColumn(
        name, cells, text, CLOSED, code if part else "", labels=tuple(labels.items())
    )


def _with_boxes(columns: Sequence[PlatformColumn], notes: list[str]) -> list[PlatformColumn]:
    """Columns `Q1[...]` that hold only yes (and no) are boxes of Q1."""
    groups: dict[str, list[PlatformColumn]] = {}
    for column in columns:
        code, part, _, _ = _parted(column.name)
        if part and column.kind not in (META, TEXT):
            groups.setdefault(code, []).append(column)
    yes, no = {"y", "yes", "ja"}, {"n", "no", "nej", ""}
    found: dict[str, PlatformColumn] = {}
    for code, own in groups.items():
        held = [{same_text(cell) for cell in column.cells} for column in own]
        if not all(cells <= yes | no for cells in held) or not any(cells & yes for cells in held):
            continue
        if all("y" not in cells and "" not in cells for cells in held):
            notes.append(
                f"{code} in columns of yes and no, expected an .lss that distinguishes boxes from "
                "an array of yes and no (read as boxes)"
            )
        for place, column in enumerate(own, start=1):
            head, choice = _box_texts(column.text, _parted(column.name)[1])
            found[column.name] = PlatformColumn(
                column.name, ticks(column.cells, yes), head, BOX, code, str(place), choice
            )
    return [found.get(column.name, column) for column in columns]


def _box_texts(text: str, part: str) -> tuple[str, str]:
    """`Question [Choice]`, as in full headings."""
    found = FULL.fullmatch(text)
    return (found.group(1), found.group(2)) if found else (text, part)


def _full_answers(
    names: Sequence[str], columns: Sequence[tuple[str, ...]], definition: PlatformSheet
) -> tuple[dict[str, tuple[str, ...]], dict[str, str], list[str]]:
    """The columns of the file with full answers, by name or, with full headings, by position."""
    others, body = definition.headed()
    if len(body) != len(columns[0] if columns else ()):
        return {}, {}, [
            (f"{len(body)} lines in {definition.file}, expected {len(columns[0])} as in the codes "
            "(its labels are not used)")
        ]  # fmt: skip
    given = across(body, len(others))
    same = set(others) >= {n for n in names if same_text(n) not in META_NAMES}
    if not same and len(others) != len(names):
        return {}, {}, [
            (f"other columns in {definition.file}, expected those of the codes (its labels are not "
            "used)")
        ]  # fmt: skip
    place = {
        n: others.index(n) if same else at for at, n in enumerate(names) if not same or n in others
    }
    full = {name: given[at] for name, at in place.items()}
    headings = {} if same else {name: others[at] for name, at in place.items()}
    return full, headings, []

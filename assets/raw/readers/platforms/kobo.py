"""KoboToolbox: CSV or workbook of values or labels, with the XLSForm where given.

https://support.kobotoolbox.org/export_download.html and https://xlsform.org/ (survey, choices)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from assets.raw.readers.platforms.cells import Split
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
    held_labels,
    ticks,
)
from runtime.plain_text import plain, same_text

META_NAMES = frozenset({
    "start", "end", "today", "username", "deviceid", "phonenumber", "simserial", "subscriberid",
    "_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status",
    "_submitted_by", "__version__", "_tags", "_index", "_parent_index", "_parent_table_name",
    "_xform_id_string", "_attachments", "_geolocation", "meta/instanceid", "formhub/uuid",
    "meta/rootuuid", "meta/deprecatedid", "instanceid",
})  # fmt: skip
OPEN = ("text", "date", "time", "datetime", "geopoint", "geotrace", "geoshape", "image", "audio",
        "video", "file", "barcode", "note", "hidden", "rank")  # fmt: skip


@dataclass(frozen=True)
class KoboQuestion:
    """A question of the XLSForm: type, list of choices, label."""

    type: str
    text: str
    choices: Labels = ()


def definition_of(sheets: Mapping[str, PlatformSheet]) -> dict[str, KoboQuestion]:
    """Questions of an XLSForm by name. Raises ValueError if the file is not an XLSForm."""
    if not {"survey", "choices"} <= set(sheets):
        raise ValueError("no sheets survey and choices")
    lists: dict[str, list[tuple[str, str]]] = {}
    for row in _rows(sheets["choices"]):
        own = lists.setdefault(row.get("list_name") or row.get("list name") or "", [])
        if row.get("name"):
            own.append((row["name"], _label(row) or row["name"]))
    found = {}
    for row in _rows(sheets["survey"]):
        kind, _, listed = row.get("type", "").strip().partition(" ")
        kind = {"select1": "select_one", "select": "select_multiple"}.get(kind, kind)
        listed = listed.split(" ")[0]
        if row.get("name"):
            found[row["name"]] = KoboQuestion(kind, _label(row), tuple(lists.get(listed, ())))
    return found


def _rows(grid: PlatformSheet) -> list[dict[str, str]]:
    names, body = grid.headed()
    lines = [same_text(name) for name in names]
    return [dict(zip(lines, map(str.strip, cells), strict=True)) for _, cells in body]


def _label(row: Mapping[str, str]) -> str:
    """The label; if there are several languages, the first filled one."""
    named = [row["label"]] if row.get("label") else []
    named += [text for name, text in row.items() if name.startswith("label::") and text]
    return plain(re.sub(r"<[^>]+>|\*\*|__", "", named[0])) if named else ""


def read(
    grid: PlatformSheet,
    _: PlatformSheet | None,
    questions: Mapping[str, KoboQuestion] | None = None,
) -> ReadColumns:
    """Answers as names of choices or as labels; `select_multiple` as boxes in any export form."""
    known = dict(questions or {})
    by_text = {same_text(q.text): q for q in known.values() if q.text}
    names, body = grid.headed()
    columns: list[PlatformColumn] = []
    splits: dict[str, Split] = {}
    singles = {name for name in names if any(n.startswith(f"{name}/") for n in names)}
    for name, cells in zip(names, across(body, len(names)), strict=True):
        own = name.rpartition("/")[2]
        head = name.rpartition("/")[0]
        question = known.get(name) or known.get(own) or by_text.get(same_text(own))
        parent = known.get(head.rpartition("/")[2]) or by_text.get(
            same_text(head.rpartition("/")[2])
        )
        if same_text(name) in META_NAMES or name.startswith("_"):
            columns.append(PlatformColumn(name, cells, kind=META))
        elif head in names and (parent is None or parent.type == "select_multiple"):
            columns.append(_box(name, head, own, cells, parent))
        elif name in singles and (question is None or question.type == "select_multiple"):
            # the boxes that follow have the same text
            columns.append(PlatformColumn(name, cells, kind=META))
        elif question is None:
            columns.append(PlatformColumn(name, cells, own))
            if not known and (found := _names_split(cells)):
                splits[name] = found
        else:
            column = _column(name, cells, question)
            if question.type == "select_multiple":
                splits[name] = _split(cells, question)
            columns.append(column)
    return ReadColumns([line for line, _ in body], columns, (), splits, detects=not known)


def _box(
    name: str, head: str, own: str, cells: tuple[str, ...], parent: KoboQuestion | None
) -> PlatformColumn:
    labels = dict(parent.choices) if parent else {}
    place = list(labels).index(own) + 1 if own in labels else 0
    text = parent.text if parent and parent.text else head.rpartition("/")[2]
    return PlatformColumn(
        name, ticks(cells, ("1", "1.0", "true", labels.get(own, own), own)), text, BOX, head,
        str(place) if place else "", labels.get(own, own),
    )  # fmt: skip


def _column(name: str, cells: tuple[str, ...], question: KoboQuestion) -> PlatformColumn:
    if question.type == "select_one" and question.choices:
        labels = held_labels(question.choices, cells)
        return PlatformColumn(name, cells, question.text, CLOSED, labels=labels)
    if question.type in ("integer", "decimal", "range"):
        return PlatformColumn(name, cells, question.text, NUMBER)
    kind = TEXT if question.type in OPEN else UNKNOWN
    return PlatformColumn(name, cells, question.text, kind, labels=question.choices)


def _names_split(cells: tuple[str, ...]) -> Split | None:
    """Names of choices between blanks. Names combine in more ways than there are names."""
    answers = {cell.strip() for cell in cells if cell.strip()}
    names = sorted({part for answer in answers for part in answer.split()})
    several = sum(" " in answer for answer in answers)
    plain_names = all(re.fullmatch(r"[A-Za-z0-9_.-]{1,40}", name) for name in names)
    repeated = all(sum(name in cell.split() for cell in cells) > 1 for name in names)
    fits = several > 1 and plain_names and repeated and len(answers) > len(names)
    return Split(" ", tuple(names)) if fits else None


def _split(cells: tuple[str, ...], question: KoboQuestion) -> Split:
    """Split at blanks.

    Names contain no blanks; labels may, so they are matched by their whole text.
    """
    names = {code for code, _ in question.choices}
    parts = {part for cell in cells for part in cell.split()}
    if parts <= names or len(parts & names) * 2 > len(parts):
        return Split(" ", tuple(code for code, _ in question.choices))
    return Split(" ", tuple(label for _, label in question.choices))

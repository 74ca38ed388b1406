"""Results the prose speaks of without a table: breakdowns, declared in a few lines each.

`rows: {items_of: question, levels_of: [group, ...]}` and `columns: {codes_of: question}` stand
for rows and columns as a table declares them. They are written out where the results are
computed, not where the declarations are read: there are many, and most readers need none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from declarations.documents import declared_in, read_document
from declarations.errors import SpecError, need, only
from declarations.ids import read_id
from declarations.labels import Label, read_label
from declarations.load import check_table
from declarations.study import Study
from declarations.survey.groups import Level
from declarations.survey.questions import Item, Question
from declarations.tables.cells import ENTRIES, OTHERS, Table, read_table

FOLDER = "unnumbered"
# what a numbered table has beside
MADE = {"number", "chapter", "frequency", "entries"}
ALL = {"key": "all:all", "da": "Alle", "en": "All"}
TICKED = {"key": "ticked", "da": "Afkrydset", "en": "Ticked", "code": 1}
ANSWERED = {"key": "n", "da": "Antal svar", "en": "Answers", "code": "total", "statistic": "count"}


@dataclass(frozen=True)
class Unnumbered:
    """A result without a number; `table` has its cells."""

    id: str
    section: str
    title: Label
    question: Question
    items: tuple[Item, ...]
    groups: tuple[str, ...]
    note: str
    source: str
    data: Mapping[str, Any]
    study: Study

    @property
    def chapter(self) -> str:
        """Chapter of the report that speaks of it."""
        return self.section.split(".")[0]

    @cached_property
    def table(self) -> Table:
        """Rows and columns written out. SpecError where they refer to what is not declared."""
        levels = [line for group in self.groups for line in _levels(group, self.study)]
        rows = [
            {"key": item.id, **_label(item.label), "item": item.id, "groups": levels}
            for item in self.items
        ]
        columns = self.data["columns"]
        if isinstance(columns, Mapping):
            columns = _codes(self.items[0])
        table = read_table(
            {**self.data, "number": "", "chapter": self.chapter, "rows": rows, "columns": columns},
            self.source,
        )
        check_table(self.study, table)
        return table


def read_unnumbered(study: Study) -> tuple[Unnumbered, ...]:
    """Read `unnumbered/*.yaml` in the order of sections; a study without that folder has none.

    Raises SpecError for questions, items and groups that are not declared, and where items
    have not the same codes but the columns are `codes_of` their question.
    """
    found = []
    for path in sorted((study.folder / FOLDER).glob("*.yaml")):
        source = f"{FOLDER}/{path.name}"
        with declared_in(source):
            found.append(_read(read_document(path), study, source))
    if len({result.id for result in found}) != len(found):
        raise SpecError(study.folder / FOLDER, "an id stands twice")
    return tuple(sorted(found, key=lambda result: (result.section, result.source)))


def _read(data: Any, study: Study, source: str) -> Unnumbered:
    rows, columns = need(data, "rows", source), need(data, "columns", source)
    only(data, set(ENTRIES) - MADE, source)
    only(rows, ("items_of", "items", "levels_of"), f"{source}: rows")
    if isinstance(columns, Mapping):
        only(columns, ("codes_of",), f"{source}: columns")
    question_id = str(need(rows, "items_of", source))
    if question_id not in study.question:
        raise SpecError(source, f"question {question_id!r} is not declared")
    question = study.question[question_id]
    by_id = {item.id: item for item in question.items}
    chosen = rows.get("items", [item.id for item in question.closed_items])
    unknown = [item for item in chosen if item not in by_id]
    if unknown or not chosen:
        raise SpecError(source, f"items {unknown} are not of question {question_id}")
    items = tuple(by_id[item] for item in chosen)
    groups = tuple(map(str, need(rows, "levels_of", source)))
    for group in groups:
        if group != "all" and group not in study.group:
            raise SpecError(source, f"group {group!r} is not declared")
    if isinstance(columns, Mapping):
        if need(columns, "codes_of", source) != question_id:
            raise SpecError(source, "columns: codes_of names another question than rows")
        if len({(item.type, item.codes) for item in items}) != 1:
            raise SpecError(source, f"the items of {question_id} have not all the same codes")
    return Unnumbered(
        id=read_id(need(data, "id", source), source),
        section=str(need(data, "section", source)),
        title=read_label(need(data, "title", source), source),
        question=question,
        items=items,
        groups=groups,
        note=str(data.get("note", "")),
        source=source,
        data=data,
        study=study,
    )


def _levels(group: str, study: Study) -> list[dict[str, Any]]:
    """Lines of a group; levels that overlap are followed by everyone not in them."""
    if group == "all":
        return [ALL]
    declared = study.group[group]
    lines = []
    for level in declared.levels:
        lines.append(_line(group, level, ""))
        if declared.overlapping:
            lines.append(_line(group, level, OTHERS))
    return lines


def _line(group: str, level: Level, mark: str) -> dict[str, Any]:
    label = level.label
    if mark:
        label = Label(f"Øvrige end {label.da}", f"All but {label.en}")
    key = f"{mark}{level.key}"
    return {"key": f"{group}:{key}", **_label(label), "group": group, "level": key}


def _codes(item: Item) -> list[dict[str, Any]]:
    """How many answered, and the share of every code; of a tick box the share who ticked it."""
    if item.type == "multiple":
        return [ANSWERED, TICKED]
    codes = [{"key": c.key, **_label(c.label), "code": c.code} for c in item.scale]
    return [ANSWERED, *codes]


def _label(label: Label) -> dict[str, str]:
    return {"da": label.da, "en": label.en}

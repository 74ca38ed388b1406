"""The whole study: everything that is declared, with look-ups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from assets.specs.cells import Table
from assets.specs.errors import need
from assets.specs.groups import Group
from assets.specs.labels import Label
from assets.specs.questions import Item, Question
from assets.specs.rules import CATALOGUE, Policy, Rule
from assets.specs.waves import SourceSheet, read_source_sheet


@dataclass(frozen=True)
class Study:
    """A declared survey. `folder` is the study folder the declarations were read from.

    `policies` says of every rule that is not switched off what is done when it finds something.
    """

    id: str
    title: Label
    folder: Path
    waves: tuple[str, ...]
    conventions: Mapping[str, Any]
    frame: Mapping[str, Any]
    export: Mapping[str, Any]
    policies: Mapping[str, Policy]
    questions: tuple[Question, ...]
    groups: tuple[Group, ...]
    tables: tuple[Table, ...]

    @cached_property
    def items(self) -> dict[str, Item]:
        """All items by id, in questionnaire order."""
        return {item.id: item for question in self.questions for item in question.items}

    @cached_property
    def question(self) -> dict[str, Question]:
        """Questions by id."""
        return {question.id: question for question in self.questions}

    @cached_property
    def group(self) -> dict[str, Group]:
        """Groups by id."""
        return {group.id: group for group in self.groups}

    @cached_property
    def table(self) -> dict[str, Table]:
        """Tables by id."""
        return {table.id: table for table in self.tables}

    @property
    def respondent_column(self) -> str | None:
        """The identifier's column; without one a respondent is known by the line's number."""
        return _name(self.export, "respondent")

    @property
    def municipality_column(self) -> str | None:
        """The column that places a respondent in the frame; None without a frame."""
        return _name(self.export, "municipality") if self.has_frame else None

    @property
    def has_frame(self) -> bool:
        """Whether invitations are joined to a register."""
        return bool(self.frame)

    @property
    def status_flags(self) -> Mapping[str, Any]:
        """Flags by how an invitation was answered; empty where the export has none."""
        return self.export.get("status") or {}

    @property
    def background_columns(self) -> tuple[str, ...]:
        """Columns of the respondent list, which are no questions, in declared order."""
        listed = [self.respondent_column, self.municipality_column]
        listed += map(str, self.export.get("background") or ())
        return tuple(name for name in listed if name is not None)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules the study can break and has not switched off, in the catalogue's order."""
        has = {
            "": True,
            "frame": self.has_frame,
            "respondent": self.respondent_column is not None,
            "status": bool(self.status_flags),
            "exclusive": any(item.exclusive for item in self.items.values()),
            "routing": any(item.condition for item in self.items.values()),
        }
        return tuple(r for name, r in CATALOGUE.items() if name in self.policies and has[r.needs])

    @cached_property
    def counted_questions(self) -> tuple[Question, ...]:
        """Questions with at least one closed item."""
        return tuple(question for question in self.questions if question.closed_items)

    def questions_of(self, table: Table) -> tuple[Question, ...]:
        """Questions a table draws on, in order of first use."""
        ids = dict.fromkeys(self.items[i].question for i in table.items if i in self.items)
        return tuple(self.question[question_id] for question_id in ids)

    def source_sheet(self, wave: str) -> SourceSheet:
        """The source sheet of a wave; SpecError where it lacks a file the study needs."""
        sheet = read_source_sheet(self.folder / "waves" / wave)
        if self.has_frame:
            need(sheet.files, "municipalities", f"{sheet.path}: files")
        return sheet


def _name(mapping: Mapping[str, Any], key: str) -> str | None:
    value = mapping.get(key)
    return None if value is None else str(value)

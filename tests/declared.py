"""Declarations in a few lines, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from declarations import Group, Question, Study, Table, load_study
from declarations.errors import Mistakes
from declarations.model import M, validated
from declarations.survey.groups import AnyGroup
from declarations.survey.question_file import QuestionFile
from declarations.tables.table_file import TableFile, made_table


def study_of(folder: Path, entries: str) -> Study:
    """A study that declares nothing but these entries of study.yaml."""
    (folder / "study.yaml").write_text(f"id: x\ntitle: X\n{entries}", encoding="utf-8")
    return load_study(folder)


def question_of(data: Mapping[str, Any], source: str) -> Question:
    """A question from plain values. Raises SpecError with `source` and every mistake."""
    return _read(QuestionFile, data, source).made(source)


def group_of(data: Mapping[str, Any]) -> Group:
    """A group from plain values."""
    found: Group = TypeAdapter(AnyGroup).validate_python(data)
    return found


def table_of(data: Mapping[str, Any], source: str) -> Table:
    """A table from plain values. Raises SpecError with `source` and every mistake."""
    return made_table(_read(TableFile, data, source), source)


def _read(model: type[M], data: Mapping[str, Any], source: str) -> M:
    mistakes = Mistakes()
    found = validated(model, data, Path(source), mistakes)
    mistakes.stop()
    assert found is not None
    return found

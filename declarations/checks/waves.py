"""Checks of the waves that declarations name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from declarations.checks.checked import STUDY_FILE, Checked
from declarations.errors import listed
from declarations.operation import DEFAULT
from declarations.spans import Spanned
from declarations.survey.question_file import QuestionFile
from declarations.survey.study_file import StudyFile

YEAR = re.compile(r"[0-9]{4}(?![0-9])")
# entries that are mappings by wave
BY_WAVE = ("reworded", "variables")


def check_waves(checked: Checked, whole: StudyFile, questions: Mapping[str, QuestionFile]) -> None:
    """A wave may be to come, but it is named by a year if all waves of the study are.

    `2O18` would be a wave before all others, and `20188` one after them.
    """
    waves = checked.study.waves
    if not waves or not all(map(YEAR.match, waves)):
        return
    files: list[tuple[str, BaseModel, tuple[Any, ...]]] = [
        (source, file, ()) for source, file in questions.items()
    ]
    for wave in whole.freshness:
        if wave != DEFAULT and not YEAR.match(wave):
            expected = f"`{DEFAULT}`, or a wave named by its year, as {listed(waves)}"
            checked.wrong(STUDY_FILE, ["freshness", wave], wave, expected, waves)
    if whole.frame is not None:
        files.append((STUDY_FILE, whole.frame, ("frame",)))
    for source, file, at in files:
        for place, wave in _named(file, at):
            if not YEAR.match(wave):
                expected = f"a wave named by its year, as {listed(waves)}"
                checked.wrong(source, place, wave, expected, waves)


def _named(entry: BaseModel, at: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Every wave that an entry names, with its place."""
    for name, field in type(entry).model_fields.items():
        value, place = getattr(entry, name), (*at, field.alias or name)
        if isinstance(entry, Spanned) and name in ("from_", "until") and value is not None:
            yield place, value
        if isinstance(value, Mapping):
            if name in BY_WAVE:
                yield from (((*place, wave), wave) for wave in value)
            inner = [((*place, key), one) for key, one in value.items()]
        elif isinstance(value, tuple):
            inner = [((*place, number), one) for number, one in enumerate(value)]
        else:
            inner = [(place, value)]
        for where, one in inner:
            if isinstance(one, BaseModel):
                yield from _named(one, where)

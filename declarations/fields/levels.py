"""Levels of all kinds of groups, in order. A question or item can be used as a group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from declarations.fields.fields import Field, rows_of
from declarations.labels import Label
from declarations.study import Study
from declarations.survey.groups import Group
from declarations.tabulation.groups import (
    NEST,
    AnswerGroup,
    BackgroundGroup,
    BandsGroup,
    CrossGroup,
    DerivedGroup,
)

Fields = Mapping[str, Field]


class GroupLevel:
    """A level with its key and label."""

    __slots__ = ("key", "label")

    def __init__(self, key: str, label: Label) -> None:
        self.key, self.label = key, label


def column_groups(name: str, study: Study, fields: Fields) -> Group | DerivedGroup | None:
    """The group with this name; for a question or item the group of its answers; else None."""
    declared = study.tabulation.group.get(name) or study.group.get(name)
    if declared is not None:
        return None if getattr(declared, "kind", "") == "identity" else declared
    found = rows_of(name, study, fields)
    if not found or (len(found) > 1 and any(field.kind != "box" for field in found)):
        return None
    if found[0].kind == "numeric" or not all(field.valid for field in found):
        return None
    question = study.question.get(name)
    label = question.label if question is not None and len(found) > 1 else found[0].label
    # made from existing declarations
    return AnswerGroup.model_construct(id=name, label=label, kind="answer", of=name, levels=())


def levels_of(name: str, study: Study, fields: Fields) -> list[GroupLevel] | None:
    """Levels of a group in order; None if there is no such group, or it depends on itself."""
    return _levels(name, study, fields, ())


def level_codes(
    group: AnswerGroup, study: Study, fields: Fields
) -> list[tuple[str, str, list[str]]]:
    """(level, field, codes) of a group of answers, in order."""
    found = rows_of(group.of, study, fields)
    if len(found) > 1 or (found and group.levels and group.levels[0].boxes):
        if not group.levels:
            return [(field.id, field.id, ["1"]) for field in found]
        return [(level.key, box, ["1"]) for level in group.levels for box in level.boxes]
    if not found:
        return []
    field = found[0]
    if not group.levels:
        return [(code.key, field.id, [code.code]) for code in field.valid]
    return [(one.key, field.id, list(field.codes_of(one.codes))) for one in group.levels]


def _levels(
    name: str, study: Study, fields: Fields, above: tuple[str, ...]
) -> list[GroupLevel] | None:
    if name == "all":
        return [GroupLevel("all", Label("Alle", "All"))]
    group = column_groups(name, study, fields)
    if group is None or name in above:
        return None
    if isinstance(group, Group):
        return [GroupLevel(level.key, level.label) for level in group.levels]
    if isinstance(group, CrossGroup):
        parts = [_levels(part, study, fields, (*above, name)) for part in group.of]
        if any(part is None for part in parts):
            return None
        return list(nested([part for part in parts if part is not None]))
    if isinstance(group, AnswerGroup):
        return list(_answer_levels(group, study, fields))
    if isinstance(group, BandsGroup):
        return [GroupLevel(band.key, band.named) for band in group.levels]
    assert isinstance(group, BackgroundGroup)
    return [GroupLevel(one.key, one.own_label or Label(one.key, one.key)) for one in group.levels]


def nested(parts: list[list[GroupLevel]]) -> Iterator[GroupLevel]:
    """Every combination of levels; the last part changes fastest."""
    for levels in product(*parts):
        da = NEST.join(level.label.da for level in levels)
        en = NEST.join(level.label.en for level in levels)
        yield GroupLevel(NEST.join(level.key for level in levels), Label(da, en))


def _answer_levels(group: AnswerGroup, study: Study, fields: Fields) -> Iterator[GroupLevel]:
    found = rows_of(group.of, study, fields)
    known = {code.key: code.label for field in found[:1] for code in field.codes}
    if len(found) > 1:
        known = {field.id: field.label for field in found}
    by_code = {code.code: code.label for field in found[:1] for code in field.codes}
    for level in group.levels:
        label = level.own_label
        if label is None and found and len(level.codes) == 1:
            label = by_code.get(found[0].code_of(level.codes[0]) or "")
        yield GroupLevel(level.key, label or known.get(level.key) or Label(level.key, level.key))
    if not group.levels:
        for key, _, _ in level_codes(group, study, fields):
            yield GroupLevel(key, known[key])

"""How the levels of a group are defined and how many are in each, as notes below a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from assets.tables.group_rules import GroupSizes, level_rule, level_size
from declarations import Study
from declarations.fields.fields import Field, rows_of
from declarations.fields.levels import column_groups, level_codes, levels_of
from declarations.labels import Label
from declarations.survey.groups import Group
from declarations.tabulation.groups import AnswerGroup, BackgroundGroup, BandsGroup, CrossGroup
from publishing.layout.model import GROUPS, Note
from runtime.masking import column_shown

# groups with more levels are lists of places, which the table itself shows
MOST_LEVELS = 30


def group_notes(
    names: Iterable[str], study: Study, fields: Mapping[str, Field], sizes: GroupSizes
) -> Iterator[Note]:
    """A note per group; for a nested group a note per part."""
    lines: list[str] = []
    waiting = list(dict.fromkeys(names))
    while waiting:
        name = waiting.pop(0)
        group = column_groups(name, study, fields)
        if group is None or name in lines:
            continue
        lines.append(name)
        if isinstance(group, CrossGroup):
            waiting = [*group.of, *waiting]
            continue
        levels = levels_of(name, study, fields) or []
        if not levels or len(levels) > MOST_LEVELS:
            continue
        label = group.label if isinstance(group, Group) else group.named
        parts = [_level(group, level.key, level.label, study, fields, sizes) for level in levels]
        head = _of(group, study, fields)
        yield Note(
            GROUPS,
            Label(
                f"{label.da}{head.da}: {'; '.join(p.da for p in parts)}.",
                f"{label.en}{head.en}: {'; '.join(p.en for p in parts)}.",
            ),
        )


def _of(group: Any, study: Study, fields: Mapping[str, Field]) -> Label:
    """The common source of all levels, in brackets; empty if levels have different sources."""
    if isinstance(group, Group) and group.kind == "text_rules":
        return Label(
            f" (mønstre i det åbne svar på {group.source}; niveauer kan overlappe)",
            f" (patterns in the open answer to {group.source}; levels may overlap)",
        )
    if isinstance(group, BackgroundGroup):
        column = column_shown(group.column)
        return Label(f" (kolonne {column})", f" (column {column})")
    if not isinstance(group, AnswerGroup | BandsGroup):
        return Label("", "")
    found = rows_of(group.of, study, fields)
    columns = ", ".join(column_shown(f.item.variable) for f in found if f.item is not None)
    named = columns or column_shown(group.of)
    if isinstance(group, AnswerGroup):
        return Label(f" (svar i {named})", f" (answers in {named})")
    return Label(f" (tal i {named})", f" (numbers in {named})")


def _level(
    group: Any, key: str, label: Label, study: Study, fields: Mapping[str, Field],
    sizes: GroupSizes,
) -> Label:  # fmt: skip
    if isinstance(group, Group):
        rule, size = level_rule(group, key, sizes), level_size(group.id, key, sizes)
        if group.kind == "text_rules":
            rule = Label("", "")
        more = [(rule.da, rule.en), (size.da, size.en)]
    else:
        rule = derived_rule(group, key, study, fields)
        more = [(rule.da, rule.en)]
    da, en = (", ".join(filter(None, own)) for own in zip(*more, strict=True))
    return Label(f"{label.da} ({da})" if da else label.da, f"{label.en} ({en})" if en else label.en)


def derived_rule(group: Any, key: str, study: Study, fields: Mapping[str, Field]) -> Label:
    """The rule that assigns a respondent to a level of a derived group."""
    if isinstance(group, BackgroundGroup):
        values = next((", ".join(lv.takes) for lv in group.levels if lv.key == key), key)
        return Label(values, values)
    if isinstance(group, BandsGroup):
        band = next((band for band in group.levels if band.key == key), None)
        if band is None:
            return Label("", "")
        parts = [("fra", "from", band.from_), ("under", "below", band.below)]
        da = ", ".join(f"{word} {n:g}".replace(".", ",") for word, _, n in parts if n is not None)
        return Label(da, ", ".join(f"{word} {n:g}" for _, word, n in parts if n is not None))
    if isinstance(group, AnswerGroup):
        own = [(field, codes) for level, field, codes in level_codes(group, study, fields)
               if level == key]  # fmt: skip
        if all(codes == ["1"] and fields[f].kind == "box" for f, codes in own if f in fields):
            names = ", ".join(field for field, _ in own)
            return Label(f"valgt: {names}", f"ticked: {names}")
        codes = ", ".join(code for _, found in own for code in found)
        return Label(f"kode {codes}", f"code {codes}")
    return Label("", "")


def label_of(name: str, study: Study, fields: Mapping[str, Field]) -> Label:
    """The label of a question, item, variable or group."""
    if name in study.question:
        return study.question[name].label
    if name in fields:
        return fields[name].label
    group = column_groups(name, study, fields)
    label = getattr(group, "named", None) or getattr(group, "label", None)
    return label or Label(name, name)


def joined_labels(labels: Sequence[Label], sign: str) -> Label:
    """Labels joined with a sign between them."""
    return Label(sign.join(o.da for o in labels), sign.join(o.en for o in labels))

"""The rules and sizes of the levels of a group, in words, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from assets.step.markdown import markdown
from assets.tables.layout import danish
from declarations import Group, Study, Table
from declarations.labels import Label
from declarations.survey.groups import CutLevel, RankLevel, TextLevel, ValueLevel
from declarations.tables.cells import OTHERS


@dataclass(frozen=True)
class GroupSizes:
    """Respondents and municipalities by (group, level); None if they are not published."""

    respondents: Mapping[tuple[str, str], int] | None = None
    municipalities: Mapping[tuple[str, str], int] = field(default_factory=dict)
    spans: Mapping[tuple[str, str], tuple[float, float]] = field(default_factory=dict)


UNKNOWN = GroupSizes()


def group_sizes(
    study: Study, memberships: pd.DataFrame | None, register: pd.DataFrame | None
) -> GroupSizes:
    """Sizes from the relations `memberships` and `municipalities`; a relation may be withheld.

    `memberships` has a line per respondent and level, or one per level with their number `n`.
    """
    respondents = None
    if memberships is not None:
        levels = memberships.groupby(["group", "level"], sort=False)
        counted = levels["n"].sum() if "n" in memberships else levels.size()
        keys = counted.index.to_frame(index=False).astype(str).itertuples(index=False, name=None)
        respondents = {(g, lv): int(n) for (g, lv), n in zip(keys, counted, strict=True)}
    places: dict[tuple[str, str], int] = {}
    spans: dict[tuple[str, str], tuple[float, float]] = {}
    for group in study.groups:
        if register is None or group.id not in register:
            continue
        for level, own in register.groupby(group.id, sort=False):
            places[group.id, str(level)] = len(own)
            if group.kind in ("cuts", "quantile") and group.source in own:
                numbers = pd.to_numeric(own[group.source], errors="coerce").dropna()
                if len(numbers):
                    spans[group.id, str(level)] = (float(numbers.min()), float(numbers.max()))
    return GroupSizes(respondents, places, spans)


def level_rule(group: Group, key: str, sizes: GroupSizes) -> Label:
    """The rule of a level, with its cut points."""
    if group.kind == "identity":
        return Label(f"kode {key} i registeret", f"code {key} of the register")
    level = next((one for one in group.levels if one.key == key), None)
    if level is None:
        return Label("", "")
    if isinstance(level, CutLevel):
        return _cut(group.source, level)
    if isinstance(level, RankLevel):
        return _quantile(group, level, sizes.spans.get((group.id, key)))
    if isinstance(level, TextLevel):
        found = len(level.rules.any)
        return Label(
            f"{found} mønstre i det åbne svar på {group.source}; områder kan overlappe",
            f"{found} patterns in the open answer to {group.source}; areas may overlap",
        )
    values = ", ".join(level.accepted if isinstance(level, ValueLevel) else [key])
    return Label(f"{group.source} er {values}", f"{group.source} is {values}")


def level_size(group: str, key: str, sizes: GroupSizes) -> Label:
    """Number of respondents and municipalities in a level; empty if neither is known."""
    parts = []
    respondents = None if sizes.respondents is None else sizes.respondents.get((group, key))
    if respondents is not None:
        parts.append(Label(f"{respondents} respondenter", f"{respondents} respondents"))
    places = sizes.municipalities.get((group, key))
    if places is not None:
        parts.append(Label(f"{places} kommuner", f"{places} municipalities"))
    return Label(", ".join(p.da for p in parts), ", ".join(p.en for p in parts))


def _cut(source: str, level: CutLevel) -> Label:
    low, high = level.from_, level.below
    parts_da = [] if low is None else [f"fra {_number(low, 'da')}"]
    parts_en = [] if low is None else [f"from {_number(low, 'en')}"]
    if high is not None:
        parts_da.append(f"under {_number(high, 'da')}")
        parts_en.append(f"below {_number(high, 'en')}")
    return Label(f"{source} {', '.join(parts_da)}", f"{source} {', '.join(parts_en)}")


def _quantile(group: Group, level: RankLevel, span: tuple[float, float] | None) -> Label:
    place, parts = group.levels.index(level) + 1, len(group.levels)
    da = f"kommunerne ordnet efter {group.source}: del {place} af {parts}"
    en = f"municipalities in order of {group.source}: part {place} of {parts}"
    if span is not None:
        low, high = span
        da += f" ({_number(low, 'da')} til {_number(high, 'da')})"
        en += f" ({_number(low, 'en')} to {_number(high, 'en')})"
    return Label(da, en)


def _number(value: float, language: str) -> str:
    text = f"{value:,.10g}" if value >= 10000 else f"{value:g}"
    if language == "da":
        return danish(text.replace(",", "\N{NO-BREAK SPACE}"))
    return text


def rules_markdown(table: Table, study: Study, sizes: GroupSizes = UNKNOWN) -> str | None:
    """How the levels of a table's groups are defined and, once known, how many are in each.

    None for a table without groups.
    """
    lines = []
    for group in (study.group[name] for name in table.groups):
        levels = dict.fromkeys(
            cell.level.removeprefix(OTHERS) for cell in table.cells if cell.group == group.id
        )
        for key in levels if group.levels else ():
            label = next((level.label for level in group.levels if level.key == key), None)
            if label is not None:
                rule, size = level_rule(group, key, sizes), level_size(group.id, key, sizes)
                lines.append((group.label.en, label.da, label.en, rule.en, size.en))
    if not lines:
        return None
    names = ["group", "da", "en", "rule", "size"]
    frame = pd.DataFrame(lines, columns=names, dtype="object")
    return markdown(frame if sizes is not UNKNOWN else frame.drop(columns="size"))

"""The declared groups applied to municipalities and texts, implemented independently."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from declarations import Group, Level
from declarations.survey.groups import CutLevel, TextLevel, ValueLevel


def areas_in(text: str, group: Group) -> frozenset[str]:
    """Levels whose rules match the text: one of `any` matches and none of `none` does."""
    lowered = text.lower()

    def fires(level: Level) -> bool:
        assert isinstance(level, TextLevel)
        hit = any(re.search(pattern, lowered) for pattern in level.rules.any)
        return hit and not any(re.search(pattern, lowered) for pattern in level.rules.none)

    return frozenset(level.key for level in group.levels if fires(level))


def levels_of(
    rows: Sequence[Mapping[str, str]], group: Group, code: str, source: str
) -> dict[str, str]:
    """Level of every municipality (column `code`) for a group from column `source`."""
    if group.kind == "identity":
        return {row[code]: row[code] for row in rows}
    if group.kind == "quantile":
        ranked = sorted(rows, key=lambda row: (float(row[source]), row[code]))
        parts = len(group.levels)
        return {
            row[code]: group.levels[rank * parts // len(ranked)].key
            for rank, row in enumerate(ranked)
        }
    takes = _between if group.kind == "cuts" else _listed
    return {row[code]: _first(group, row[source], takes) for row in rows}


def _first(group: Group, value: str, takes: Callable[[Level, str], bool]) -> str:
    for level in group.levels:
        if takes(level, value):
            return level.key
    raise ValueError(f"no level of {group.id} contains {value!r}")


def _between(level: Level, value: str) -> bool:
    assert isinstance(level, CutLevel)
    low = float("-inf") if level.from_ is None else level.from_
    return low <= float(value) < (float("inf") if level.below is None else level.below)


def _listed(level: Level, value: str) -> bool:
    assert isinstance(level, ValueLevel)
    return value in level.accepted

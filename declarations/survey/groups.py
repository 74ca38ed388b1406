"""Background variables: how respondents and municipalities are divided into groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from declarations.errors import SpecError, need, only
from declarations.ids import read_id
from declarations.labels import LABELLED, Label, read_label

KINDS = ("text_rules", "cuts", "category", "map", "quantile", "identity")

ENTRIES = ("id", "label", "kind", "source", "levels", "note")
# with what the kinds need, and what is said of a level
LEVEL_ENTRIES = (
    "key", *LABELLED, "from", "below", "value", "values", "rules", "index", "phrases", "note",
)  # fmt: skip


@dataclass(frozen=True)
class Level:
    """One level of a group; `rule` holds what its kind needs (cut bounds, values, stems)."""

    key: str
    label: Label
    rule: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """A division of the respondents.

    `source` is the open item (kind text_rules) or the declared register column it is read from.
    """

    id: str
    label: Label
    kind: str
    source: str
    levels: tuple[Level, ...]

    @property
    def overlapping(self) -> bool:
        """Whether one respondent may be in several levels."""
        return self.kind == "text_rules"

    @property
    def by_municipality(self) -> bool:
        """Whether the level follows from the respondent's municipality."""
        return self.kind != "text_rules"

    def level(self, key: str) -> Level:
        """The level with this key; KeyError if there is none."""
        return next(level for level in self.levels if level.key == key)


def read_group(data: Any, where: str) -> Group:
    """Build a group from its YAML mapping."""
    group_id = read_id(need(data, "id", where), where)
    where = f"{where}: group {group_id}"
    kind = need(data, "kind", where)
    only(data, ENTRIES, where)
    for entry in data.get("levels") or ():
        only(entry, LEVEL_ENTRIES, f"{where}: level {need(entry, 'key', where)}")
        only(entry.get("rules"), ("any", "none"), f"{where}: level {entry['key']}: rules")
    if kind not in KINDS:
        raise SpecError(where, f"kind is {kind!r}, expected one of {', '.join(KINDS)}")
    levels = tuple(
        Level(
            key=str(need(entry, "key", where)),
            label=read_label(entry, where),
            rule={k: v for k, v in entry.items() if k not in ("key", "da", "en")},
        )
        for entry in data.get("levels") or ()
    )
    if not levels and kind != "identity":
        raise SpecError(where, "has no levels")
    if len({level.key for level in levels}) != len(levels):
        raise SpecError(where, "a level key stands twice")
    return Group(
        id=group_id,
        label=read_label(need(data, "label", where), where),
        kind=kind,
        source=str(need(data, "source", where)),
        levels=levels,
    )

"""Background columns of the respondent list that are no questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from declarations.errors import SpecError, need


@dataclass(frozen=True)
class BackgroundColumn:
    """A column that came with the respondent list; a personal one stays in the restricted part."""

    name: str
    personal: bool = True


def read_background(entries: Iterable[Any], path: Path) -> tuple[BackgroundColumn, ...]:
    """Names, or mappings with `name` and `personal`. Raises SpecError naming the entry."""
    columns = []
    for entry in entries:
        if not isinstance(entry, Mapping):
            columns.append(BackgroundColumn(str(entry)))
            continue
        where = f"{path}: export: background"
        name, personal = str(need(entry, "name", where)), entry.get("personal", True)
        unknown = set(entry) - {"name", "personal"}
        if unknown or not isinstance(personal, bool):
            raise SpecError(where, f"{name}: expected `personal: true` or `personal: false` beside")
        columns.append(BackgroundColumn(name, personal))
    return tuple(columns)

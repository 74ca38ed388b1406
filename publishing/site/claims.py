"""Which statements cite a figure: those whose predicate reads its item, answer and group."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from declarations import Cell
from declarations.tables.cells import TOTAL


@dataclass(frozen=True)
class Cited:
    """A statement with the parts of its predicate that name items."""

    id: str
    selectors: tuple[Mapping[str, Any], ...]

    def cites(self, cell: Cell) -> bool:
        """Whether a part of the predicate is about the figure of a cell."""
        return any(_matches(selector, cell) for selector in self.selectors)


def cited_by_table(ledger: pd.DataFrame | None) -> dict[str, list[Cited]]:
    """The statements of the ledger by the tables they rest on."""
    found: dict[str, list[Cited]] = {}
    if ledger is None:
        return found
    columns = (ledger[name] for name in ("id", "predicate", "tables"))
    for name, predicate, tables in zip(*columns, strict=True):
        cited = Cited(str(name), tuple(_selectors(json.loads(predicate or "{}"))))
        for table in str(tables).replace(",", " ").split():
            found.setdefault(table, []).append(cited)
    return found


def _selectors(part: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(part, dict):
        if "item" in part or "items" in part:
            yield part
        for value in part.values():
            yield from _selectors(value)
    elif isinstance(part, list):
        for value in part:
            yield from _selectors(value)


def _matches(selector: Mapping[str, Any], cell: Cell) -> bool:
    items = selector.get("items") or [selector.get("item")]
    if cell.item not in items:
        return False
    codes = selector.get("codes")
    if codes is not None and cell.code not in ([TOTAL] if codes == TOTAL else codes):
        return False
    group = selector.get("group", "all")
    if group != cell.group:
        return False
    levels = selector.get("each") or [selector.get("level")]
    return levels == [None] or cell.level in levels

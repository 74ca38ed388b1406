"""The statements: which of them cite a figure, and the page that lists them all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from assets.step.declared import declared
from declarations import Cell
from declarations.tables.cells import TOTAL
from publishing.published import PublishedWave
from publishing.site.words import page_end, word_of
from replication.audit.wording import all_in_words
from replication.consistency.printed_report import Layout
from replication.consistency.reading import read_printed_report


@dataclass(frozen=True)
class Cited:
    """A statement, and the parts of its predicate that name items."""

    id: str
    selectors: tuple[Mapping[str, Any], ...]

    def cites(self, cell: Cell) -> bool:
        """Whether a part of the predicate is about the figure of a cell."""
        return any(_matches(selector, cell) for selector in self.selectors)


def cited_by_table(ledger: pd.DataFrame | None) -> dict[str, list[Cited]]:
    """The statements of the ledger by the tables that they use."""
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


def statement_column(language: str) -> str:
    """The column of the ledger that has the statements in a language."""
    return "statement_da" if language == "da" else "statement"


def printed_layout(wave: PublishedWave) -> Layout:
    """The layout with the printed labels for ids."""
    claims = declared(wave.study).claims.values()
    return read_printed_report(wave.study, [claim for own in claims for claim in own]).layout


def statement_rows(
    wave: PublishedWave, ledger: pd.DataFrame, layout: Layout, language: str
) -> list[list[Any]]:
    """A line per statement: id, section, text, printed, computed, verdict, basis, tables, values.

    Tables are pairs [number, address]. The last entry has the values by which the list is filtered.
    """
    end, numbers = page_end(language), {table.id: table.number for table in wave.tables}
    said = all_in_words([*ledger["expected"], *ledger["computed"]], language, layout)
    names = [
        "id",
        "section",
        statement_column(language),
        "expected",
        "computed",
        "verdict",
        "basis",
        "tables",
    ]
    rows: list[list[Any]] = []
    for id, section, entry, expected, computed, verdict, basis, tables in ledger[  # noqa: A001
        names
    ].itertuples(index=False):
        links = [[numbers[n], f"tables/{n}{end}"] for n in str(tables).split() if n in numbers]
        shown = [word_of(str(value), language) for value in (verdict, basis)]
        rows.append(
            [id, section, entry, said[expected], said[computed], *shown, links,
             {"section": section, "verdict": verdict, "basis": basis}]
        )  # fmt: skip
    return rows

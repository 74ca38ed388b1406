"""The printed figures with their declared cells, and the errata."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from declarations import Cell, Table

Key = tuple[str, int, str, str, str]


@dataclass(frozen=True)
class TargetFigure:
    """One printed number with its cell, and the base printed for its row (None: no base)."""

    cell: Cell
    row: int
    row_label: str
    group: str
    column: str
    printed: str
    n: int | None
    note: str

    @property
    def key(self) -> Key:
        """Table, printed row, printed group label, printed column and the figure itself.

        The appendix prints a count and a percentage under one column label.
        """
        return (self.cell.table, self.row, self.group, self.column, self.printed)


@dataclass(frozen=True)
class TargetErratum:
    """A printed figure that cannot be right.

    `likely` is the corrected figure (None: several are possible). `likely_n` is the correct base if
    the base is wrong. `constructed` is the figure of the constructed answers if `likely` is None.
    """

    table: str
    row: int
    group: str
    column: str
    printed: str
    likely: str | None
    likely_n: int | None
    constructed: str | None
    rule: str

    @property
    def key(self) -> Key:
        """The same key as that of the figure it is about."""
        return (self.table, self.row, self.group, self.column, self.printed)


def read_figures(folder: Path, tables: Sequence[Table]) -> list[TargetFigure]:
    """Read `<folder>/<table>.csv` for every table with cells, in reading order.

    A table without a file is not printed. Raises ValueError if a file does not have exactly one
    line per declared cell.
    """
    figures = []
    for table in tables:
        path = folder / f"{table.id}.csv"
        if not table.cells or not path.is_file():
            continue
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file))
        if len(lines) != len(table.cells):
            raise ValueError(f"{path}: {len(lines)} figures for {len(table.cells)} cells")
        figures += [_figure(cell, line) for cell, line in zip(table.cells, lines, strict=True)]
    return figures


def _figure(cell: Cell, line: Mapping[str, str]) -> TargetFigure:
    return TargetFigure(
        cell=cell,
        row=int(line["row"]),
        row_label=line["row_label"],
        group=line["group"],
        column=line["column"],
        printed=line["printed"],
        n=int(line["n"]) if line["n"] else None,
        note=line["note"],
    )


def read_errata(path: Path) -> list[TargetErratum]:
    """Read `errata.yaml`: a list of mappings, see its header for the fields."""
    entries: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    return [
        TargetErratum(
            table=entry["table"],
            row=int(entry["row"]),
            group=str(entry.get("group") or ""),
            column=str(entry["column"]),
            printed=str(entry["printed"]),
            likely=None if entry["likely"] is None else str(entry["likely"]),
            likely_n=entry.get("likely_n"),
            constructed=entry.get("constructed"),
            rule=str(entry["rule"]),
        )
        for entry in entries
    ]

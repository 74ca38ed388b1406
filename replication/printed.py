"""The printed figures and their errata, read from printed/. Assets never read these."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from declarations.documents import read_document
from declarations.errors import SpecError, need, only
from declarations.tables.cells import Table

# of an erratum
NEEDED = ("table", "row", "column", "printed", "rule", "evidence")
MORE = ("group", "likely", "likely_n", "constructed", "conflict", "row_label")
COLUMNS = ("row", "row_label", "group", "column", "printed", "n", "note")


@dataclass(frozen=True)
class Printed:
    """One printed figure, exactly as printed but for a decimal point."""

    table: str
    line: int
    row: int
    row_label: str
    group: str
    column: str
    printed: str
    n: str
    note: str


@dataclass(frozen=True)
class Erratum:
    """A printed figure that cannot be right, with the evidence.

    `likely_n` is the base that makes it right; `conflict` names the columns of its row that
    cannot all be right.
    """

    table: str
    row: int
    group: str
    column: str
    printed: str
    likely: str | None
    rule: str
    evidence: str
    likely_n: int | None = None
    conflict: tuple[str, ...] = ()
    row_label: str = ""


def read_printed_table(folder: Path, table: str) -> list[Printed]:
    """The figures of one table in reading order. SpecError names file, line and problem."""
    path = folder / f"{table}.csv"
    where = f"{folder.name}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SpecError(where, f"cannot be read: {problem}") from error
    header, *lines = list(csv.reader(io.StringIO(text, newline=""))) or [[]]
    if tuple(header) != COLUMNS:
        raise SpecError(where, f"columns are {header}, expected {', '.join(COLUMNS)}")
    figures = []
    for number, cells in enumerate(lines, start=2):
        if len(cells) != len(COLUMNS) or not cells[0].isdecimal():
            raise SpecError(f"{where} line {number}", f"is {cells}, expected {', '.join(COLUMNS)}")
        figures.append(Printed(table, number, int(cells[0]), *cells[1:]))
    return figures


def check_number(table: Table, printed: Sequence[Printed]) -> None:
    """SpecError where a table declares more or fewer cells than are printed."""
    if len(printed) != len(table.cells):
        raise SpecError(
            f"printed/{table.id}.csv",
            f"{len(printed)} figures, {table.source} declares {len(table.cells)} cells",
        )


def read_errata(folder: Path) -> list[Erratum]:
    """All errata; a list under `errata` or at the top of errata.yaml.

    SpecError where an entry lacks something, or has something that nothing reads.
    """
    path = folder / "errata.yaml"
    data: Any = read_document(path)
    entries = data.get("errata", []) if isinstance(data, dict) else data
    return [
        _erratum(entry, f"{folder.name}/{path.name}: entry {number}")
        for number, entry in enumerate(entries or (), start=1)
    ]


def _erratum(entry: Any, where: str) -> Erratum:
    needed = {name: need(entry, name, where) for name in NEEDED}
    only(entry, (*NEEDED, *MORE), where)
    if not isinstance(needed["row"], int):
        raise SpecError(where, f"row is {needed['row']!r}, expected its number")
    return Erratum(
        table=str(needed["table"]),
        row=needed["row"],
        group=str(entry.get("group") or ""),
        column=str(needed["column"]),
        printed=str(needed["printed"]),
        likely=None if entry.get("likely") is None else str(entry["likely"]),
        rule=str(needed["rule"]),
        evidence=str(needed["evidence"]).strip(),
        likely_n=entry.get("likely_n"),
        conflict=tuple(map(str, entry.get("conflict") or ())),
        row_label=str(entry.get("row_label") or ""),
    )

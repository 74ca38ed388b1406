"""The printed figures and their errata, read from printed/. Assets never read these."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from declarations import Study
from declarations.documents import read_document
from declarations.errors import Mistake, Mistakes, SpecError, found_expected, listed
from declarations.model import Declared, Name, Several, mistake_at, validated
from declarations.tables.cells import Table

COLUMNS = ("row", "row_label", "group", "column", "printed", "n", "note")
# a difference may be negative
FIGURE = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True)
class Printed:
    """One printed figure, exactly as printed except for a decimal point."""

    table: str
    line: int
    row: int
    row_label: str
    group: str
    column: str
    printed: str
    n: str
    note: str


class Erratum(Declared):
    """A printed figure that cannot be right, with the evidence."""

    table: Name = Field(description="The table of the figure.")
    row: int = Field(description="The number of the figure's row in the printed file.")
    row_label: str = Field("", description="The label of the row, for readers.")
    group: str = Field("", description="The line of the row, as printed.")
    column: Name = Field(description="The column of the figure, as printed.")
    printed: Name = Field(description="The figure as printed.")
    likely: Name | None = Field(
        None, description="The figure that fits all others; absent if several figures would fit."
    )
    likely_n: int | None = Field(None, description="The corrected base, if the base is wrong.")
    constructed: Name | None = Field(
        None, description="The figure of the constructed answers, if `likely` is absent."
    )
    rule: Name = Field(description="The rule that finds the erratum.")
    conflict: Several[Name] = Field(
        (), description="The columns of the row that cannot all be right."
    )
    evidence: str = Field(description="Why the printed figure cannot be right.")


class ErrataFile(Declared):
    """Printed figures that cannot be right; the heading `errata` is optional."""

    errata: Several[Erratum] = Field((), description="One entry per figure.")


def printed_tables(study: Study) -> list[Table]:
    """The tables with printed figures, in the order of the report.

    A table without a file in printed/ is computed like any other but not compared.
    """
    folder = study.folder / "printed"
    return [t for t in study.tables if t.cells and (folder / f"{t.id}.csv").is_file()]


def read_printed_table(folder: Path, table: str) -> list[Printed]:
    """The figures of one table in reading order. Raises SpecError with every wrong line."""
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
    figures, mistakes = [], Mistakes()
    for number, cells in enumerate(lines, start=2):
        if len(cells) != len(COLUMNS) or not cells[0].isdecimal():
            problem = f"is {cells}, expected {', '.join(COLUMNS)}"
            mistakes.add(Mistake(where, number, "", problem))
            continue
        figure = Printed(table, number, int(cells[0]), *cells[1:])
        figures.append(figure)
        if not FIGURE.fullmatch(figure.printed):
            problem = f"{figure.printed!r} is not a printed number"
            mistakes.add(Mistake(where, number, "printed", problem))
        if figure.n and not figure.n.isdecimal():
            problem = found_expected(figure.n, "a whole number, or nothing")
            mistakes.add(Mistake(where, number, "n", problem))
    mistakes.stop()
    return figures


def read_printed(study: Study) -> dict[str, list[Printed]]:
    """The figures of every table with figures, by table."""
    folder = study.folder / "printed"
    return {table.id: read_printed_table(folder, table.id) for table in printed_tables(study)}


def check_number(table: Table, printed: Sequence[Printed]) -> None:
    """Raise SpecError if a table declares more or fewer cells than are printed."""
    if len(printed) != len(table.cells):
        raise SpecError(
            f"printed/{table.id}.csv",
            f"{len(printed)} figures, {table.source} declares {len(table.cells)} cells",
        )


def check_places(table: Table, printed: Sequence[Printed]) -> None:
    """Raise SpecError with every line if a table declares other cells, or another order."""
    check_number(table, printed)
    mistakes = Mistakes()
    for cell, figure in zip(table.cells, printed, strict=True):
        declared = (cell.row_number, cell.row_label.da, cell.group_label.da, cell.column_label.da)
        found = (figure.row, figure.row_label, figure.group, figure.column)
        if declared != found:
            problem = f"is {found}, {table.source} declares {declared}"
            mistakes.add(Mistake(f"printed/{table.id}.csv", figure.line, "", problem))
    mistakes.stop()


def read_errata(folder: Path) -> list[Erratum]:
    """All errata. Raises SpecError with every missing or unknown entry."""
    path, mistakes = folder / "errata.yaml", Mistakes()
    name = f"{folder.name}/{path.name}"
    data: Any = read_document(path)
    whole = data if isinstance(data, dict) else {"errata": data or []}
    found = validated(ErrataFile, whole, path, mistakes, file=name)
    mistakes.stop()
    assert found is not None
    return [one.model_copy(update={"evidence": one.evidence.strip()}) for one in found.errata]


def check_errata(study: Study, errata: Sequence[Erratum]) -> None:
    """Raise SpecError with every erratum that does not match a printed figure."""
    path, mistakes = study.folder / "printed" / "errata.yaml", Mistakes()
    tables = {table.id for table in printed_tables(study)}
    heading = ["errata"] if isinstance(read_document(path), dict) else []

    def wrong(number: int, entry: str, found: str, expected: str) -> None:
        problem = found_expected(found, expected)
        mistakes.add(mistake_at(path, "printed/errata.yaml", [*heading, number, entry], problem))

    seen: set[tuple[str, int, str, str]] = set()
    for number, one in enumerate(errata):
        if (place := (one.table, one.row, one.group, one.column)) in seen:
            wrong(number, "column", one.column, "each printed figure once")
        seen.add(place)
        for entry in ("likely", "constructed"):
            text = getattr(one, entry)
            if text is not None and not FIGURE.fullmatch(text):
                wrong(number, entry, text, "a printed number")
        if one.table not in tables:
            wrong(
                number,
                "table",
                one.table,
                f"a table with figures in printed/: {listed(sorted(tables))}",
            )
            continue
        with mistakes.collecting():
            own = [f for f in read_printed_table(path.parent, one.table) if f.row == one.row]
            found = [f for f in own if (f.group, f.column) == (one.group, one.column)]
            if not found:
                columns = listed(dict.fromkeys(f.column for f in own)) or "none in this row"
                wrong(number, "column", one.column, f"a column of row {one.row}: {columns}")
            elif one.printed not in (known := [text for f in found for text in (f.printed, f.n)]):
                wrong(number, "printed", one.printed, f"one of {listed(filter(None, known))}")
    mistakes.stop()

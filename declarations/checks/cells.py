"""Checks of tables: every coordinate of a cell names something that is declared."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from declarations.checks.checked import Checked, Place
from declarations.errors import listed
from declarations.tables.cells import OTHERS, STATUS_CODES, STATUS_ITEM, TOTAL, Cell
from declarations.tables.overview import OverviewPart
from declarations.tables.statistics import NUMBERS, STATISTICS
from declarations.tables.table_file import TableFile, place_of_coordinate

# coordinate, value found, value expected, known names
CellMistake = tuple[str, Any, str, Collection[Any]]


def check_numbers(checked: Checked, tables: Mapping[str, TableFile]) -> None:
    """A number names one table: readers look tables up by it."""
    seen: dict[str, str] = {}
    for source, table in tables.items():
        if table.number in seen:
            expected = f"a number of its own: {seen[table.number]} has this one"
            checked.wrong(source, ["number"], table.number, expected)
        seen.setdefault(table.number, source)


def check_table(checked: Checked, source: str, table: TableFile) -> None:
    """Note every cell that refers to something undeclared; each mistake once."""
    if table.significance is not None and checked.study.conventions.significance is None:
        expected = "`conventions.significance` in study.yaml, which declares the test"
        checked.wrong(source, ["significance"], None, expected)
    check_cells(checked, source, table, lambda place: place)


def check_cells(
    checked: Checked, source: str, table: TableFile, place: Callable[[Place], Place]
) -> None:
    """Note the mistakes of a table's cells; `place` returns the location of a coordinate."""
    columns = [column.key for column in table.columns or ()]
    lines: set[tuple[Any, ...]] = set()
    for cell in table.cells:
        for name, found, expected, known in _mistakes(checked, cell, columns):
            where = place(place_of_coordinate(table, cell, name))
            if (tuple(where), str(found)) not in lines:
                lines.add((tuple(where), str(found)))
                checked.wrong(source, where, found, expected, known)


def _mistakes(checked: Checked, cell: Cell, columns: Collection[str]) -> Iterable[CellMistake]:
    study = checked.study
    if cell.of:
        for name in cell.of:
            if name not in columns:
                yield "of", name, f"columns of the table: {listed(columns)}", columns
    elif cell.unit == "invitations":
        if cell.item != STATUS_ITEM:
            yield "item", cell.item, f"{STATUS_ITEM}: the table counts invitations", ()
        if cell.code not in (*STATUS_CODES, TOTAL):
            yield "code", cell.code, f"one of {listed((*STATUS_CODES, TOTAL))}", STATUS_CODES
    elif cell.item not in study.items:
        yield "item", cell.item, "an item that a question declares", tuple(study.items)
    else:
        item = study.items[cell.item]
        if cell.code != TOTAL and cell.code not in item.codes:
            yield "code", cell.code, f"a code of {item.id}: {listed((*item.codes, TOTAL))}", ()
        numeric = "range" if cell.range is not None else "statistic"
        of_numbers = STATISTICS[cell.statistic].of == NUMBERS
        if (cell.range is not None or of_numbers) and item.type != "numeric":
            found = cell.range if cell.range is not None else cell.statistic
            yield numeric, found, f"a count or percent: {item.id} is not numeric", ()
    for name in cell.base:
        if name not in study.items:
            yield "base", name, "items that a question declares", tuple(study.items)
    yield from _group_mistakes(checked, cell)


def _group_mistakes(checked: Checked, cell: Cell) -> Iterable[CellMistake]:
    if cell.group == "all":
        if cell.level != "all":
            yield "level", cell.level, "no level: the cell names no group", ()
        return
    study = checked.study
    item = study.items.get(cell.item or "")
    if item is not None and study.question[item.question].of_invitations:
        yield "group", cell.group, f"no group: {item.id} is asked of all invitations", ()
    if cell.group not in study.group:
        yield (
            "group",
            cell.group,
            f"a group: {listed(study.group) or 'none is declared'}",
            study.group,
        )
        return
    levels = [level.key for level in study.group[cell.group].levels]
    if levels and cell.level.removeprefix(OTHERS) not in levels:
        yield "level", cell.level, f"a level of {cell.group}: {listed(levels)}", levels


def check_overviews(checked: Checked, tables: Mapping[str, TableFile]) -> None:
    """Check that everything an overview lists is declared."""
    study = checked.study
    for source, table in tables.items():
        seen: set[tuple[str, str]] = set()
        for number, entry in enumerate(table.entries):
            if (entry.role, entry.key) in seen:
                where = ["entries", number, "key"]
                checked.wrong(source, where, entry.key, f"each key once among {entry.role} ones")
            seen.add((entry.role, entry.key))
            parts: list[tuple[Place, OverviewPart]] = [(["entries", number], entry)]
            parts += [(["entries", number, "parts", n], p) for n, p in enumerate(entry.parts)]
            for place, part in parts:
                for order, name in enumerate(part.questions):
                    where = [*place, "questions", order]
                    checked.refers(source, where, name, study.question, "a question")
                for order, name in enumerate(part.groups):
                    checked.refers(source, [*place, "groups", order], name, study.group, "a group")

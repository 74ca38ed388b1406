"""Tables as declared: rows, columns and, for every cell, the coordinates of its statistic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from declarations.errors import SpecError, need, only
from declarations.ids import read_id, read_part
from declarations.labels import LABELLED, Label, read_label

STATISTICS = ("count", "percent", "mean", "median", "difference", "relative_difference")
TOTAL = "total"
OTHERS = "!"
COORDINATES = (
    "item", "code", "range", "base", "group", "level", "statistic", "decimals", "of",
)  # fmt: skip
ENTRIES = (
    "id", "number", "chapter", "section", "title", "unit", "kind", "base_column", "significance",
    "note", "frequency", "cell", "rows", "columns", "entries",
)  # fmt: skip
LINE = ("key", *LABELLED, *COORDINATES)


@dataclass(frozen=True)
class Cell:
    """One printed number. Percent: 100 * count(item, code) / base, both within group = level.

    `code` is a declared code or "total"; `level` "!x" is everyone not in x. `of` names, for
    differences, the two columns of the same row that are subtracted. Of a numeric item, `range`
    counts the numbers from the first to the second (None: no bound), and mean and median rest on
    all of them. `base` names the items whose answers make up the base, where it is not the item.
    """

    table: str
    unit: str
    row_number: int
    row: str
    row_label: Label
    group_key: str
    group_label: Label
    column: str
    column_label: Label
    statistic: str
    decimals: int
    item: str | None = None
    code: int | str | None = None
    group: str = "all"
    level: str = "all"
    of: tuple[str, ...] = ()
    range: tuple[float | None, float | None] | None = None
    base: tuple[str, ...] = ()


@dataclass(frozen=True)
class BaseColumn:
    """Where print shows the base: a first or last column, or once in the title."""

    label: Label
    position: str


@dataclass(frozen=True)
class Table:
    """One table of the report, with its cells in reading order."""

    id: str
    number: str
    chapter: str
    section: str
    title: Label
    unit: str
    kind: str
    base_column: BaseColumn | None
    significance: Mapping[str, Any]
    note: str | None
    cells: tuple[Cell, ...]
    entries: tuple[Mapping[str, Any], ...]
    source: str

    @cached_property
    def items(self) -> tuple[str, ...]:
        """Items the table draws on, in order of first use."""
        return tuple(dict.fromkeys(c.item for c in self.cells if c.item))

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Background variables the table is broken down by."""
        return tuple(dict.fromkeys(c.group for c in self.cells if c.group != "all"))


NO_LABEL = Label("", "")


def read_table(data: Any, source: str) -> Table:
    """Build a table and resolve its cells; errors name the file, the row and the column."""
    table_id = read_id(need(data, "id", source), source)
    only(data, ENTRIES, source)
    only(data.get("base_column"), (*LABELLED, "position"), f"{source}: base_column")
    base = data.get("base_column")
    return Table(
        id=table_id,
        number=str(need(data, "number", source)),
        chapter=read_part(need(data, "chapter", source), "chapter", source),
        section=str(data.get("section", "")),
        title=read_label(need(data, "title", source), source),
        unit=str(data.get("unit", "respondents")),
        kind=str(data.get("kind", "figures")),
        base_column=None
        if base is None
        else BaseColumn(read_label(base, source), str(base.get("position", "last"))),
        significance=data.get("significance") or {},
        note=data.get("note"),
        cells=tuple(_cells(data, table_id, source)) if "columns" in data else (),
        entries=tuple(data.get("entries") or ()),
        source=source,
    )


def _cells(data: Any, table_id: str, source: str) -> list[Cell]:
    shared = data.get("cell") or {}
    only(shared, COORDINATES, f"{source}: cell")
    for column in need(data, "columns", source):
        only(column, (*LINE, "item_role"), f"{source}: column {need(column, 'key', source)}")
    across = [
        (column, _coordinates(column), str(need(column, "key", source)), read_label(column, source))
        for column in need(data, "columns", source)
    ]
    cells = []
    for number, row in enumerate(need(data, "rows", source), start=1):
        where = f"{source}: row {row.get('key', number)}"
        only(row, (*LINE, "heading", "groups", "items"), where)
        row_key, row_label = str(need(row, "key", where)), read_label(row, where)
        for group in row.get("groups") or (None,):
            group_key = str(need(group, "key", where)) if group else ""
            only(group, LINE, f"{where}: group {group_key}")
            group_label = read_label(group, where) if group else NO_LABEL
            line = {**shared, **_coordinates(row), **_coordinates(group or {})}
            for column, own, column_key, column_label in across:
                merged = {**line, **own}
                role = column.get("item_role")
                if role is not None:
                    merged["item"] = need(need(row, "items", where), role, where)
                statistic = merged.get("statistic", "percent")
                if statistic not in STATISTICS:
                    raise SpecError(where, f"statistic {statistic!r} is none of {STATISTICS}")
                derived = bool(merged.get("of"))
                if statistic in ("mean", "median") or "range" in merged:
                    merged.setdefault("code", TOTAL)
                cells.append(
                    Cell(
                        table=table_id,
                        unit=str(data.get("unit", "respondents")),
                        row_number=number,
                        row=row_key,
                        row_label=row_label,
                        group_key=group_key,
                        group_label=group_label,
                        column=column_key,
                        column_label=column_label,
                        statistic=statistic,
                        decimals=int(merged.get("decimals", 0 if statistic == "count" else 1)),
                        item=None if derived else str(need(merged, "item", where)),
                        code=None if derived else need(merged, "code", where),
                        group=str(merged.get("group", "all")),
                        level=str(merged.get("level", "all")),
                        of=tuple(map(str, merged.get("of") or ())),
                        range=_range(merged, where),
                        base=tuple(map(str, merged.get("base") or ())),
                    )
                )
    _check_once(cells, source)
    return cells


def _check_once(cells: Sequence[Cell], source: str) -> None:
    """SpecError where the keys of rows and columns name one place twice."""
    places: set[tuple[str, str, str]] = set()
    for cell in cells:
        place = (cell.row, cell.group_key, cell.column)
        if place in places:
            row = " ".join(filter(None, place[:2]))
            raise SpecError(f"{source}: row {row}, column {cell.column}", "stands twice")
        places.add(place)


def _range(merged: Mapping[str, Any], where: str) -> tuple[float | None, float | None] | None:
    found = merged.get("range")
    if found is None:
        return None
    numbers = isinstance(found, list) and all(
        n is None or isinstance(n, int | float) for n in found
    )
    if not numbers or len(found) != 2:
        raise SpecError(where, f"range is {found!r}, expected two numbers or nulls")
    return (found[0], found[1])


def _coordinates(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: entry[key] for key in COORDINATES if key in entry}

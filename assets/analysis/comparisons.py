"""The comparisons of tables: from declarations to stacked tables of counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assets.statistics.significance import Floats
from assets.tables.results import Counts, count_of
from declarations import Cell, SpecError, Study, Table
from declarations.tables.cells import OTHERS, TOTAL
from declarations.tables.significance import (
    Convention,
    Marking,
    TestSettings,
    read_marking,
    read_test_settings,
)

DONT_KNOW_KEY = "dont_know"
ORDERED_KINDS = ("cuts", "quantile")


@dataclass(frozen=True)
class ItemTest:
    """One test: the answers to an item in two or more levels of a background variable.

    `codes` are all codes of the item in page order, `shown` those that print shows, `cells` the
    positions of the table's cells that show its result.
    """

    table: str
    row: str
    group: str
    column: str
    item: str
    by: str
    levels: tuple[str, ...]
    codes: tuple[int, ...]
    dont_know: int | None
    shown: tuple[int, ...]
    ordered: bool
    cells: tuple[int, ...]


def settings_of(study: Study) -> TestSettings:
    """The settings of all tests of the study."""
    return read_test_settings(study.conventions)


def marked_tables(study: Study) -> dict[str, Marking]:
    """Tables that declare significance, with what they compare."""
    if not any(table.significance for table in study.tables):
        return {}
    settings = settings_of(study)
    found = ((table.id, read_marking(table, settings)) for table in study.tables)
    return {name: marking for name, marking in found if marking is not None}


def comparisons(table: Table, marking: Marking, study: Study) -> list[ItemTest]:
    """The tests of a table in reading order. For a study in one wave, those of asked items.

    Raises SpecError if overlapping levels would be compared with each other, or if the cells that
    share a mark belong to several items or background variables.
    """
    blocks: dict[tuple[str, ...], list[int]] = {}
    for position, cell in enumerate(table.cells):
        if not study.asks(cell):
            continue
        if cell.group != "all" and cell.statistic == "percent" and cell.code != TOTAL:
            blocks.setdefault(_block(cell, marking), []).append(position)
    return [_comparison(table, positions, marking, study) for positions in blocks.values()]


def _block(cell: Cell, marking: Marking) -> tuple[str, ...]:
    if marking.by == "table" and marking.against == "levels":
        return ()
    if marking.by == "cell":
        return (cell.row, cell.group_key, cell.column)
    return (cell.row,) if marking.by == "group" else (cell.row, cell.group_key)


def _comparison(table: Table, positions: list[int], marking: Marking, study: Study) -> ItemTest:
    cells = [table.cells[p] for p in positions]
    where = f"{table.source}: row {cells[0].row}"
    items = {cell.item for cell in cells}
    groups = {cell.group for cell in cells}
    if len(items) != 1 or len(groups) != 1:
        raise SpecError(where, f"one mark for items {items} and groups {groups}")
    item, group = study.items[str(items.pop())], study.group[groups.pop()]
    levels = tuple(dict.fromkeys(cell.level for cell in cells))
    if marking.against == "others":
        if len(levels) != 1:
            raise SpecError(where, f"one mark for levels {levels}, each against all others")
        levels = (levels[0], _others(levels[0]))
    elif group.overlapping and set(levels) != {levels[0], _others(levels[0])}:
        raise SpecError(where, f"levels of {group.id} overlap: compare each with the others")
    dont_know = [code.code for code in item.scale if code.key == DONT_KNOW_KEY]
    first = cells[0]
    return ItemTest(
        table=table.id,
        row=first.row if marking.by != "table" or marking.against == "others" else "",
        group=first.group_key if marking.by != "group" else "",
        column=first.column if marking.by == "cell" else "",
        item=item.id,
        by=group.id,
        levels=levels,
        codes=item.codes,
        dont_know=dont_know[0] if dont_know else None,
        shown=(int(str(first.code)),),
        ordered=marking.ordered and (len(levels) == 2 or group.kind in ORDERED_KINDS),
        cells=tuple(positions),
    )


def _others(level: str) -> str:
    return level.removeprefix(OTHERS) if level.startswith(OTHERS) else OTHERS + level


def compared_codes(comparison: ItemTest, convention: Convention) -> list[tuple[int, ...]]:
    """The answers that a convention compares: code sets, one per column of the table of counts.

    Empty if the convention does not apply, such as a test of order on answers or groups without
    order.
    """
    apart = comparison.dont_know
    if convention.ordered and not comparison.ordered:
        return []
    outside = convention.dont_know == "outside_base" or convention.ordered
    kept = [code for code in comparison.codes if not (outside and code == apart)]
    if convention.distribution == "whole":
        return [(code,) for code in kept]
    rest = [code for code in kept if code not in comparison.shown]
    if convention.dont_know == "own_category" and apart in rest:
        rest.remove(apart)
        return [comparison.shown, tuple(rest), (apart,)]
    return [comparison.shown, tuple(rest)]


def stacked(found: Sequence[ItemTest], convention: Convention, counts: Counts) -> Floats:
    """Counts of all comparisons, padded with zeros: shape (comparisons, levels, answers)."""
    columns = [compared_codes(comparison, convention) for comparison in found]
    shape = (
        len(found),
        max((len(c.levels) for c in found), default=2),
        max((len(c) for c in columns), default=2),
    )
    tables = np.zeros(shape)
    for i, comparison in enumerate(found):
        for r, level in enumerate(comparison.levels):
            for c, codes in enumerate(columns[i]):
                tables[i, r, c] = sum(
                    count_of(counts, comparison.item, code, comparison.by, level) for code in codes
                )
    return tables

"""The printed report as the audit sees it: figures with their places, and what they speak of.

A `Layout` is what does not change with a figure: which figure stands where, and which quantity
it is. A `Publication` adds the figures themselves, so that one can be replaced in a copy.

References name what is printed: `table_3_4:charter:yes` a cell (a group of the row stands in
between), `table_3_4:charter:N` the base of a row, `table_4_1:N` a base printed once for the table,
`...:mark` the stars of a cell, `claim:c4_063` a statement, `text:...` a number of the text.
`item:actor_drop_in:N` is no print but an explanation: fewer answered this item than the base that
is printed for it and others together.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from assets.clean.background import municipality_levels
from declarations import Cell, SpecError, Study, Table
from declarations.claims.claim import Claim, read_words
from declarations.load import STATUS_ITEM
from declarations.tables.cells import TOTAL
from replication.consistency.arithmetic import as_text, as_units
from replication.consistency.settings import AuditSettings, read_settings
from replication.printed import Printed, check_number, read_printed_table

Slot = tuple[str, str, str]
Quantity = tuple[str, str, str, str]
ALL = ("all", "all")
CLAIM, TEXT, ITEM, MARK, BASE = "claim", "text", "item", "mark", "N"


@dataclass(frozen=True)
class PrintedFigure:
    """A printed number: its cell, its base's reference ("" for none) and the line it is from.

    `labels` are those printed beside it, of its row, its group's line and its column.
    """

    ref: str
    cell: Cell
    line: int
    base: str
    decimals: int
    labels: tuple[str, str, str] = ("", "", "")

    @cached_property
    def slot(self) -> Slot:
        """Whose base it has: item, group and level."""
        return (str(self.cell.item), self.cell.group, self.cell.level)

    @cached_property
    def quantity(self) -> Quantity:
        """What it counts: item, code, group and level."""
        return (str(self.cell.item), str(self.cell.code), self.cell.group, self.cell.level)


@dataclass(frozen=True)
class PrintedBase:
    """A printed base: where it stands and for whose answers it is printed."""

    ref: str
    table: str
    slots: tuple[Slot, ...]

    @property
    def shared(self) -> bool:
        """Whether it stands for several items, of which one may have fewer answers."""
        return len({item for item, _, _ in self.slots}) > 1


@dataclass(frozen=True)
class Layout:
    """Places and meanings of all printed figures and statements of a study."""

    study: Study
    figures: tuple[PrintedFigure, ...]
    bases: Mapping[str, PrintedBase]
    claims: tuple[Claim, ...]
    settings: AuditSettings
    register: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Level of every municipality by group, {group: {municipality: level}}; from the register."""

    @cached_property
    def figure(self) -> dict[str, PrintedFigure]:
        """Figures by reference."""
        return {figure.ref: figure for figure in self.figures}

    @cached_property
    def by_table(self) -> dict[str, list[PrintedFigure]]:
        """Figures by table, in reading order."""
        found: dict[str, list[PrintedFigure]] = {}
        for figure in self.figures:
            found.setdefault(figure.cell.table, []).append(figure)
        return found

    @cached_property
    def printings(self) -> dict[Quantity, list[PrintedFigure]]:
        """Every place a quantity is printed in, counts and percentages."""
        found: dict[Quantity, list[PrintedFigure]] = {}
        for figure in self.figures:
            if figure.cell.statistic in ("count", "percent"):
                found.setdefault(figure.quantity, []).append(figure)
        return found

    @cached_property
    def bases_of(self) -> dict[Slot, list[PrintedBase]]:
        """Every printed base of an item in a level, in the order of the tables."""
        found: dict[Slot, list[PrintedBase]] = {}
        for base in self.bases.values():
            for slot in base.slots:
                found.setdefault(slot, []).append(base)
        return found

    @cached_property
    def summands(self) -> dict[Quantity, list[PrintedFigure]]:
        """Counts of the municipalities that make up a level, by item, code, group and level."""
        found: dict[Quantity, list[PrintedFigure]] = {}
        for figure in self.figures:
            if figure.cell.statistic == "count":
                item, code, _, municipality = figure.quantity
                for group, levels in self.register.items():
                    if municipality in levels:
                        quantity = (item, code, group, levels[municipality])
                        found.setdefault(quantity, []).append(figure)
        return found

    @cached_property
    def starred(self) -> dict[Slot, PrintedFigure]:
        """Cells that carry stars, by item, group and level."""
        tables = {t.id for t in self.study.tables if t.significance.get("mark") == "stars"}
        return {f.slot: f for f in self.figures if f.cell.table in tables}

    @cached_property
    def starred_marks(self) -> frozenset[str]:
        """Marks that are the stars of a cell, or their absence in a table that has stars."""
        return frozenset(f"{figure.ref}:{MARK}" for figure in self.starred.values())

    @cached_property
    def rehearsal(self) -> Publication:
        """The same places with other figures: every level has answers, and so has the rest."""
        numbers = {f.ref: 50 if f.cell.group == "all" else 40 for f in self.figures}
        for base in self.bases.values():
            numbers[base.ref] = 1000 if base.slots[0][1] == "all" else 100
        marks = {mark_ref(self.study.table[f.cell.table], f.cell): "" for f in self.figures}
        return Publication(self, numbers, marks)

    @cached_property
    def claim(self) -> dict[str, Claim]:
        """Statements by reference."""
        return {f"{CLAIM}:{claim.id}": claim for claim in self.claims}

    @cached_property
    def words(self) -> Mapping[str, Any]:
        """What vague words of the statements mean; empty for a study without statements."""
        return read_words(self.study) if self.claims else {}

    def codes(self, item: str) -> tuple[str, ...]:
        """All answers to an item, as text."""
        if item == STATUS_ITEM:
            return ("complete", "partial", "none")
        return tuple(map(str, self.study.items[item].codes))


@dataclass(frozen=True)
class Publication:
    """The figures as printed, by reference, in units of their last decimal; marks as text.

    `missing`: how many fewer answered an item in a level than the shared base printed for it.
    `quotes`: statements, by reference, whose number is another than the declared one.
    """

    layout: Layout
    numbers: Mapping[str, int]
    marks: Mapping[str, str]
    missing: Mapping[Slot, int] = field(default_factory=dict)
    quotes: Mapping[str, Claim] = field(default_factory=dict)

    def base(self, figure: PrintedFigure) -> int:
        """The base of a figure: as printed, less those known to have left the item empty."""
        return self.numbers[figure.base] - self.missing.get(figure.slot, 0)

    def with_number(self, ref: str, units: int) -> Publication:
        """A copy in which one figure or base is another."""
        return replace(self, numbers={**self.numbers, ref: units})

    def with_mark(self, ref: str, mark: str) -> Publication:
        """A copy in which the stars of one cell are others."""
        return replace(self, marks={**self.marks, ref: mark})

    def with_quote(self, ref: str, number: float) -> Publication:
        """A copy in which a statement says another number."""
        claim = self.layout.claim[ref]
        other = replace(claim, predicate={**claim.predicate, "is": number})
        return replace(self, quotes={**self.quotes, ref: other})

    def statement(self, claim: Claim) -> Claim:
        """A statement with the number this copy has for it."""
        return self.quotes.get(f"{CLAIM}:{claim.id}", claim)

    def quoted(self, ref: str) -> str:
        """The number a statement gives, as text; empty where it gives none as a numeral."""
        stated = self.statement(self.layout.claim[ref]).predicate.get("is")
        return str(stated) if isinstance(stated, int | float) else ""

    def printed(self, ref: str) -> str:
        """A figure, base, mark or statement as a reader sees it."""
        if ref in self.numbers:
            figure = self.layout.figure.get(ref)
            return as_text(self.numbers[ref], figure.decimals if figure else 0)
        if ref in self.layout.claim:
            return self.layout.claim[ref].statement
        return self.marks.get(ref, "")


def read_publication(study: Study, claims: Iterable[Claim] = ()) -> Publication:
    """Everything printed of a study with a `printed` folder.

    Raises ValueError, naming file and line, where a figure is no number, where the lines are not
    the cells the table declares, and where lines of one row or table differ in a base that is
    printed once.
    """
    folder = study.folder / "printed"
    tables = {t.id: read_printed_table(folder, t.id) for t in study.tables if t.cells}
    return make_publication(study, tables, claims)


def make_publication(
    study: Study, tables: Mapping[str, list[Printed]], claims: Iterable[Claim] = ()
) -> Publication:
    """The same from lines already read, by table."""
    figures: list[PrintedFigure] = []
    slots: dict[str, dict[Slot, None]] = {}
    owner: dict[str, str] = {}
    numbers: dict[str, int] = {}
    marks: dict[str, str] = {}
    for table_id, lines in tables.items():
        table = study.table[table_id]
        check_number(table, lines)
        for cell, line in zip(table.cells, lines, strict=True):
            where = f"printed/{table_id}.csv line {line.line}"
            ref = cell_ref(cell)
            units, decimals = _number(line.printed, where)
            base = base_ref(table, cell) if line.n else ""
            numbers[ref] = units
            labels = (line.row_label, line.group, line.column)
            figures.append(PrintedFigure(ref, cell, line.line, base, decimals, labels))
            if table.significance:
                mark = mark_ref(table, cell)
                if marks.setdefault(mark, line.note) != line.note:
                    raise SpecError(where, f"mark {line.note!r}, above {marks[mark]!r}")
            if base and base != ref:
                n = _number(line.n, where)[0]
                if numbers.setdefault(base, n) != n:
                    raise SpecError(where, f"base {n}, above {numbers[base]}; it is printed once")
                owner[base] = table_id
                slots.setdefault(base, {})[(str(cell.item), cell.group, cell.level)] = None
    totals = {f.ref: f for f in figures if _is_total(f.cell)}
    bases = {ref: PrintedBase(ref, owner[ref], tuple(own)) for ref, own in slots.items()}
    bases |= {ref: PrintedBase(ref, f.cell.table, (f.slot,)) for ref, f in totals.items()}
    layout = Layout(
        study, tuple(figures), bases, tuple(claims), read_settings(study), _register(study)
    )
    return Publication(layout, numbers, marks)


def cell_ref(cell: Cell) -> str:
    """Reference of a cell."""
    return ":".join(filter(None, (cell.table, cell.row, cell.group_key, cell.column)))


def mark_ref(table: Table, cell: Cell) -> str:
    """Reference of the stars of a cell, or of the bound printed for its row or the table."""
    by = table.significance.get("by")
    if by == "cell":
        return f"{cell_ref(cell)}:{MARK}"
    return f"{table.id}:{MARK}" if by == "table" else f"{table.id}:{cell.row}:{MARK}"


def base_ref(table: Table, cell: Cell) -> str:
    """Reference of a cell's base: its row's, its table's, or the total printed as a count."""
    if table.base_column is None:
        place = (cell.item, cell.group, cell.level)
        totals = (
            cell_ref(c) for c in table.cells if _is_total(c) and (c.item, c.group, c.level) == place
        )
        return next(totals, "")
    if table.base_column.position == "title":
        return f"{table.id}:{BASE}"
    return ":".join(filter(None, (table.id, cell.row, cell.group_key, BASE)))


def _is_total(cell: Cell) -> bool:
    return cell.statistic == "count" and cell.code == TOTAL


def _number(text: str, where: str) -> tuple[int, int]:
    try:
        return as_units(text)
    except ValueError as error:
        raise SpecError(where, str(error)) from None


def printed_register(study: Study) -> Path | None:
    """The register of the printed wave; None for a study without a register or such a wave."""
    wave = str(study.conventions.get("printed_wave", ""))
    if not study.has_frame or wave not in study.waves:
        return None
    try:
        return study.source_sheet(wave).files["municipalities"].path
    except SpecError:
        return None  # the run says what is wrong with it


def _register(study: Study) -> dict[str, Mapping[str, str]]:
    """Levels by municipality for the printed wave; none where it has no register."""
    path = printed_register(study)
    return {} if path is None else register_levels(study, path)


def register_levels(study: Study, path: Path) -> dict[str, Mapping[str, str]]:
    """Level of every municipality of a register, by group."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    columns = study.frame["columns"]
    return {
        group.id: municipality_levels(rows, group, columns)
        for group in study.groups
        if group.by_municipality and group.kind != "identity"
    }

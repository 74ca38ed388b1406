"""The printed report for the audit: figures with their places and quantities.

A `Layout` is independent of the figures: the places, and the quantity at each. A `PrintedReport`
adds the figures, so that one can be replaced in a copy.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from declarations import Study
from declarations.claims.kinds import Claim
from declarations.claims.words import Words, read_words
from declarations.model.once import Once
from declarations.tables.cells import STATUS_ITEM
from replication.consistency.arithmetic import print_form
from replication.consistency.references import (
    CLAIM,
    MARK,
    PrintedBase,
    PrintedFigure,
    Quantity,
    Slot,
    mark_ref,
)
from replication.consistency.settings import AuditSettings


@dataclass(frozen=True)
class Layout(Once):
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
        """Every place where a quantity is printed, as a count or percentage."""
        found: dict[Quantity, list[PrintedFigure]] = {}
        for figure in self.figures:
            if figure.cell.statistic in ("count", "percent"):
                found.setdefault(figure.quantity, []).append(figure)
        return found

    @cached_property
    def counted(self) -> dict[Quantity, PrintedFigure]:
        """The first printing of a quantity from which a count follows: a count, else a share."""
        found = {}
        for quantity, figures in self.printings.items():
            counts = [f for f in figures if f.cell.statistic == "count"]
            if first := next(iter(counts), next((f for f in figures if f.base), None)):
                found[quantity] = first
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
        """Counts of the municipalities in a level, by item, code, group and level."""
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
        """Cells with stars, by item, group and level."""
        tables = {t.id for t in self.study.tables if t.mark == "stars"}
        return {f.slot: f for f in self.figures if f.cell.table in tables}

    @cached_property
    def starred_marks(self) -> frozenset[str]:
        """Marks that are stars of a cell, including missing stars in a table with stars."""
        return frozenset(f"{figure.ref}:{MARK}" for figure in self.starred.values())

    @cached_property
    def rehearsal(self) -> PrintedReport:
        """A report with invented figures in all places, none of them zero.

        No level of it is empty.
        """
        numbers = {f.ref: 50 if f.cell.group == "all" else 40 for f in self.figures}
        for base in self.bases.values():
            numbers[base.ref] = 1000 if base.slots[0][1] == "all" else 100
        marks = {mark_ref(self.study.table[f.cell.table], f.cell): "" for f in self.figures}
        return PrintedReport(self, numbers, marks)

    @cached_property
    def claim(self) -> dict[str, Claim]:
        """Statements by reference."""
        return {f"{CLAIM}:{claim.id}": claim for claim in self.claims}

    @cached_property
    def words(self) -> Words:
        """The meanings of words in statements. Raises SpecError for a study without any."""
        return read_words(self.study)

    def codes(self, item: str) -> tuple[str, ...]:
        """All answers to an item, as text."""
        if item == STATUS_ITEM:
            return ("complete", "partial", "none")
        return tuple(map(str, self.study.items[item].codes))


@dataclass(frozen=True)
class PrintedReport(Once):
    """The figures as printed, by reference, in units of their last decimal; marks as text.

    `missing`: how many fewer answered an item in a level than the shared printed base. `quotes`:
    statements, by reference, with another number than the declared one.
    """

    layout: Layout
    numbers: Mapping[str, int]
    marks: Mapping[str, str]
    missing: Mapping[Slot, int] = field(default_factory=dict)
    quotes: Mapping[str, Claim] = field(default_factory=dict)

    def base(self, figure: PrintedFigure) -> int:
        """The base of a figure: as printed, minus respondents known to have left the item empty."""
        printed = self.numbers[figure.base]
        return printed - self.missing.get(figure.slot, 0) if self.missing else printed

    def read(self, refs: Iterable[str]) -> Hashable:
        """The values of the given figures and marks in this copy, and missing answers."""
        found = tuple(self.numbers.get(ref, self.marks.get(ref)) for ref in refs)
        return (found, frozenset(self.missing.items())) if self.missing else found

    def with_number(self, ref: str, units: int) -> PrintedReport:
        """A copy with one figure or base changed."""
        return replace(self, numbers={**self.numbers, ref: units})

    def with_mark(self, ref: str, mark: str) -> PrintedReport:
        """A copy with the stars of one cell changed."""
        return replace(self, marks={**self.marks, ref: mark})

    def with_quote(self, ref: str, number: float) -> PrintedReport:
        """A copy with the number of a statement changed."""
        claim = self.layout.claim[ref]
        other = claim.model_copy(update={"stated": number})
        return replace(self, quotes={**self.quotes, ref: other})

    def statement(self, claim: Claim) -> Claim:
        """A statement with its number in this copy."""
        return self.quotes.get(f"{CLAIM}:{claim.id}", claim)

    def quoted(self, ref: str) -> str:
        """The number in a statement, as text; empty if it states no numeral."""
        stated = getattr(self.statement(self.layout.claim[ref]), "stated", None)
        return str(stated) if isinstance(stated, int | float) else ""

    def printed(self, ref: str) -> str:
        """The text of a figure, base, mark or statement for a reader."""
        if ref in self.numbers:
            figure = self.layout.figure.get(ref)
            return print_form(self.numbers[ref], figure.decimals if figure else 0)
        if ref in self.layout.claim:
            return self.layout.claim[ref].statement.en
        return self.marks.get(ref, "")

"""Numbered notes on differences from print: errata, misprinted labels and marks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from declarations import Cell, Table
from declarations.labels import Label
from publishing.layout.marks import LinePlace, Marks, danish_bound
from publishing.layout.model import PRINTED, SIC, Note, Place, in_notation
from publishing.layout.words import MISPRINTS
from replication.fit import BOUND
from replication.printed import Erratum, Printed

# part of the id of a finding about two rows with the same label
TWICE = ":twice:"


@dataclass
class Beside:
    """Notes with their numbers, and the places in the table that refer to them."""

    notes: list[Note] = field(default_factory=list)
    figures: dict[Place, tuple[int, ...]] = field(default_factory=dict)
    lines: dict[LinePlace, tuple[int, ...]] = field(default_factory=dict)

    def number(self, kind: str, text: Label) -> int:
        """The number of the note with this text; equal texts share a number."""
        for note in self.notes:
            if note.text == text and note.number is not None:
                return note.number
        self.notes.append(Note(kind, text, len(self.notes) + 1))
        return len(self.notes)

    def of_figure(self, place: Place, kind: str, text: Label) -> None:
        """Add a reference from a figure to a note."""
        known = self.figures.get(place, ())
        number = self.number(kind, text)
        self.figures[place] = known if number in known else (*known, number)

    def of_line(self, place: LinePlace, kind: str, text: Label) -> None:
        """Add a reference from a line's label to a note."""
        known = self.lines.get(place, ())
        number = self.number(kind, text)
        self.lines[place] = known if number in known else (*known, number)


@dataclass(frozen=True)
class PrintedTable:
    """The printed table as `replication` read it: figures, errata, findings of the audit."""

    figures: Sequence[Printed]
    errata: Iterable[Erratum] = ()
    audit: pd.DataFrame | None = None


def beside_print(
    table: Table, results: pd.DataFrame, marks: Marks, printed: PrintedTable | None
) -> Beside:
    """Notes on all differences from print; none for a wave or a table without print."""
    found = Beside()
    if printed is None or len(printed.figures) != len(table.cells):
        return found
    known = {(e.row, e.group, e.column, e.printed): e for e in printed.errata}
    texts, bases = results["formatted"], results["base"]
    for cell, figure, text, base in zip(table.cells, printed.figures, texts, bases, strict=True):
        place = (cell.row, cell.group_key, cell.column)
        erratum = known.get((figure.row, figure.group, figure.column, figure.printed))
        if text != figure.printed or erratum is not None:
            kind = SIC if erratum is not None else PRINTED
            shown = "" if pd.isna(base) else str(base)
            found.of_figure(place, kind, _figure_note(figure, erratum, text, shown))
    _mark_notes(found, table, marks, printed.figures)
    if printed.audit is not None:
        _label_notes(found, table, printed.audit)
    return found


def _figure_note(figure: Printed, erratum: Erratum | None, text: str, base: str) -> Label:
    printed = Label(in_notation(figure.printed, "da"), figure.printed)
    ours = Label(in_notation(text, "da"), text)
    if erratum is None:
        return Label(f"Trykt: {printed.da}.", f"Printed: {printed.en}.")
    why = MISPRINTS.get(erratum.rule, Label(erratum.rule, erratum.rule))
    if text == figure.printed:
        return Label(
            f"Trykt {printed.da} af N = {figure.n} [sic]: {why.da}; N = {base} her.",
            f"Printed {printed.en} of N = {figure.n} [sic]: {why.en}; N = {base} here.",
        )
    return Label(
        f"Trykt {printed.da} [sic]: {why.da}. Her: {ours.da}.",
        f"Printed {printed.en} [sic]: {why.en}. Here: {ours.en}.",
    )


def _mark_notes(found: Beside, table: Table, marks: Marks, figures: Sequence[Printed]) -> None:
    """Notes on cells where print has another mark than the declared convention gives."""
    if not table.significance:
        return
    shared = not marks.stars and not marks.lines
    seen: set[LinePlace] = set()
    for cell, figure in zip(table.cells, figures, strict=True):
        if cell.group == "all":
            continue
        place = (cell.row, cell.group_key)
        if table.mark == "stars":
            ours = marks.stars.get((*place, cell.column), "")
            if figure.note != ours:
                text = Label(
                    f"Trykt mærke: {figure.note or 'intet'}.",
                    f"Printed mark: {figure.note or 'none'}.",
                )
                found.of_figure((*place, cell.column), PRINTED, text)
        elif figure.note and place not in seen and not shared:
            seen.add(place)
            _bound_note(found, place, figure.note, marks.lines.get(place, ""), _leads(cell, marks))


def _leads(cell: Cell, marks: Marks) -> bool:
    """Whether the line shows the mark.

    If lines are compared with each other, only the first does.
    """
    return (cell.row, cell.group_key) in marks.lines


def _bound_note(found: Beside, place: LinePlace, printed: str, ours: str, leads: bool) -> None:
    """A note on a line whose printed bound differs from ours."""
    match = BOUND.search(printed)
    same = match is not None and ours == f"p<{float(match.group(1)):g}"
    if leads and not same:
        text = Label(
            f"Trykt mærke: {printed}; her {danish_bound(ours) or 'n.s.'}.",
            f"Printed mark: {printed}; here {ours or 'n.s.'}.",
        )
        found.of_line(place, PRINTED, text)


def _label_notes(found: Beside, table: Table, audit: pd.DataFrame) -> None:
    """Notes on labels that print repeats."""
    own = audit[(audit["rule"] == "labels") & (audit["table"] == table.id)]
    rows: Mapping[str, LinePlace] = {c.row: (c.row, c.group_key) for c in table.cells}
    for name, about, gives in zip(own["id"], own["about"], own["gives"], strict=True):
        parts = str(about).split(":")
        if TWICE not in str(name) or len(parts) < 2 or parts[1] not in rows:
            continue
        text = Label(
            "Navnet er gengivet, som det er trykt [sic]; en anden række har det samme navn.",
            f"The label is as printed [sic]: {gives}.",
        )
        found.of_line(rows[parts[1]], SIC, text)

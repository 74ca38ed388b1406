"""Reads everything printed of a study (figures, marks, bases) and the register of its wave."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from assets.clean.background import municipality_levels
from declarations import SpecError, Study
from declarations.claims.kinds import Claim
from replication.consistency.arithmetic import as_units
from replication.consistency.printed_report import Layout, PrintedReport
from replication.consistency.references import (
    PrintedBase,
    PrintedFigure,
    Slot,
    base_ref,
    cell_ref,
    is_total,
    mark_ref,
)
from replication.consistency.settings import read_audit_settings
from replication.printed import Printed, check_number, read_printed


def read_printed_report(study: Study, claims: Iterable[Claim] = ()) -> PrintedReport:
    """Everything printed of a study that has a folder `printed`.

    Raises ValueError with file and line if a figure is not a number, if the lines differ from the
    declared cells, or if lines of one row or table differ in a base that is printed once.
    """
    return make_printed_report(study, read_printed(study), claims)


def make_printed_report(
    study: Study, tables: Mapping[str, list[Printed]], claims: Iterable[Claim] = ()
) -> PrintedReport:
    """The printed report from lines that are already read, by table."""
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
    totals = {f.ref: f for f in figures if is_total(f.cell)}
    bases = {ref: PrintedBase(ref, owner[ref], tuple(own)) for ref, own in slots.items()}
    bases |= {ref: PrintedBase(ref, f.cell.table, (f.slot,)) for ref, f in totals.items()}
    layout = Layout(
        study, tuple(figures), bases, tuple(claims), read_audit_settings(study), _register(study)
    )
    return PrintedReport(layout, numbers, marks)


def _number(text: str, where: str) -> tuple[int, int]:
    try:
        return as_units(text)
    except ValueError as error:
        raise SpecError(where, str(error)) from None


def printed_register(study: Study) -> Path | None:
    """The register of the printed wave; None if the study has no register or no such wave."""
    wave = study.printed_wave
    if not study.has_frame or wave not in study.waves:
        return None
    try:
        return study.source_sheet(wave).files["municipalities"].path
    except SpecError:
        return None  # the run reports what is wrong with it


def _register(study: Study) -> dict[str, Mapping[str, str]]:
    """Levels by municipality for the printed wave; empty without a register."""
    path = printed_register(study)
    return {} if path is None else register_levels(study.in_wave(study.main_wave), path)


def register_levels(study: Study, path: Path) -> dict[str, Mapping[str, str]]:
    """Level of every municipality of a register, by group."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    columns = study.register_columns
    return {
        group.id: municipality_levels(rows, group, columns)
        for group in study.groups
        if group.by_municipality and group.kind != "identity" and study.has_group(group)
    }

"""A table in the layout of print: rows down, columns across, Danish decimal commas."""

from __future__ import annotations

import pandas as pd

from assets.tables.results import NOT_ASKED, SUPPRESSED
from declarations import Study, Table
from declarations.labels import Label
from runtime.safe_text import spreadsheet_frame


def print_layout(table: Table, results: pd.DataFrame, language: str = "da") -> pd.DataFrame:
    """The table with text cells; headers are the column labels in the language, da or en.

    `results` are the table's lines in reading order. The base column is where print has it. If
    print states a base once in the title, it is in the header's corner cell.
    """
    columns = {cell.column: _word(cell.column_label, language) for cell in table.cells}
    heads = {(cell.row, cell.group_key): cell for cell in table.cells}
    grouped = any(cell.group_key for cell in table.cells)
    base = table.base_column
    names = ("row", "group", "formatted", "base", "note")
    lines: dict[tuple[str, str], tuple[list[str], list[str], list[str]]] = {}
    for row, group, text, n, note in zip(*(results[name] for name in names), strict=True):
        labels = (heads[(row, group)].row_label, heads[(row, group)].group_label)
        head = [_word(label, language) for label in (labels if grouped else labels[:1])]
        # if a base is suppressed, its whole line is
        missing = text if SUPPRESSED in str(note) else ""
        bases = [missing if pd.isna(n) else str(n)] if base else []
        shown = danish(text) if language == "da" else text
        lines.setdefault((row, group), (head, [], bases))[1].append(shown)
    header = (
        ["", ""] if grouped else [""],
        list(columns.values()),
        [_word(base.label, language)] if base else [],
    )
    first = base is not None and base.position == "first"
    joined = [h + (b + f if first else f + b) for h, f, b in (header, *lines.values())]
    return pd.DataFrame(joined[1:], columns=joined[0], dtype="object")


def _word(label: Label, language: str) -> str:
    return label.en if language == "en" else label.da


def table_layout(table: Table, frame: pd.DataFrame, language: str = "da") -> pd.DataFrame:
    """The layout of any table: from its results, or of the overview, which needs none."""
    return frame if table.entries else print_layout(table, frame, language)


def wave_notes(table: Table, frame: pd.DataFrame, study: Study, wave: str) -> list[str]:
    """Notes on this wave: rows that it did not ask, questions with another wording.

    `frame` are the table's results. One note per line, in Danish and English; empty for the
    overview.
    """
    if table.entries:
        return []
    notes = []
    rows = frame.groupby(["row", "row_label_da"], sort=False)
    for (row, label), lines in rows if frame["note"].eq(NOT_ASKED).any() else ():
        missing = lines[lines["note"] == NOT_ASKED]
        if len(missing):
            columns = "" if len(missing) == len(lines) else ", ".join(missing["column_label_da"])
            place = f"{label or row}{f' ({columns})' if columns else ''}"
            notes.append(f"Ikke spurgt i {wave} / Not asked in {wave}: {place}")
    gone = frame[frame["note"].str.contains(SUPPRESSED, regex=False)]
    if len(gone):
        notes.append(
            f"{gone['formatted'].iloc[0]} = undertrykt, så svar ikke kan udledes / suppressed so "
            f"that no answers follow ({len(gone)})"
        )
    asked = study.in_wave(wave)
    for item in (asked.items[i] for i in table.items if i in asked.items):
        for made in asked.question[item.question].rewordings(item.id, wave):
            text = f"{made.label.both}{f' ({made.note.both})' if made.note else ''}"
            notes.append(f"Anden ordlyd fra {made.wave} / Other wording from {made.wave}: {text}")
    return list(dict.fromkeys(notes))


def overview_layout(table: Table, study: Study) -> pd.DataFrame:
    """The overview of variables, from the declarations: letter, label, and source."""
    records = []
    heading = ""
    for entry in table.entries:
        heading = entry.heading.da if entry.heading else heading
        behind = [study.question[q].source for q in entry.questions]
        behind += [f"study.yaml: {study.group[g].id}" for g in entry.groups]
        items = sum(len(study.question[q].closed_items) for q in entry.questions)
        label = entry.label
        records.append(
            (heading, entry.key, label.da, label.en, str(items or ""), ", ".join(behind))
        )
    names = ["Afsnit", "", "Variabel", "Variable", "Lukkede items", "Erklæret i"]
    return pd.DataFrame(records, columns=names, dtype="object")


def danish(text: str) -> str:
    """A formatted number with a decimal comma."""
    return text.replace(".", ",")


def csv_text(frame: pd.DataFrame, notes: list[str]) -> str:
    """The layout as CSV, with notes below the table as in print, one per line.

    Text that a spreadsheet would read as a formula is guarded, see `spreadsheet_text`.
    """
    width = len(frame.columns)
    lines = [[note] + [""] * (width - 1) for note in notes if note]
    below = pd.DataFrame(lines, columns=frame.columns, dtype="object")
    whole = pd.concat([frame, below], ignore_index=True)
    return spreadsheet_frame(whole).to_csv(index=False, lineterminator="\n")

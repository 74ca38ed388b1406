"""Reads any table, with or without a codebook; for platforms that have no reader of their own.

A codebook has a line per variable (variable, label, codes: `1=Yes; 2=No` or `1, Yes | 2, No`), or a
line per code (variable, label, code, code label).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from assets.raw.readers.platforms.columns import (
    CLOSED,
    NUMBER,
    TEXT,
    UNKNOWN,
    Labels,
    PlatformColumn,
    PlatformSheet,
    ReadColumns,
    across,
)
from declarations.platform import STATUS_FLAGS
from runtime.plain_text import plain, same_text

HEADINGS: dict[str, tuple[str, ...]] = {
    "variable": ("variable", "name", "varname", "variable name", "column", "field", "variabel",
                 "variabelnavn", "navn", "kolonne", "item"),
    "text": ("label", "text", "question", "question text", "variable label", "description",
             "wording", "tekst", "spørgsmål", "spørgsmålstekst", "beskrivelse"),
    "codes": ("codes", "values", "choices", "value labels", "categories", "koder", "værdier",
              "svarmuligheder", "answers", "options", "levels"),
    "code": ("code", "value", "kode", "værdi"),
    "code_label": ("code label", "value label", "code text", "answer", "kodetekst", "etiket",
                   "svartekst", "meaning", "category"),
    "type": ("type", "variable type", "measure", "level"),
}  # fmt: skip
PART = re.compile(r"\s*(?:[|;\n]|,\s*(?=[^\s,=:]{1,12}\s*[=:]))\s*")
PAIR = re.compile(r"\s*([^=:,]{1,60}?)\s*(?:=|:|,)\s*(.+)", re.DOTALL)
NUMBERS = ("number", "numeric", "integer", "float", "scale", "decimal", "tal")
TEXTS = ("text", "string", "open", "tekst", "date", "dato")


def headings(names: list[str]) -> dict[str, int]:
    """Positions of a codebook's columns; None without variable and label or codes."""
    found: dict[str, int] = {}
    for place, name in enumerate(names):
        for heading, words in HEADINGS.items():
            if same_text(name) in words and heading not in found:
                found[heading] = place
                break
    enough = "variable" in found and len(found) >= 2 and ({"codes", "code", "text"} & set(found))
    return found if enough else {}


def codebook(grid: PlatformSheet) -> dict[str, tuple[str, str, Labels]]:
    """By variable (normalised): text, kind and labels."""
    names, body = grid.headed()
    places = headings(names)
    found: dict[str, tuple[str, str, Labels]] = {}
    current = ""
    for _, cells in body:
        facts = {heading: cells[place].strip() for heading, place in places.items()}
        current = facts["variable"] or current
        text, kind, labels = found.get(same_text(current), ("", "", ()))
        labels = (*labels, *codes_and_labels(facts.get("codes", "")))
        if facts.get("code") and (facts.get("code_label") or "codes" not in places):
            labels = (*labels, (facts["code"], facts.get("code_label", "")))
        found[same_text(current)] = (
            text or facts.get("text", ""), kind or facts.get("type", ""), labels,
        )  # fmt: skip
    return found


def codes_and_labels(text: str) -> Labels:
    """Codes and labels of one cell: `1=Yes; 2=No`, `1, Yes | 2, No`, or one per line."""
    by = "|" if "|" in text else None
    parts = text.split(by) if by else PART.split(text)
    pairs = [PAIR.fullmatch(part) for part in parts if part.strip()]
    return tuple((plain(p.group(1)), plain(p.group(2))) for p in pairs if p is not None)


def read(
    grid: PlatformSheet, definition: PlatformSheet | None, texts: Mapping[str, str] | None = None
) -> ReadColumns:
    """A table with one header line, optionally described by a codebook."""
    names, body = grid.headed()
    known = codebook(definition) if definition else {}
    columns = []
    for name, cells in zip(names, across(body, len(names)), strict=True):
        text, kind, labels = known.get(same_text(name), ("", "", ()))
        kind = kind.lower()
        found = (
            CLOSED if labels else NUMBER if kind.startswith(NUMBERS)
            else TEXT if kind.startswith(TEXTS) else UNKNOWN
        )  # fmt: skip
        text = text or (texts or {}).get(name) or name
        columns.append(PlatformColumn(name, cells, text, found, labels=labels))
    there = {same_text(name) for name in names}
    missing = [name for name in known if name not in there]
    notes = []
    if definition is None and set(STATUS_FLAGS) <= set(names):
        notes.append(
            "SurveyXact's data set alone, expected structure.csv and labels.csv next to it "
            "(texts and labels are missing)"
        )
    if missing:
        notes.append(
            f"{len(missing)} variables of {definition.file if definition else ''} that are not "
            f"columns ({', '.join(missing[:5])}), expected a column for each"
        )
    if known and (bare := [n for n in names if same_text(n) not in known]):
        notes.append(
            f"{len(bare)} columns that the codebook lacks ({', '.join(bare[:5])}), expected a "
            "line for each (what they hold is guessed)"
        )
    return ReadColumns([line for line, _ in body], columns, notes)

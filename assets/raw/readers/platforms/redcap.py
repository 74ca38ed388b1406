"""REDCap: CSV of raw codes (or labels) with the data dictionary.

https://www.ncbi.nlm.nih.gov/pmc/articles/PMC2700030/ and the Data Dictionary help of REDCap's
Project Setup: https://kb.uwm.edu/uwmhd/page.php?id=103587 (choices `1, Yes | 2, No`), checkboxes as
`field___code`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from assets.raw.readers.platforms.columns import (
    BOX,
    CLOSED,
    META,
    NUMBER,
    TEXT,
    Labels,
    PlatformColumn,
    PlatformSheet,
    ReadColumns,
    across,
    held_labels,
    ticks,
)
from runtime.plain_text import plain, same_text

FIELD, TYPE, LABEL, CHOICES, VALIDATION = (
    "variable / field name", "field type", "field label",
    "choices, calculations, or slider labels", "text validation type or show slider number",
)  # fmt: skip
SHORT = {"field_name": FIELD, "field_type": TYPE, "field_label": LABEL,
         "select_choices_or_calculations": CHOICES,
         "text_validation_type_or_show_slider_number": VALIDATION}  # fmt: skip
# `Question (choice=Label)`, where the headings are labels
CHOICE = re.compile(r"(.+?) \(choice=(.+)\)", re.DOTALL)
BOX_NAME = re.compile(r"(.+?)___(.+)")
COMPLETE: Labels = (("0", "Incomplete"), ("1", "Unverified"), ("2", "Complete"))
EVENTS = frozenset({"redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance",
                    "redcap_data_access_group", "redcap_survey_identifier"})  # fmt: skip
NUMBERS = ("integer", "number")


def dictionary(grid: PlatformSheet) -> dict[str, dict[str, str]]:
    """Rows of the data dictionary by field. Raises ValueError if the file is not one."""
    names, body = grid.headed()
    lines = [SHORT.get(same_text(name), same_text(name)) for name in names]
    if FIELD not in lines:
        raise ValueError("no field names")
    rows = [dict(zip(lines, cells, strict=True)) for _, cells in body]
    return {row[FIELD].strip(): row for row in rows if row[FIELD].strip()}


def choices(text: str) -> Labels:
    """`1, Yes | 2, No`; a label may contain commas, a code may be text."""
    pairs = [part.partition(",") for part in text.split("|") if part.strip()]
    return tuple((plain(code), plain(label)) for code, sign, label in pairs if sign)


def read(grid: PlatformSheet, definition: PlatformSheet | None) -> ReadColumns:
    """Fields as the dictionary describes; boxes `field___code` form one question in any case."""
    names, body = grid.headed()
    known = dictionary(definition) if definition else {}
    known |= {row[LABEL]: row for row in known.values() if row.get(LABEL) and row[LABEL] in names}
    columns = []
    for place, (name, cells) in enumerate(zip(names, across(body, len(names)), strict=True)):
        stamp = name.endswith("_timestamp") or same_text(name) == "survey timestamp"
        if (place == 0 and known) or name in EVENTS or stamp:
            columns.append(PlatformColumn(name, cells, kind=META))
        else:
            columns.append(_column(name, cells, known))
    lacking = ("the data dictionary", "a field") if known else None
    lines = [line for line, _ in body]
    return ReadColumns(lines, columns, detects=not known, lacking=lacking)


def _column(
    name: str, cells: tuple[str, ...], known: Mapping[str, dict[str, str]]
) -> PlatformColumn:
    box = BOX_NAME.fullmatch(name)
    if box is not None:
        field, code = box.groups()
        row = known.get(field, {})
        # an underscore replaces a minus of the code in a column's name
        labels = {
            re.sub(r"[^a-z0-9]", "_", c.lower()): (c, t) for c, t in choices(row.get(CHOICES, ""))
        }
        own, text = labels.get(code, (code, code))
        ticked = ("1", "Checked", text)
        number = own if own.isdigit() and len(own) < 6 else ""
        return PlatformColumn(
            name, ticks(cells, ticked), row.get(LABEL, ""), BOX, field, number, text
        )
    chosen = CHOICE.fullmatch(name)
    if chosen is not None:
        asked, text = chosen.groups()
        return PlatformColumn(
            name, ticks(cells, ("1", "Checked", text)), asked, BOX, asked, "", text
        )
    row = known.get(name, {})
    kind, text = row.get(TYPE, "").strip().lower(), plain(row.get(LABEL, ""))
    if not row:
        if name.endswith("_complete") or same_text(name).partition(" (")[0] == "complete?":
            return PlatformColumn(
                name, cells, f"Form status: {name}", CLOSED, labels=held_labels(COMPLETE, cells)
            )
        return PlatformColumn(name, cells, name if " " in name else "")
    labels_: Labels = ()
    if kind in ("radio", "dropdown"):
        labels_ = choices(row.get(CHOICES, ""))
    elif kind == "yesno":
        labels_ = (("1", "Yes"), ("0", "No"))
    elif kind == "truefalse":
        labels_ = (("1", "True"), ("0", "False"))
    if labels_:
        return PlatformColumn(name, cells, text, CLOSED, labels=held_labels(labels_, cells))
    validation = row.get(VALIDATION, "").strip().lower()
    if kind in ("calc", "slider") or (kind == "text" and validation.startswith(NUMBERS)):
        return PlatformColumn(name, cells, text, NUMBER)
    return PlatformColumn(name, cells, text, TEXT)

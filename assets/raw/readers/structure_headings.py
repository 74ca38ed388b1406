"""Finds the columns of a structure table by heading, by a synonym, or by content."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from assets.raw.delimited import RawTable
from assets.raw.readers.structure_guess import STRUCTURE_COLUMNS
from declarations.platform import TYPE_WORDS
from runtime.masking import column_shown
from runtime.plain_text import same_text

QUESTION, VARIABLE, TYPE, SUB, TEXT, CHOICE, CHOICE_TEXT = STRUCTURE_COLUMNS
WORDS: dict[str, tuple[str, ...]] = {
    QUESTION: ("question", "questionid", "questioncode", "spørgsmål", "spørgsmålsnavn", "spm"),
    VARIABLE: ("variable", "varname", "variabel", "variabelnavn", "name", "column", "navn"),
    TYPE: ("type", "qtype", "spørgsmålstype", "variabletype"),
    SUB: ("subtype", "undertype", "kind", "questionsubtype"),
    TEXT: ("text", "questionlabel", "label", "wording", "spørgsmålstekst", "tekst", "description"),
    CHOICE: ("value", "choice", "code", "valgværdi", "værdi", "choicecode", "answervalue"),
    CHOICE_TEXT: ("choicelabel", "valgtekst", "answertext", "valuetext", "choicename"),
}
MOSTLY = 0.5
MANY = len(STRUCTURE_COLUMNS)


def with_headings(table: RawTable, columns: Collection[str]) -> RawTable:
    """The table under the seven standard headings, as far as they are found, with notes.

    `columns` are those of the data set. A heading is found by its name (ignoring blanks and
    capitals), by a synonym, or by the content or position of its column. If the first line has no
    headings at all, it is a line of data.
    """
    known = {_squeezed(name): name for name in STRUCTURE_COLUMNS}
    own = [known.get(_squeezed(name)) for name in table.columns]
    if all(name in own for name in STRUCTURE_COLUMNS):
        names = [found or name for found, name in zip(own, table.columns, strict=True)]
        return replace(table, columns=_unique(names))
    notes = []
    if not any(own) and _describes(table.columns, columns):
        # the first variable is in place of the headings
        first = max(min(table.lines, default=2) - 1, 1)
        table = replace(table, rows=(table.columns, *table.rows), lines=(first, *table.lines))
        notes.append("no line of headings, expected questionName, variableName, ... (by place)")
        own = [None] * len(table.columns)
    lines = list(own)
    for place, name in enumerate(table.columns):
        if lines[place] is None and not notes:
            lines[place] = _by_word(name, lines)
    for place in range(len(lines)):
        if lines[place] is None:
            lines[place] = _by_content(table, place, lines, columns)
    usual = all(name in (None, STRUCTURE_COLUMNS[at]) for at, name in enumerate(lines[:MANY]))
    if len(lines) == MANY and (usual or any(own)):
        for place in range(MANY):
            if lines[place] is None and STRUCTURE_COLUMNS[place] not in lines:
                lines[place] = STRUCTURE_COLUMNS[place]
    elif not any(own):
        _texts_by_content(table, lines)
    names = []
    for place, found in enumerate(lines):
        written = table.columns[place]
        if found is None:
            names.append(written)
            continue
        names.append(found)
        if any(own) and own[place] is None and written != found:
            notes.append(f"heading {column_shown(written)}, expected {found} (taken for it)")
    missing = [name for name in STRUCTURE_COLUMNS if name not in names]
    if missing:
        notes.append(
            f"no heading {', '.join(missing)}, expected the headings {', '.join(STRUCTURE_COLUMNS)}"
            " (what they hold is guessed or left out)"
        )
    return replace(table, columns=_unique(names)).noted(*notes)


def _squeezed(name: str) -> str:
    return re.sub(r"[\W_]", "", same_text(name))


def _describes(cells: Sequence[str], columns: Collection[str]) -> bool:
    known = {same_text(name) for name in columns}
    words = {same_text(cell) for cell in cells}
    return bool(known & words) and bool(words & TYPE_WORDS)


def _by_word(name: str, taken: Sequence[str | None]) -> str | None:
    squeezed = _squeezed(name)
    for heading, words in WORDS.items():
        if heading not in taken and squeezed in words:
            return heading
    return None


def _by_content(
    table: RawTable, place: int, taken: Sequence[str | None], columns: Collection[str]
) -> str | None:
    """The heading that fits a column's content: names of variables, types, numbers of choices."""
    cells = [same_text(row[place]) for row in table.rows if row[place].strip()]
    if cells and VARIABLE not in taken:
        known = {same_text(name) for name in columns}
        if sum(cell in known for cell in cells) > MOSTLY * len(cells):
            # of two columns with names the first is the question's
            if _right_is_variable(table, place, taken, known):
                return QUESTION if QUESTION not in taken else None
            return VARIABLE
    if cells and TYPE not in taken and set(cells) <= {"closed", "open"}:
        return TYPE
    if cells and SUB not in taken and set(cells) <= TYPE_WORDS:
        return SUB
    if cells and CHOICE not in taken and all(cell.lstrip("-").isdigit() for cell in cells):
        return CHOICE
    return None


def _texts_by_content(table: RawTable, texts: list[str | None]) -> None:
    """Name the remaining columns.

    The one with most texts has the questions, the next one the choices.
    """
    left = [place for place, name in enumerate(texts) if name is None]
    left.sort(key=lambda place: -sum(bool(row[place].strip()) for row in table.rows))
    for heading, place in zip((TEXT, CHOICE_TEXT), left, strict=False):
        texts[place] = heading


def _right_is_variable(
    table: RawTable, place: int, taken: Sequence[str | None], known: set[str]
) -> bool:
    after = place + 1
    if after >= len(table.columns) or taken[after] is not None:
        return False
    cells = [same_text(row[after]) for row in table.rows if row[after].strip()]
    return bool(cells) and sum(cell in known for cell in cells) > MOSTLY * len(cells)


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """Unique names: a column displaced by a renamed heading gets a number."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name.lower()] = seen.get(name.lower(), 0) + 1
        found.append(name if seen[name.lower()] == 1 else f"{name} ({seen[name.lower()]})")
    return tuple(found)

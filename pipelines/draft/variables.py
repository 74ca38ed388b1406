"""The variables of an export: what structure, labels and data say of each column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from assets.delimited import RawTable
from assets.readers.export import Export
from assets.readers.numbers import code_text
from assets.readers.structure_guess import STRUCTURE_COLUMNS, guess_structure
from assets.structure import STATUS_FLAGS

WHOLE = re.compile(r"-?[0-9]{1,9}")
SHORT_CODE = re.compile(r"-?[0-9]{1,4}")
MOST_CODES = 200
Codes = tuple[tuple[int, str | None], ...]


@dataclass(frozen=True)
class Variable:
    """A column: its question, the texts around it and its codes in page order.

    A code whose text is None occurs in the data without a label. `cells` are stripped.
    """

    name: str
    question: str
    closed: bool
    multiple: bool
    kind: str
    text: str
    choice: str
    choice_text: str
    codes: Codes
    cells: tuple[str, ...]
    listed: bool
    background: bool = False

    @property
    def unlabelled(self) -> bool:
        """Whether some code has no label."""
        return any(text is None for _, text in self.codes)


def read_variables(export: Export) -> list[Variable]:
    """All columns but the status flags, in the order of the structure, then of the data set."""
    data = export.dataset
    labels = _labels(export.labels)
    described = _structure(export.structure, data.columns, labels)
    names = [name for name in described if name in data.columns]
    names += [name for name in data.columns if name not in described]
    flags = set(STATUS_FLAGS) if has_status(data) else set()
    found = [_variable(n, data, labels, described.get(n)) for n in names if n not in flags]
    unanswered = unanswered_lines(data)
    return [replace(v, background=_is_background(v, unanswered)) for v in found]


def has_status(data: RawTable) -> bool:
    """Whether the five status flags are there."""
    return set(STATUS_FLAGS) <= set(data.columns)


def unanswered_lines(data: RawTable) -> list[int]:
    """Positions of the lines whose status says new or distributed."""
    if not has_status(data):
        return []
    places = [data.position(flag) for flag in STATUS_FLAGS[:2]]
    return [at for at, row in enumerate(data.rows) if any(code_text(row[p]) == "1" for p in places)]


def tidy(text: str) -> str:
    """Text on one line without blanks around it; a label is no place for more than a page."""
    joined = " ".join(text.split())
    return joined if len(joined) <= 500 else joined[:499] + "…"


def _labels(table: RawTable) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, code, label in table.rows:
        found.setdefault(name.strip(), {}).setdefault(code_text(code.strip()), tidy(label))
    return found


def _structure(
    table: RawTable, columns: tuple[str, ...], labels: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    places = {name.strip().lower(): place for place, name in enumerate(table.columns)}
    if all(name.lower() in places for name in STRUCTURE_COLUMNS):
        rows = [tuple(row[places[n.lower()]] for n in STRUCTURE_COLUMNS) for row in table.rows]
    else:
        rows = list(guess_structure(columns, {n: list(c) for n, c in labels.items()}, {}))
    described: dict[str, dict[str, str]] = {}
    for row in rows:
        entry = dict(zip(STRUCTURE_COLUMNS, row, strict=True))
        described.setdefault(entry["variableName"].strip(), entry)
    return described


def _variable(
    name: str,
    data: RawTable,
    labels: Mapping[str, Mapping[str, str]],
    entry: Mapping[str, str] | None,
) -> Variable:
    place = data.position(name)
    cells = tuple(row[place].strip() for row in data.rows)
    own = entry or {}
    labelled = labels.get(name, {})
    closed = own.get("questionType", "").strip().lower() == "closed" or bool(labelled)
    codes = _codes(cells, labelled) if closed else ()
    kind = own.get("subType", "").strip().lower()
    return Variable(
        name=name,
        question=own.get("questionName", "").strip() or name,
        closed=bool(codes),
        multiple=bool(codes) and kind == "multiple",
        kind=kind,
        text=tidy(own.get("questionText", "")),
        choice=own.get("choiceValue", "").strip(),
        choice_text=tidy(own.get("choiceText", "")),
        codes=codes or (),
        cells=cells,
        listed=entry is not None,
    )


def _codes(cells: tuple[str, ...], labelled: Mapping[str, str]) -> Codes:
    """Labelled codes in page order, then unlabelled ones of the data; none where not numbers."""
    seen = {code_text(cell) for cell in cells if cell} - set(labelled)
    # a stray text among labelled codes is for the scale check to find, not a code; and what is
    # longer than a code may be a telephone or person number, which is not written into a study
    extra = sorted(int(code) for code in seen if SHORT_CODE.fullmatch(code))
    if not labelled and (len(extra) < len(seen) or len(extra) > MOST_CODES):
        return ()
    if any(not WHOLE.fullmatch(code) for code in labelled):
        return ()
    known = tuple((int(code), text) for code, text in labelled.items())
    return (*known, *((code, None) for code in extra if str(code) not in labelled))


def _is_background(variable: Variable, unanswered: list[int]) -> bool:
    """Whether it came with the respondent list: filled where nobody answered, or no question."""
    if variable.multiple:
        return False
    filled = sum(1 for at in unanswered if variable.cells[at])
    return not variable.listed or (bool(filled) and 2 * filled >= len(unanswered))

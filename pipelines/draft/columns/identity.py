"""Finds the column that identifies respondents, and repeated lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from assets.raw.delimited import RawTable
from declarations.platform import STATUS_FLAGS
from pipelines.draft.columns.variables import DraftVariable, unanswered_lines

# The most reliable names first.
IDENTIFIERS = (
    re.compile(
        r"(?i)respondent|respondent[_ -]?(?:id|key|nr|no)|resp[_ -]?id|response[_ -]?id|_uuid|"
        r"record[_ -]?id"
    ),
    re.compile(r"(?i)_?id|key|nøgle|noegle"),
    re.compile(r"(?i)e[-_ ]?mail(?:[-_ ]?address|adresse)?"),
)
# Up to this share of lines (at least one) may have a faulty identifier.
STRAY = 10
SHOWN = 5


@dataclass(frozen=True)
class RespondentColumn:
    """A candidate for the identifier, with the lines that repeat it or lack it."""

    name: str
    repeated: int = 0
    empty: int = 0

    @property
    def amiss(self) -> str:
        """Why the column does not identify every line; empty if it does."""
        lines = []
        if self.repeated:
            lines.append(f"repeats another line's on {self.repeated}")
        if self.empty:
            lines.append(f"is empty on {self.empty}")
        return " and ".join(lines)


def respondent_column(variables: Sequence[DraftVariable]) -> RespondentColumn | None:
    """A column with an identifier's name and a unique text on every line.

    A column with faulty lines would stop every run. It is not taken, and a note reports it.
    """
    for names in IDENTIFIERS:
        for variable in variables:
            found = _respondent(variable)
            fits = names.fullmatch(variable.name.strip()) and not variable.closed
            if fits and variable.cells and not found.amiss:
                return found
    return None


def passed_over(variables: Sequence[DraftVariable]) -> list[RespondentColumn]:
    """Columns that are named as identifiers but do not identify every line.

    An e-mail address counts if it nearly does, because some lists lack addresses.
    """
    found = []
    for variable in variables:
        surest = any(names.fullmatch(variable.name.strip()) for names in IDENTIFIERS[:2])
        mail = IDENTIFIERS[2].fullmatch(variable.name.strip()) is not None
        each = _respondent(variable)
        nearly = each.repeated + each.empty <= max(1, len(variable.cells) // STRAY)
        if surest or (mail and nearly):
            found.append(each)
    return found


def repeated_lines(data: RawTable) -> list[tuple[int, int]]:
    """Lines with answers that equal an earlier line in every cell, with that line's row."""
    unanswered = set(unanswered_lines(data))
    lines = [at for at, name in enumerate(data.columns) if name not in STATUS_FLAGS]
    first: dict[tuple[str, ...], int] = {}
    found = []
    for at, (row, line) in enumerate(zip(data.rows, data.lines, strict=True)):
        if at in unanswered or all(row[place].strip() in ("", "0") for place in lines):
            continue
        known = first.setdefault(row, line)
        if known != line:
            found.append((line, known))
    return found


def repeated_text(found: Sequence[tuple[int, int]]) -> str:
    """A note on repeated lines; empty if there are none."""
    if not found:
        return ""
    rows = ", ".join(f"row {line} as row {known}" for line, known in found[:SHOWN])
    more = ", ..." if len(found) > SHOWN else ""
    return (
        f"{len(found)} lines with answers are the same in every cell as an earlier one "
        f"({rows}{more}) and no column identifies respondents: is somebody in the file twice? All "
        "lines are counted"
    )


def _respondent(variable: DraftVariable) -> RespondentColumn:
    seen = Counter(cell for cell in variable.cells if cell)
    empty = sum(1 for cell in variable.cells if not cell)
    return RespondentColumn(variable.name, sum(seen.values()) - len(seen), empty)

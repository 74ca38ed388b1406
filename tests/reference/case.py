"""The input of a rule and its result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from assets.raw.delimited import RawTable
from assets.raw.errors import Finding
from assets.raw.structure import ROLES, RawWave
from declarations import SourceSheet, Study, WaveFile

WITHHELD = "(open answer)"


@dataclass(frozen=True)
class Offence:
    """One offence: the message, and the columns of its row that it is about.

    A row rule is about the whole row and names no columns.
    """

    finding: Finding
    variables: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """The result of a rule in one part of the data, with the share of this part (`""`: all data).

    `checked` is the number of units examined (the catalogue's `counted`).
    """

    name: str
    checked: int
    offences: Sequence[Offence]

    @property
    def share(self) -> float:
        """Offences divided by units checked.

        It is 1 if there are offences although nothing was counted.
        """
        if self.checked:
            return min(1.0, len(self.offences) / self.checked)
        return float(bool(self.offences))


class Lines:
    """A data set by columns, with blanks around cells removed. `numbers` are lines of the file."""

    def __init__(
        self, file: str, numbers: Sequence[int], cells: Mapping[str, Sequence[str]]
    ) -> None:
        self.file = file
        self.numbers = numbers
        self._cells = cells
        self._stripped: dict[str, list[str]] = {}
        # what rules derive from these lines and several need, by their own name for it
        self.derived: dict[str, Any] = {}

    @classmethod
    def of_frame(cls, file: str, frame: pd.DataFrame) -> Lines:
        """The lines of a frame that has the lines of the file in `file_row`."""
        cells = {str(name): frame[name].tolist() for name in frame if name != "file_row"}
        return cls(file, frame["file_row"].tolist(), cells)

    @classmethod
    def of(cls, table: RawTable) -> Lines:
        """The rows of a raw table."""
        across = list(zip(*table.rows, strict=True)) or [()] * len(table.columns)
        return cls(table.file, table.lines, dict(zip(table.columns, across, strict=True)))

    def without(self, numbers: Iterable[int]) -> Lines:
        """The lines without some of them."""
        left_out = set(numbers)
        if not left_out:
            return self
        kept = [at for at, number in enumerate(self.numbers) if number not in left_out]
        cells = {name: [column[at] for at in kept] for name, column in self._cells.items()}
        return Lines(self.file, [self.numbers[at] for at in kept], cells)

    def has(self, *columns: str) -> bool:
        """Whether all these columns exist."""
        return all(name in self._cells for name in columns)

    def column(self, name: str) -> list[str]:
        """The cells of a column; KeyError if there is none."""
        if name not in self._stripped:
            self._stripped[name] = [cell.strip() for cell in self._cells[name]]
        return self._stripped[name]

    def whole(self) -> list[tuple[str, ...]]:
        """All cells of every line as they are in the file."""
        return list(zip(*self._cells.values(), strict=True))


@dataclass(frozen=True)
class Case:
    """The input of a rule: the raw files, and the lines that are not yet quarantined."""

    raw: RawWave
    study: Study
    sheet: SourceSheet
    lines: Lines
    rejected: frozenset[int] = field(default=frozenset())

    @cached_property
    def accepted(self) -> Lines:
        """The lines that no row rule has quarantined."""
        return self.lines.without(self.rejected)


Find = Callable[[Case], list[Part]]
FindInAnswers = Callable[[Study, Lines], list[Part]]


def whole(checked: int, findings: Iterable[Finding]) -> list[Part]:
    """The only part of a rule that judges the whole file."""
    return [Part("", checked, [Offence(finding) for finding in findings])]


def described_tables(case: Case) -> list[tuple[RawTable, WaveFile]]:
    """Every table with the description of its file in the source sheet."""
    paired = ((role, getattr(case.raw, role)) for role in ROLES)
    return [(table, case.sheet.files[role]) for role, table in paired if table is not None]

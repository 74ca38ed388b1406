"""What a rule is given and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import duckdb

from assets.raw.cells.ingest import FILE_ROW
from assets.raw.cells.verdicts import JudgedTable
from assets.raw.errors import Finding
from assets.raw.structure import StoredWave
from declarations import SourceSheet, Study
from runtime.store import quote

WITHHELD = "(open answer)"


@dataclass(frozen=True)
class Offence:
    """One thing that breaks a rule: the message, and the columns of its row that it is about.

    A row rule is about the whole row and names no columns.
    """

    finding: Finding
    variables: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """What a rule found in one part of the data that has a share of its own (`""`: all of it).

    `checked` is the number of units looked at, as the catalogue's `counted` says; `found` of them
    break the rule, and `offences` are the first of these.
    """

    name: str
    checked: int
    offences: Sequence[Offence]
    found: int

    @property
    def share(self) -> float:
        """Offences by units checked; 1 where there are offences though nothing was counted."""
        if self.checked:
            return min(1.0, self.found / self.checked)
        return float(bool(self.found))


@dataclass(frozen=True)
class Case:
    """A wave before a rule: the raw files, and its lines without those already set aside.

    `rejected` is a relation of `file_row`; of what breaks a rule `told` offences are told, or all.
    """

    raw: StoredWave
    study: Study
    sheet: SourceSheet
    judged: JudgedTable
    rejected: str | None = None
    told: int | None = None

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The database of the data set."""
        return self.judged.connection

    @property
    def file(self) -> str:
        """What messages call the data set."""
        return self.judged.wide.file

    @cached_property
    def accepted(self) -> str:
        """The lines that no row rule has set aside, as SQL."""
        return self.without_rejected(self.judged.relation)

    def without_rejected(self, relation: str) -> str:
        """The lines of a relation that no row rule has set aside, as SQL."""
        if self.rejected is None:
            return relation
        return f"(FROM {relation} ANTI JOIN {self.rejected} USING ({quote(FILE_ROW)}))"

    def without(self, rejected: str | None) -> Case:
        """The same without some lines."""
        return replace(self, rejected=rejected)

    def one(self, sql: str) -> tuple[int, ...]:
        """The only line of a query of numbers; an aggregate over nothing is 0."""
        found = self.connection.execute(sql).fetchone() or ()
        return tuple(int(number or 0) for number in found)


Find = Callable[[Case], list[Part]]


def whole(checked: int, findings: Iterable[Finding]) -> list[Part]:
    """The one part of a rule that is judged over the whole file."""
    offences = [Offence(finding) for finding in findings]
    return [Part("", checked, offences, len(offences))]

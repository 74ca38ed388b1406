"""The input and the result of a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import duckdb

from assets.raw.cells.ingest import FILE_ROW
from assets.raw.cells.judgements import JudgedTable
from assets.raw.errors import Finding
from assets.raw.structure import StoredWave
from declarations import SourceSheet, Study
from runtime.store import quote

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

    `checked` is the number of units examined (the catalogue's `counted`). `found` is the number
    that break the rule; `offences` describes the first of these.
    """

    name: str
    checked: int
    offences: Sequence[Offence]
    found: int

    @property
    def share(self) -> float:
        """The share of units that break the rule.

        It is 1 if there are offences although no unit was examined.
        """
        if self.checked:
            return min(1.0, self.found / self.checked)
        return float(bool(self.found))


@dataclass(frozen=True)
class Case:
    """The input of a rule: the raw files, and the lines that are not yet quarantined.

    `rejected` is a relation of `file_row`. At most `most` offences get a message; None: all.
    """

    raw: StoredWave
    study: Study
    sheet: SourceSheet
    judged: JudgedTable
    rejected: str | None = None
    most: int | None = None

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The database of the data set."""
        return self.judged.connection

    @property
    def file(self) -> str:
        """The name of the data set in messages."""
        return self.judged.wide.file

    @cached_property
    def accepted(self) -> str:
        """The lines that no row rule has quarantined, as SQL."""
        return self.without_rejected(self.judged.relation)

    def without_rejected(self, relation: str) -> str:
        """The lines of a relation that no row rule has quarantined, as SQL."""
        return relation if self.rejected is None else f"(FROM {self.kept(relation)})"

    def kept(self, relation: str) -> str:
        """The lines as text after FROM, for look-ups of a few columns."""
        if self.rejected is None:
            return relation
        return f"{relation} ANTI JOIN {self.rejected} USING ({quote(FILE_ROW)})"

    def without(self, rejected: str | None) -> Case:
        """The case without the lines in `rejected`."""
        return replace(self, rejected=rejected)

    def one(self, sql: str) -> tuple[int, ...]:
        """The single row of a query of numbers; NULL becomes 0."""
        found = self.connection.execute(sql).fetchone() or ()
        return tuple(int(number or 0) for number in found)


Find = Callable[[Case], list[Part]]


def whole(checked: int, findings: Iterable[Finding]) -> list[Part]:
    """The single part of a rule that judges the whole file."""
    offences = [Offence(finding) for finding in findings]
    return [Part("", checked, offences, len(offences))]

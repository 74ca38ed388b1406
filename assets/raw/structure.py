"""The raw files of a wave: the tables read, the columns expected."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from assets.raw.cells.ingest import Ingested
from assets.raw.delimited import RawTable
from declarations import SourceSheet, Study, WaveFile
from declarations.platform import STATUS_FLAGS
from declarations.study import REGISTER
from declarations.waves import EXPORT_ROLES

ROLES = (*EXPORT_ROLES, REGISTER)


@dataclass(frozen=True)
class RawWave:
    """The raw files of one wave as text."""

    dataset: RawTable
    structure: RawTable
    labels: RawTable
    municipalities: RawTable | None = None

    def stored(self, dataset: Ingested) -> StoredWave:
        """The raw files with the data set in a database."""
        return StoredWave(dataset, self.structure, self.labels, self.municipalities)


@dataclass(frozen=True)
class StoredWave:
    """The raw files of one wave with the data set in a database, as the rules need them."""

    dataset: Ingested
    structure: RawTable
    labels: RawTable
    municipalities: RawTable | None = None

    def described(self, sheet: SourceSheet) -> list[tuple[RawTable | Ingested, WaveFile]]:
        """Every table with the entry that describes it in the source sheet."""
        paired = ((role, getattr(self, role)) for role in ROLES)
        return [(table, sheet.files[role]) for role, table in paired if table is not None]


def expected_columns(study: Study) -> dict[str, str]:
    """Every column that a data set must have, with its meaning, in questionnaire order."""
    columns = dict.fromkeys(study.background_columns, "the respondent list")
    for item in study.items.values():
        columns[item.variable] = f"item {item.id} ({study.question[item.question].source})"
    flags = STATUS_FLAGS if study.status_flags else ()
    return columns | dict.fromkeys(flags, "the overall status")


def names_columns(header: Collection[str], study: Study) -> bool:
    """Whether a header names any declared column; otherwise it may be a line of data."""
    return not expected_columns(study).keys().isdisjoint(header)


def raw_frame(table: RawTable) -> pd.DataFrame:
    """The raw table as text columns, with the file's line number in `file_row`."""
    frame = pd.DataFrame(list(table.rows), columns=list(table.columns), dtype="object")
    frame.insert(0, "file_row", pd.Series(table.lines, dtype="int64"))
    return frame

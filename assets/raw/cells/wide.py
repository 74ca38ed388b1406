"""The data set of a wave as a relation of text: one row per line, `file_row` and all columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from assets.raw.cells.ingest import FILE_ROW, Ingested, ingest_table
from assets.raw.delimited import RawTable
from runtime.store import database_in_memory, quote, text_literal

# The characters that str.strip() removes; U+3000 is the last of them.
BLANKS = "".join(c for c in map(chr, range(0x3001)) if c.isspace())
# Columns whose texts one query counts: its memory grows with their distinct texts.
AT_ONCE = 50
# Lines from which a query per column is cheaper: its fixed cost no longer matters.
MANY_LINES = 20_000


@dataclass(frozen=True)
class Wide:
    """The data set in a database; `relation` is quoted. Cells are as in the file."""

    connection: duckdb.DuckDBPyConnection
    relation: str
    known: Ingested

    @property
    def file(self) -> str:
        """The name of the file in messages."""
        return self.known.file

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns in the order of the file."""
        return self.known.columns

    def has(self, *columns: str) -> bool:
        """Whether all these columns exist."""
        return set(columns) <= set(self.columns)

    def frequencies(self, column: str) -> list[tuple[str, int]]:
        """Every distinct text of a column with its number of cells, in the order of the file."""
        return self.connection.execute(
            f"SELECT {quote(column)}, count(*) FROM {self.relation} "
            f"GROUP BY ALL ORDER BY min({quote(FILE_ROW)})"
        ).fetchall()

    def frequencies_of(self, columns: Iterable[str]) -> dict[str, list[tuple[str, int]]]:
        """`frequencies` of columns. A query per column would take ten times as long in a survey."""
        if self.known.count >= MANY_LINES:
            return {column: self.frequencies(column) for column in columns}
        found: dict[str, list[tuple[str, int]]] = {column: [] for column in columns}
        every = list(found)
        for start in range(0, len(every), AT_ONCE):
            names = ", ".join(map(quote, every[start : start + AT_ONCE]))
            for column, text, cells in self.connection.execute(
                "SELECT name, text, count(*) "
                f"FROM (SELECT {quote(FILE_ROW)}, {names} FROM {self.relation}) "
                f"UNPIVOT INCLUDE NULLS (text FOR name IN ({names})) "
                f"GROUP BY ALL ORDER BY min({quote(FILE_ROW)})"
            ).fetchall():
                found[column].append((text, cells))
        return found


def stripped(column: str) -> str:
    """The text of a column without blanks at its ends, as SQL; the column is quoted."""
    return f"trim({column}, {text_literal(BLANKS)})"


def is_filled(column: str) -> str:
    """The SQL condition that a cell has more than blanks; NULL for NULL. The column is quoted.

    An expression is matched seven times as fast as `stripped` compared with an empty text.
    """
    return f"regexp_matches({column}, '[^{BLANKS}]')"


def stripped_names(column: str) -> str:
    """`stripped` for a column of distinct texts, where SQL's trim is slow.

    trim reads its list of blanks for each text. A text whose first and last characters are visible
    ASCII has no blanks at its ends and is not trimmed.
    """
    visible = f"{column} BETWEEN '!' AND '~' AND right({column}, 1) BETWEEN '!' AND '~'"
    return f"CASE WHEN {visible} THEN {column} ELSE {stripped(column)} END"


@contextmanager
def in_memory(table: RawTable) -> Iterator[Wide]:
    """A table in its own database."""
    with (
        database_in_memory() as connection,
        TemporaryDirectory(prefix="samspil-") as folder,
    ):
        known = ingest_table(connection, table, "dataset", Path(folder) / "plain")
        yield Wide(connection, "dataset", known)

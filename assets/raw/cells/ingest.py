"""Loads an export into a relation of text: every line numbered, nothing converted or dropped.

A delimited file without faults is streamed. The csv module finds the records, because only it reads
quotes and line ends correctly. It writes them as plain text without quotes, which DuckDB loads in
one statement. An unusual file goes to `read_delimited`, which repairs it or reports what is wrong.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from assets.raw.cells.text_file import UnusualError, beginning, looked_through
from assets.raw.delimited import AUTO, NOTE, RawTable, check_header
from assets.raw.detection import DELIMITERS, detect_delimiter
from assets.raw.errors import DataError
from assets.raw.limits import MOST_CHARACTERS
from runtime.store import quote, text_literal

FILE_ROW = "file_row"
# Three characters: one between fields, one for line breaks within fields, one for null. No cell is
# null; empty cells stay empty. If a cell contains one of the three, the next three are tried.
SIGNS = ("\x1f\x1e\x1d", "\x01\x02\x03", "\x04\x05\x06", "\x0e\x0f\x10", "\x11\x12\x13")


class _SignsUsedError(Exception):
    """A cell contains one of the three characters."""


@dataclass(frozen=True)
class Ingested:
    """A file after loading; `form` describes how it was read.

    `read_as` is the delimiter and encoding of a streamed delimited file.
    """

    file: str
    sha256: str
    size: int
    columns: tuple[str, ...]
    count: int
    form: str
    read_as: tuple[str, str] = ("", "")

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader interpreted, corrected or omitted, each as `FOUND, expected EXPECTED`."""
        return tuple(self.form.split(NOTE)[1:])


@dataclass(frozen=True)
class Plain:
    """Records as plain text, one per line. `broken` tells whether cells contain line breaks."""

    path: Path
    columns: tuple[str, ...]
    rows: int
    longest: int
    signs: str
    broken: bool


def ingest_delimited(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    delimiter: str,
    encoding: str,
    relation: str,
    scratch: Path,
) -> Ingested:
    """Stream a delimited export into a relation (quoted): `file_row`, then each column as text.

    The function writes the file `scratch` and deletes it afterwards. Raises UnusualError if the
    file has any fault.
    """
    digest, size, encoding = looked_through(path, encoding)
    if delimiter == AUTO:
        found = detect_delimiter(beginning(path, encoding))
        if found is None:
            raise UnusualError
        delimiter = found
    try:
        plain = _with_signs(lambda signs: _Stream(path, delimiter, encoding, signs).write(scratch))
        load_plain(connection, plain, relation)
    finally:
        scratch.unlink(missing_ok=True)
    form = f"{DELIMITERS.get(delimiter, delimiter)}, {encoding}"
    read_as = (delimiter, encoding)
    return Ingested(path.name, digest, size, plain.columns, plain.rows, form, read_as)


def ingest_table(
    connection: duckdb.DuckDBPyConnection, table: RawTable, relation: str, scratch: Path
) -> Ingested:
    """Load a table from memory in the same way."""
    try:
        plain = _with_signs(lambda signs: _write_table(table, signs, scratch))
        load_plain(connection, plain, relation)
    finally:
        scratch.unlink(missing_ok=True)
    return Ingested(
        table.file, table.sha256, table.size, table.columns, len(table.rows), table.form
    )


def load_plain(connection: duckdb.DuckDBPyConnection, plain: Plain, relation: str) -> None:
    """Replace a relation (quoted) by the records."""
    between, within, none = map(text_literal, plain.signs)
    number = quote(FILE_ROW)
    types = ", ".join(
        [f"{text_literal(FILE_ROW)}: 'BIGINT'"]
        + [f"{text_literal(name)}: 'VARCHAR'" for name in plain.columns]
    )
    cells = [quote(name) for name in plain.columns]
    if plain.broken:
        cells = [f"replace({name}, {within}, chr(10)) AS {name}" for name in cells]
    # a character may take four bytes
    most = max(1 << 21, 4 * plain.longest + 64)
    connection.execute(
        f"CREATE OR REPLACE TABLE {relation} AS SELECT {', '.join([number, *cells])} FROM read_csv("
        f"{text_literal(str(plain.path))}, header = false, auto_detect = false, "
        f"delim = {between}, quote = '', escape = '', new_line = '\\n', nullstr = {none}, "
        f"columns = {{{types}}}, strict_mode = true, "
        f"max_line_size = {most}, buffer_size = {max(32 << 20, 4 * most)})"
    )


class _Stream:
    """The records of a file; each must be as wide as the header."""

    def __init__(self, path: Path, delimiter: str, encoding: str, signs: str) -> None:
        self.path, self.delimiter, self.encoding, self.signs = path, delimiter, encoding, signs
        self.line = self.before = self.rows = self.longest = 0
        self.columns: tuple[str, ...] = ()
        self.broken = False
        self.waiting: list[str] = []

    def write(self, target: Path) -> Plain:
        """Write the records to `target`."""
        csv.field_size_limit(MOST_CHARACTERS)
        with target.open("w", encoding="utf-8", newline="") as stream:
            stream.writelines(self._records())
        if not self.rows:
            raise UnusualError
        return Plain(target, self.columns, self.rows, self.longest, self.signs, self.broken)

    def _records(self) -> Iterator[str]:
        between, within, none = tuple(self.signs)
        delimiter = self.delimiter
        with (
            self.path.open("rb", buffering=1 << 20) as stream,
            io.TextIOWrapper(stream, encoding=self.encoding, newline="") as lines,
        ):
            reader = csv.reader(self._fed(lines), delimiter=delimiter, strict=True)
            self._header(next(lines, ""))
            wanted = len(self.columns) - 1
            for line in lines:
                self.line += 1
                if '"' in line or len(line) >= MOST_CHARACTERS:
                    text = self._quoted(reader, line)
                elif between in line or within in line or none in line:
                    raise _SignsUsedError
                elif line.count(delimiter) != wanted:
                    if line.rstrip("\r\n"):
                        raise UnusualError(self.line)
                    continue
                else:
                    cells = line.rstrip("\r\n").replace(delimiter, between)
                    text = f"{self.line}{between}{cells}\n"
                self.rows += 1
                self.before = self.line
                if len(text) > self.longest:
                    self.longest = len(text)
                yield text

    def _header(self, line: str) -> None:
        self.line = self.before = 1
        try:
            names = next(csv.reader([line], delimiter=self.delimiter, strict=True), [])
        except csv.Error:
            raise UnusualError from None
        if len(names) < 2 or any(sign in line for sign in self.signs) or "\ufeff" in line:
            raise UnusualError
        try:
            check_header(self.path, tuple(names))
        except DataError:
            raise UnusualError from None
        self.columns = tuple(names)

    def _fed(self, lines: Iterator[str]) -> Iterator[str]:
        while True:
            if self.waiting:
                yield self.waiting.pop()
            else:
                line = next(lines, None)
                if line is None:
                    return
                self.line += 1
                yield line

    def _quoted(self, reader: Iterator[list[str]], line: str) -> str:
        """A record that needs the csv module; it may span several lines."""
        self.waiting.append(line)
        try:
            record = next(reader)
        except (csv.Error, StopIteration):
            raise UnusualError(self.line) from None
        if len(record) != len(self.columns):
            raise UnusualError(self.line)
        if self.line - self.before > 1 and any(self.delimiter in cell for cell in record):
            # two stray quotes may have swallowed whole lines
            raise UnusualError(self.line)
        text, broken = _plain_line(self.line, record, self.signs)
        self.broken |= broken
        return text


def _plain_line(number: int, record: Sequence[str], signs: str) -> tuple[str, bool]:
    """A record as a line, with line feeds for line breaks in cells.

    Also returns whether there are any.
    """
    between, within = signs[0], signs[1]
    joined = "".join(record)
    if any(sign in joined for sign in signs):
        raise _SignsUsedError
    text = between.join(record)
    if "\r" in joined:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    broken = "\n" in text
    if broken:
        text = text.replace("\n", within)
    return f"{number}{between}{text}\n", broken


def _with_signs(write: Callable[[str], Plain]) -> Plain:
    for signs in SIGNS:
        try:
            return write(signs)
        except _SignsUsedError:
            continue
    raise UnusualError


def _write_table(table: RawTable, signs: str, target: Path) -> Plain:
    broken, longest = False, 0
    with target.open("w", encoding="utf-8", errors="surrogatepass", newline="") as stream:
        for number, row in zip(table.lines, table.rows, strict=True):
            text, breaks = _plain_line(number, row, signs)
            broken |= breaks
            longest = max(longest, len(text))
            stream.write(text)
    return Plain(target, table.columns, len(table.rows), longest, signs, broken)

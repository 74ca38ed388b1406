"""Reads a delimited export as text: every line numbered, nothing converted or dropped."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assets.raw.decoding import by_words, decode
from assets.raw.detection import (
    DELIMITERS,
    detect_delimiter,
    detect_encoding,
    named_delimiter,
)
from assets.raw.encodings import USUAL
from assets.raw.errors import DataError, Finding, file_error
from assets.raw.limits import MOST_CHARACTERS, check_width, read_limited
from runtime.masking import header_shown

AUTO = "auto"
# A byte-order mark, also as it appears in Windows-1252.
MARKS = re.compile("(?:\ufeff|\u00ef\u00bb\u00bf)+")
NOTE = "; "
# the first line that tells Excel the delimiter
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[ \t;,]*(?:\r\n|\r|\n)', re.IGNORECASE)
LINE_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class RawTable:
    """A raw file, or a part of one, as text.

    `lines[i]` is the line of the file on which `rows[i]` ends. `form` describes how the file was
    read; after semicolons it lists what the reader interpreted, corrected or left out (`notes`).
    """

    file: str
    sha256: str
    size: int
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    form: str = ""

    def position(self, column: str) -> int:
        """Index of a column. Raises ValueError if there is none."""
        return self.columns.index(column)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader interpreted, corrected or omitted, each as `FOUND, expected EXPECTED`."""
        return tuple(self.form.split(NOTE)[1:])

    def noted(self, *notes: str) -> RawTable:
        """The table with additional notes."""
        said = [note.replace(";", ",") for note in notes]
        return replace(self, form=NOTE.join((self.form, *said)))

    @property
    def count(self) -> int:
        """Number of rows."""
        return len(self.rows)

    @property
    def places(self) -> dict[str, int]:
        """Index of each column by its name in lower case."""
        return {name.strip().lower(): place for place, name in enumerate(self.columns)}


def read_delimited(
    path: Path,
    delimiter: str,
    encoding: str,
    header: tuple[str, ...] | None = None,
    likely: str | None = None,
    beside: Sequence[Path] = (),
) -> RawTable:
    """Read `path`; `header` has the names for a file without a header line.

    Delimiter and encoding `auto` are detected; other values must match. If several delimiters fit
    equally well, the reader takes `likely`, the delimiter of a related file. The files `beside`
    help to detect the encoding. Surplus empty fields at the end of lines and a second byte-order
    mark are removed and noted.

    Raises DataError for a file that is missing, empty or cut off, or that contradicts the declared
    encoding or delimiter. The message names file, row, column and value.
    """
    found = read_records(path, delimiter, encoding, None if header is None else len(header),
                         likely, beside)  # fmt: skip
    content, records, delimiter = found.content, found.records, found.delimiter
    if header is None:
        if not records:
            raise file_error("not_empty", path, "a header line")
        columns = tuple(records.pop(0)[1])
        _check_delimiter(path, columns, delimiter)
        check_header(path, columns)
    else:
        columns = header
        if records and len(columns) > 1:
            _check_delimiter(path, records[0][1], delimiter)
    if not records:
        raise file_error("not_empty", path, "at least one line of data after the header")
    _check_widths(path, records, columns, delimiter)
    _check_quoted(path, records, columns, delimiter)
    return RawTable(
        file=path.name,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        columns=columns,
        rows=tuple(tuple(record) for _, record in records),
        lines=tuple(line for line, _ in records),
        form=found.form,
    ).noted(*found.notes)


@dataclass(frozen=True)
class Records:
    """A delimited file as records, each with the line it ends on, and how they were read."""

    content: bytes
    records: list[tuple[int, list[str]]]
    delimiter: str
    form: str
    notes: tuple[str, ...]


def read_records(
    path: Path,
    delimiter: str,
    encoding: str,
    width: int | None = None,
    likely: str | None = None,
    beside: Sequence[Path] = (),
) -> Records:
    """The records of a file, including its first lines; see `read_delimited`.

    `width` is the number of fields, if known.
    """
    content = read_limited(path)
    wanted = f"{encoding} as source.yaml declares"
    notes: list[str] = []
    if encoding == AUTO:
        encoding = detect_encoding(content)
        if encoding == USUAL:
            encoding = by_words(content, beside, notes)
        wanted = f"{encoding} throughout, as most of the file is"
    text = decode(path, content, encoding, wanted)
    if surplus := MARKS.match(text):
        notes.append("a second byte-order mark, expected one (left out)")
        text = text[surplus.end() :]
    found = SEPARATOR_LINE.match(text)
    if found is not None and found.group(1) in DELIMITERS:
        if delimiter not in (AUTO, found.group(1)):
            expected = f"fields separated by {DELIMITERS[delimiter]} as source.yaml declares"
            raise file_error("delimiter", path, expected, 1, value=found.group().strip())
        text = text[found.end() :]
        delimiter = named_delimiter(text, width, found.group(1), notes)
    if delimiter == AUTO:
        delimiter = _detected_delimiter(path, text, width, likely)
    above = int(found is not None)
    records = [(line + above, record) for line, record in _records(path, text, delimiter)]
    if any(len(record) != 1 for _, record in records):
        notes += _without_surplus(records, width)
    form = f"{DELIMITERS.get(delimiter, delimiter)}, {encoding}"
    return Records(content, records, delimiter, form, tuple(notes))


def _without_surplus(records: list[tuple[int, list[str]]], width: int | None) -> list[str]:
    """Remove empty fields beyond the last column; returns what was found."""
    if not records:
        return []
    if width is None:
        named = records[0][1]
        width = len(named)
        while width > 1 and not named[width - 1].strip() and all(
            not any(cell.strip() for cell in record[width - 1 :]) for _, record in records
        ):  # fmt: skip
            width -= 1
    wide = [
        record
        for _, record in records
        if len(record) > width and not any(cell.strip() for cell in record[width:])
    ]
    for record in wide:
        del record[width:]
    if not wide:
        return []
    return [f"{len(wide)} lines end in empty fields, expected {width} fields (these left out)"]


def _detected_delimiter(path: Path, text: str, width: int | None, likely: str | None) -> str:
    found = detect_delimiter(text, width, likely)
    if found is None:
        first = text.lstrip().split("\n", 1)[0].strip()
        expected = "fields separated by semicolon, comma or tab"
        # the first line may be an answer where the header is missing
        raise file_error("delimiter", path, expected, 1, value=first, holds="cell")
    return found


def _records(path: Path, text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    # Report a field without an end as soon as it exceeds the size of a cell.
    csv.field_size_limit(MOST_CHARACTERS)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[tuple[int, list[str]]] = []
    try:
        for record in reader:
            # in a file with one column an empty line is a record with an empty cell
            if record or (records and len(records[0][1]) == 1):
                records.append((reader.line_num, record or [""]))
    except csv.Error as error:
        line = reader.line_num
        if "field larger" in str(error):
            expected = f"at most {MOST_CHARACTERS} characters in a cell"
            raise file_error("cell_size", path, expected, line) from error
        raise file_error("complete_file", path, f"well-formed quoting ({error})", line) from error
    return records


def _check_delimiter(path: Path, first: Sequence[str], delimiter: str) -> None:
    if len(first) == 1:
        for other, name in DELIMITERS.items():
            if other != delimiter and first[0].count(other) >= 2:
                raise file_error(
                    "delimiter",
                    path,
                    f"fields separated by {DELIMITERS.get(delimiter, delimiter)}"
                    " as source.yaml declares",
                    1,
                    value=f"fields separated by {name}",
                )


def check_header(path: Path, columns: tuple[str, ...]) -> None:
    """Raise DataError unless all columns have unique names, or if there are too many columns."""
    check_width(path, len(columns))
    # The database ignores case and names columns without a name; file_row is the line number.
    seen: set[str] = set()
    for column, entry in zip(columns, header_shown(columns), strict=True):
        if column.strip().lower() in ("", "file_row"):
            expected = "a name for every column, other than file_row"
            raise file_error("column_name", path, expected, 1, entry, entry)
        if column.lower() in seen:
            raise file_error("unique_columns", path, "every column name once", 1, entry, entry)
        seen.add(column.lower())


def _check_widths(
    path: Path, records: list[tuple[int, list[str]]], columns: tuple[str, ...], delimiter: str
) -> None:
    names = header_shown(columns)
    findings = []
    for index, (line, record) in enumerate(records):
        if len(record) != len(columns):
            last = index == len(records) - 1 and len(record) < len(columns)
            findings.append(
                Finding(
                    "complete_file" if last else "row_width",
                    path.name,
                    line,
                    names[min(len(record), len(columns)) - 1],
                    f"{len(record)} fields",
                    f"{len(columns)} fields separated by "
                    f"{DELIMITERS.get(delimiter, delimiter)}"
                    + (" (the file seems to be cut off here)" if last else ""),
                    "fact",
                )
            )
    if findings:
        raise DataError(findings)


def _check_quoted(
    path: Path, records: list[tuple[int, list[str]]], columns: tuple[str, ...], delimiter: str
) -> None:
    """Refuse a quoted field that contains whole lines, as between two stray quotes."""
    width, before = len(columns), 1
    for line, record in records:
        spans, before = line - before > 1, line
        if not spans:
            continue
        for place, cell in enumerate(record):
            first, *others = [part.count(delimiter) for part in LINE_BREAK.split(cell)]
            if not others or width < 3:
                continue
            *whole, last = others
            if (first, last) == (width - 1 - place, place) and set(whole) <= {width - 1}:
                column = header_shown(columns)[place]
                expected = "an answer; two stray quotes enclose whole lines"
                text = f"{len(others) + 1} lines in one field"
                raise file_error("complete_file", path, expected, line, column, text)

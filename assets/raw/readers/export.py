"""Reads an export of any form as three tables of text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from assets.raw.delimited import AUTO, RawTable, check_header, read_delimited
from assets.raw.detection import DELIMITERS
from assets.raw.encodings import read_again
from assets.raw.readers.excel import read_excel
from assets.raw.readers.platforms.cells import Split
from assets.raw.readers.platforms.columns import Export
from assets.raw.readers.platforms.registry import READERS, read_platform
from assets.raw.readers.spss.sav_file import read_spss
from assets.raw.readers.structure_guess import LABEL_COLUMNS
from assets.raw.readers.structure_headings import with_headings
from runtime.plain_text import plain

DELIMITED, EXCEL, SPSS = "delimited", "excel", "spss"
SUFFIXES = {".xlsx": EXCEL, ".xls": EXCEL, ".xlsm": EXCEL, ".sav": SPSS, ".zsav": SPSS}


def read_export(
    kind: str,
    paths: Mapping[str, Path],
    delimiter: str = AUTO,
    encoding: str = AUTO,
    splits: Mapping[str, Split] | None = None,
) -> Export:
    """Read an export; in a workbook or SPSS file `paths["dataset"]` holds all roles.

    For another platform (`kind`), `paths["definition"]` is a file that describes the data. `splits`
    declares cells with several choices; None detects them.

    Line breaks in cells become line feeds, because each form writes them differently. Names of
    variables become `plain`, so that a no-break blank or another normal form does not separate a
    variable from its description. Raises DataError with file, row, column and value.
    """
    if kind in READERS:
        found = read_platform(
            kind, paths["dataset"], paths.get("definition"), delimiter, encoding, splits
        )
    else:
        found = Export(*_tables(kind, paths, delimiter, encoding))
    read = (found.dataset, found.structure, found.labels)
    dataset, structure, labels = map(with_line_feeds, read)
    if kind == EXCEL or dataset.form.endswith("excel"):
        dataset, structure, labels = map(_decoded_once, (dataset, structure, labels))
    names = _plain_names(dataset.columns)
    variable = structure.places.get("variablename")
    return Export(
        _plainly_named(dataset, names),
        structure if variable is None else _plain_column(structure, variable, names),
        _plain_column(labels, 0, names),
        found.splits,
    )


def _tables(
    kind: str, paths: Mapping[str, Path], delimiter: str, encoding: str
) -> tuple[RawTable, RawTable, RawTable]:
    if kind == EXCEL:
        return read_excel(paths["dataset"])
    if kind == SPSS:
        return read_spss(paths["dataset"], encoding)
    files = list(paths.values())
    dataset = read_delimited(paths["dataset"], delimiter, encoding, beside=files)
    # the platform writes all three in the same form; labels with commas may fit two delimiters
    found = dataset.form.split(",")[0]
    likely = next((sign for sign, name in DELIMITERS.items() if name == found), None)
    structure = read_delimited(paths["structure"], delimiter, encoding, None, likely, files)
    return (
        dataset,
        with_headings(structure, dataset.columns),
        read_delimited(paths["labels"], delimiter, encoding, LABEL_COLUMNS, likely, files),
    )


def _plain_names(columns: Sequence[str]) -> dict[str, str]:
    """Plain names by the names in the file; a name that would collide stays unchanged."""
    found = Counter(plain(name).lower() for name in columns)
    return {name: plain(name) if found[plain(name).lower()] == 1 else name for name in columns}


def _plainly_named(table: RawTable, names: Mapping[str, str]) -> RawTable:
    columns = tuple(names[name] for name in table.columns)
    changed = sum(one.strip() != other for one, other in zip(table.columns, columns, strict=True))
    renamed = replace(table, columns=columns)
    if not changed:
        return renamed
    return renamed.noted(
        f"{changed} names with unusual blanks, soft hyphens or decomposed letters, expected plain "
        "ones (read as if they were plain)"
    )


def _plain_column(table: RawTable, place: int, names: Mapping[str, str]) -> RawTable:
    rows = tuple(
        (*row[:place], names.get(row[place], plain(row[place])), *row[place + 1 :])
        for row in table.rows
    )
    return replace(table, rows=rows)


def _decoded_once(table: RawTable) -> RawTable:
    """Decode UTF-8 that was read as Windows-1252 before it was written to a workbook."""
    texts = {cell for row in (table.columns, *table.rows) for cell in row if not cell.isascii()}
    again = {text: found for text in texts if (found := read_again(text)) != text}
    if not again:
        return table
    note = f"{len(again)} texts of UTF-8 read as Windows-1252, expected letters (decoded again)"
    return replace(
        table,
        columns=tuple(again.get(name, name) for name in table.columns),
        rows=tuple(tuple(again.get(cell, cell) for cell in row) for row in table.rows),
    ).noted(note)


def with_line_feeds(table: RawTable) -> RawTable:
    """A table with line feeds for line breaks. Raises DataError if two names become equal."""
    columns, rows = _plain(table.columns), tuple(map(_plain, table.rows))
    if columns != table.columns:
        # two names may have become equal
        check_header(Path(table.file), columns)
    return replace(table, columns=columns, rows=rows)


def _plain(cells: tuple[str, ...]) -> tuple[str, ...]:
    if not any("\r" in cell for cell in cells):
        return cells
    return tuple(cell.replace("\r\n", "\n").replace("\r", "\n") for cell in cells)


def kind_of(path: Path) -> str:
    """The form of a file by its name."""
    return SUFFIXES.get(path.suffix.lower(), DELIMITED)


def dataset_file(kind: str, path: Path) -> str:
    """The name of the data set in messages: in a workbook it is a sheet."""
    return f"{path.name}, sheet Dataset" if kind == EXCEL else path.name

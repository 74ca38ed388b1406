"""The export as three tables of text, whatever form it came in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from assets.raw.delimited import AUTO, RawTable, check_header, read_delimited
from assets.raw.detection import DELIMITERS
from assets.raw.encodings import read_again
from assets.raw.readers.excel import read_excel
from assets.raw.readers.platforms.cells import Split
from assets.raw.readers.platforms.registry import READERS, read_platform
from assets.raw.readers.spss import read_spss
from assets.raw.structure_headings import with_headings
from runtime.plain_text import plain

LABEL_COLUMNS = ("variable", "code", "label")
ROLES = ("dataset", "structure", "labels")
DELIMITED, EXCEL, SPSS = "delimited", "excel", "spss"
KINDS = (DELIMITED, EXCEL, SPSS)
SUFFIXES = {".xlsx": EXCEL, ".xls": EXCEL, ".xlsm": EXCEL, ".sav": SPSS, ".zsav": SPSS}


@dataclass(frozen=True)
class Export:
    """Data set, structure and labels as text."""

    dataset: RawTable
    structure: RawTable
    labels: RawTable
    splits: Mapping[str, Split] = field(default_factory=dict)


def read_export(
    kind: str,
    paths: Mapping[str, Path],
    delimiter: str = AUTO,
    encoding: str = AUTO,
    splits: Mapping[str, Split] | None = None,
) -> Export:
    """Read an export; a workbook or SPSS file holds all roles, `paths["dataset"]` names it.

    Of another platform (`kind`) a file that describes the data is `paths["definition"]`; `splits`
    are the cells with several choices as they are declared, None finds them.

    Line breaks in cells are line feeds: the same text has other ones in each form. Names of
    variables are `plain`, so that a no-break blank or another normal form parts none from its
    description. Raises DataError naming file, row, column and value.
    """
    used: Mapping[str, Split] = {}
    if kind in READERS:
        found = read_platform(
            kind, paths["dataset"], paths.get("definition"), delimiter, encoding, splits
        )
        used = found.splits
        read = (found.dataset, found.structure, found.labels)
    else:
        read = _tables(kind, paths, delimiter, encoding)
    dataset, structure, labels = map(with_line_feeds, read)
    if kind == EXCEL or dataset.form.endswith("excel"):
        dataset, structure, labels = map(_decoded_once, (dataset, structure, labels))
    names = _plain_names(dataset.columns)
    variable = structure.places.get("variablename")
    return Export(
        _plainly_named(dataset, names),
        structure if variable is None else _plain_column(structure, variable, names),
        _plain_column(labels, 0, names),
        used,
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
    # the platform writes all three alike; labels with commas may fit two delimiters
    told = dataset.form.split(",")[0]
    likely = next((sign for sign, name in DELIMITERS.items() if name == told), None)
    structure = read_delimited(paths["structure"], delimiter, encoding, None, likely, files)
    return (
        dataset,
        with_headings(structure, dataset.columns),
        read_delimited(paths["labels"], delimiter, encoding, LABEL_COLUMNS, likely, files),
    )


def _plain_names(columns: Sequence[str]) -> dict[str, str]:
    """Plain names by written ones; one that would be another column's stays as it is."""
    told = Counter(plain(name).lower() for name in columns)
    return {name: plain(name) if told[plain(name).lower()] == 1 else name for name in columns}


def _plainly_named(table: RawTable, names: Mapping[str, str]) -> RawTable:
    columns = tuple(names[name] for name in table.columns)
    changed = sum(one.strip() != other for one, other in zip(table.columns, columns, strict=True))
    renamed = replace(table, columns=columns)
    if not changed:
        return renamed
    return renamed.noted(
        f"{changed} names with other blanks, soft hyphens or decomposed letters, expected plain "
        "ones (read as such)"
    )


def _plain_column(table: RawTable, place: int, names: Mapping[str, str]) -> RawTable:
    rows = tuple(
        (*row[:place], names.get(row[place], plain(row[place])), *row[place + 1 :])
        for row in table.rows
    )
    return replace(table, rows=rows)


def _decoded_once(table: RawTable) -> RawTable:
    """Texts of UTF-8 that were read as Windows-1252 before they came into a workbook."""
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
    """A table whose cells have line feeds for line breaks; DataError where names become one."""
    columns, rows = _plain(table.columns), tuple(map(_plain, table.rows))
    if columns != table.columns:
        # two names may have become one
        check_header(Path(table.file), columns)
    return replace(table, columns=columns, rows=rows)


def _plain(cells: tuple[str, ...]) -> tuple[str, ...]:
    if not any("\r" in cell for cell in cells):
        return cells
    return tuple(cell.replace("\r\n", "\n").replace("\r", "\n") for cell in cells)


def kind_of(path: Path) -> str:
    """The form a file's name tells."""
    return SUFFIXES.get(path.suffix.lower(), DELIMITED)


def dataset_file(kind: str, path: Path) -> str:
    """What messages call the data set: a workbook holds it beside other sheets."""
    return f"{path.name}, sheet Dataset" if kind == EXCEL else path.name

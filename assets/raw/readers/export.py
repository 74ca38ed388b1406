"""The export as three tables of text, whatever form it came in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from assets.raw.delimited import AUTO, RawTable, check_header, read_delimited
from assets.raw.detection import DELIMITERS
from assets.raw.readers.excel import read_excel
from assets.raw.readers.spss import read_spss

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


def read_export(
    kind: str, paths: Mapping[str, Path], delimiter: str = AUTO, encoding: str = AUTO
) -> Export:
    """Read an export; a workbook or SPSS file holds all roles, `paths["dataset"]` names it.

    Line breaks in cells are line feeds: the same text has other ones in each form.
    Raises DataError naming file, row, column and value.
    """
    return Export(*map(_with_line_feeds, _tables(kind, paths, delimiter, encoding)))


def _tables(
    kind: str, paths: Mapping[str, Path], delimiter: str, encoding: str
) -> tuple[RawTable, RawTable, RawTable]:
    if kind == EXCEL:
        return read_excel(paths["dataset"])
    if kind == SPSS:
        return read_spss(paths["dataset"])
    dataset = read_delimited(paths["dataset"], delimiter, encoding)
    # the platform writes all three alike; labels with commas may fit two delimiters
    told = dataset.form.split(",")[0]
    likely = next((sign for sign, name in DELIMITERS.items() if name == told), None)
    return (
        dataset,
        read_delimited(paths["structure"], delimiter, encoding, likely=likely),
        read_delimited(paths["labels"], delimiter, encoding, LABEL_COLUMNS, likely),
    )


def _with_line_feeds(table: RawTable) -> RawTable:
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

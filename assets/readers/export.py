"""The export as three tables of text, whatever form it came in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assets.delimited import AUTO, RawTable, read_delimited
from assets.readers.excel import read_excel
from assets.readers.spss import read_spss

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

    Raises DataError naming file, row, column and value.
    """
    if kind == EXCEL:
        return Export(*read_excel(paths["dataset"]))
    if kind == SPSS:
        return Export(*read_spss(paths["dataset"]))
    return Export(
        dataset=read_delimited(paths["dataset"], delimiter, encoding),
        structure=read_delimited(paths["structure"], delimiter, encoding),
        labels=read_delimited(paths["labels"], delimiter, encoding, LABEL_COLUMNS),
    )


def kind_of(path: Path) -> str:
    """The form a file's name tells."""
    return SUFFIXES.get(path.suffix.lower(), DELIMITED)

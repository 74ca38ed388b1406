"""Opens an Excel workbook for reading. Importing this module loads openpyxl, which is slow."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl.reader.excel import ExcelReader

from assets.raw.readers.archive import has_merged_cells

# Names in "Strict Open XML", an option of Excel, and the usual names that all readers know.
STRICT = b"http://purl.oclc.org/ooxml/"
NAMESPACES = {
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": (
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    ),
    b"http://purl.oclc.org/ooxml/officeDocument/": (
        b"http://schemas.openxmlformats.org/officeDocument/2006/"
    ),
    b"http://purl.oclc.org/ooxml/spreadsheetml/": (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/"
    ),
    b"http://purl.oclc.org/ooxml/drawingml/": b"http://schemas.openxmlformats.org/drawingml/2006/",
}


class _Reader(ExcelReader):
    """openpyxl's reader without chart sheets, which hold no data and may lack parts."""

    def read_chartsheet(self, sheet: Any, rel: Any) -> None:
        """Leave it out. Only the print areas of later sheets are then lost."""


@dataclass(frozen=True)
class OpenWorkbook:
    """A workbook that is read row by row, with the part of the archive that holds each sheet."""

    book: Any
    archive: zipfile.ZipFile
    parts: Mapping[str, str]

    @property
    def worksheets(self) -> list[Any]:
        """The sheets of cells, in order."""
        return list(self.book.worksheets)

    def merges_cells(self, sheet: Any) -> bool:
        """Whether a sheet merges cells: only the first of these has a value when read."""
        return has_merged_cells(self.archive, self.parts[sheet.title])

    def close(self) -> None:
        """Close the file."""
        self.book.close()


def open_workbook(path: Path) -> OpenWorkbook:
    """The workbook, read-only. For a damaged one the zip and XML readers raise various errors."""
    reader = _Reader(_transitional(path), read_only=True)
    reader.read()
    parts = {sheet.name: rel.target for sheet, rel in reader.parser.find_sheets()}
    return OpenWorkbook(reader.wb, reader.archive, parts)


def _transitional(path: Path) -> Any:
    """The file itself; for a Strict Open XML workbook, a copy in memory with the usual names."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.namelist()
        strict = any(STRICT in archive.read(n) for n in parts if n.endswith("workbook.xml"))
        if not strict:
            return path
        copy = io.BytesIO()
        with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as usual:
            for name in parts:
                content = archive.read(name)
                if name.endswith((".xml", ".rels")):
                    for old, new in NAMESPACES.items():
                        content = content.replace(old, new)
                usual.writestr(name, content)
    copy.seek(0)
    return copy

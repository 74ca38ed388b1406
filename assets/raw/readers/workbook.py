"""Open an Excel workbook for reading; loading this loads openpyxl, which takes a while."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from openpyxl.chartsheet import Chartsheet
from openpyxl.reader.excel import ExcelReader

# Names of "Strict Open XML", which Excel offers too, by those every reader knows.
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
    """openpyxl's own reader, but for chart sheets: these hold no data and may lack their parts."""

    def read_chartsheet(self, sheet: Any, rel: Any) -> None:
        """Keep its place and name only; names of the workbook count sheets."""
        self.wb._add_sheet(Chartsheet(parent=self.wb, title=sheet.name))


def open_workbook(path: Path) -> Any:
    """The workbook, read only. Raises whatever zip and XML readers do for a damaged one."""
    reader = _Reader(_transitional(path), read_only=True)
    reader.read()
    return reader.wb


def _transitional(path: Path) -> Any:
    """The file, or of a Strict Open XML workbook a copy in memory with the usual names."""
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

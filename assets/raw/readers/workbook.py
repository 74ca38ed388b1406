"""Open an Excel workbook for reading; loading this loads openpyxl, which takes a while."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openpyxl.chartsheet import Chartsheet
from openpyxl.reader.excel import ExcelReader


class _Reader(ExcelReader):
    """openpyxl's own reader, but for chart sheets: these hold no data and may lack their parts."""

    def read_chartsheet(self, sheet: Any, rel: Any) -> None:
        """Keep its place and name only; names of the workbook count sheets."""
        self.wb._add_sheet(Chartsheet(parent=self.wb, title=sheet.name))


def open_workbook(path: Path) -> Any:
    """The workbook, read only. Raises whatever zip and XML readers do for a damaged one."""
    reader = _Reader(path, read_only=True)
    reader.read()
    return reader.wb

"""Detects the platform of a file by its first lines and selects its reader."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from assets.raw.delimited import AUTO, read_records
from assets.raw.errors import DataError, Finding, file_error
from assets.raw.limits import check_width, read_limited
from assets.raw.readers.excel import sheet_grids
from assets.raw.readers.platforms import (
    enalyzer,
    google_forms,
    kobo,
    limesurvey,
    microsoft_forms,
    plain,
    qualtrics,
    redcap,
    surveymonkey,
)
from assets.raw.readers.platforms.cells import Split
from assets.raw.readers.platforms.columns import (
    Export,
    PlatformSheet,
    ReadColumns,
    checksum,
    tables,
)
from runtime.plain_text import same_text

TEXTS, BOOKS = (".csv", ".txt", ".tsv"), (".xlsx", ".xlsm")
LSS, QSF = ".lss", ".qsf"
Splits = Mapping[str, Split] | None
READERS: Mapping[str, Callable[[PlatformSheet, PlatformSheet | None], ReadColumns]] = {
    "limesurvey": limesurvey.read, "qualtrics": qualtrics.read, "redcap": redcap.read,
    "surveymonkey": surveymonkey.read, "google_forms": google_forms.read,
    "microsoft_forms": microsoft_forms.read, "kobo": kobo.read, "enalyzer": enalyzer.read,
    "plain": plain.read,
}  # fmt: skip
# Names of the definition files in messages.
DEFINITIONS = {
    "limesurvey": "an .lss or a CSV with the answers in full", "qualtrics": "a .qsf",
    "redcap": "the data dictionary as CSV", "kobo": "the XLSForm",
    "plain": "a codebook (variable, label, codes)", "enalyzer": "a codebook",
}  # fmt: skip
KOBO = frozenset({"_uuid", "_submission_time", "_index", "__version__"})
REDCAP = frozenset({"redcap_event_name", "redcap_repeat_instrument", "redcap_survey_identifier"})
LIMESURVEY = frozenset({"submitdate", "lastpage", "startlanguage", "date submitted", "last page",
                        "start language", "response id"})  # fmt: skip
GOOGLE = frozenset({"timestamp", "tidsstempel", "tidspunkt", "tidsstämpel", "zeitstempel"})
MICROSOFT = (("id", "start time"), ("id", "starttidspunkt"), ("id", "completion time"))


def read_platform(
    kind: str,
    dataset: Path,
    definition: Path | None,
    delimiter: str = AUTO,
    encoding: str = AUTO,
    splits: Splits = None,
) -> Export:
    """The raw tables of an export. `splits` are those declared; None detects them.

    Raises DataError with file and place.
    """
    grid = read_grid(dataset, delimiter, encoding)
    if kind in ("qualtrics", "surveymonkey") and len(grid.rows) < 3:
        raise file_error("not_empty", dataset, f"the header lines of {kind} and a line of data",
                     value=f"{len(grid.rows)} lines")  # fmt: skip
    if definition is None:
        sheet = _codebook_sheet(dataset) if kind in ("plain", "enalyzer") else None
        grid = replace(grid, notes=()) if sheet is not None else grid
        return _tables(kind, dataset, grid, sheet, READERS[kind](grid, sheet), splits)
    try:
        described, found = _described(kind, grid, definition)
        return _tables(kind, dataset, grid, described, found, splits)
    except (ValueError, KeyError, TypeError, ElementTree.ParseError, json.JSONDecodeError) as error:
        if isinstance(error, DataError):
            raise
        expected = f"{DEFINITIONS.get(kind, 'a description of the data')} ({type(error).__name__})"
        raise file_error("definition", definition, expected) from None


def _codebook_sheet(path: Path) -> PlatformSheet | None:
    """A sheet after the first that is a codebook, if the data are in a workbook."""
    if path.suffix.lower() not in BOOKS:
        return None
    sheets = [rows for rows in sheet_grids(path).values() if rows]
    found = [rows for rows in sheets[1:] if plain.headings(list(rows[0][1]))]
    return _grid_of(path, found[0]) if found else None


def _described(
    kind: str, grid: PlatformSheet, definition: Path
) -> tuple[PlatformSheet, ReadColumns]:
    """A definition, and the columns that a reader finds with it."""
    suffix = definition.suffix.lower()
    if suffix in (LSS, QSF):
        content = read_limited(definition)
        found = PlatformSheet(definition.name, checksum(content), len(content), suffix[1:], ())
        if suffix == LSS:
            return found, limesurvey.read(grid, found, limesurvey.definition_of(content))
        return found, qualtrics.read(grid, found, qualtrics.definition_of(content))
    if kind == "kobo":
        sheets = sheet_grids(definition)
        found = _grid_of(definition, sheets.get("survey") or [])
        form = {name: _grid_of(definition, rows) for name, rows in sheets.items()}
        return found, kobo.read(grid, found, kobo.definition_of(form))
    found = read_grid(definition, AUTO, AUTO)
    return found, READERS[kind](grid, found)


def _tables(
    kind: str,
    path: Path,
    grid: PlatformSheet,
    definition: PlatformSheet | None,
    found: ReadColumns,
    splits: Splits,
) -> Export:
    made = tables(kind, grid, definition, found, splits)
    if not made.dataset.rows:
        raise file_error("not_empty", path, "at least one line of data after the header")
    return made


def read_grid(path: Path, delimiter: str = AUTO, encoding: str = AUTO) -> PlatformSheet:
    """The lines of a file as cells; for a workbook those of the first filled sheet."""
    if path.suffix.lower() in BOOKS:
        sheets = {name: rows for name, rows in sheet_grids(path).items() if rows}
        if not sheets:
            raise file_error("not_empty", path, "a filled sheet")
        name = next(iter(sheets))
        grid = _grid_of(path, sheets[name])
        others = [other for other in sheets if other != name]
        note = f"sheets {', '.join(others)} too, expected one (only {name} is read)"
        return replace(grid, notes=(note,)) if others else grid
    found = read_records(path, delimiter, encoding)
    if not found.records:
        raise file_error("not_empty", path, "a header line")
    check_width(path, len(found.records[0][1]))
    widest = max(len(cells) for _, cells in found.records[:3])
    wrong = [
        Finding(
            "row_width", path.name, line, None, f"{len(cells)} fields", f"{widest} fields", "fact"
        )
        for line, cells in found.records[1:]
        if len(cells) > widest or (len(cells) < widest and any(cells))
    ]
    if wrong:
        raise DataError(wrong)
    rows = tuple((line, tuple(cells)) for line, cells in found.records)
    size = len(found.content)
    return PlatformSheet(path.name, checksum(found.content), size, found.form, rows, found.notes)


def _grid_of(path: Path, rows: list[tuple[int, tuple[str, ...]]]) -> PlatformSheet:
    content = read_limited(path)
    width = max((len(cells) for _, cells in rows), default=0)
    padded = tuple((line, (*cells, *[""] * (width - len(cells)))) for line, cells in rows)
    return PlatformSheet(path.name, checksum(content), len(content), "excel", padded)


def platform_of(path: Path, delimiter: str = AUTO, encoding: str = AUTO) -> tuple[str, bool]:
    """The platform of a file, and whether it is a definition; `plain` if nothing else matches.

    Raises DataError if the file cannot be read.
    """
    suffix = path.suffix.lower()
    if suffix == LSS:
        return "limesurvey", True
    if suffix == QSF:
        return "qualtrics", True
    if suffix in BOOKS and {"survey", "choices"} <= set(sheet_grids(path)):
        return "kobo", True
    grid = read_grid(path, delimiter, encoding)
    names = [same_text(cell) for cell in grid.rows[0][1]]
    if redcap.FIELD in names or "field_name" in names:
        return "redcap", True
    return data_platform(grid), bool(plain.headings(list(grid.rows[0][1]))) and len(names) <= 8


def data_platform(grid: PlatformSheet) -> str:
    """The platform of a data file, by its headings."""
    names = [same_text(cell) for cell in grid.rows[0][1]]
    known = set(names)
    if any("importid" in cell.lower() for _, cells in grid.rows[1:3] for cell in cells):
        return "qualtrics"
    if {"responseid", "recordeddate"} <= known or _qualtrics_texts(grid):
        return "qualtrics"
    if {"respondent id", "collector id"} <= known or {"respondentid", "collectorid"} <= known:
        return "surveymonkey"
    if len(known & KOBO) >= 2:
        return "kobo"
    boxes = any(redcap.BOX_NAME.fullmatch(name) for name in names)
    if (
        known & REDCAP
        or (names[0] == "record_id")
        or (boxes and any(name.endswith("_complete") for name in names))
        or any(redcap.CHOICE.fullmatch(name) for name in names)
    ):
        return "redcap"
    if len(known & LIMESURVEY) >= 2:
        return "limesurvey"
    if any({*pair} <= known for pair in MICROSOFT):
        return "microsoft_forms"
    if names[0] in GOOGLE:
        return "google_forms"
    return "enalyzer" if enalyzer.two_headers(grid) else "plain"


def _qualtrics_texts(grid: PlatformSheet) -> bool:
    """Whether the second line has the texts of Qualtrics' own columns, as in its older exports."""
    if len(grid.rows) < 2:
        return False
    pairs = zip(grid.rows[0][1], grid.rows[1][1], strict=False)
    lines = [(same_text(name), same_text(text).replace(" ", "")) for name, text in pairs]
    return sum(name == text and name in qualtrics.META_NAMES for name, text in lines) > 1

"""The Excel export: sheets Dataset, Labels and, in some exports, Structure and Variables."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from assets.raw.delimited import NOTE, RawTable, check_header
from assets.raw.errors import DataError, Finding, file_error
from assets.raw.limits import MOST_CELLS, MOST_CHARACTERS, read_limited
from assets.raw.readers.archive import check_archive
from assets.raw.readers.boxes import describe
from assets.raw.readers.numbers import cell_text, code_text, plain_text
from assets.raw.readers.structure_guess import GUESSED, LABEL_COLUMNS, STRUCTURE_COLUMNS
from assets.raw.readers.structure_headings import with_headings
from declarations.platform import STATUS_FLAGS
from runtime.masking import header_shown

SHEETS = ("dataset", "labels", "structure", "variables")
Grid = list[tuple[int, tuple[str, ...]]]


def read_excel(path: Path) -> tuple[RawTable, RawTable, RawTable]:
    """Data set, structure and labels of a workbook; sheets are found by name, in any order.

    Numbers are read as the delimited export writes them (1 and 1.0 are "1"). So are texts like 1.0
    in columns of codes: columns with labels, closed ones and status flags. A formula is read as its
    text. The sheet Complete repeats the data set in words and is not read. Without the sheet
    Structure, the structure is guessed from Labels and Variables. Raises DataError.
    """
    check_archive(path)
    content = read_limited(path)
    grids = _grids(path)
    for needed in ("dataset", "labels"):
        if not grids.get(needed):
            found = ", ".join(grids) or "none"
            expected = f"a filled sheet {needed.capitalize()}"
            if needed == "labels":
                expected += " (export it too, or rename the first to have it read as a plain table)"
            raise file_error("sheet", path, expected, value=found)
    digest, size = hashlib.sha256(content).hexdigest(), len(content)

    def table(sheet: str, columns: tuple[str, ...], body: Grid, form: str = "excel") -> RawTable:
        return RawTable(
            file=f"{path.name}, sheet {sheet}",
            sha256=digest,
            size=size,
            columns=columns,
            rows=tuple(cells for _, cells in body),
            lines=tuple(line for line, _ in body),
            form=form,
        )

    names, data = _headed(path, "Dataset", grids["dataset"])
    if not data:
        raise file_error("not_empty", path, "at least one line of data after the header")
    labels = _labels(path, grids["labels"], set(names))
    coded = {row[0].strip() for _, row in labels} | set(STATUS_FLAGS)
    notes: list[str] = []
    if grids.get("structure"):
        columns, rows = _headed(path, "Structure", grids["structure"])
        structure = with_headings(table("Structure", columns, rows), names)
        coded |= _closed(structure)
    places = [place for place, name in enumerate(names) if name in coded]
    data = [(line, _coded(cells, places)) for line, cells in data]
    if not grids.get("structure"):
        variables = (cells for _, cells in grids.get("variables") or [] if len(cells) > 1)
        texts = {cells[0].strip(): cells[1] for cells in variables}
        given = [(row[0].strip(), row[1].strip(), row[2]) for _, row in labels]
        across = list(zip(*(cells for _, cells in data), strict=True))
        described = describe(names, across, given, texts)
        notes += described.notes
        data = list(zip([n for n, _ in data], zip(*described.columns, strict=True), strict=True))
        if described.labels != given:
            labels = list(enumerate(described.labels, start=1))
        numbered = list(enumerate(described.structure, start=2))
        structure = table("Structure", STRUCTURE_COLUMNS, numbered, f"{GUESSED}: no such sheet")
    dataset = table("Dataset", names, data, NOTE.join(("excel", *notes)))
    return dataset, structure, table("Labels", LABEL_COLUMNS, labels)


def sheet_grids(path: Path) -> dict[str, Grid]:
    """The filled cells of every sheet, by lower-case name. Raises DataError."""
    check_archive(path)
    return _grids(path, None)


def _grids(path: Path, wanted: tuple[str, ...] | None = SHEETS) -> dict[str, Grid]:
    """The filled cells of every sheet that samspil reads, by lower-case name."""
    from assets.raw.readers.workbook import open_workbook

    with warnings.catch_warnings():
        # the platform writes no default style, and openpyxl warns about it
        warnings.simplefilter("ignore")
        try:
            with closing(open_workbook(path)) as book:
                grids: dict[str, Grid] = {}
                for sheet in book.worksheets:
                    name = sheet.title.strip().lower()
                    if wanted is not None and name not in wanted:
                        continue
                    if name in grids:
                        raise file_error("sheet", path, "every sheet once", value=sheet.title)
                    if book.merges_cells(sheet):
                        expected = "no merged cells, which hide values (unmerge and fill them)"
                        raise file_error(
                            "merged_cells", path, expected, value=f"sheet {sheet.title}"
                        )
                    grids[name] = list(_cells(path, sheet))
                return grids
        except DataError:
            raise
        except Exception as error:
            # For a damaged part the XML or zip reader raises various errors, whose message may
            # quote a cell.
            expected = f"a readable workbook ({type(error).__name__})"
            raise file_error("workbook", path, expected) from None


def _cells(path: Path, sheet: Any) -> Iterator[tuple[int, tuple[str, ...]]]:
    # the declared size of a sheet may be wrong; without it all rows are read
    sheet.reset_dimensions()
    pending: Grid = []
    width = filled = seen = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        # for a cell far to the right or below, openpyxl creates all cells before it
        width = max(width, len(row), 1)
        seen += width
        cells = [plain_text(cell_text(getattr(value, "text", value))) for value in row]
        # a cell with only blanks is empty too and does not make a record of its row
        while cells and not cells[-1].strip():
            cells.pop()
        filled = max(filled, len(cells))
        # readers fill every row up to the last filled column
        if max(seen, number * filled if cells else 0) > MOST_CELLS:
            raise file_error(
                "sheet_size", path, f"at most {MOST_CELLS} cells", value=f"sheet {sheet.title}"
            )
        if sum(map(len, cells)) > MOST_CHARACTERS and max(map(len, cells)) > MOST_CHARACTERS:
            raise file_error("cell_size", path, f"at most {MOST_CHARACTERS} characters in a cell")
        pending.append((number, tuple(cells)))
        # an empty row counts only if a filled one follows
        if cells:
            yield from pending
            pending = []


def _headed(path: Path, sheet: str, grid: Grid) -> tuple[tuple[str, ...], Grid]:
    file = Path(f"{path.name}, sheet {sheet}")
    columns = tuple(name.strip() for name in grid[0][1])
    if not columns:
        raise file_error("not_empty", file, "a header in the first row")
    check_header(file, columns)
    width = len(columns)
    wide = [(line, cells) for line, cells in grid[1:] if len(cells) > width]
    if wide:
        last = header_shown(columns)[-1]
        raise DataError(
            [
                Finding("row_width", file.name, line, last, f"{len(cells)} fields",
                        f"{width} fields as the header", "fact")
                for line, cells in wide
            ]
        )  # fmt: skip
    return columns, [(line, _padded(cells, width)) for line, cells in grid[1:]]


def _labels(path: Path, grid: Grid, variables: set[str]) -> Grid:
    """Variable, code and label per row, without the header line if there is one."""
    first = _padded(grid[0][1], len(LABEL_COLUMNS))
    result = first[0].strip() in variables or code_text(first[1]).lstrip("-").isdigit()
    body = grid if result else grid[1:]
    found: Grid = []
    for line, cells in body:
        if len(cells) > len(LABEL_COLUMNS):
            place = f"{path.name}, sheet Labels"
            found_fields = f"{len(cells)} fields"
            raise DataError(
                [Finding("row_width", place, line, "label", found_fields, "3 fields", "fact")]
            )
        if cells:
            name, code, label = _padded(cells, len(LABEL_COLUMNS))
            found.append((line, (name, code_text(code), label)))
    return found


def _closed(structure: RawTable) -> set[str]:
    """Variables whose answers are codes."""
    places = structure.places
    variable, kind = places.get("variablename"), places.get("questiontype")
    if variable is None or kind is None:
        return set()
    rows = structure.rows
    return {row[variable].strip() for row in rows if row[kind].strip().lower() == "closed"}


def _coded(cells: tuple[str, ...], places: list[int]) -> tuple[str, ...]:
    read = list(cells)
    for place in places:
        read[place] = code_text(read[place])
    return tuple(read)


def _padded(cells: tuple[str, ...], width: int) -> tuple[str, ...]:
    return cells + ("",) * (width - len(cells))

"""Reads the raw files of a wave into memory, or the data set into the working file."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import duckdb

from assets.raw.cells.ingest import Ingested, ingest_delimited, ingest_table
from assets.raw.cells.kept import DATASET
from assets.raw.cells.text_file import UnusualError
from assets.raw.delimited import RawTable, read_delimited
from assets.raw.errors import DataError, Finding
from assets.raw.limits import MOST_FILE_BYTES
from assets.raw.readers.export import DELIMITED, read_export
from assets.raw.readers.platforms.cells import Split
from assets.raw.readers.platforms.columns import Export
from assets.raw.readers.unchanged import require_content, unchanged
from assets.raw.structure import RawWave, StoredWave
from declarations import SourceSheet
from declarations.study import REGISTER
from declarations.waves import EXPORT_ROLES
from runtime.store import quote

# A smaller data set is read into memory, where all correctable faults are corrected.
STREAMED_FROM = 1 << 23
SAMPLE_ROWS = 200


def read_wave(sheet: SourceSheet) -> RawWave:
    """All raw files of a wave in memory, with a check that none was written meanwhile.

    Raises DataError with file, row, column and value.
    """
    with unchanged({file.path for file in sheet.files.values()}):
        export = _export(sheet, _paths(sheet))
        wave = RawWave(export.dataset, export.structure, export.labels, _register(sheet))
    _require_read(sheet, wave)
    return wave


def ingest_wave(
    sheet: SourceSheet, connection: duckdb.DuckDBPyConnection, scratch: Path
) -> StoredWave:
    """All raw files of a wave, with the data set in the relation `restricted.dataset`.

    The function writes the private file `scratch` and deletes it afterwards.
    """
    connection.execute("CREATE SCHEMA IF NOT EXISTS restricted")
    with unchanged({file.path for file in sheet.files.values()}):
        paths = _paths(sheet)
        streamed = _streamed(sheet, paths, connection, scratch)
        if streamed is None:
            export = _export(sheet, paths)
            known = ingest_table(connection, export.dataset, DATASET, scratch)
        else:
            known, export = streamed
        wave = StoredWave(known, export.structure, export.labels, _register(sheet))
    _require_read(sheet, wave)
    return wave


def _paths(sheet: SourceSheet) -> dict[str, Path]:
    # another platform's export may include a definition
    roles = (*EXPORT_ROLES, *(role for role in sheet.files if role == "definition"))
    return {role: sheet.files[role].path for role in roles}


def _export(sheet: SourceSheet, paths: Mapping[str, Path]) -> Export:
    splits = {name: Split(by, choices) for name, (by, choices) in sheet.splits.items()}
    return read_export(sheet.kind, paths, sheet.delimiter, sheet.encoding, splits)


def _register(sheet: SourceSheet) -> RawTable | None:
    register = sheet.files.get(REGISTER)
    return read_delimited(register.path, ",", "utf-8") if register else None


def _require_read(sheet: SourceSheet, wave: RawWave | StoredWave) -> None:
    read = {sheet.files[r].path: t.sha256 for r, t in vars(wave).items() if t is not None}
    for path, sha256 in read.items():
        require_content(path, sha256)


def _streamed(
    sheet: SourceSheet,
    paths: Mapping[str, Path],
    connection: duckdb.DuckDBPyConnection,
    scratch: Path,
) -> tuple[Ingested, Export] | None:
    """Load a large delimited data set into the database; read the other files into memory."""
    path = paths["dataset"]
    size = path.stat().st_size if path.is_file() else 0
    if sheet.kind != DELIMITED or size < STREAMED_FROM:
        return None
    try:
        known = ingest_delimited(
            connection, path, sheet.delimiter, sheet.encoding, DATASET, scratch
        )
    except UnusualError as error:
        if size <= MOST_FILE_BYTES:
            return None
        expected = (
            f"well-formed lines as wide as the header, which a file over {MOST_FILE_BYTES} "
            "bytes must have (only smaller files are repaired)"
        )
        finding = Finding("complete_file", path.name, error.row, None, None, expected)
        raise DataError([finding]) from None
    # names and descriptions depend only on the first lines
    delimiter, encoding = known.read_as
    sample = scratch.with_name(f"{scratch.name}.sample")
    try:
        _write_sample(connection, known, delimiter, encoding, sample)
        export = read_export(sheet.kind, {**paths, "dataset": sample}, delimiter, encoding)
    finally:
        sample.unlink(missing_ok=True)
    for name, plain in zip(known.columns, export.dataset.columns, strict=True):
        if name != plain:
            connection.execute(f"ALTER TABLE {DATASET} RENAME {quote(name)} TO {quote(plain)}")
    return replace(known, columns=export.dataset.columns, form=export.dataset.form), export


def _write_sample(
    connection: duckdb.DuckDBPyConnection,
    known: Ingested,
    delimiter: str,
    encoding: str,
    target: Path,
) -> None:
    names = ", ".join(map(quote, known.columns))
    lines = connection.execute(f"SELECT {names} FROM {DATASET} LIMIT {SAMPLE_ROWS}").fetchall()
    with target.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows([known.columns, *lines])

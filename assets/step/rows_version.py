"""Data versions: the rows of an asset as a hash, so that rows that did not change stop there."""

from __future__ import annotations

import hashlib
from typing import Any

import dagster as dg
import numpy as np
import pandas as pd

from declarations import SourceSheet


def rows_version(frame: pd.DataFrame, sheet: SourceSheet) -> dg.DataVersion:
    """Hash of column names and rows in their order, and of what is said of the data's origin."""
    said = [*map(str, frame.columns), sheet.shown_as, sheet.statement.da, sheet.statement.en]
    digest = hashlib.sha256(repr(said).encode())
    for name in frame:
        values = frame[name]
        # a column of pandas' own kinds would give the addresses of its values
        plain = isinstance(values.dtype, np.dtype) and values.dtype.kind in "iufb"
        content = _bytes(values.to_numpy()) if plain else repr(values.tolist()).encode()
        digest.update(f"{name}\0{values.dtype}\0".encode() + content)
    return dg.DataVersion(digest.hexdigest()[:16])


def hashed_version(told: Any, sheet: SourceSheet) -> dg.DataVersion:
    """The same of hashes of rows that a database made, as values with one repr per content."""
    said = [sheet.shown_as, sheet.statement.da, sheet.statement.en]
    return dg.DataVersion(hashlib.sha256(repr((said, told)).encode()).hexdigest()[:16])


def _bytes(numbers: np.ndarray) -> bytes:
    # NaN has many patterns of bits, and which one comes out may differ from run to run
    if numbers.dtype.kind == "f":
        numbers = np.where(np.isnan(numbers), np.nan, numbers)
    return numbers.tobytes()


def file_version(role: str, sha256: str, sheet: SourceSheet) -> dg.DataVersion:
    """The same of a raw file, known from its checksum before it is read.

    The rules that hold all files against the source sheet are checks on the data set, whose version
    is therefore another one too where the sheet declares something else.
    """
    said = [sha256, sheet.kind, sheet.delimiter, sheet.encoding, sheet.shown_as]
    said += [sheet.statement.da, sheet.statement.en]
    held = _held_against(sheet) if role == "dataset" else ""
    return dg.DataVersion(hashlib.sha256(repr((said, held)).encode()).hexdigest()[:16])


def _held_against(sheet: SourceSheet) -> str:
    """What the sheet declares beside what is told of it, whatever the order of its entries."""
    files = [(role, f.path.name, f.sha256, f.rows) for role, f in sorted(sheet.files.items())]
    listed = [sorted(sheet.constructed_columns.items()), sorted(sheet.without_invitations)]
    return repr([files, listed, sheet.invited, sorted(sheet.invited_by.items())])

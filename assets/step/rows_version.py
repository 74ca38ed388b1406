"""Data versions: a hash of the rows of an asset, so that equal rows make nothing stale."""

from __future__ import annotations

import hashlib
from typing import Any

import dagster as dg
import numpy as np
import pandas as pd

from declarations import SourceSheet


def rows_version(frame: pd.DataFrame, sheet: SourceSheet) -> dg.DataVersion:
    """Hash of column names, rows in their order, and the statement on the data's origin."""
    said = [*map(str, frame.columns), sheet.shown_as, sheet.statement.da, sheet.statement.en]
    digest = hashlib.sha256(repr(said).encode())
    for name in frame:
        values = frame[name]
        # the repr of pandas' own types would contain addresses
        plain = isinstance(values.dtype, np.dtype) and values.dtype.kind in "iufb"
        content = _bytes(values.to_numpy()) if plain else repr(values.tolist()).encode()
        digest.update(f"{name}\0{values.dtype}\0".encode() + content)
    return dg.DataVersion(digest.hexdigest()[:16])


def hashed_version(content: Any, sheet: SourceSheet) -> dg.DataVersion:
    """The version from hashes of rows computed in the database (values with a stable repr)."""
    said = [sheet.shown_as, sheet.statement.da, sheet.statement.en]
    return dg.DataVersion(hashlib.sha256(repr((said, content)).encode()).hexdigest()[:16])


def _bytes(numbers: np.ndarray) -> bytes:
    # NaN has many bit patterns, which may differ between runs
    if numbers.dtype.kind == "f":
        numbers = np.where(np.isnan(numbers), np.nan, numbers)
    return numbers.tobytes()


def file_version(role: str, sha256: str, sheet: SourceSheet) -> dg.DataVersion:
    """The version of a raw file, from its checksum, so that it is known before reading.

    Rules that compare the files with the source sheet are checks on the data set. Therefore a
    change of the sheet's declarations also changes the version of the data set.
    """
    said = [sha256, sheet.kind, sheet.delimiter, sheet.encoding, sheet.shown_as]
    said += [sheet.statement.da, sheet.statement.en]
    held = _held_against(sheet) if role == "dataset" else ""
    return dg.DataVersion(hashlib.sha256(repr((said, held)).encode()).hexdigest()[:16])


def _held_against(sheet: SourceSheet) -> str:
    """The declarations of the sheet that files are compared with, in any order of entries."""
    files = [(role, f.path.name, f.sha256, f.rows) for role, f in sorted(sheet.files.items())]
    listed = [sorted(sheet.constructed_columns.items()), sorted(sheet.without_invitations)]
    return repr([files, listed, sheet.invited, sorted(sheet.invited_by.items())])

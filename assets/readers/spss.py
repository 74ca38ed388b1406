"""The SPSS export: a .sav file with variable labels, value labels and missing values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from assets.delimited import RawTable, check_header
from assets.errors import DataError, Finding
from assets.readers.numbers import cell_text
from assets.readers.structure_guess import STRUCTURE_COLUMNS, guess_structure

LABEL_COLUMNS = ("variable", "code", "label")


def read_spss(path: Path) -> tuple[RawTable, RawTable, RawTable]:
    """Data set, structure and labels of a .sav file.

    Values declared as missing are empty cells and have no label; `form` says how many there
    were. Rows are numbered as cases, the first being 1. Raises DataError.
    """
    if not path.is_file():
        raise _error("file_present", path, "the file to exist beside source.yaml")
    content = path.read_bytes()
    frame, meta = _read(path)
    names = tuple(map(str, meta.column_names))
    check_header(path, names)
    if not len(frame):
        raise _error("not_empty", path, "at least one case")
    missing: Mapping[str, Any] = meta.missing_ranges or {}
    blanked = 0
    columns: list[list[str]] = []
    for name in names:
        ranges = missing.get(name) or ()
        texts = []
        for value in frame[name]:
            absent = _absent(value, ranges)
            blanked += absent
            texts.append("" if absent else cell_text(value))
        columns.append(texts)
    labels = _labels(meta.variable_value_labels or {}, missing, names)
    codes: dict[str, list[str]] = {}
    for name, code, _ in labels:
        codes.setdefault(name, []).append(code)
    described = {name: text or "" for name, text in meta.column_names_to_labels.items()}
    form = f"spss, {blanked} values declared as missing"

    def table(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> RawTable:
        digest = hashlib.sha256(content).hexdigest()
        lines = tuple(range(1, len(rows) + 1))
        return RawTable(path.name, digest, len(content), columns, tuple(rows), lines, form)

    return (
        table(names, list(zip(*columns, strict=True))),
        table(STRUCTURE_COLUMNS, guess_structure(names, codes, described)),
        table(LABEL_COLUMNS, labels),
    )


def _error(rule: str, path: Path, expected: str) -> DataError:
    return DataError([Finding(rule, path.name, None, None, None, expected)])


def _read(path: Path) -> tuple[Any, Any]:
    import pyreadstat

    try:
        return pyreadstat.read_sav(str(path), user_missing=True)
    except Exception as error:
        # the library tells a damaged file by exceptions of several kinds
        expected = f"a readable SPSS file ({type(error).__name__}: {error})"
        raise _error("spss_file", path, expected) from error


def _absent(value: Any, ranges: Sequence[Mapping[str, Any]]) -> bool:
    for bounds in ranges:
        low, high = bounds["lo"], bounds["hi"]
        try:
            if low <= value <= high:
                return True
        except TypeError:
            # a range of numbers says nothing of a text
            continue
    return False


def _labels(
    declared: Mapping[str, Mapping[Any, str]], missing: Mapping[str, Any], names: Sequence[str]
) -> list[tuple[str, str, str]]:
    return [
        (name, cell_text(value), label)
        for name in names
        for value, label in declared.get(name, {}).items()
        if not _absent(value, missing.get(name) or ())
    ]

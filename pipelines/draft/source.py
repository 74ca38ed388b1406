"""Find the files of an export: a folder, one of its files, a workbook or an SPSS file."""

from __future__ import annotations

from pathlib import Path

from assets.raw.errors import DataError, Finding
from assets.raw.readers.export import DELIMITED, ROLES, kind_of

TEXTS = (".csv", ".txt", ".tsv")


def find_export(given: Path) -> tuple[str, dict[str, Path]]:
    """The export's form and its files by role; a workbook or SPSS file has the role export.

    A text file that is named has the role its name tells; the others lie beside it. Raises
    DataError where something is missing, there is more than one candidate, or the file named is
    none of an export.
    """
    if not given.exists():
        raise _error("file_present", given, "a folder or file with an export")
    kind = kind_of(given)
    if given.is_file() and kind != DELIMITED:
        return kind, {"export": given}
    folder = given if given.is_dir() else given.parent
    files = sorted(path for path in folder.iterdir() if path.is_file())
    if given.is_dir():
        whole = [path for path in files if kind_of(path) != DELIMITED]
        texts = [path for path in files if path.suffix.lower() in TEXTS]
        if whole and not texts:
            return kind_of(whole[0]), {"export": _one(whole, given, "workbook or SPSS file")}
    else:
        own = [role for role in ROLES if given in _of_name(role, files)]
        if len(own) != 1:
            expected = "a file of an export: dataset.csv, structure.csv, labels.csv, .xlsx or .sav"
            raise _error("file_present", given, expected, given.name)
        return DELIMITED, {r: given if r == own[0] else _of_role(r, files, folder) for r in ROLES}
    return DELIMITED, {role: _of_role(role, files, folder) for role in ROLES}


def _of_role(role: str, files: list[Path], folder: Path) -> Path:
    named = _of_name(role, files)
    exact = [path for path in named if path.stem.lower() == role]
    return _one(exact or named, folder, f"file named {role}.csv")


def _of_name(role: str, files: list[Path]) -> list[Path]:
    return [p for p in files if p.suffix.lower() in TEXTS and role in p.stem.lower()]


def _one(found: list[Path], folder: Path, what: str) -> Path:
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise _error("file_present", folder, f"one {what}", names)
    return found[0]


def _error(rule: str, path: Path, expected: str, value: str | None = None) -> DataError:
    return DataError([Finding(rule, path.name, None, None, value, expected, "fact")])

"""Finds the files of an export: a folder, one of its files, a workbook or an SPSS file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from assets.raw.delimited import AUTO
from assets.raw.errors import DataError, file_error
from assets.raw.readers.excel import sheet_grids
from assets.raw.readers.export import DELIMITED, EXCEL, SPSS, kind_of
from assets.raw.readers.platforms.registry import BOOKS, LSS, QSF, TEXTS, platform_of
from declarations.waves import EXPORT_ROLES

SURVEYXACT, LIMESURVEY = "surveyxact", "limesurvey"
READABLE = (*TEXTS, *BOOKS, LSS, QSF)


def find_export(
    given: Path, platform: str = AUTO, delimiter: str = AUTO, encoding: str = AUTO
) -> tuple[str, dict[str, Path]]:
    """The export's form and its files by role; a workbook or SPSS file has the role export.

    Three files named dataset, structure and labels are SurveyXact's, and so is a workbook with
    sheets of these names. A .sav file is SPSS's. Other files are read by `platform`, or by the
    platform that their first lines indicate; the roles are dataset and, if there is one,
    definition. If `given` is a file, that file is read, and related files are in its folder. Raises
    DataError if something is missing or ambiguous.
    """
    if not given.exists():
        raise file_error("file_present", given, "a folder or file with an export")
    files = [given] if given.is_file() else _files(given)
    if platform in (AUTO, SURVEYXACT):
        found = _surveyxact(given, files, required=platform == SURVEYXACT)
        if found is not None:
            return found
    return _of_platform(given, files, platform, delimiter, encoding)


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))


def _surveyxact(
    given: Path, files: list[Path], *, required: bool
) -> tuple[str, dict[str, Path]] | None:
    """SurveyXact's export in one of its forms; None if it is another platform's."""
    if given.is_file():
        kind = kind_of(given)
        if kind == SPSS or (kind == EXCEL and (required or _has_dataset_sheet(given))):
            return kind, {"export": given}
        beside = _files(given.parent)
        own = [role for role in EXPORT_ROLES if given in _of_name(role, beside)]
        whole = len(own) == 1 and all(_of_name(role, beside) for role in EXPORT_ROLES)
        if whole or (required and len(own) == 1):
            return DELIMITED, {
                r: given if r == own[0] else _of_role(r, beside, given.parent) for r in EXPORT_ROLES
            }
        if required or (kind_of(given) == DELIMITED and given.suffix.lower() not in READABLE):
            expected = "a file of an export: dataset.csv, structure.csv, labels.csv, .xlsx or .sav"
            raise file_error("file_present", given, expected, value=given.name)
        if any(role in own for role in ("structure", "labels")):
            expected = "the data set next to it (dataset.csv), or the file with the answers itself"
            raise file_error("file_present", given, expected, value=given.name)
        return None
    whole_files = [path for path in files if kind_of(path) != DELIMITED]
    texts = [path for path in files if path.suffix.lower() in TEXTS]
    named = [role for role in EXPORT_ROLES if _of_name(role, files)]
    if (
        len(named) == len(EXPORT_ROLES)
        or (required and texts)
        or len(named) == len(EXPORT_ROLES) - 1
    ):
        return DELIMITED, {role: _of_role(role, files, given) for role in EXPORT_ROLES}
    surveys = [p for p in whole_files if kind_of(p) == SPSS or _has_dataset_sheet(p)]
    if surveys and not texts and (len(whole_files) == len(surveys) or required):
        return kind_of(surveys[0]), {"export": _one(surveys, given, "workbook or SPSS file")}
    if not files or not any(p.suffix.lower() in READABLE for p in files):
        return DELIMITED, {role: _of_role(role, files, given) for role in EXPORT_ROLES}
    return None


def _has_dataset_sheet(path: Path) -> bool:
    """Whether a workbook has SurveyXact's sheets.

    True also if it cannot be opened, because its reader reports why.
    """
    if path.suffix.lower() not in BOOKS:
        return True
    try:
        sheets = sheet_grids(path)
    except DataError:
        return True
    return bool({"dataset", "labels"} & set(sheets))


def _of_platform(
    given: Path, files: list[Path], platform: str, delimiter: str, encoding: str
) -> tuple[str, dict[str, Path]]:
    candidates = [path for path in files if path.suffix.lower() in READABLE]
    if given.is_file():
        # the definition is in the same folder
        candidates += [p for p in _files(given.parent) if p != given and _describes(p)]
    facts = {path: platform_of(path, delimiter, encoding) for path in candidates}
    data = [path for path, (_, definition) in facts.items() if not definition]
    if given.is_file():
        data = [given]
    definitions = [path for path, (_, definition) in facts.items() if definition and path != given]
    data, definitions = _answers_in_full(data, definitions, facts, platform)
    if not data and len(definitions) == 1:
        # a table of few columns that may be a codebook is the data if there is no other
        data, definitions = definitions, []
    dataset = _one(data, given, "file with the answers")
    kind = facts[dataset][0] if platform == AUTO else platform
    own = [p for p in definitions if facts[p][0] in (kind, "plain")]
    if kind == "plain" and own and facts[own[0]][0] != "plain":
        kind = facts[own[0]][0]
    if platform == AUTO and kind == "plain" and len(definitions) == 1:
        kind = facts[definitions[0]][0]
        own = definitions
    paths = {"dataset": dataset}
    if own:
        paths["definition"] = _one(own, given, f"file that describes {dataset.name}")
    return kind, paths


def _answers_in_full(
    data: list[Path], definitions: list[Path], facts: Mapping[Path, tuple[str, bool]], platform: str
) -> tuple[list[Path], list[Path]]:
    """The file with codes, of two LimeSurvey files with the same answers.

    It is the one with fewer letters.
    """
    lime = [p for p in data if LIMESURVEY in (platform, facts[p][0])]
    if len(data) != 2 or len(lime) != 2 or definitions:
        return data, definitions
    codes, full = sorted(data, key=lambda path: path.stat().st_size)
    return [codes], [full]


def _describes(path: Path) -> bool:
    """Whether a file in the same folder is clearly a definition."""
    suffix = path.suffix.lower()
    if suffix in (LSS, QSF):
        return True
    if suffix not in READABLE:
        return False
    try:
        kind, definition = platform_of(path)
    except DataError:
        return False
    named = re.search(r"(?i)code ?book|dictionary|kodebog|xlsform|variable", path.stem)
    return definition and (kind in ("redcap", "kobo") or named is not None)


def _of_role(role: str, files: list[Path], folder: Path) -> Path:
    named = _of_name(role, files)
    exact = [path for path in named if path.stem.lower() == role]
    three = "SurveyXact writes dataset, structure and labels: put all three into one folder"
    return _one(exact or named, folder, f"file named {role}.csv ({three})")


def _of_name(role: str, files: list[Path]) -> list[Path]:
    return [p for p in files if p.suffix.lower() in TEXTS and role in p.stem.lower()]


def _one(found: list[Path], folder: Path, what: str) -> Path:
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise file_error("file_present", folder, f"one {what}", value=names)
    return found[0]

"""Structural rules: what a raw export must look like before any answer is read.

Pure functions over raw tables and declarations. Each returns findings; none repairs.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from assets.delimited import RawTable
from assets.errors import Finding, Holds
from assets.specs import SourceSheet, Study, WaveFile

STATUS_FLAGS = tuple(f"stato_{n}" for n in range(1, 6))


@dataclass(frozen=True)
class RawWave:
    """The raw files of one wave as text."""

    dataset: RawTable
    structure: RawTable
    labels: RawTable
    municipalities: RawTable | None = None


def missing_columns(raw: RawWave, study: Study) -> list[Finding]:
    """Declared variables that the data set lacks."""
    expected = expected_columns(study)
    present = set(raw.dataset.columns)
    return [
        Finding("missing_column", raw.dataset.file, 1, name, None, f"the column of {what}")
        for name, what in expected.items()
        if name not in present
    ]


def undeclared_columns(raw: RawWave, study: Study) -> list[Finding]:
    """Columns of the data set that no question or background variable declares."""
    expected = expected_columns(study)
    columns = raw.dataset.columns
    if not names_columns(columns, study):
        # what stands there instead may be somebody's answers
        found = f"{len(columns)} names, none of them declared"
        wanted = "a header line with the names of the variables (is it missing?)"
        return [Finding("undeclared_column", raw.dataset.file, 1, None, found, wanted, "fact")]
    return [
        Finding(
            "undeclared_column",
            raw.dataset.file,
            1,
            name,
            name,
            f"a variable that questions/*.yaml declares or one of {list(study.background_columns)}",
            "fact",
        )
        for name in columns
        if name not in expected
    ]


def names_columns(header: Collection[str], study: Study) -> bool:
    """Whether a header names any declared column; else it may be a line of data."""
    return not expected_columns(study).keys().isdisjoint(header)


def duplicate_respondents(raw: RawWave, study: Study) -> list[Finding]:
    """Respondents that stand on more than one line, or have no identifier."""
    if study.respondent_column is None:
        return []
    return _duplicates(raw.dataset, study.respondent_column, "respondent", "personal")


def duplicate_municipalities(raw: RawWave, study: Study) -> list[Finding]:
    """Municipalities that stand twice in the register, by code or by name."""
    if raw.municipalities is None:
        return []
    columns = study.frame["columns"]
    return [
        finding
        for name in ("code", "name")
        for finding in _duplicates(raw.municipalities, columns[name], "municipality", "fact")
    ]


def unknown_municipalities(raw: RawWave, study: Study) -> list[Finding]:
    """Invitations to a municipality that the register does not have."""
    column, register = study.municipality_column, raw.municipalities
    if column is None or register is None:
        return []
    name_column = study.frame["columns"]["name"]
    # other rules name a column that is missing
    if column not in raw.dataset.columns or name_column not in register.columns:
        return []
    names = {row[register.position(name_column)].strip() for row in register.rows}
    position = raw.dataset.position(column)
    known = f"a municipality named in {register.file} (column {name_column})"
    expected: dict[str, str] = {}
    findings = []
    for line, row in zip(raw.dataset.lines, raw.dataset.rows, strict=True):
        value = row[position].strip()
        if value in names:
            continue
        if value not in expected:
            # a misspelt cell is told by its shape only; the names are the register's
            near = difflib.get_close_matches(value[:60], sorted(names), n=2)
            expected[value] = known + (f"; near it: {', '.join(near)}" if near else "")
        findings.append(
            Finding(
                "unknown_municipality",
                raw.dataset.file,
                line,
                column,
                row[position],
                expected[value],
            )
        )
    return findings


def one_status(raw: RawWave, study: Study) -> list[Finding]:
    """Lines on which not exactly one status flag is set."""
    if not set(STATUS_FLAGS) <= set(raw.dataset.columns):
        return []
    positions = [raw.dataset.position(flag) for flag in STATUS_FLAGS]
    findings = []
    for line, row in zip(raw.dataset.lines, raw.dataset.rows, strict=True):
        flags = [row[position].strip() for position in positions]
        if sorted(flags) != ["0", "0", "0", "0", "1"]:
            findings.append(
                Finding(
                    "one_status",
                    raw.dataset.file,
                    line,
                    f"{STATUS_FLAGS[0]}..{STATUS_FLAGS[-1]}",
                    ",".join(flags),
                    "exactly one flag 1, the others 0",
                )
            )
    return findings


def register_columns(raw: RawWave, study: Study) -> list[Finding]:
    """Declared register columns that the register lacks."""
    if raw.municipalities is None:
        return []
    return [
        Finding(
            "missing_column", raw.municipalities.file, 1, column, None, f"the register's {name}"
        )
        for name, column in study.frame["columns"].items()
        if column not in raw.municipalities.columns
    ]


def codes_in_labels(raw: RawWave, study: Study) -> list[Finding]:
    """Codes that the export labels for a variable but the declaration lacks, and the reverse."""
    labelled: dict[str, dict[str, int]] = {}
    for line, row in zip(raw.labels.lines, raw.labels.rows, strict=True):
        labelled.setdefault(row[0].strip(), {})[row[1].strip()] = line
    findings = []
    for item in study.items.values():
        if not item.closed:
            continue
        declared = {str(code) for code in item.codes}
        unlabelled = {str(code.code) for code in item.scale if not code.labelled}
        found = labelled.get(item.variable, {})
        for code in sorted(set(found) - declared):
            findings.append(
                Finding(
                    "label_code",
                    raw.labels.file,
                    found[code],
                    item.variable,
                    code,
                    f"one of the declared codes {', '.join(sorted(declared, key=int))}",
                )
            )
        for code in sorted(declared - unlabelled - set(found), key=int):
            findings.append(
                Finding(
                    "label_code",
                    raw.labels.file,
                    None,
                    item.variable,
                    None,
                    f"a label for the declared code {code} of {item.id}",
                )
            )
    return findings


def row_counts(raw: RawWave, sheet: SourceSheet) -> list[Finding]:
    """Files with fewer or more lines of data than the source sheet says."""
    return [
        Finding(
            "row_count",
            table.file,
            None,
            None,
            f"{len(table.rows)} lines of data",
            f"{declared.rows} as {sheet.path.name} declares (a truncated or another file?)",
            "fact",
        )
        for table, declared in _described(raw, sheet)
        if declared.rows is not None and declared.rows != len(table.rows)
    ]


def checksums(raw: RawWave, sheet: SourceSheet) -> list[Finding]:
    """Files whose sha256 is not the one the source sheet states."""
    return [
        Finding(
            "checksum",
            table.file,
            None,
            None,
            f"sha256 {table.sha256[:12]}…",
            f"sha256 {str(declared.sha256)[:12]}… as {sheet.path.name} declares; where the change"
            " is meant, update the source sheet",
            "fact",
        )
        for table, declared in _described(raw, sheet)
        if declared.sha256 is not None and declared.sha256 != table.sha256
    ]


Rule = Callable[[RawWave, Study], list[Finding]]

# A blocking rule stops the run before any clean table is replaced.
BLOCKING: Mapping[str, Rule] = {
    "missing_column": missing_columns,
    "register_column": register_columns,
    "undeclared_column": undeclared_columns,
    "duplicate_respondent": duplicate_respondents,
    "duplicate_municipality": duplicate_municipalities,
    "unknown_municipality": unknown_municipalities,
    "one_status": one_status,
    "label_code": codes_in_labels,
}


def expected_columns(study: Study) -> dict[str, str]:
    """Every column a data set must have, with what it holds, in questionnaire order."""
    columns = dict.fromkeys(study.background_columns, "the respondent list")
    for item in study.items.values():
        columns[item.variable] = f"item {item.id} ({study.question[item.question].source})"
    flags = STATUS_FLAGS if study.status_flags else ()
    return columns | dict.fromkeys(flags, "the overall status")


def _duplicates(table: RawTable, column: str, what: str, holds: Holds) -> list[Finding]:
    if column not in table.columns:
        return []
    position = table.position(column)
    first: dict[str, int] = {}
    findings = []
    for line, row in zip(table.lines, table.rows, strict=True):
        value = row[position].strip()
        if not value:
            expected = f"an identifier of the {what}"
        elif value in first:
            expected = f"every {what} once (first on row {first[value]})"
        else:
            first[value] = line
            continue
        finding = Finding(f"unique_{what}", table.file, line, column, value, expected, holds)
        findings.append(finding)
    return findings


def _described(raw: RawWave, sheet: SourceSheet) -> list[tuple[RawTable, WaveFile]]:
    tables = (raw.dataset, raw.structure, raw.labels, raw.municipalities)
    roles = ("dataset", "structure", "labels", "municipalities")
    paired = zip(roles, tables, strict=True)
    return [(table, sheet.files[role]) for role, table in paired if table is not None]

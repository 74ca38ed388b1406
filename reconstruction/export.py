"""The constructed answers as a SurveyXact delimited export, with register and source sheet."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from declarations import Item, Question, Study
from declarations.schema.kinds import schema_header

ENCODING = "cp1252"
DELIMITER = ";"
STATUS = ("Ny", "Distribueret", "Nogen svar", "Gennemført", "Frafaldet")
STRUCTURE = (
    "questionName",
    "variableName",
    "questionType",
    "subType",
    "questionText",
    "choiceValue",
    "choiceText",
)
UNTICKED, TICKED = "Ikke valgt", "Valgt"


def dataset_rows(
    study: Study,
    background: Sequence[tuple[str, str, int]],
    answers: Mapping[str, Mapping[int, Any]],
) -> list[list[str]]:
    """Header and one row per invited person.

    `background` gives respondent id, municipality name and status flag (1..5) per invited person.
    `answers` gives the answers per item and invited person. Tick boxes that nobody ticked are 0.
    """
    items = list(study.items.values())
    flags = [f"stato_{i}" for i in range(1, 6)]
    names = [str(study.respondent_column), str(study.municipality_column)]
    rows = [[*names, *(item.variable for item in items), *flags]]
    for person, (respondent, municipality, status) in enumerate(background):
        cells = [_cell(item, answers.get(item.id, {}).get(person)) for item in items]
        marks = ["1" if status == i else "0" for i in range(1, 6)]
        rows.append([respondent, municipality, *cells, *marks])
    return rows


def _cell(item: Item, value: Any) -> str:
    if value is None:
        return "0" if item.type == "multiple" else ""
    return str(value)


def structure_rows(study: Study) -> list[list[str]]:
    """Header and one row per variable, as in the platform's `structure.csv`."""
    rows = [list(STRUCTURE)]
    for name, text in (
        (str(study.respondent_column), "Respondent"),
        (str(study.municipality_column), "Kommune"),
    ):
        rows.append([name, name, "Open", "String", text, "", ""])
    for question in study.questions:
        rows += [_structure(question, item) for item in question.items]
    for number, label in enumerate(STATUS, start=1):
        flag = f"stato_{number}"
        rows.append(
            ["statoverall", flag, "Closed", "Multiple", "Samlet status", str(number), label]
        )
    return rows


def _structure(question: Question, item: Item) -> list[str]:
    text = question.label.da
    if item.type == "multiple":
        stem = item.variable.rsplit("_", 1)[0]
        choice = str(item.choice)
        return [stem, item.variable, "Closed", "Multiple", text, choice, item.label.da]
    if len(question.items) > 1 and item.id != question.id:
        text = f"{text} - {item.label.da}"
    kind = ["Closed", "Single"] if item.closed else ["Open", "String"]
    if item.type == "numeric":
        kind = ["Open", "Number"]
    return [item.variable, item.variable, *kind, text, "", ""]


def label_rows(study: Study) -> list[list[str]]:
    """Variable, code and label; no header, as in the platform's `labels.csv`."""
    rows = []
    for item in study.items.values():
        if item.type == "multiple":
            rows += [[item.variable, "0", UNTICKED], [item.variable, "1", TICKED]]
        else:
            rows += [[item.variable, str(code.code), code.label.da] for code in item.scale]
    for number in range(1, 6):
        rows += [[f"stato_{number}", "0", UNTICKED], [f"stato_{number}", "1", TICKED]]
    return rows


def encode(rows: Sequence[Sequence[str]], delimiter: str, encoding: str) -> bytes:
    """Delimited text with LF line ends. Fields are quoted if they need it.

    Raises UnicodeEncodeError for a character that the encoding lacks.
    """
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return buffer.getvalue().encode(encoding)


def register_bytes(rows: Sequence[Mapping[str, str]]) -> bytes:
    """The register of municipalities: commas, UTF-8, LF."""
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8")


def write_wave(
    folder: Path, files: Mapping[str, tuple[str, bytes, int]], sheet: Mapping[str, Any]
) -> None:
    """Write the files (role: name, content, number of data rows) and `source.yaml`.

    `source.yaml` has their checksums.
    """
    folder.mkdir(parents=True, exist_ok=True)
    described = {}
    for role, (name, content, rows) in files.items():
        (folder / name).write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        described[role] = {"name": name, "sha256": digest, "rows": rows}
    write_yaml(folder / "source.yaml", {**sheet, "files": described}, schema_header("source", 2))


def write_yaml(path: Path, data: Any, header: str = "") -> None:
    """YAML in the order given after the header, UTF-8, LF."""
    text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=100)
    path.write_bytes((header + text).encode("utf-8"))

"""A small random wave in the export format, for tests that need any valid input."""

from __future__ import annotations

import csv
import hashlib
import random
from pathlib import Path

import yaml

from declarations import Item, Study

REGISTER = Path(__file__).parent / "data" / "municipalities.csv"
STATUS = ("1", "2", "3", "4", "5")


def write_wave(study: Study, folder: Path, rows: int = 60, seed: int = 1) -> Path:
    """Write a wave of `rows` invited heads, with random answers among the allowed ones."""
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    register = list(csv.DictReader(REGISTER.open(encoding="utf-8", newline="")))
    header = [str(study.respondent_column), str(study.municipality_column)]
    header += [item.variable for item in study.items.values()]
    header += [f"stato_{n}" for n in STATUS]
    lines = [header]
    for number in range(1, rows + 1):
        status = rng.choice("33344445"[: 8 if number > 5 else 7])
        status = rng.choice("12") if number % 4 == 0 else status
        place = rng.choice(register)["name"]
        line = [f"R{number:04d}", place]
        items = study.items.values()
        cells = {item.id: _cell(item, rng, answered=status in "34") for item in items}
        _obey(study, cells)
        line += cells.values()
        line += ["1" if n == status else "0" for n in STATUS]
        lines.append(line)
    _write(folder / "dataset.csv", lines)
    structure = [["questionName", "variableName", "questionType", "subType", "questionText",
                  "choiceValue", "choiceText"]]  # fmt: skip
    labels = []
    for item in study.items.values():
        kind = {"multiple": "Multiple", "numeric": "Number", "open": "String"}.get(
            item.type, "Single"
        )
        choice = "" if item.choice is None else str(item.choice)
        opened = "Open" if item.type in ("numeric", "open") else "Closed"
        structure.append([item.question, item.variable, opened, kind, item.label.da, choice, ""])
        names = {code.code: code.label.da for code in item.scale}
        labels += [
            [item.variable, str(code), names.get(code, "Valgt" if code else "Ikke valgt")]
            for code in item.codes
        ]
    _write(folder / "structure.csv", structure)
    _write(folder / "labels.csv", labels)
    (folder / "municipalities.csv").write_bytes(REGISTER.read_bytes())
    write_sheet(folder)
    return folder


def write_sheet(folder: Path, **changes: object) -> None:
    """(Re)write the source sheet so that it describes the files as they are."""
    files = {}
    register = (folder / "municipalities.csv").read_text(encoding="utf-8", errors="replace")
    with (folder / "dataset.csv").open(encoding="cp1252", errors="replace", newline="") as stream:
        lines = [line for line in csv.reader(stream, delimiter=";") if line]
    at = lines[0].index("kommune") if lines and "kommune" in lines[0] else 0
    invited = {line[at].strip() for line in lines[1:] if len(line) > at}
    register_lines = [line.split(",") for line in register.splitlines() if "," in line]
    place = register_lines[0].index("name") if "name" in (register_lines or [[]])[0] else 0
    names = [line[place] for line in register_lines[1:]]
    for role in ("dataset", "structure", "labels", "municipalities"):
        content = (folder / f"{role}.csv").read_bytes()
        encoding = "utf-8" if role == "municipalities" else "cp1252"
        rows = len(content.decode(encoding, errors="replace").splitlines())
        files[role] = {
            "name": f"{role}.csv",
            "sha256": hashlib.sha256(content).hexdigest(),
            "rows": rows - (0 if role == "labels" else 1),
        }
    sheet = {
        "wave": folder.name,
        "origin": "constructed",
        "statement": {"da": "Tilfældige data til test.", "en": "Random data for tests."},
        "format": {"delimiter": ";", "encoding": "cp1252"},
        "municipalities_without_invitations": sorted(set(names) - invited),
        "files": files,
        **changes,
    }
    (folder / "source.yaml").write_text(yaml.safe_dump(sheet, allow_unicode=True), encoding="utf-8")


def _obey(study: Study, cells: dict[str, str]) -> None:
    """Remove answers that a respondent who follows the questionnaire would not have given."""
    for question in study.questions:
        for item in question.items:
            asked = item.condition
            if asked and cells[asked.item] not in map(str, asked.codes):
                cells[item.id] = ""
        given = [i for i in question.items if i.type != "open" and cells[i.id] not in ("", "0")]
        if len(given) > 1:
            for item in given:
                if item.exclusive:
                    cells[item.id] = "0" if item.type == "multiple" else ""


def _cell(item: Item, rng: random.Random, answered: bool) -> str:
    if item.type == "multiple":
        return rng.choice("01") if answered else "0"
    if not answered or rng.random() < 0.1:
        return ""
    if item.type == "numeric":
        return str(rng.randrange(40))
    if item.type == "open":
        return rng.choice(("Skole", "Kultur og fritid", "Sundhed og ældre", "Vej og park"))
    return str(rng.choice(item.codes))


def _write(path: Path, lines: list[list[str]]) -> None:
    with path.open("w", encoding="cp1252", newline="") as stream:
        csv.writer(stream, delimiter=";", lineterminator="\n").writerows(lines)

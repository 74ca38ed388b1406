"""A small study with a register and one of every kind of declaration that rules read."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from assets.raw.readers.structure_guess import STRUCTURE_COLUMNS
from assets.raw.rules.judge import RuleResult, judge
from assets.raw.wave_files import read_wave
from declarations import Study, load_study

HEADER = (
    "id", "place", "use", "use_text", "box_1", "box_2", "box_9", "many", "many_dk", "view_1",
    "view_2", "last", "stato_1", "stato_2", "stato_3", "stato_4", "stato_5",
)  # fmt: skip
NAMES = ("Aby", "Bby", "Cby", "Dby")
QUESTIONS: tuple[dict[str, Any], ...] = (
    {
        "id": "use", "type": "single", "section": "first",
        "scale": [{"code": 1, "text": "Yes"}, {"code": 2, "text": "No"},
                  {"code": 3, "text": "Neither", "ends": True}],
        "items": [{"id": "use", "variable": "use"},
                  {"id": "use_text", "variable": "use_text", "type": "open",
                   "asked": {"item": "use", "codes": [1]}}],
    },
    {
        "id": "boxes", "type": "multiple", "section": "second",
        "items": [{"id": "box_1", "variable": "box_1", "choice": 1},
                  {"id": "box_2", "variable": "box_2", "choice": 2},
                  {"id": "box_9", "variable": "box_9", "choice": 9, "exclusive": True}],
    },
    {
        "id": "many", "type": "numeric", "section": "second",
        "items": [{"id": "many", "variable": "many"},
                  {"id": "many_dk", "variable": "many_dk", "type": "single", "exclusive": True,
                   "scale": [{"code": 1, "text": "Don't know"}]}],
    },
    {
        "id": "view", "type": "grid", "section": "third",
        "scale": [{"code": 1, "text": "Good"}, {"code": 2, "text": "Bad"}],
        "items": [{"id": "view_1", "variable": "view_1", "text": "One"},
                  {"id": "view_2", "variable": "view_2", "text": "Two"}],
    },
    {
        "id": "last", "type": "open", "section": "third",
        "items": [{"id": "last", "variable": "last"}],
    },
)  # fmt: skip
# Answers of a line that keeps to everything.
ANSWERS = {"use": "1", "use_text": "Often", "box_1": "1", "box_2": "0", "box_9": "0", "many": "4",
           "many_dk": "", "view_1": "1", "view_2": "2", "last": ""}  # fmt: skip
NOTHING = {name: "0" if name.startswith("box") else "" for name in ANSWERS}


def line(number: int, status: int = 4, **cells: str) -> dict[str, str]:
    """A line of the data set. Cells that are not given follow the questionnaire."""
    flags = {f"stato_{n}": str(int(n == status)) for n in range(1, 6)}
    place = NAMES[(number - 1) % 3]
    answers = ANSWERS if status in (3, 4) else NOTHING
    return {"id": f"P{number}", "place": place, **answers, **flags, **cells}


@dataclass
class Small:
    """The study under `root`, whose lines, checks and source sheet can be changed before `write`.

    `described` overrides the source sheet's description of a file.
    """

    root: Path
    lines: list[dict[str, str]] = field(
        default_factory=lambda: [line(n, 2 if n == 20 else 4) for n in range(1, 21)]
    )
    header: tuple[str, ...] = HEADER
    checks: dict[str, Any] = field(default_factory=dict)
    sheet: dict[str, Any] = field(
        default_factory=lambda: {"invited": 20, "municipalities_without_invitations": ["Dby"]}
    )
    register: list[list[str]] = field(
        default_factory=lambda: [["code", "name"], *([str(n), x] for n, x in enumerate(NAMES))]
    )
    respondent: str | None = "id"
    labels: list[list[str]] | None = None
    structure: list[list[str]] | None = None
    described: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The study folder."""
        return self.root / "studies" / "small"

    def write(self) -> Study:
        """Write everything and load it."""
        wave = self.folder / "waves" / "1"
        wave.mkdir(parents=True, exist_ok=True)
        declared = {
            "id": "small", "title": "Small", "checks": self.checks,
            "frame": {"register": "municipalities.csv",
                      "columns": {name: name for name in self.register[0]}},
            "export": {"respondent": self.respondent, "municipality": "place",
                       "status": {"complete": ["stato_4"], "partial": ["stato_3"]}},
        }  # fmt: skip
        _yaml(self.folder / "study.yaml", declared)
        for order, question in enumerate(QUESTIONS, start=1):
            data = {**question, "order": order, "label": question["id"]}
            _yaml(self.folder / "questions" / f"{order}_{question['id']}.yaml", data)
        table = {"id": "table_1", "number": "1", "chapter": 1, "frequency": "view"}
        _yaml(self.folder / "tables" / "table_1.yaml", table)
        rows = [[x.get(name, "") for name in self.header] for x in self.lines]
        _csv(wave / "dataset.csv", [list(self.header), *rows])
        _csv(
            wave / "structure.csv",
            self.structure or structure(),
        )
        _csv(wave / "labels.csv", self.labels or labels())
        _csv(wave / "municipalities.csv", self.register, ",")
        files = {}
        for role in ("dataset", "structure", "labels", "municipalities"):
            path = wave / f"{role}.csv"
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            files[role] = {"name": path.name, "sha256": digest}
        sheet = {
            "wave": "1", "origin": "constructed", "statement": "Made for a test.",
            "format": {"delimiter": ";", "encoding": "utf-8"}, "files": files,
        }  # fmt: skip
        for role, entries in self.described.items():
            files[role] |= entries
        _yaml(wave / "source.yaml", sheet | self.sheet)
        return load_study(self.folder)

    def verdicts(self) -> dict[str, RuleResult]:
        """The verdict of every rule on the wave, by name."""
        study = self.write()
        sheet = study.source_sheet("1")
        return {v.rule.name: v for v in judge(read_wave(sheet), study, sheet)}


def labels() -> list[list[str]]:
    """The labels of an export of the study."""
    found = []
    for question in QUESTIONS:
        for item in question["items"]:
            kind = item.get("type", question["type"])
            scale = item.get("scale") or question.get("scale") or ()
            if kind == "multiple":
                scale = ({"code": 0, "text": "Not ticked"}, {"code": 1, "text": "Ticked"})
            if kind in ("single", "grid", "multiple"):
                found += [[item["variable"], str(code["code"]), code["text"]] for code in scale]
    return found


def structure() -> list[list[str]]:
    """The structure of an export of the study, without types."""
    names = [(q["id"], item["variable"]) for q in QUESTIONS for item in q["items"]]
    return [list(STRUCTURE_COLUMNS), *([*pair, "", "", "", "", ""] for pair in names)]


def _yaml(path: Path, data: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # written out in full: declarations may not have an anchor on a whole mapping
    text = json.dumps(data, ensure_ascii=False)
    # of C: the dumper of Python takes a tenth of a test
    dumped = yaml.dump(json.loads(text), Dumper=yaml.CSafeDumper, allow_unicode=True)
    path.write_text(dumped, encoding="utf-8")


def _csv(path: Path, lines: list[list[str]], delimiter: str = ";") -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=delimiter, lineterminator="\n").writerows(lines)

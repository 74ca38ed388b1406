"""The small study for damage: every type of question, groups of every source, 30 lines."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

HEADER = (
    "id", "place", "use", "use_text", "box_1", "box_2", "box_9", "many", "many_dk", "view_1",
    "view_2", "area", "stato_1", "stato_2", "stato_3", "stato_4", "stato_5",
)  # fmt: skip
BOXES = ("box_1", "box_2", "box_9")
CODES = {
    "use": ("1", "2", "3"), "box_1": ("0", "1"), "box_2": ("0", "1"), "box_9": ("0", "1"),
    "view_1": ("1", "2"), "view_2": ("1", "2"), "many_dk": ("1",),
}  # fmt: skip
FLAGS = HEADER[-5:]
# name, code, population, region
PLACES = (
    ("Ærø", "492", "6300", "Syddanmark"), ("Køge", "259", "58000", "Sjælland"),
    ("Skive", "779", "47000", "Midtjylland"), ("Ringkøbing-Skjern", "760", "57000", "Midtjylland"),
    ("Læsø", "825", "1800", "Nordjylland"),
)  # fmt: skip
REGISTER = ("code", "name", "population", "region")
REGIONS = {"south": "Syddanmark", "zealand": "Sjælland", "mid": "Midtjylland",
           "north": "Nordjylland"}  # fmt: skip
LARGE_FROM = 50_000
AREAS = {"school": "skole", "culture": "kultur"}
STRUCTURE = (
    "questionName", "variableName", "questionType", "subType", "questionText", "choiceValue",
    "choiceText",
)  # fmt: skip
LABELS = {
    "use": {"1": "Ja, jævnligt", "2": "Nej", "3": "Ved ikke"},
    **{box: {"0": "Ikke valgt", "1": "Valgt"} for box in BOXES},
    "many_dk": {"1": "Ved ikke"},
    **{view: {"1": "God", "2": "Dårlig"} for view in ("view_1", "view_2")},
}
ROWS = 30
Lines = list[list[str]]

# What rows and answers that break a rule lead to: a stop, or a place in the quarantine.
STRICT: dict[str, Any] = {"scale": {"threshold": 0.2}}
LENIENT: dict[str, Any] = {
    name: {"policy": "quarantine", "threshold": 1.0}
    for name in ("unique_respondent", "unknown_municipality", "one_status", "scale", "exclusive",
                 "status_says_unanswered")
} | {"column_type": {"policy": "warn"}}  # fmt: skip


@dataclass(frozen=True)
class Names:
    """The columns of a data set and of its register, by role, for damage to certain columns.

    `codes` are the declared codes by column. The last of `boxes` excludes the others. `scaled` have
    their own labels. `register` maps code, name, population and region to columns.
    """

    study: str
    wave: str
    identifier: str
    place: str
    codes: Mapping[str, tuple[str, ...]]
    boxes: tuple[str, ...]
    numbers: tuple[str, ...]
    opens: tuple[str, ...]
    scaled: tuple[str, ...]
    places: tuple[str, ...]
    register: Mapping[str, int]
    invited: int


@dataclass
class Wave:
    """A wave before it is written: the texts of all files, and the form to write.

    `kind` is delimited, excel or spss. `told` is the delimiter and encoding in the source sheet;
    `entries` and `described` override its entries and its description of a file.
    """

    header: list[str]
    rows: Lines
    structure: Lines
    labels: Lines
    register: Lines
    names: Names
    kind: str = "delimited"
    delimiter: str = ";"
    encoding: str = "cp1252"
    told: tuple[str, str] | None = None
    ending: str = "\n"
    quote_all: bool = False
    codes: str = "text"
    sheets: tuple[str, ...] = ("Dataset", "Labels", "Structure")
    count_rows: bool = True
    lenient: bool = False
    entries: dict[str, Any] = field(default_factory=dict)
    described: dict[str, dict[str, Any]] = field(default_factory=dict)

    def at(self, column: str) -> int:
        """The position of a column, -1 if there is none (any longer)."""
        return self.header.index(column) if column in self.header else -1


SMALL = Names(
    study="fuzzed", wave="1", identifier="id", place="place", codes=CODES, boxes=BOXES,
    numbers=("many",), opens=("area", "use_text"), scaled=("use", "view_1"),
    places=tuple(name for name, *_ in PLACES),
    register={name: place for place, name in enumerate(REGISTER)}, invited=ROWS,
)  # fmt: skip


def base(seed: int = 7) -> Wave:
    """The undamaged wave."""
    rng = random.Random(seed)
    rows = []
    for number in range(1, ROWS + 1):
        status = (4, 4, 3, 4, 5, 2)[number % 6]
        answered = status in (3, 4, 5)
        boxes = ["0", "0", "1"] if number % 7 == 0 else [rng.choice("01"), rng.choice("01"), "0"]
        cells = {
            "id": f"P{number:03d}",
            "place": PLACES[number % len(PLACES)][0],
            "use": rng.choice(["1", "2", "3", ""]) if answered else "",
            "use_text": rng.choice(["", "Ofte; mest «små» ting", 'Det "nye", æøå']) if answered
            else "",
            **dict(zip(BOXES, boxes if answered else ["0"] * 3, strict=True)),
            "many": rng.choice(["", "0", "3", "12", "4,5"]) if answered else "",
            "many_dk": rng.choice(["", "", "1"]) if answered else "",
            "view_1": rng.choice(["1", "2", ""]) if answered else "",
            "view_2": rng.choice(["1", "2"]) if answered else "",
            "area": rng.choice(["Skole og SFO", "Kultur, fritid", "Skole\nog kultur", "Vej", ""])
            if answered else "",
            **{flag: str(int(flag.endswith(str(status)))) for flag in FLAGS},
        }  # fmt: skip
        rows.append([cells[name] for name in HEADER])
    structure = [list(STRUCTURE)]
    for name in HEADER:
        group = "box" if name in BOXES else "stato" if name in FLAGS else name
        closed = "Closed" if name in CODES or name in FLAGS else "Open"
        subtype = "Multiple" if group != name else "Single" if closed == "Closed" else "String"
        choice = [name[-1], name] if name in BOXES else ["", ""]
        text = "Hvilke?" if name in BOXES else f"Spørgsmål - {name}"
        structure.append([group, name, closed, subtype, text, *choice])
    labels = [[name, code, text] for name, texts in LABELS.items() for code, text in texts.items()]
    labels += [[flag, code, text] for flag in FLAGS for code, text in (("0", "Nej"), ("1", "Ja"))]
    register = [list(REGISTER), *([code, name, n, region] for name, code, n, region in PLACES)]
    return Wave(list(HEADER), rows, structure, labels, register, SMALL)


def write_study(folder: Path, lenient: bool) -> Path:
    """The declarations, without a wave."""
    declared = {
        "id": "fuzzed",
        "title": {"da": "Prøve", "en": "Sample"},
        "checks": LENIENT if lenient else STRICT,
        "frame": {"register": "municipalities.csv", "columns": {name: name for name in REGISTER}},
        "export": {
            "respondent": "id",
            "municipality": "place",
            "status": {"complete": ["stato_4"], "partial": ["stato_3"],
                       "partial_if_answered": ["stato_5"]},
        },
        "groups": [
            {"id": "size", "label": "Size", "kind": "cuts", "source": "population", "levels": [
                {"key": "small", "da": "Små", "en": "Small", "below": LARGE_FROM},
                {"key": "large", "da": "Store", "en": "Large", "from": LARGE_FROM}]},
            {"id": "region", "label": "Region", "kind": "map", "source": "region", "levels": [
                {"key": key, "da": name, "en": name, "values": [name]}
                for key, name in REGIONS.items()]},
            {"id": "area", "label": "Area", "kind": "text_rules", "source": "area", "levels": [
                {"key": key, "da": key, "en": key, "rules": {"any": [rf"\b{word}"]}}
                for key, word in AREAS.items()]},
        ],
    }  # fmt: skip
    save(folder / "study.yaml", declared)
    for order, question in enumerate(_questions(), start=1):
        data = {"order": order, "label": str(question["id"]), **question}
        save(folder / "questions" / f"{order:02d}_{question['id']}.yaml", data)
    for number, table in enumerate(_tables(), start=1):
        data = {"id": f"table_{number}", "number": str(number), "chapter": 1, **table}
        save(folder / "tables" / f"table_{number}.yaml", data)
    return folder


def _questions() -> list[dict[str, Any]]:
    def scale(item: str) -> list[dict[str, Any]]:
        return [{"code": int(code), "text": text} for code, text in LABELS[item].items()]

    return [
        {"id": "use", "type": "single", "section": "first", "scale": scale("use"),
         "items": [{"id": "use", "variable": "use"},
                   {"id": "use_text", "variable": "use_text", "type": "open"}]},
        {"id": "box", "type": "multiple", "section": "first",
         "items": [{"id": box, "variable": box, "choice": int(box[-1]), "text": box,
                    "exclusive": box == "box_9"} for box in BOXES]},
        {"id": "many", "type": "numeric", "section": "second",
         "items": [{"id": "many", "variable": "many"},
                   {"id": "many_dk", "variable": "many_dk", "type": "single",
                    "scale": scale("many_dk")}]},
        {"id": "view", "type": "grid", "section": "second", "scale": scale("view_1"),
         "items": [{"id": v, "variable": v, "text": v} for v in ("view_1", "view_2")]},
        {"id": "area", "type": "open", "section": "second",
         "items": [{"id": "area", "variable": "area"}]},
    ]  # fmt: skip


def _tables() -> list[dict[str, Any]]:
    def row(key: str, **more: Any) -> dict[str, Any]:
        return {"key": key, "da": key, "en": key, **more}

    levels = [("size", "small"), ("size", "large"), ("area", "school"), ("area", "culture"),
              *(("region", key) for key in REGIONS)]  # fmt: skip
    return [
        {"frequency": "use"},
        {"frequency": "box"},
        {"frequency": "view"},
        {"title": "By group", "cell": {"item": "use"},
         "rows": [row(f"{g}_{level}", group=g, level=level) for g, level in levels] + [row("all")],
         "columns": [row(f"code_{code}", code=int(code)) for code in CODES["use"]]},
        {"title": "Numbers", "cell": {"item": "many"}, "rows": [row("all")],
         "columns": [row("mean", statistic="mean"), row("answered", code="total",
                                                        statistic="count")]},
    ]  # fmt: skip


def save(path: Path, data: Any) -> None:
    """YAML, keys as given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")

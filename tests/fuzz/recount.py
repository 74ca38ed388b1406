"""The same figures by other means: raw files read and counted without the code under test.

The csv module, openpyxl or pyreadstat reads the cells. Plain loops over lines decide what counts,
by the rules in docs/errors.md and studies/README.md.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pyreadstat

from tests.fuzz.study import AREAS, BOXES, CODES, FLAGS, LARGE_FROM, REGIONS, Wave

WHOLE = re.compile(r"(0|-?[1-9][0-9]{0,8})(\.00?)?", re.ASCII)
NUMBER = re.compile(r"[0-9]{1,6}([.,][0-9]+)?", re.ASCII)
OPEN = ("use_text", "area")
ASKED = (*CODES, "many", *OPEN)
Line = dict[str, str]


@dataclass
class Recount:
    """The results of a wave. `answers`: (item, group, level) -> {code or number: n}."""

    lines: int = 0
    rejected: int = 0
    filled: int = 0
    usable: int = 0
    set_aside: int = 0
    answers: dict[tuple[str, str, str], Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )


def read_lines(folder: Path, wave: Wave) -> list[Line]:
    """The lines of the data set, by column. Raises an error for an unreadable file."""
    if wave.kind == "excel":
        return _excel(folder / "export.xlsx", wave)
    if wave.kind == "spss":
        return _spss(folder / "export.sav")
    text = (folder / "dataset.csv").read_bytes().decode(wave.encoding).lstrip("\ufeff")
    text = re.sub(r"\Asep=.(?:\r\n|\r|\n)", "", text)
    return _named(list(csv.reader(io.StringIO(text, newline=""), delimiter=wave.delimiter)))


def read_register(folder: Path) -> list[Line]:
    """The municipality register's lines."""
    text = (folder / "municipalities.csv").read_bytes().decode("utf-8")
    return _named(list(csv.reader(io.StringIO(text, newline=""))))


def _named(records: list[list[str]]) -> list[Line]:
    header, *lines = [record for record in records if record]
    width = len(header)
    # empty fields beyond the last column are none
    lines = [line if any(line[width:]) else line[:width] for line in lines]
    names = [_alike(name) for name in header]
    return [dict(zip(names, line, strict=True)) for line in lines]


def _alike(text: str) -> str:
    """A text as a person reads it: one kind of blank, composed letters, no invisible characters."""
    return " ".join(unicodedata.normalize("NFC", re.sub("[\u00ad\u200b]", "", text)).split())


def _excel(path: Path, wave: Wave) -> list[Line]:
    book = openpyxl.load_workbook(path)
    sheet = next(s for s in book.worksheets if s.title.strip().lower() == "dataset")
    records = [[_cell(value) for value in line] for line in sheet.iter_rows(values_only=True)]
    # codes as text may read 1.0
    coded = [at for at, name in enumerate(records[0]) if name in (*wave.names.codes, *FLAGS)]
    for record in records[1:]:
        for at in coded:
            record[at] = re.sub(r"^(-?[0-9]+)\.00?$", r"\1", record[at].strip())
    while records and not any(records[-1]):
        records.pop()
    width = max(at + 1 for at, name in enumerate(records[0]) if name)
    return _named([record[:width] for record in records])


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)


def _spss(path: Path) -> list[Line]:
    frame, _ = pyreadstat.read_sav(str(path))
    return [
        {str(name): "" if cell != cell else _cell(cell) for name, cell in record.items()}
        for record in frame.to_dict("records")
    ]


def recount(lines: list[Line], register: list[Line]) -> Recount:
    """Count as in a study that quarantines everything it can (`LENIENT`)."""
    found = Recount(lines=len(lines))
    lines = [{name: cell.strip() for name, cell in line.items()} for line in lines]
    places = {_alike(line["name"]): line for line in register}
    own = [line | {"place": _alike(line["place"])} for line in _unique(lines)]
    kept = [line for line in own if _line_is_right(line, places)]
    found.rejected = len(lines) - len(kept)
    for line in kept:
        cells = _filled(line)
        found.filled += len(cells)
        answered = _answered(line)
        usable = {
            name: text
            for name in cells
            if answered and (text := _read(name, line[name] or "0")) is not None
        }
        if usable.get("box_9") == "1" and any(usable.get(box) == "1" for box in BOXES[:2]):
            usable = {name: text for name, text in usable.items() if name not in BOXES}
        found.usable += len(usable)
        groups = _groups(usable.get("area", ""), places[line["place"]])
        for name, text in usable.items():
            for group, level in groups:
                found.answers[(name, group, level)][text] += 1
    found.set_aside = found.filled - found.usable
    return found


def _unique(lines: list[Line]) -> list[Line]:
    by_id: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_id[line["id"]].append(line)
    kept = []
    for name, own in by_id.items():
        if name and all(line == own[0] for line in own):
            kept.append(own[0])
    return kept


def _line_is_right(line: Line, places: dict[str, Line]) -> bool:
    flags = [line[flag] for flag in FLAGS]
    return line["place"] in places and flags.count("1") == 1 and flags.count("0") == 4


def _filled(line: Line) -> list[str]:
    """Columns that hold an answer. If a box is ticked, all boxes of the question do."""
    ticked = any(_read(box, line[box]) == "1" for box in BOXES)
    return [
        name
        for name in ASKED
        if (name in BOXES and ticked)
        or (line[name] and (name not in BOXES or _read(name, line[name]) != "0"))
    ]


def _answered(line: Line) -> bool:
    if line["stato_4"] == "1" or line["stato_3"] == "1":
        return True
    if line["stato_5"] != "1":
        return False
    return any(
        line[name] and (name not in BOXES or _read(name, line[name]) != "0") for name in ASKED
    )


def _read(name: str, text: str) -> str | None:
    """The code or number as text; None if the text is neither."""
    if name in OPEN:
        return text
    if name == "many":
        if not NUMBER.fullmatch(text):
            return None
        whole_part, *decimals = text.replace(",", ".").split(".")
        if decimals and len(decimals[0]) == 3 and len(whole_part) <= 3 and text[0] != "0":
            # one, or a thousand
            return None
        return str(float(text.replace(",", ".")))
    whole = WHOLE.fullmatch(text)
    return whole.group(1) if whole and whole.group(1) in CODES[name] else None


def _groups(area: str, place: Line) -> list[tuple[str, str]]:
    size = "large" if float(place["population"]) >= LARGE_FROM else "small"
    region = next(key for key, name in REGIONS.items() if name == place["region"].strip())
    found = [("all", "all"), ("size", size), ("region", region)]
    words = re.sub(r"[\W_]", " ", _alike(area).lower())
    for key, word in AREAS.items():
        if f" {word}" in f" {words}":
            found.append(("area", key))
    return found

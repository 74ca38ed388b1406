"""A small export of another survey, with the features of a real one, in every form."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat

STEM = "I hvilken grad har du fått inspirasjon fra følgende?  - "
ABOUT = "Hvilke fag har du valgt? (flere kryss er mulig)"
BOXES = [
    (1, "Matematikk (S, R)"),
    (2, "Biologi; Kjemi; Fysikk"),
    (7, "Ledelse\nog økonomi "),
    (5, 'Fag med "navn"'),
]
DEGREES = [(1, "I liten grad"), (2, "2"), (3, "3"), (4, "I stor grad ")]
LINE = [(5, "Idrettsfag "), (1, "Kunst, design; arkitektur"), (6, "Annet, spesifiser:")]
STRUCTURE = (
    "questionName", "variableName", "questionType", "subType", "questionText", "choiceValue",
    "choiceText",
)  # fmt: skip
Table = list[list[str]]


def tables(rows: int = 40, seed: int = 4) -> tuple[Table, Table, Table]:
    """Data set, structure (both with a header) and labels."""
    rng = random.Random(seed)
    header = ["v_1_1", "v_1_2", "v_1_3", "v_1_4", "s_2", "i_01", "i_02", "i_03", "comment"]
    header += ["skole", "stato_1", "stato_2", "stato_3", "stato_4", "stato_5", "s_3"]
    data = [header]
    for number in range(rows):
        status = (2, 4, 4, 3)[number % 4]
        answered = status != 2
        line = [rng.choice("01") if answered else "0" for _ in BOXES]
        line.append(rng.choice(["", "5", "1", "6"]) if answered else "")
        line += [rng.choice(["", "1", "2", "3", "4"]) if answered else "" for _ in range(3)]
        line.append(rng.choice(["", 'Sær; "rart", æøå', "To\nlinjer"]) if answered else "")
        line.append(rng.choice(["10", "24", "56"]))
        line += [str(int(flag == status)) for flag in range(1, 6)]
        line.append("skøyter" if line[4] == "6" else "")
        data.append(line)
    structure = [list(STRUCTURE)]
    structure += [
        ["v_1", f"v_1_{n}", "Closed", "Multiple", ABOUT, str(choice), text]
        for n, (choice, text) in enumerate(BOXES, start=1)
    ]
    structure.append(["s_2", "s_2", "Closed", "Single", "Hvilken linje går du på?", "", ""])
    structure += [
        [f"i_0{n}", f"i_0{n}", "Closed", "Single", f"{STEM}{who} ", "", ""]
        for n, who in enumerate(("Lærere", "Venner - og kjæreste", "Foreldre"), start=1)
    ]
    structure.append(["comment", "comment", "Open", "String", "Kommentar:", "", ""])
    structure.append(["skole", "skole", "Closed", "Single", "Skole", "", ""])
    structure += [
        ["statoverall", f"stato_{n}", "Closed", "Multiple", "Samlet status", str(n), f"Status {n}"]
        for n in range(1, 6)
    ]
    other = "Hvilken linje går du på? - Annet, spesifiser:"
    structure.append(["s_3", "s_3", "Open", "String", other, "", ""])
    labels: Table = []
    for name in header:
        if name.startswith(("v_1", "stato")):
            labels += [[name, "0", "Ikke valgt"], [name, "1", "Valgt"]]
        scale = LINE if name == "s_2" else DEGREES if name.startswith("i_") else []
        labels += [[name, str(code), text] for code, text in scale]
    return data, structure, labels


def write_delimited(folder: Path, delimiter: str = ";", encoding: str = "cp1252") -> Path:
    """The export as the platform's three files; UTF-16 with mark and CRLF."""
    return write_tables(folder, tables(), delimiter, encoding)


def write_tables(
    folder: Path,
    export: tuple[Table, Table, Table],
    delimiter: str = ";",
    encoding: str = "cp1252",
) -> Path:
    """Any export in this form."""
    folder.mkdir(parents=True, exist_ok=True)
    ending = "\r\n" if encoding == "utf-16" else "\n"
    for name, lines in zip(("dataset", "structure", "labels"), export, strict=True):
        stream = io.StringIO()
        csv.writer(stream, delimiter=delimiter, lineterminator=ending).writerows(lines)
        (folder / f"{name}.csv").write_bytes(stream.getvalue().encode(encoding))
    return folder


def write_excel(
    path: Path,
    order: tuple[str, ...] = ("Dataset", "Labels", "Structure", "Variables", "Complete"),
    codes: str = "number",
) -> Path:
    """The export as a workbook; `codes` number, float ("1.0" as text) or text."""
    data, structure, labels = tables()
    described = [[line[1], _description(line)] for line in structure[1:]]
    named = {(n, c): text for n, c, text in labels}
    complete = [
        data[0],
        *([named.get((n, c), c) for n, c in zip(data[0], x, strict=True)] for x in data[1:]),
    ]
    sheets = {
        "Dataset": data,
        "Labels": labels,
        "Structure": structure,
        "Variables": described,
        "Complete": complete,
    }
    coded = {place for place, n in enumerate(data[0]) if n not in ("comment", "s_3")}
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name in order:
        sheet = book.create_sheet(name)
        for number, line in enumerate(sheets[name]):
            cells: list[object] = list(line)
            if name == "Dataset" and number:
                cells = [
                    _coded(x, codes) if place in coded else x or None
                    for place, x in enumerate(line)
                ]
            if name == "Labels":
                cells = [line[0], _coded(line[1], codes), line[2]]
            sheet.append(cells)
    book.save(path)
    return path


def _description(line: list[str]) -> str:
    return f"{line[4]} - {line[6]}" if line[6] else line[4]


def _coded(text: str, codes: str) -> object:
    if not text:
        return None
    return {"number": int(text), "double": float(text), "float": f"{text}.0", "text": text}[codes]


def write_spss(path: Path, missing: Mapping[str, list[Any]] | None = None) -> Path:
    """The export as a .sav file. 9 is declared missing for i_01 and replaces empty cells.

    `missing` are further values that are declared missing.
    """
    data, structure, labels = tables()
    frame = pd.DataFrame(data[1:], columns=data[0])
    values: dict[str, dict[float, str]] = {}
    for name, code, label in labels:
        values.setdefault(name, {})[float(code)] = label
    for name in [*values, "skole"]:
        frame[name] = pd.to_numeric(frame[name])
    frame["i_01"] = frame["i_01"].fillna(9)
    values["i_01"][9.0] = "Ikke besvart"
    texts: list[str | None] = [_description({x[1]: x for x in structure}[name]) for name in data[0]]
    pyreadstat.write_sav(
        frame,
        str(path),
        column_labels=texts,
        variable_value_labels=values,
        missing_ranges={"i_01": [9], **(missing or {})},
    )
    return path


def expected_counts(data: Table) -> dict[tuple[str, str], int]:
    """Frequency of each text in each column, counted by pandas."""
    frame = pd.DataFrame(data[1:], columns=data[0])
    return {
        (str(name), str(code)): int(n)
        for name in frame
        for code, n in frame[name].value_counts().items()
    }

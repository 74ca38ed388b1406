"""A wave as bytes, in every form an export can have, and its source sheet."""

from __future__ import annotations

import csv
import hashlib
import io
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat

from tests.fuzz.study import FLAGS, Lines, Wave, save

ROLES = ("dataset", "structure", "labels")
Files = dict[str, bytes]


def to_files(wave: Wave) -> Files:
    """All files of the wave by name, without the source sheet."""
    files = {"municipalities.csv": _delimited(wave.register, ",", "utf-8", "\n", False)}
    if wave.kind == "delimited":
        tables = ([wave.header, *wave.rows], wave.structure, wave.labels)
        for role, lines in zip(ROLES, tables, strict=True):
            files[f"{role}.csv"] = _delimited(
                lines, wave.delimiter, wave.encoding, wave.ending, wave.quote_all
            )
    elif wave.kind == "excel":
        files["export.xlsx"] = _excel(wave)
    else:
        files["export.sav"] = _spss(wave)
    return files


def write_wave(folder: Path, wave: Wave, files: Files) -> Path:
    """The wave's folder with the files and a source sheet that describes them as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    layout: dict[str, Any] = {"kind": wave.kind}
    if wave.kind == "delimited":
        delimiter, encoding = wave.told or (wave.delimiter, wave.encoding)
        layout |= {"delimiter": delimiter, "encoding": encoding}
    named = {"municipalities": "municipalities.csv"}
    named |= (
        {role: f"{role}.csv" for role in ROLES}
        if wave.kind == "delimited"
        else {"export": "export.xlsx" if wave.kind == "excel" else "export.sav"}
    )
    described: dict[str, dict[str, Any]] = {}
    for role, name in named.items():
        digest = hashlib.sha256(files.get(name, b"")).hexdigest()
        described[role] = {"name": name, "sha256": digest, **wave.described.get(role, {})}
    sheet = {
        "wave": wave.names.wave,
        "origin": "constructed",
        "statement": {"da": "Lavet til en test.", "en": "Made for a test."},
        "format": layout,
        "files": described,
        **wave.entries,
    }
    save(folder / "source.yaml", sheet)
    return folder


def _delimited(lines: Lines, delimiter: str, encoding: str, ending: str, quote_all: bool) -> bytes:
    stream = io.StringIO()
    quoting: Any = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    # this end makes the csv module quote a lone carriage return
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\r\n", quoting=quoting)
    writer.writerows(lines)
    parts = stream.getvalue().split('"')
    # the ends of records stand outside quotes
    parts[::2] = [part.replace("\r\n", ending) for part in parts[::2]]
    return '"'.join(parts).encode(encoding, errors="replace")


def _excel(wave: Wave) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    coded = {*wave.names.codes, *FLAGS}
    for name in wave.sheets:
        sheet = book.create_sheet(name)
        lines = {
            "dataset": [wave.header, *wave.rows],
            "labels": wave.labels,
            "structure": wave.structure,
        }.get(name.strip().lower(), [["x"]])
        for number, line in enumerate(lines):
            cells: list[Any] = [cell or None for cell in line]
            if name.strip().lower() == "dataset" and number:
                cells = [
                    _number(cell, wave.codes)
                    if at < len(wave.header) and wave.header[at] in coded
                    else cell or None
                    for at, cell in enumerate(line)
                ]
            sheet.append(cells)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _number(cell: str, codes: str) -> Any:
    if not (cell.isascii() and cell.isdigit() and str(int(cell)) == cell):
        return cell or None
    return {"text": cell, "number": int(cell), "double": float(cell), "float": f"{cell}.0"}[codes]


def _spss(wave: Wave) -> bytes:
    frame = pd.DataFrame(wave.rows, columns=wave.header)
    values: dict[str, dict[float, str]] = {}
    for name, code, label in wave.labels:
        if name in frame and label:
            values.setdefault(name, {})[float(code)] = label
    for name in values:
        frame[name] = pd.to_numeric(frame[name])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.sav"
        pyreadstat.write_sav(frame, str(path), variable_value_labels=values)
        return path.read_bytes()


def rezipped(content: bytes, change: dict[str, bytes]) -> bytes:
    """A zip archive with other or further parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", 8) as new:
        for name in old.namelist():
            new.writestr(name, change[name] if name in change else old.read(name))
        for name in sorted(set(change) - set(old.namelist())):
            new.writestr(name, change[name])
    return stream.getvalue()

"""The printed figures and their errata, read from published/. Assets never read these."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.specs.documents import read_document

COLUMNS = ("row", "row_label", "group", "column", "printed", "n", "note")


@dataclass(frozen=True)
class Printed:
    """One printed figure, exactly as printed but for a decimal point."""

    table: str
    line: int
    row: int
    row_label: str
    group: str
    column: str
    printed: str
    n: str
    note: str


@dataclass(frozen=True)
class Erratum:
    """A printed figure that cannot be right, with the evidence.

    `likely_n` is the base that makes it right; `conflict` names the columns of its row that
    cannot all be right.
    """

    table: str
    row: int
    group: str
    column: str
    printed: str
    likely: str | None
    rule: str
    evidence: str
    likely_n: int | None = None
    conflict: tuple[str, ...] = ()
    row_label: str = ""


def read_published(folder: Path, table: str) -> list[Printed]:
    """The figures of one table in reading order. ValueError names file, line and problem."""
    path = folder / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise ValueError(f"{path}: columns are {reader.fieldnames}, expected {COLUMNS}")
        return [
            Printed(
                table,
                line,
                int(record["row"]),
                *(record[name] for name in COLUMNS[1:]),
            )
            for line, record in enumerate(reader, start=2)
        ]


def content_of(path: Path) -> bytes:
    """What a file says, as one text: comments and line breaks of a YAML file say nothing."""
    if path.suffix != ".yaml":
        return path.read_bytes()
    return json.dumps(read_document(path), sort_keys=True, default=str).encode()


def read_errata(folder: Path) -> list[Erratum]:
    """All errata; a list under `errata` or at the top of errata.yaml."""
    path = folder / "errata.yaml"
    data: Any = read_document(path)
    entries = data.get("errata", []) if isinstance(data, dict) else data
    return [
        Erratum(
            table=str(entry["table"]),
            row=int(entry["row"]),
            group=str(entry.get("group") or ""),
            column=str(entry["column"]),
            printed=str(entry["printed"]),
            likely=None if entry.get("likely") is None else str(entry["likely"]),
            rule=str(entry["rule"]),
            evidence=str(entry["evidence"]).strip(),
            likely_n=entry.get("likely_n"),
            conflict=tuple(map(str, entry.get("conflict") or ())),
            row_label=str(entry.get("row_label") or ""),
        )
        for entry in entries or ()
    ]

"""The Frictionless data package: every published CSV file with types and descriptions."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from publishing.published import PublishedWave

FILE = "datapackage.json"
NAME = re.compile(r"[^a-z0-9._-]+")
Columns = Mapping[str, Mapping[str, str]]


def write_package(wave: PublishedWave, columns: Columns, folder: Path) -> Path:
    """Write datapackage.json for the CSV files in the folder.

    `columns` describes the columns of a file by the name of its relation.
    """
    path = folder / FILE
    described = descriptor(wave, columns, folder)
    path.write_text(json.dumps(described, indent=1, ensure_ascii=False), encoding="utf-8")
    return path


def descriptor(wave: PublishedWave, columns: Columns, folder: Path) -> dict[str, Any]:
    """The package descriptor in the form that Frictionless defines."""
    frames = {name: frame for (_, name), frame in wave.relations.items()}
    resources = []
    for path in sorted(folder.glob("*.csv")):
        header = _header(path)
        if header:
            frame = frames.get(path.stem)
            resources.append(_resource(path, header, frame, columns.get(path.stem, {})))
    sheet, study = wave.sheet, wave.study
    return {
        "profile": "tabular-data-package",
        "name": NAME.sub("-", f"{study.id}-{wave.wave}".lower()),
        "title": f"{study.title.en}, {wave.wave}",
        "description": sheet.statement.en if sheet.constructed else study.title.en,
        "version": wave.wave,
        "contributors": [{"title": name} for name in study.source.authors],
        "resources": resources,
    }


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as stream:
        return next(csv.reader(stream), [])


def _resource(
    path: Path, header: list[str], frame: pd.DataFrame | None, described: Mapping[str, str]
) -> dict[str, Any]:
    content = path.read_bytes()
    fields = []
    for name in header:
        field = {"name": name, "type": _type(frame, name)}
        if described.get(name):
            field["description"] = described[name]
        fields.append(field)
    return {
        "name": NAME.sub("-", path.stem.lower()),
        "path": path.name,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"csv": {"delimiter": ",", "lineTerminator": "\n"}},
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": {"fields": fields, "missingValues": [""]},
    }


def _type(frame: pd.DataFrame | None, name: str) -> str:
    if frame is None or name not in frame:
        return "string"
    kind = frame[name].dtype
    if pd.api.types.is_bool_dtype(kind):
        return "boolean"
    if pd.api.types.is_integer_dtype(kind):
        return "integer"
    return "number" if pd.api.types.is_float_dtype(kind) else "string"

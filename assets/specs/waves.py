"""A wave's source sheet: which files, from whom, real or constructed, with checksums."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from assets.specs.documents import SAFE_LOADER
from assets.specs.errors import SpecError, need
from assets.specs.labels import Label, read_label

ORIGINS = ("constructed", "real")


@dataclass(frozen=True)
class WaveFile:
    """A raw file as the source sheet describes it."""

    role: str
    path: Path
    sha256: str | None
    rows: int | None


@dataclass(frozen=True)
class SourceSheet:
    """What is known of a wave's raw files before they are opened."""

    wave: str
    origin: str
    statement: Label
    delimiter: str
    encoding: str
    files: dict[str, WaveFile]
    path: Path
    constructed_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def constructed(self) -> bool:
        """Whether the respondents' answers were constructed rather than collected."""
        return self.origin == "constructed"

    def constructed_column(self, role: str, column: str) -> bool:
        """Whether a column of a file is made up although the rest of the file is not."""
        return column in self.constructed_columns.get(self.files[role].path.name, ())


def read_source_sheet(folder: Path) -> SourceSheet:
    """Read `source.yaml` of a wave folder.

    Raises SpecError where the sheet is missing, is not YAML, or lacks an entry.
    """
    path = folder / "source.yaml"
    if not path.is_file():
        raise SpecError(
            path, "the wave has no source sheet; expected a YAML file beside the export"
        )
    try:
        data: Any = yaml.load(path.read_text(encoding="utf-8"), Loader=SAFE_LOADER)  # noqa: S506
    except yaml.YAMLError as error:
        raise SpecError(path, f"is not valid YAML: {error}") from error
    origin = need(data, "origin", path)
    if origin not in ORIGINS:
        raise SpecError(path, f"origin is {origin!r}, expected one of {', '.join(ORIGINS)}")
    delimiter, encoding = _format(need(data, "format", path), path)
    described = need(data, "files", path)
    if not isinstance(described, dict):
        raise SpecError(path, f"files: expected a mapping, found {str(described)[:60]!r}")
    files = {}
    for role, entry in described.items():
        files[role] = WaveFile(
            role=role,
            path=folder / str(need(entry, "name", f"{path}: files.{role}")),
            sha256=entry.get("sha256"),
            rows=entry.get("rows"),
        )
    for role in ("dataset", "structure", "labels", "municipalities"):
        need(files, role, f"{path}: files")
    return SourceSheet(
        wave=str(need(data, "wave", path)),
        origin=origin,
        statement=read_label(need(data, "statement", path), path),
        delimiter=delimiter,
        encoding=encoding,
        files=files,
        path=path,
        constructed_columns={
            str(name): tuple(map(str, columns))
            for name, columns in (data.get("constructed_columns") or {}).items()
        },
        notes={str(name): str(note) for name, note in (data.get("notes") or {}).items()},
    )


def _format(data: Any, path: Path) -> tuple[str, str]:
    delimiter, encoding = str(need(data, "delimiter", path)), str(need(data, "encoding", path))
    if len(delimiter) != 1:
        raise SpecError(path, f"delimiter is {delimiter!r}, expected one character")
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        raise SpecError(path, f"encoding is {encoding!r}, which Python does not know") from error
    return delimiter, encoding

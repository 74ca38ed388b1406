"""A wave's source sheet: which files, from whom, real or constructed, with checksums."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from declarations.documents import declared_in, read_document
from declarations.errors import SpecError, need, only
from declarations.labels import Label, read_label

SHEET = "source.yaml"
ORIGINS = ("constructed", "real")
DEMONSTRATION = "demonstration"
# folders of output/ that are no wave's
RESERVED = frozenset({"trends"})
AUTO = "auto"
DELIMITERS = (";", ",", "\t", "|", ":")
ENCODINGS = ("ascii", "cp12", "iso8859", "koi8", "mac", "utf-8", "utf-16", "utf-32")
KINDS = ("delimited", "excel", "spss")
EXPORT_ROLES = ("dataset", "structure", "labels")

ENTRIES = (
    "study", "wave", "origin", "purpose", "statement", "instrument", "who", "when", "notes",
    "format", "files", "constructed_columns", "invited", "invited_by_municipality",
    "municipalities_without_invitations",
)  # fmt: skip


@dataclass(frozen=True)
class WaveFile:
    """A raw file as the source sheet describes it."""

    role: str
    path: Path
    sha256: str | None
    rows: int | None


@dataclass(frozen=True)
class SourceSheet:
    """What is known of a wave's raw files before they are opened.

    Delimiter and encoding may be `auto`. Of a workbook or SPSS file (`kind`) the roles dataset,
    structure and labels are the same file. `invited` is the number of invitations in all,
    `invited_by` the number per municipality (by name) where it is known.
    """

    wave: str
    origin: str
    statement: Label
    delimiter: str
    encoding: str
    files: dict[str, WaveFile]
    path: Path
    constructed_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    kind: str = "delimited"
    invited: int | None = None
    invited_by: Mapping[str, int] = field(default_factory=dict)
    without_invitations: tuple[str, ...] = ()
    purpose: str | None = None

    @property
    def demonstration(self) -> bool:
        """Whether the wave shows how the program works and says nothing of the world."""
        return self.purpose == DEMONSTRATION

    @property
    def shown_as(self) -> str:
        """What is said wherever the data are shown: demonstration, constructed or real."""
        return DEMONSTRATION if self.demonstration else self.origin

    @property
    def constructed(self) -> bool:
        """Whether the respondents' answers were constructed rather than collected."""
        return self.origin == "constructed"

    def constructed_column(self, role: str, column: str) -> bool:
        """Whether a column of a file is made up although the rest of the file is not."""
        return column in self.constructed_columns.get(self.files[role].path.name, ())


def read_source_sheet(folder: Path) -> SourceSheet:
    """Read `source.yaml` of a wave folder.

    Raises SpecError, naming file and entry, where the sheet is missing, is not YAML, lacks an entry
    or has one of another type than its own: nobody who reads a `SourceSheet` need look at types.
    """
    path = folder / SHEET
    if not path.is_file():
        raise SpecError(
            path, "the wave has no source sheet; expected a YAML file beside the export"
        )
    with declared_in(path):
        return _sheet(read_document(path), folder, path)


def _sheet(data: Any, folder: Path, path: Path) -> SourceSheet:
    origin = need(data, "origin", path)
    only(data, ENTRIES, path)
    if origin not in ORIGINS:
        raise SpecError(path, f"origin is {origin!r}, expected one of {', '.join(ORIGINS)}")
    purpose = data.get("purpose")
    if purpose not in (None, DEMONSTRATION) or (purpose and origin == "real"):
        raise SpecError(
            path,
            f"purpose is {purpose!r}, expected '{DEMONSTRATION}' of constructed data or no entry",
        )
    wave = str(need(data, "wave", path))
    if wave in RESERVED:
        raise SpecError(path, f"wave is {wave!r}, which names other results; choose another name")
    if wave != folder.name:
        raise SpecError(path, f"wave is {wave!r}, but the folder is {folder.name!r}")
    kind, delimiter, encoding = _format(need(data, "format", path), path)
    need(data, "files", path)
    files = {
        role: _file(role, entry, folder, path)
        for role, entry in _mapping(data, "files", path).items()
    }
    if kind != "delimited":
        whole = need(files, "export", f"{path}: files")
        del files["export"]
        files |= {role: replace(whole, role=role, rows=None) for role in EXPORT_ROLES}
        files["dataset"] = replace(whole, role="dataset")
    for role in EXPORT_ROLES:
        need(files, role, f"{path}: files")
    return SourceSheet(
        wave=wave,
        origin=origin,
        statement=read_label(need(data, "statement", path), path),
        delimiter=delimiter,
        encoding=encoding,
        files=files,
        path=path,
        constructed_columns={
            name: _texts(columns, f"{path}: constructed_columns.{name}")
            for name, columns in _mapping(data, "constructed_columns", path).items()
        },
        kind=kind,
        purpose=purpose,
        notes={
            name: _text(note, f"{path}: notes.{name}")
            for name, note in _mapping(data, "notes", path).items()
        },
        invited=_number(data.get("invited"), f"{path}: invited"),
        invited_by=_numbers(_mapping(data, "invited_by_municipality", path), path),
        without_invitations=_texts(
            data.get("municipalities_without_invitations"),
            f"{path}: municipalities_without_invitations",
        ),
    )


def _file(role: str, entry: Any, folder: Path, path: Path) -> WaveFile:
    where = f"{path}: files.{role}"
    only(entry, ("name", "sha256", "rows"), where)
    name, sha256 = _text(need(entry, "name", where), f"{where}.name"), entry.get("sha256")
    return WaveFile(
        role=role,
        path=_inside(folder, name, path),
        sha256=None if sha256 is None else _text(sha256, f"{where}.sha256"),
        rows=_number(entry.get("rows"), f"{where}.rows"),
    )


def _mapping(data: Mapping[str, Any], entry: str, path: Path) -> dict[str, Any]:
    """What an entry says by name; nothing where it is not there."""
    found = data.get(entry)
    if found is None:
        return {}
    where = f"{path}: {entry}"
    if not isinstance(found, dict):
        raise SpecError(where, f"expected a mapping by name, found {str(found)[:60]!r}")
    return {_text(name, where): value for name, value in found.items()}


def _texts(value: Any, where: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise SpecError(where, f"expected a list of texts, found {str(value)[:60]!r}")
    return tuple(_text(one, where) for one in value)


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        told = f"expected text, found {str(value)[:60]!r} (quote yes/no, numbers and dates)"
        raise SpecError(where, told)
    return value


def _numbers(data: Mapping[str, Any], path: Path) -> dict[str, int]:
    where = f"{path}: invited_by_municipality"
    found = {name: _number(n, f"{where}.{name}") for name, n in data.items()}
    return {name: n for name, n in found.items() if n is not None}


def _number(value: Any, where: str) -> int | None:
    if value is not None and (type(value) is not int or value < 0):
        raise SpecError(where, f"expected a whole number, found {value!r}")
    return value


def is_encoding(name: str) -> bool:
    """Whether it is an encoding of plain text: no escapes, no compression, no rot13."""
    try:
        return codecs.lookup(name).name.startswith(ENCODINGS)
    except (LookupError, ValueError):
        return False


def _inside(folder: Path, text: str, path: Path) -> Path:
    """The path of a file of the wave: a name below the wave's folder that does not lead out of it.

    Nor by a link: who may write a source sheet must not thereby read any file of the machine. The
    wave's folder itself may be a link, which is how data are kept elsewhere.
    """
    given = Path(text)
    problem = f"{text[:200]!r} is no name of a file in the wave's folder"
    if not text.strip() or "\x00" in text or given.is_absolute() or ".." in given.parts:
        raise SpecError(path, problem)
    try:
        found = (folder / given).resolve()
    except (OSError, RuntimeError) as error:
        raise SpecError(path, f"{problem} ({error})") from error
    if found == folder.resolve():
        raise SpecError(path, f"{problem}: it is the folder itself")
    if not found.is_relative_to(folder.resolve()):
        raise SpecError(path, f"{problem}: it is a link to a place outside")
    return folder / given


def _format(data: Any, path: Path) -> tuple[str, str, str]:
    if not isinstance(data, dict):
        raise SpecError(path, f"format: expected a mapping, found {str(data)[:60]!r}")
    only(data, ("kind", "delimiter", "encoding"), f"{path}: format")
    kind = str(data.get("kind", KINDS[0]))
    if kind not in KINDS:
        raise SpecError(path, f"kind is {kind!r}, expected one of {', '.join(KINDS)}")
    if kind != KINDS[0]:
        return kind, AUTO, AUTO
    delimiter, encoding = str(need(data, "delimiter", path)), str(need(data, "encoding", path))
    if delimiter != AUTO and delimiter not in DELIMITERS:
        expected = f"{AUTO} or one of {', '.join(map(repr, DELIMITERS))}"
        raise SpecError(path, f"delimiter is {delimiter[:20]!r}, expected {expected}")
    if encoding != AUTO and not is_encoding(encoding):
        problem = f"encoding is {encoding[:40]!r}, which is none of a text file"
        raise SpecError(path, problem)
    return kind, delimiter, encoding

"""Writes a study folder from an export; the folder appears complete or not at all."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assets.raw.delimited import AUTO
from assets.raw.limits import read_limited
from assets.raw.readers.export import DELIMITED, EXCEL, SPSS, read_export
from assets.raw.readers.platforms.columns import Export
from assets.raw.readers.unchanged import require_content, unchanged
from declarations.ids import WAVE
from declarations.platform import STATUS_FLAGS
from declarations.schema.kinds import schema_header
from declarations.waves import EXPORT_ROLES, RESERVED
from pipelines.draft.columns.identity import respondent_column
from pipelines.draft.columns.variables import (
    DraftVariable,
    has_status,
    read_variables,
    unanswered_lines,
)
from pipelines.draft.crosstabs import draft_crosstabs
from pipelines.draft.doubts import (
    LABELS_LEFT_OUT,
    doubts,
    has_table,
    reading_notes,
    require_described,
    split_notes,
    untabulated,
)
from pipelines.draft.names import DEVICE, STUDY_NAME
from pipelines.draft.persons import masked_in, without_names
from pipelines.draft.recognise import contact_columns, recognise
from pipelines.draft.runnable import make_runnable
from pipelines.draft.source import find_export
from pipelines.draft.yaml_text import (
    item_ids,
    question_yaml,
    shown_names,
    source_text,
    study_text,
    table_yaml,
)

PART = 10  # questions per part: Dagster draws groups of ten well and groups of forty badly
# With more questions than MANY, Dagster has one asset per part, and parts are larger.
MANY, LARGE_PART = 100, 50
BACKGROUND = "background"
STATUS = {"complete": [STATUS_FLAGS[3]], "partial": [STATUS_FLAGS[2]]}
DROPPED_OUT = STATUS_FLAGS[4]
# respondents' answers are personal data and do not belong in version control
NOT_COMMITTED = "*\n!.gitignore\n!source.yaml\n"


class DraftError(ValueError):
    """The request cannot be drafted."""


class NameRefusedError(DraftError):
    """An invalid name for a study or a wave."""


@dataclass(frozen=True)
class Drafted:
    """The result of `draft_study`: folder, questions by type, tables, lines read, guesses, form.

    `doubts` are notes on parts of the export that do not fit together.
    """

    folder: Path
    questions: Mapping[str, int]
    tables: int
    lines: int
    guesses: int
    doubts: tuple[str, ...]
    form: str

    def with_notes(self, more: Iterable[str]) -> Drafted:
        """The result with further notes."""
        return replace(self, doubts=(*self.doubts, *more))


def draft_study(
    given: Path,
    studies: Path,
    name: str,
    wave: str,
    title: str | None,
    delimiter: str = AUTO,
    encoding: str = AUTO,
    platform: str = AUTO,
) -> Drafted:
    """Write `studies/NAME` from the export at `given`.

    A given delimiter or encoding also applies to later runs. Raises DraftError for an invalid or
    taken name, and DataError for an export that cannot be read or is written meanwhile.
    """
    _require_names(name, wave)
    target = studies / name
    if target.exists():
        raise DraftError(f"{target.name} exists already: choose another name, or remove its folder")
    kind, paths = find_export(given, platform, delimiter, encoding)
    if kind in (EXCEL, SPSS) and delimiter != AUTO:
        raise DraftError("a delimiter applies only to text files; this export is not one")
    if kind == EXCEL and encoding != AUTO:
        raise DraftError(
            "an encoding applies only to text files and SPSS files; a workbook has its own"
        )
    scratch = studies / f".{name}.new"
    shutil.rmtree(scratch, ignore_errors=True)
    folder = scratch / "waves" / wave
    try:
        folder.mkdir(parents=True)
        kept = _copy(paths, folder)
        (folder / ".gitignore").write_text(NOT_COMMITTED, encoding="utf-8")
        files = {"dataset": kept["export"]} if "export" in kept else kept
        export = read_export(kind, files, delimiter, encoding)
        layout: dict[str, Any] = {"kind": kind}
        if kind == DELIMITED:
            layout |= {"delimiter": delimiter, "encoding": encoding}
        elif encoding != AUTO:
            layout["encoding"] = encoding
        if delimiter != AUTO:
            layout["delimiter"] = delimiter
        if export.splits:
            layout["split"] = {
                name: {"by": split.by, "choices": list(split.choices)}
                for name, split in export.splits.items()
            }
        (folder / "source.yaml").write_text(
            source_text(_sheet(name, wave, layout, export, kept)), encoding="utf-8"
        )
        drafted = _write(scratch, name, title or name, export)
        drafted = drafted.with_notes(draft_crosstabs(scratch, export))
        # read again the files that a run will read
        drafted = drafted.with_notes(make_runnable(scratch, wave))
        scratch.replace(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return replace(drafted, folder=target)


def _require_names(name: str, wave: str) -> None:
    if not STUDY_NAME.fullmatch(name) or DEVICE.fullmatch(name):
        raise NameRefusedError(
            f"{name[:60]!r} is not a valid name for a study: lower-case letters, digits and "
            "underscores, a letter first, at most 40"
        )
    if not WAVE.fullmatch(wave):
        raise NameRefusedError(
            f"{wave[:60]!r} is not a valid name for a wave: letters, digits, - and _, a letter or "
            "digit first, at most 40"
        )
    if RESERVED & {name, wave}:
        raise NameRefusedError(
            f"{' and '.join(sorted(RESERVED & {name, wave}))} is reserved for other results"
        )


def _copy(paths: Mapping[str, Path], folder: Path) -> dict[str, Path]:
    """Copies by role. Raises DataError if a file was written meanwhile, as they belong together."""
    kept = {}
    with unchanged(paths.values()):
        for role, path in paths.items():
            kept[role] = folder / f"{role}{path.suffix.lower()}"
            kept[role].write_bytes(read_limited(path))
    for role, path in paths.items():
        require_content(path, _sha256(kept[role]))
    return kept


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _sheet(
    name: str, wave: str, layout: Mapping[str, Any], export: Export, kept: Mapping[str, Path]
) -> dict[str, Any]:
    tables = dict(zip(EXPORT_ROLES, (export.dataset, export.structure, export.labels), strict=True))
    files: dict[str, dict[str, Any]] = {}
    for role, path in kept.items():
        files[role] = {"name": path.name, "sha256": _sha256(path)}
        if role != "definition":
            files[role]["rows"] = len(tables.get(role, export.dataset).rows)
    return {
        "study": name,
        "wave": wave,
        "origin": "real",
        "statement": {"da": "Besvarelser som platformen leverede dem.",
                      "en": "Answers as the platform delivered them."},
        "notes": {"read_as": "; ".join(f"{r}: {t.form}" for r, t in tables.items())},
        "format": dict(layout),
        "files": files,
    }  # fmt: skip


def _write(folder: Path, name: str, title: str, export: Export) -> Drafted:
    columns = read_variables(export)
    variables = columns.variables
    respondent = respondent_column(variables)
    known = respondent.name if respondent else None
    drafts = recognise(variables, known)
    require_described(export, columns, drafts)
    drafts = without_names(drafts)
    contacts = contact_columns(variables, known)
    status, remarks = _status(export, variables)
    parts = [
        *reading_notes(export),
        *split_notes(export),
        *doubts(export, columns, respondent, drafts),
    ]
    masked = masked_in(drafts)
    if masked:
        parts.append(f"texts that name somebody, masked: {shown_names(masked)}")
    parts += untabulated(columns, drafts, contacts, known)
    drafted = f"Drafted by `samspil init`. {len(drafts)} questions; comments mark guesses."
    many = len(drafts) > MANY
    size = LARGE_PART if many else PART
    loose = any(v.odd or v.written is not None for v in variables)
    loosened = {"label_code": LABELS_LEFT_OUT} if loose else {}
    remarks = [drafted, *remarks, *(f"Note: {each}." for each in parts)]
    study = study_text(name, title, respondent, contacts, status, remarks, loosened, many)
    _text(folder / "study.yaml", schema_header("study", 0) + study)
    ids = item_ids(drafts)
    width = max(2, len(str(len(drafts))))
    tables = 0
    for order, draft in enumerate(drafts, start=1):
        part = BACKGROUND if draft.background else str((order - 1) // size + 1)
        section = part if draft.background else f"part_{part}"
        file = f"{order:0{width}}_{draft.id}.yaml"
        text = schema_header("question", 1) + question_yaml(draft, order, section, ids)
        _text(folder / "questions" / file, text)
        if has_table(draft):
            text = schema_header("table", 1) + table_yaml(draft, order, width, part)
            _text(folder / "tables" / f"table_{order:0{width}}.yaml", text)
            tables += 1
    (folder / "tables").mkdir(exist_ok=True)
    kinds = Counter(BACKGROUND if draft.background else draft.type for draft in drafts)
    guesses = sum(len(draft.comments) + draft.background for draft in drafts)
    lines, form = len(export.dataset.rows), export.dataset.form
    return Drafted(folder, dict(kinds), tables, lines, guesses, tuple(parts), form)


def _status(
    export: Export, variables: list[DraftVariable]
) -> tuple[dict[str, list[str]], list[str]]:
    """Status of invitations by the platform's flags; empty without them."""
    if not has_status(export.dataset):
        return {}, []
    doubtful = [DROPPED_OUT]
    remarks = []
    asked = [v for v in variables if not v.background]
    answered = [
        at
        for at in unanswered_lines(export.dataset)
        if any(v.cells[at] not in (("", "0", "0.0") if v.multiple else ("",)) for v in asked)
    ]
    if answered:
        doubtful = [*STATUS_FLAGS[:2], DROPPED_OUT]
        line = export.dataset.lines[answered[0]]
        remarks.append(
            f"Guess: {len(answered)} lines (the first is row {line}) are new or distributed by "
            "their status but hold answers; they count as partial."
        )
    return {**STATUS, "partial_if_answered": doubtful}, remarks


def _text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")

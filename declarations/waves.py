"""A wave's source sheet: its files, their origin (real or constructed), and their checksums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from declarations.errors import Mistakes, SpecError, found_expected
from declarations.labels import Label
from declarations.model import (
    Declared,
    LabelText,
    Name,
    Several,
    Stated,
    mistake_at,
    read_model,
    wrong,
)
from declarations.survey.formats import (
    AUTO,
    CellSplit,
    PlatformFormat,
    TextFormat,
    WholeFormat,
    form_of,
)

SHEET = "source.yaml"
DEMONSTRATION = "demonstration"
# folders of output/ that are not waves
RESERVED = frozenset({"trends"})
EXPORT_ROLES = ("dataset", "structure", "labels")


@dataclass(frozen=True)
class WaveFile:
    """A raw file as described by the source sheet."""

    role: str
    path: Path
    sha256: str | None
    rows: int | None


@dataclass(frozen=True)
class SourceSheet:
    """The description of a wave's raw files.

    Delimiter and encoding may be `auto`. In a workbook or SPSS file (`kind`) the roles dataset,
    structure and labels are the same file. `invited` is the total number of invitations, and
    `invited_by` the number per municipality (by name), if known. `splits` are columns whose cells
    hold several choices, with the separator and the choices.
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
    splits: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)

    @property
    def demonstration(self) -> bool:
        """Whether the wave only demonstrates the program and is not about anything real."""
        return self.purpose == DEMONSTRATION

    @property
    def shown_as(self) -> str:
        """The statement shown with the data: demonstration, constructed or real."""
        return DEMONSTRATION if self.demonstration else self.origin

    @property
    def constructed(self) -> bool:
        """Whether the respondents' answers are constructed rather than collected."""
        return self.origin == "constructed"

    def constructed_column(self, role: str, column: str) -> bool:
        """Whether a column is constructed although the rest of the file is real."""
        return column in self.constructed_columns.get(self.files[role].path.name, ())


class FileEntry(Declared):
    """One file of the wave."""

    name: str = Field(description="The name of the file in the wave's folder.")
    sha256: str | None = Field(
        None, pattern="^[0-9a-fA-F]{64}$", description="The sha256 of the file, if known."
    )
    rows: int | None = Field(
        None, ge=0, description="The number of records in the file, without the header."
    )


class SourceFile(Declared):
    """`source.yaml` of a wave: its files, their origin, and their checksums."""

    study: Name | None = Field(None, description="The id of the study.")
    wave: Name = Field(description="The name of the wave, which is the name of its folder.")
    origin: Literal["constructed", "real"] = Field(
        description="Whether the answers are real or constructed."
    )
    purpose: Literal["demonstration"] | None = Field(
        None, description="`demonstration`: constructed data that are not about anything real."
    )
    statement: LabelText = Field(description="The statement shown with the data.")
    instrument: str | None = Field(None, description="The questionnaire of the wave.")
    who: str | None = Field(None, description="Who delivered or made the data.")
    when: Stated | None = Field(None, description="The time of the data collection.")
    notes: dict[str, str] = Field({}, description="Notes by subject.")
    format: Annotated[
        Annotated[TextFormat, Tag("text")]
        | Annotated[WholeFormat, Tag("whole")]
        | Annotated[PlatformFormat, Tag("platform")],
        Discriminator(form_of),
    ] = Field(description="The form of the export.")
    files: dict[str, FileEntry] = Field(
        description=(
            "The files by role: dataset, structure, labels; or export; or dataset and optionally "
            "definition (other platforms); municipalities."
        )
    )
    constructed_columns: dict[str, Several[str]] = Field(
        {},
        description=(
            "By file the columns that are constructed although the rest of the file is not."
        ),
    )
    invited: int | None = Field(None, ge=0, description="The total number of invitations.")
    invited_by_municipality: dict[str, Annotated[int, Field(ge=0)]] = Field(
        {}, description="Number of invitations, by the name of the municipality."
    )
    municipalities_without_invitations: Several[str] = Field(
        (), description="Municipalities of the register without invitations."
    )

    @field_validator("wave")
    @classmethod
    def _free(cls, wave: str) -> str:
        if wave in RESERVED:
            raise wrong(wave, "another name: this one is reserved for other results")
        return wave

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.purpose and self.origin == "real":
            raise wrong(self.purpose, "no purpose: the data are real", at=["purpose"])
        needed: tuple[str, ...] = EXPORT_ROLES
        if not isinstance(self.format, TextFormat):
            needed = ("export",) if isinstance(self.format, WholeFormat) else ("dataset",)
        for role in needed:
            if role not in self.files:
                raise wrong(list(self.files), f"a file `{role}`", at=["files"])
        return self


def read_source_sheet(folder: Path, file: str | None = None) -> SourceSheet:
    """Read `source.yaml` of a wave folder; `file` is the name shown in messages.

    Raises SpecError with every mistake: a missing or unknown entry, a wrong type, or a file outside
    the folder.
    """
    path = folder / SHEET
    name = str(path) if file is None else file
    if not path.is_file():
        raise SpecError(
            name, "the wave has no source sheet; expected a YAML file next to the export"
        )
    mistakes = Mistakes()
    sheet = read_model(SourceFile, path, mistakes, file=name)
    if sheet is not None and sheet.wave != folder.name:
        problem = found_expected(sheet.wave, f"the name of the folder, {folder.name!r}")
        mistakes.add(mistake_at(path, name, ["wave"], problem))
    for role, entry in ({} if sheet is None else sheet.files).items():
        outside = _outside(folder, entry.name)
        if outside:
            mistakes.add(mistake_at(path, name, ["files", role, "name"], outside))
    mistakes.stop()
    assert sheet is not None
    return _sheet(sheet, folder, path)


def _sheet(sheet: SourceFile, folder: Path, path: Path) -> SourceSheet:
    files = {
        role: WaveFile(role, folder / entry.name, entry.sha256, entry.rows)
        for role, entry in sheet.files.items()
    }
    if isinstance(sheet.format, WholeFormat):
        whole = files.pop("export")
        files |= {role: replace(whole, role=role, rows=None) for role in EXPORT_ROLES}
        files["dataset"] = replace(whole, role="dataset")
    splits: dict[str, CellSplit] = {}
    if isinstance(sheet.format, PlatformFormat):
        described = files.get("definition", replace(files["dataset"], rows=None))
        files |= {role: replace(described, role=role) for role in ("structure", "labels")}
        splits = sheet.format.split
    text = None if isinstance(sheet.format, WholeFormat) else sheet.format
    return SourceSheet(
        wave=sheet.wave,
        origin=sheet.origin,
        statement=sheet.statement,
        delimiter=text.delimiter if text else AUTO,
        encoding=sheet.format.encoding,
        files=files,
        path=path,
        constructed_columns=sheet.constructed_columns,
        kind=sheet.format.kind,
        splits={name: (each.by, each.choices) for name, each in splits.items()},
        purpose=sheet.purpose,
        notes=sheet.notes,
        invited=sheet.invited,
        invited_by=sheet.invited_by_municipality,
        without_invitations=sheet.municipalities_without_invitations,
    )


def _outside(folder: Path, text: str) -> str | None:
    """What is wrong with the name of a file of the wave; None if the file is in the wave's folder.

    A link must not lead out of the folder either. Otherwise a person who may write a source sheet
    could read any file of the machine. The wave's folder itself may be a link, so that data can be
    kept elsewhere.
    """
    given = Path(text)
    problem = f"{text[:200]!r} is not the name of a file in the wave's folder"
    if not text.strip() or "\x00" in text or given.is_absolute() or ".." in given.parts:
        return problem
    try:
        found = (folder / given).resolve()
    except (OSError, RuntimeError) as error:
        return f"{problem} ({error})"
    if found == folder.resolve():
        return f"{problem}: it is the folder itself"
    if not found.is_relative_to(folder.resolve()):
        return f"{problem}: it is a link to a place outside"
    return None

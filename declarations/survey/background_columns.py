"""Columns of an export that are not questions, and the register that it is joined to."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from declarations.model import Declared, Name, Several, short, wrong
from declarations.spans import Spanned

# our names of register columns that the code reads
CODE, NAME = "code", "name"
# names of columns that the cleaned tables already have
OWN_COLUMNS = ("respondent", "municipality", "status")


class BackgroundColumn(Declared):
    """A column of the respondent list. A personal one stays in the restricted schema."""

    name: Name = Field(description="The name of the column in the export.")
    personal: bool = Field(True, description="false: the cleaned tables have the column.")


class StatusFlags(Declared):
    """Columns of 0 and 1 with the status of an invitation; `none` if no flag is set."""

    complete: Several[Name] = Field((), description="The flag for a completed questionnaire.")
    partial: Several[Name] = Field((), description="The flag for some answers.")
    partial_if_answered: Several[Name] = Field(
        (),
        description="The flag for dropping out: the status is partial with any answer, else none.",
    )


class ExportColumns(Declared):
    """The columns of the export that are not questions."""

    respondent: Name | None = Field(None, description="The identifier; by default the line number.")
    municipality: Name | None = Field(
        None, description="The name of the municipality, as in the register."
    )
    background: Several[Annotated[BackgroundColumn, short(BackgroundColumn, "name")]] = Field(
        (), description="Further columns of the respondent list."
    )
    status: StatusFlags | None = Field(
        None,
        description="Status flags; without them everyone who answered anything is a respondent.",
    )

    @model_validator(mode="after")
    def _once(self) -> Self:
        flags = [] if self.status is None else [flag for _, own in self.status for flag in own]
        named: list[tuple[list[str | int], str | None]] = [
            (["respondent"], self.respondent), (["municipality"], self.municipality),
        ]  # fmt: skip
        named += [(["background", n], column.name) for n, column in enumerate(self.background)]
        named += [(["status"], flag) for flag in flags]
        seen: list[str] = []
        for place, name in named:
            if name in seen:
                raise wrong(name, "each column once", at=place)
            seen += [] if name is None else [name]
        return self

    @model_validator(mode="after")
    def _not_ours(self) -> Self:
        for number, column in enumerate(self.background):
            if not column.personal and column.name.lower() in OWN_COLUMNS:
                raise wrong(
                    column.name,
                    "another name: the cleaned tables have a column of this name",
                    at=["background", number],
                )
        return self


class RegisterColumn(Spanned):
    """A column of the register, in all or some waves."""

    column: Name = Field(description="The name of the column in the file.")


class Frame(Declared):
    """The register that invitations are joined to."""

    register_: Name | None = Field(
        None, alias="register", description="The register's file in a wave's folder."
    )
    unit: Name | None = Field(None, description="The unit of a line in the register.")
    columns: dict[Name, Annotated[RegisterColumn, short(RegisterColumn, "column")]] = Field(
        description="The columns of the register that samspil reads, by our name for each."
    )

    @model_validator(mode="after")
    def _known(self) -> Self:
        if NAME not in self.columns:
            raise wrong(list(self.columns), f"the column `{NAME}` among them", at=["columns"])
        return self

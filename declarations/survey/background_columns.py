"""The columns of an export that are no questions, and the register it is joined to."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from declarations.model import Declared, Name, Several, Short, wrong
from declarations.spans import Spanned

# our names of register columns that the program itself reads
CODE, NAME = "code", "name"
# names the cleaned tables have themselves
OWN_COLUMNS = ("respondent", "municipality", "status")


class BackgroundColumn(Declared):
    """A column that came with the respondent list; a personal one stays in the restricted part."""

    name: Name = Field(description="The column.")
    personal: bool = Field(True, description="false: it stands in the cleaned tables.")


class StatusFlags(Declared):
    """Columns of 0 and 1 that say how an invitation was answered; what is left is `none`."""

    complete: Several[Name] = Field((), description="Completed.")
    partial: Several[Name] = Field((), description="Some answers.")
    partial_if_answered: Several[Name] = Field(
        (), description="Dropped out: partial with any answer, else none."
    )


class ExportColumns(Declared):
    """The columns of the export that are no questions."""

    respondent: Name | None = Field(
        None, description="The identifier; without it the line's number is."
    )
    municipality: Name | None = Field(
        None, description="The name of the municipality, as in the register."
    )
    background: Several[Annotated[BackgroundColumn, Short("name")]] = Field(
        (), description="Further columns of the respondent list."
    )
    status: StatusFlags | None = Field(
        None, description="Flags; without them who answered anything is a respondent."
    )

    @model_validator(mode="after")
    def _not_ours(self) -> Self:
        for number, column in enumerate(self.background):
            if not column.personal and column.name.lower() in OWN_COLUMNS:
                raise wrong(column.name, "a column that is not our own", at=["background", number])
        return self


class RegisterColumn(Spanned):
    """A column of the register, perhaps of some waves only."""

    column: Name = Field(description="Its name in the file.")


class Frame(Declared):
    """The register that invitations are joined to."""

    register_: Name | None = Field(
        None, alias="register", description="The register's file in a wave's folder."
    )
    unit: Name | None = Field(None, description="What a line of the register is.")
    columns: dict[Name, Annotated[RegisterColumn, Short("column")]] = Field(
        description="By our name the column of the register."
    )

    @model_validator(mode="after")
    def _known(self) -> Self:
        if NAME not in self.columns:
            raise wrong(list(self.columns), f"the column `{NAME}` among them", at=["columns"])
        return self

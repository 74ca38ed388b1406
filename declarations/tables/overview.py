"""An overview of variables: a table made from declarations, without figures."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from declarations.model import Id, Labelled, LabelText, Name, Several


class OverviewPart(Labelled):
    """A part of an entry."""

    key: Name = Field(description="The letter or number of the entry.")
    groups: Several[Id] = Field((), description="Groups that the part names.")
    questions: Several[Id] = Field((), description="Questions that the part names.")


class OverviewEntry(OverviewPart):
    """One variable of the overview."""

    role: Literal["independent", "dependent"] = Field(
        description="The role of the variable in the analysis."
    )
    chapter: Name | None = Field(None, description="The chapter that analyses the variable.")
    heading: LabelText | None = Field(None, description="The subheading above the entry.")
    parts: Several[OverviewPart] = Field((), description="The parts of the variable.")

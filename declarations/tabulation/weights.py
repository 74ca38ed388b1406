"""Weights (`weights/*.yaml`) and the sampling design (`design.yaml`)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from declarations.labels import Label
from declarations.model import Declared, Id, LabelText, Name, wrong

Number = float | int


class Trim(Declared):
    """Bounds of weights, as multiples of their mean."""

    lower: Number = Field(
        default=0, ge=0, lt=1, description="The smallest weight, as a multiple of the mean."
    )
    upper: Number = Field(description="The largest weight, as a multiple of the mean.", gt=1)


class _Weight(Declared):
    id: Id = Field(description="The name of the weight.")
    label: LabelText | None = Field(
        default=None, description="The label of the weight; by default the id."
    )

    @property
    def named(self) -> Label:
        """The label of the weight; by default the id."""
        return self.label or Label(self.id, self.id)


class ColumnWeight(_Weight):
    """A weight in a column of the export."""

    kind: Literal["column"]
    column: Name = Field(
        description="The column: a numeric item, or background with `personal: false`."
    )
    trim: Trim | None = Field(
        default=None, description="Bounds; by default weights are used as exported."
    )


class RegisterMargin(Declared):
    """A distribution from the register over the levels of a group."""

    register_: Literal["units"] | Name = Field(
        alias="register",
        description="`units` (each line counts one), or a column of the register to sum.",
    )


Margin = Annotated[
    RegisterMargin | dict[str, Number] | str,
    Field(
        description=(
            "{level: total or share}, a CSV file in the wave's folder (columns group, level, "
            "total), or {register: units} or {register: column}."
        )
    ),
]


class MadeWeight(_Weight):
    """Weights that give groups known distributions.

    `poststratify` takes one group; to use several, cross them in a group of kind cross. `rake`
    takes any number of groups.
    """

    kind: Literal["poststratify", "rake"]
    margins: dict[str, Margin] = Field(description="The known distribution of each group.")
    base: Name | None = Field(
        default=None, description="Another weight to start from; by default 1."
    )
    size: Number | None = Field(
        default=None,
        gt=0,
        description="The sum of the weights; by default the number of respondents.",
    )
    trim: Trim | None = Field(
        default=None, description="Bounds that are kept while the margins are met."
    )
    unknown: Literal["refuse", "keep"] = Field(
        default="refuse",
        description="Respondents in no level of a group: refused, or kept at their share.",
    )
    rounds: int = Field(
        default=200, ge=1, description="The number of rounds after which raking fails."
    )

    @model_validator(mode="after")
    def _known(self) -> MadeWeight:
        if not self.margins:
            raise wrong({}, "at least one group with its distribution", at=("margins",))
        if self.kind == "poststratify" and len(self.margins) != 1:
            names = list(self.margins)
            raise wrong(names, "one group (cross several, or rake)", at=("margins",))
        for name, margin in self.margins.items():
            if isinstance(margin, dict):
                for level, total in margin.items():
                    if total < 0:
                        raise wrong(total, "a number from 0", at=("margins", name, level))
                if not sum(margin.values()) > 0:
                    raise wrong(margin, "totals that add up to more than 0", at=("margins", name))
        return self


Weight = Annotated[ColumnWeight | MadeWeight, Field(discriminator="kind")]


class Design(Declared):
    """The sampling design. By default respondents are independent draws."""

    strata: Name | None = Field(default=None, description="A group or a background column.")
    cluster: Name | None = Field(
        default=None,
        description="The sampling unit of respondents: a background column or `municipality`.",
    )
    population: Number | dict[str, Number] | None = Field(
        default=None,
        description=(
            "Units of the population (clusters or persons): one number, or {stratum: number}; by "
            "default the population is infinite."
        ),
    )

"""Derived variables: items computed from others, one file each in `variables/`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from declarations.labels import Label
from declarations.model import Declared, Id, LabelText, MaybeLabelled, Name, Several, wrong
from declarations.model.bands import check_bands

Codes = Several[Name]


def _scores(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((str(code), score) for code, score in value.items())
    return value


Scores = Annotated[
    Literal["codes", "order"] | tuple[tuple[str, float | int], ...],
    BeforeValidator(
        _scores, json_schema_input_type=Literal["codes", "order"] | Mapping[str, float | int]
    ),
]
SCORES_HELP = (
    "The numbers of codes: `codes` (the code itself), `order` (1, 2, 3, ... as declared) or "
    "{code: number}. By default a code's `score`, or the number that is its label."
)


class NewCode(MaybeLabelled):
    """A code of a recoded item."""

    key: Name = Field(description="The code's key in tables and filters.")
    codes: Codes = Field(
        description="The codes of the source that the new code merges.", min_length=1
    )
    score: float | int | None = Field(
        default=None, description="The number of the code in means and indices."
    )
    missing: bool = Field(default=False, description="Counted, but excluded from the valid base.")


class Band(MaybeLabelled):
    """A band of numbers: from <= number < below.

    Without `from` or `below`, the band is open at that end.
    """

    key: Name = Field(description="The band's name.")
    from_: float | int | None = Field(
        default=None, alias="from", description="The smallest number in the band."
    )
    below: float | int | None = Field(
        default=None, description=("The smallest number above the band.")
    )

    @property
    def named(self) -> Label:
        """The label of the band; by default the bounds."""
        if self.own_label is not None:
            return self.own_label
        if self.from_ is None and self.below is None:
            return Label(self.key, self.key)
        low = "" if self.from_ is None else f"{self.from_:g}"
        text = f"under {self.below:g}" if not low else f"{low} +"
        if low and self.below is not None:
            text = f"{low} - < {self.below:g}"
        return Label(text, text)


class _Variable(Declared):
    id: Id = Field(description="The id of the variable, unique among items, groups and variables.")
    label: LabelText | None = Field(
        default=None, description="The label of the variable; by default the id."
    )

    @property
    def sources(self) -> tuple[str, ...]:
        """The items, variables or questions that it is computed from."""
        of = getattr(self, "of", ())
        return (of,) if isinstance(of, str) else tuple(of)

    @property
    def named(self) -> Label:
        """The label of the variable; by default the id."""
        return self.label or Label(self.id, self.id)


class Recode(_Variable):
    """A closed item with merged, renamed or reordered codes."""

    kind: Literal["recode"]
    of: Name = Field(description="The id of a closed item.")
    codes: Several[NewCode] = Field(description="The new codes, in order.", min_length=1)
    rest: Literal["out", "keep"] = Field(
        default="out",
        description="Codes that no new code names: out (no answer) or keep.",
    )


class Net(_Variable):
    """Whether the answer to a closed item is one of some codes: 1 or 0, as in a top-two box."""

    kind: Literal["net"]
    of: Name = Field(description="The id of a closed item.")
    codes: Codes = Field(
        description="The codes that count as 1; all others count as 0.", min_length=1
    )


class Bands(_Variable):
    """Bands of a number."""

    kind: Literal["bands"]
    of: Name = Field(description="A numeric item or variable, or an item with scores.")
    levels: Several[Band] = Field(description="The bands, in order.", min_length=1)
    scores: Scores | None = Field(default=None, description=SCORES_HELP)

    @model_validator(mode="after")
    def _apart(self) -> Bands:
        check_bands(self.levels)
        return self


class Scale(_Variable):
    """A closed item as a number, for means, bands, indices and differences."""

    kind: Literal["scale"]
    of: Name = Field(description="The id of a closed item.")
    scores: Scores | None = Field(default=None, description=SCORES_HELP)


class Index(_Variable):
    """Mean or sum of items, reported with Cronbach's alpha and item-rest correlations."""

    kind: Literal["index"]
    of: Several[Name] = Field(description="Items, variables or questions (all their items).")
    by: Literal["mean", "sum"] = Field(
        default="mean", description="Mean or sum of the answered items."
    )
    reversed: Several[Name] = Field(default=(), description="Items with a reversed scale.")
    least: int | None = Field(
        default=None,
        ge=1,
        description="The number of items that must be answered; by default all.",
    )
    scores: Scores | None = Field(default=None, description=SCORES_HELP)


class CountVariable(_Variable):
    """How many of several items have one of the codes (`count`), or whether any or all do."""

    kind: Literal["count", "any", "all"]
    of: Several[Name] = Field(
        description="Items or questions; for tick boxes the ticked ones count."
    )
    codes: Codes = Field(default=(), description="The codes that count; by default ticked.")


class DifferenceVariable(_Variable):
    """The first number minus the second, where both are known."""

    kind: Literal["difference"]
    of: Several[Name] = Field(description="Two numeric items or variables.")
    scores: Scores | None = Field(default=None, description=SCORES_HELP)

    @model_validator(mode="after")
    def _two(self) -> DifferenceVariable:
        if len(self.of) != 2:
            raise wrong(list(self.of), "two items", at=("of",))
        return self


Variable = Annotated[
    Recode | Net | Bands | Scale | Index | CountVariable | DifferenceVariable,
    Field(discriminator="kind"),
]

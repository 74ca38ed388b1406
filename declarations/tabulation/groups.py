"""Groups made from answers, numbers, background columns and other groups (`groups/*.yaml`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, model_validator

from declarations.labels import Label
from declarations.model import (
    Declared,
    Id,
    LabelText,
    MaybeLabelled,
    Name,
    Several,
    check_once,
    wrong,
)
from declarations.model.bands import check_bands, value_twice
from declarations.tabulation.variables import SCORES_HELP, Band, Scores

NEST = " > "


class AnswerLevel(MaybeLabelled):
    """A level of answers: codes of an item, or boxes of a question."""

    key: Name = Field(description="The level's name.")
    codes: Several[Name] = Field(default=(), description="Codes of the item in the level.")
    boxes: Several[Name] = Field(default=(), description="Boxes of the question in the level.")


class ColumnLevel(MaybeLabelled):
    """A level of values of a column."""

    key: Name = Field(description="The level's name.")
    values: Several[Name] = Field(
        default=(), description="Values of the column; by default the key."
    )

    @property
    def takes(self) -> tuple[str, ...]:
        """The values in the level."""
        return self.values or (self.key,)


class _Group(Declared):
    id: Id = Field(description="The id of the group, unique among groups, items and variables.")
    label: LabelText | None = Field(
        default=None, description="The label of the group; by default the id."
    )

    @property
    def named(self) -> Label:
        """The label of the group; by default the id."""
        return self.label or Label(self.id, self.id)


def _keys_once(levels: Sequence[AnswerLevel | Band | ColumnLevel]) -> None:
    check_once([level.key for level in levels], "every key once", ["levels"], ["key"])


class AnswerGroup(_Group):
    """Levels from a closed item (one per code) or from a question with tick boxes (one per box)."""

    kind: Literal["answer"]
    of: Name = Field(description="A closed item, variable or question.")
    levels: Several[AnswerLevel] = Field(
        default=(), description="Levels in order; by default every valid code or every box."
    )

    @model_validator(mode="after")
    def _once(self) -> AnswerGroup:
        for number, level in enumerate(self.levels):
            if not level.codes and not level.boxes:
                raise wrong(level.key, "a level with `codes` or `boxes`", at=("levels", number))
        if again := value_twice((level.key, level.codes) for level in self.levels):
            number, code, first = again
            expected = f"each code in one level only; level {first} has it too"
            raise wrong(code, expected, at=("levels", number, "codes"))
        _keys_once(self.levels)
        return self


class BandsGroup(_Group):
    """Bands of a number."""

    kind: Literal["bands"]
    of: Name = Field(description="A numeric item or variable, or a column of the export.")
    levels: Several[Band] = Field(description="The bands, in order.", min_length=1)
    scores: Scores | None = Field(default=None, description=SCORES_HELP)

    @model_validator(mode="after")
    def _apart(self) -> BandsGroup:
        check_bands(self.levels)
        _keys_once(self.levels)
        return self


class BackgroundGroup(_Group):
    """Levels from a column of the export that is not a question (`personal: false`)."""

    kind: Literal["background"]
    column: Name = Field(description="The column's name in the export.")
    levels: Several[ColumnLevel] = Field(description="Levels in order.", min_length=1)

    @model_validator(mode="after")
    def _once(self) -> BackgroundGroup:
        if again := value_twice((level.key, level.takes) for level in self.levels):
            number, value, first = again
            expected = f"values in one level each; it is in {first} as well"
            raise wrong(value, expected, at=("levels", number, "values"))
        _keys_once(self.levels)
        return self


class CrossGroup(_Group):
    """Two or more nested groups. Every combination of their levels is a level."""

    kind: Literal["cross"]
    of: Several[Name] = Field(description="The groups, the outermost first.")

    @model_validator(mode="after")
    def _two(self) -> CrossGroup:
        if len(self.of) < 2:
            raise wrong(list(self.of), "at least two groups", at=("of",))
        return self


DerivedGroup = Annotated[
    AnswerGroup | BandsGroup | BackgroundGroup | CrossGroup, Field(discriminator="kind")
]

"""Background variables: groups of respondents and municipalities."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from declarations.model import (
    Declared,
    Distinct,
    Id,
    Labelled,
    LabelText,
    Name,
    Number,
    Several,
    check_once,
    wrong,
)
from declarations.model.bands import check_bands, value_twice


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise wrong(text, f"a regular expression of Python ({error})") from None
    return text


Pattern = Annotated[str, AfterValidator(_pattern)]


class Level(Labelled):
    """One level of a group."""

    key: Name = Field(description="The id of the level in tables and claims.")
    note: str | None = Field(None, description="A note for readers of the declaration.")


class TextRules(Declared):
    """Patterns that are searched in the answer in lower case."""

    any: Distinct[Pattern] = Field((), description="The level needs one of these patterns.")
    none: Distinct[Pattern] = Field(
        (), description=("The level excludes answers with one of these patterns.")
    )


class TextLevel(Level):
    """A level that is read from an open answer."""

    rules: TextRules = Field(TextRules(), description="The patterns of the level.")
    phrases: Distinct[str] = Field((), description="Texts that match this level and no other.")


class CutLevel(Level):
    """A range of a number: `from` <= number < `below`."""

    from_: Number | None = Field(
        None, alias="from", description="The smallest number in the level."
    )
    below: Number | None = Field(
        None, description="The upper bound of the level, which is not part of it."
    )


class ValueLevel(Level):
    """A level defined by values."""

    value: Name | None = Field(None, description="The value of the level, if there is only one.")
    values: Distinct[Name] = Field((), description="The values of the level.")

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.accepted:
            raise wrong(None, "`values`, a list, or `value`")
        return self

    @property
    def accepted(self) -> tuple[str, ...]:
        """The values of the level."""
        return self.values or (() if self.value is None else (self.value,))


class RankLevel(Level):
    """One of several levels with equally many units, ranked by a number."""

    index: int | None = Field(
        None,
        ge=0,
        description="The place of the level in the order, from 0, for readers of the declaration.",
    )


class Group(Declared):
    """A division of respondents, or of their municipalities."""

    id: Id = Field(description="The name of the group in tables, models and claims.")
    label: LabelText = Field(description="Label in both languages.")
    kind: str
    source: Name = Field(
        description="The item or the declared register column that the group is read from."
    )
    levels: tuple[Any, ...] = ()
    note: str | None = Field(None, description="A note for readers of the declaration.")

    @model_validator(mode="after")
    def _keys(self) -> Self:
        keys = [level.key for level in self.levels]
        check_once(keys, "each key once in a group", ["levels"], ["key"])
        return self

    @property
    def overlapping(self) -> bool:
        """Whether a respondent may be in several levels."""
        return False

    @property
    def by_municipality(self) -> bool:
        """Whether the municipality of the respondent determines the level."""
        return True

    def level(self, key: str) -> Level:
        """The level with this key. Raises KeyError if there is none."""
        return next(level for level in self.levels if level.key == key)


class TextGroup(Group):
    """Levels that are read from an open answer. Several may apply."""

    kind: Literal["text_rules"] = Field(description="How a level is found.")
    levels: Several[TextLevel] = Field(min_length=1, description="The levels, in printed order.")

    @model_validator(mode="after")
    def _some(self) -> Self:
        for number, level in enumerate(self.levels):
            if not level.rules.any and not level.phrases:
                expected = "`rules` with a pattern under `any`, or `phrases`"
                raise wrong(level.key, expected, at=["levels", number])
        return self

    @property
    def overlapping(self) -> bool:
        """True: an answer may match several levels."""
        return True

    @property
    def by_municipality(self) -> bool:
        """False: the level is read from an answer."""
        return False


class CutsGroup(Group):
    """Ranges of a number in the register."""

    kind: Literal["cuts"] = Field(description="How a level is found.")
    levels: Several[CutLevel] = Field(min_length=1, description="The levels, in printed order.")

    @model_validator(mode="after")
    def _apart(self) -> Self:
        check_bands(self.levels)
        return self


class ValuesGroup(Group):
    """Levels defined by the values of a register column."""

    kind: Literal["category", "map"] = Field(description="How a level is found.")
    levels: Several[ValueLevel] = Field(min_length=1, description="The levels, in printed order.")

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if again := value_twice((level.key, level.accepted) for level in self.levels):
            number, value, first = again
            raise wrong(value, f"a value that is not in level {first} too", at=["levels", number])
        return self


class QuantileGroup(Group):
    """Levels with equally many municipalities, ranked by a number in the register."""

    kind: Literal["quantile"] = Field(description="How a level is found.")
    levels: Several[RankLevel] = Field(min_length=1, description="From the lowest to the highest.")

    @model_validator(mode="after")
    def _ranks(self) -> Self:
        for number, level in enumerate(self.levels):
            if level.index not in (None, number):
                expected = f"{number}, its place among the levels"
                raise wrong(level.index, expected, at=["levels", number, "index"])
        return self


class IdentityGroup(Group):
    """One level per value of a register column."""

    kind: Literal["identity"] = Field(description="How a level is found.")
    levels: Several[Level] = Field(
        (), max_length=0, description=("None: the values are the levels.")
    )


AnyGroup = Annotated[
    TextGroup | CutsGroup | ValuesGroup | QuantileGroup | IdentityGroup, Field(discriminator="kind")
]

"""Claims that order items, levels or blocks, and claims about orders that no data measure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from declarations.claims.base import BaseClaim
from declarations.claims.selector import Selector
from declarations.model import Declared, LabelText, Name, Several, wrong

RANKED = ("top", "bottom", "top_set", "bottom_set", "high", "low")


class Among(Selector):
    """The subject of a ranking: items, levels of a group, or blocks of items by name."""

    blocks: Mapping[str, Several[str]] = Field(
        default_factory=dict,
        description="Blocks of items by name, ranked by the mean of their items.",
    )
    names: Mapping[str, LabelText] = Field(
        default_factory=dict, description="The blocks in words, for readers."
    )
    relative_to: Several[str] = Field(
        (), description=("The items that the ranked items are compared with, one for each.")
    )

    @model_validator(mode="after")
    def _blocks(self) -> Among:
        for name, items in self.blocks.items():
            if len(items) < 2:
                raise wrong(list(items), "at least two items in a block", at=("blocks", name))
        unknown = [name for name in self.names if name not in self.blocks]
        if unknown:
            raise wrong(unknown, f"a block: one of {', '.join(self.blocks)}", at=("names",))
        if self.blocks and self.named:
            raise wrong(sorted(self.blocks), "blocks or items, not both", at=("blocks",))
        return self


class Ranks(Declared):
    """An order that no data measure.

    It is declared so that statements can be compared with each other.
    """

    what: str = Field(description="A name for what is ordered.")
    across: Name = Field(description="The group whose levels are ordered.")
    top: Several[Name] = Field((), description="The first subjects, in this order.")
    even: bool = Field(False, description="Whether all levels are alike.")


class Ranking(BaseClaim):
    """The items, levels or blocks at one end of an order.

    `high` and `low` mean above or below the mean.
    """

    kind: Literal["ranking"]
    among: Among = Field(description="The subjects that are ranked.")
    top: Several[Name] = Field((), description="The highest subjects, from the highest down.")
    bottom: Several[Name] = Field((), description="The lowest subjects, from the lowest up.")
    top_set: Several[Name] = Field((), description="The highest, in any order.")
    bottom_set: Several[Name] = Field((), description="The lowest, in any order.")
    high: Several[Name] = Field((), description="Above the mean of all.")
    low: Several[Name] = Field((), description="Below the mean of all.")
    statistic: Literal["share", "count", "mean", "median", "relative_difference", "texts"] = Field(
        "share", description="The statistic that decides the order."
    )
    size: str | None = Field(
        None, description="The size word of the sentence: how far the named are from the next."
    )
    ranks: Ranks | None = Field(
        None, description="An order in the same words that no data measure; see `not_testable`."
    )

    @model_validator(mode="after")
    def _one_end(self) -> Ranking:
        given = [way for way in RANKED if getattr(self, way)]
        if len(given) != 1:
            raise wrong(given, f"one of {', '.join(RANKED)}", at=given[:1])
        if self.size and given[0] in ("high", "low"):
            raise wrong(self.size, "a size word with top, bottom or a set", at=("size",))
        return self

    @property
    def way(self) -> str:
        """The end of the order that the claim names: one of RANKED."""
        return next(way for way in RANKED if getattr(self, way))

    @property
    def named(self) -> tuple[str, ...]:
        """The items, levels or blocks at that end."""
        return tuple(getattr(self, self.way))

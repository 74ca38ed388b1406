"""The kinds of claims, one model each.

A new kind is a model here and a function that decides it (replication/deciding/kinds.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from declarations.claims.base import BaseClaim, Number, Said
from declarations.claims.rankings import Among, Ranking, Ranks
from declarations.claims.selector import Code, Selector
from declarations.model import Declared, Name, Part, Several, wrong

Statistic = Literal["share", "mean", "median"]


class Share(BaseClaim):
    """A percentage of those who answered."""

    kind: Literal["share"]
    of: Selector = Field(description="The respondents and answers of the share.")
    stated: Said = Field(alias="is", description="A number, or a word.")
    each: bool = Field(
        False, description="Whether the share holds for each item of a block, or for their mean."
    )


class Count(BaseClaim):
    """A number of respondents."""

    kind: Literal["count"]
    of: Selector = Field(description="The respondents and answers that are counted.")
    stated: Said = Field(alias="is", description="A number, or a word with a number.")


class Levels(BaseClaim):
    """How many levels of a group, or how many items, have a share or count as stated."""

    kind: Literal["levels"]
    of: Selector = Field(description="The levels (`across` a group) or the items that are counted.")
    statistic: Literal["share", "count"] = Field(
        "share", description="The statistic that `where` is about."
    )
    where: Said = Field(description="The share or count that each counted level or item has.")
    stated: Said = Field(
        alias="is",
        description="The number of these levels or items: a number, a word with a number, or "
        "`all`.",
    )


class Mean(BaseClaim):
    """The mean of a numeric item."""

    kind: Literal["mean"]
    of: Selector = Field(description="The numeric item and the respondents.")
    stated: Said = Field(alias="is", description="A number, or a word with a number.")


class Median(BaseClaim):
    """The median of a numeric item."""

    kind: Literal["median"]
    of: Selector = Field(description="The numeric item and the respondents.")
    stated: Said = Field(alias="is", description="A number, or a word with a number.")


class Comparison(BaseClaim):
    """A comparison of two shares or numbers: greater or equal. Several items form one block."""

    kind: Literal["comparison"]
    left: Selector = Field(description="The first subject of the comparison.")
    right: Selector = Field(description="The second subject of the comparison.")
    relation: Literal["greater", "less", "about_equal"] | Mapping[str, Number] = Field(
        description="The relation of left to right, or a word of `relations`: {times: 2}."
    )
    size: str | None = Field(None, description="The size word of the sentence.")
    statistic: Statistic = Field("share", description="The statistic that is compared.")
    right_statistic: Statistic | None = Field(
        None, description="The statistic on the right side, if it differs from that on the left."
    )


class Difference(BaseClaim, Selector):
    """A level differs from all or some others: in one direction, or at a level of significance."""

    kind: Literal["difference"]
    direction: Literal["more", "less", "any"] = Field(
        "any", description=("The direction of the share of `codes`.")
    )
    says: Literal["more", "difference", "significant"] = Field(
        "more",
        description=(
            "`more`: a direction only. `difference`: a difference at the level of `significant` "
            "in words.yaml; without it the direction may still hold. `significant`: the text "
            "calls the difference significant."
        ),
    )
    against: Several[Name] = Field(
        (), description=("The levels that the level is compared with; by default all others.")
    )
    p_below: float | None = Field(None, description="The bound of p in the text.", gt=0, le=1)
    test: Literal["distribution", "codes"] = Field(
        "distribution", description="`codes`: compare the stated answers with all others."
    )
    size: str | None = Field(None, description="The size word of the sentence.")
    most: bool = Field(
        False, description="The difference applies to most of the items, not to each."
    )

    @model_validator(mode="after")
    def _complete(self) -> Difference:
        if self.group == "all":
            raise wrong(None, "the group that differs", at=("group",))
        if self.direction != "any" and (self.level == "all" or not self.codes):
            raise wrong(self.direction, "a level and codes with a direction", at=("direction",))
        if self.direction == "any" and self.says == "more":
            raise wrong(self.says, "difference or significant without a direction", at=("says",))
        return self


class NoDifference(BaseClaim, Selector):
    """Levels that do not differ significantly in any of the items."""

    kind: Literal["no_difference"]
    each: Several[Name] = Field(
        (), description=("The levels that are each compared with everyone outside the level.")
    )
    against: Several[Name] = Field(
        (), description=("The levels that a single level is compared with.")
    )
    test: Literal["distribution", "codes"] = Field(
        "distribution", description="`codes`: compare the stated answers with all others."
    )
    p_above: float | None = Field(
        None, description=("The level of significance; by default that of words.yaml.")
    )


class Adjusted(BaseClaim, Selector):
    """A relation that holds, or does not hold, in the declared model."""

    kind: Literal["adjusted"]
    direction: Literal["more", "less", "any"] = Field(
        "any", description="The direction of the difference in odds."
    )
    holds: bool = Field(
        description="Whether the relation is significant when other variables are controlled."
    )
    also: bool = Field(
        False,
        description="Whether the sentence also calls the relation significant without controls.",
    )


class Spread(BaseClaim):
    """The distance between the highest and the lowest level of a group, in percentage points."""

    kind: Literal["spread"]
    of: Selector = Field(description="Shares `across` a group; for several items their mean.")
    stated: str = Field(alias="is", description="A word of `spreads` in words.yaml.")
    above: Selector | None = Field(None, description="A spread that the stated one exceeds.")


class Tally(BaseClaim, Selector):
    """How many of several tests are significant, in words: few, several, most."""

    kind: Literal["tally"]
    stated: str = Field(alias="is", description="A word of `tallies` in words.yaml.")


class Members(Declared):
    """A level of a group of municipalities."""

    group: Name = Field(description="The group of municipalities.")
    level: Name = Field(description="The level of the group.")


class Municipalities(BaseClaim):
    """Facts of the register: how many municipalities of one kind are of another kind."""

    kind: Literal["municipalities"]
    are: Members = Field(description="The property that is stated.")
    among: Members = Field(description="The municipalities that the statement is about.")
    relation: Literal["more", "less"] = Field(
        description="Whether the property is more or less frequent than among all other "
        "municipalities."
    )


class OpenAnswers(BaseClaim):
    """How many respondents wrote an answer in their own words."""

    kind: Literal["open_answers"]
    of: Selector = Field(description="The open item, and optionally a level.")
    stated: Said = Field(alias="is", description="A number, or a word with a number.")


class Memberships(BaseClaim):
    """How many respondents are in one, two, three, ... levels of overlapping groups."""

    kind: Literal["memberships"]
    group: Name = Field(description="The overlapping group.")
    ranked: Several[int] = Field(description="Numbers of levels, the most frequent first.")


class Control(BaseClaim):
    """Whether relations with a group were computed with other variables controlled."""

    kind: Literal["control"]
    group: Name = Field(
        description="The group whose relations are meant, given by any of its levels."
    )
    applied: bool = Field(
        description="Whether the sentence states that other variables were controlled."
    )


class Announced(BaseClaim):
    """How many chapters follow the one that announces them; counted in `claims/`."""

    kind: Literal["announced"]
    after: int = Field(description="The number of the chapter that makes the announcement.", ge=1)
    stated: int = Field(alias="is", description="The number of chapters that are announced.", ge=0)


class NotTestable(BaseClaim):
    """A statement that no data decide; the reason names what is missing."""

    kind: Literal["not_testable"]
    reason: str = Field(description="The data that would decide the statement.", min_length=20)
    echoes: str = Field(
        "",
        description=(
            "The section that the sentence sums up, if nothing in that section is testable."
        ),
    )
    ranks: Ranks | None = Field(
        None,
        description="An order that the statement implies, to compare it with other statements.",
    )
    of: Selector | None = Field(None, description="The items that the statement is about, if any.")


Claim = Annotated[
    Share | Count | Levels | Mean | Median | Comparison | Ranking | Difference | NoDifference
    | Adjusted | Spread | Tally | Municipalities | OpenAnswers | Memberships | Control
    | Announced | NotTestable,
    Field(discriminator="kind"),
]  # fmt: skip


class ClaimFile(Declared):
    """`claims/*.yaml`: the statements of one chapter."""

    chapter: Part = Field(description="The chapter: resume, 2, 3 ...")
    claims: Several[Claim] = Field(
        description="The statements of the chapter, in the order of the report."
    )


__all__ = ["Among", "Claim", "ClaimFile", "Code", "Ranking", "Ranks"]

"""Tables in the short form (`tables/*.yaml` with `of`) and the banner book (`crosstabs.yaml`)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from declarations.model import Declared, Id, LabelText, MaybeLabelled, Name, Part, Several, wrong
from declarations.tabulation.filters import EVERYONE, Filter
from declarations.tabulation.variables import SCORES_HELP, Scores

NEST = ">"
Base = Literal["answered", "valid", "all"]
Percent = Literal["column", "row", "total"]


class ShowNet(MaybeLabelled):
    """Several codes counted together, as a line of the table."""

    key: Name = Field(description="The line's name.")
    codes: Several[Name] = Field(description="The codes that are counted together.", min_length=1)


class Nets(Declared):
    """The entry `net:` in a table's `show`."""

    net: Several[ShowNet] = Field(description="Nets, each with `key` and `codes`.", min_length=1)


Statistic = Literal["percent", "n", "mean", "sd", "median", "quartiles", "interval"]


class MinBase(Declared):
    """The minimum unweighted base of a figure."""

    least: int = Field(ge=1, description="The minimum unweighted base.")
    below: Literal["hide", "mark"] = Field(
        default="hide", description="Whether figures below the minimum are hidden or marked."
    )


def _min_base(value: Any) -> Any:
    return {"least": value} if isinstance(value, int) and not isinstance(value, bool) else value


class Compare(Declared):
    """What is compared, and how."""

    against: Literal["columns", "rest"] = Field(
        default="columns",
        description=(
            "Compare every column with each other column of its group, or with everyone else."
        ),
    )
    test: Literal["auto", "pearson", "z", "t", "welch", "rao_scott", "linear"] = Field(
        default="auto",
        description=(
            "auto: z test of shares, Welch's t test of means, Pearson's test over a group; with "
            "a weight or design linearized t test and Rao-Scott."
        ),
    )
    level: float = Field(default=0.05, gt=0, lt=1, description="The bound of p for a difference.")
    adjust: Literal["none", "holm", "bh"] = Field(
        default="none", description="The adjustment for many comparisons."
    )
    family: Literal["row", "table"] = Field(
        default="row",
        description="The family of the adjustment: the pairs of a row in a group, or all.",
    )
    effect: bool = Field(
        default=False,
        description="Whether effect sizes with intervals are added, as lines of the results.",
    )


def _compare(value: Any) -> Any:
    if value in ("columns", "rest"):
        return {"against": value}
    return None if value == "none" else value


def _list(value: Any) -> Any:
    return [value] if isinstance(value, str | dict) else value


# The types are those of the schema, so an editor sees the entry as it is written.
Names = Annotated[
    Several[Name], BeforeValidator(_list, json_schema_input_type=Name | Several[Name])
]
Shows = Annotated[
    Several[Statistic | Nets],
    BeforeValidator(_list, json_schema_input_type=Statistic | Nets | Several[Statistic | Nets]),
]
ShortCompare = Literal["columns", "rest", "none"]


class Options(Declared):
    """Entries that a table, the banner book and the study's defaults share."""

    show: Shows = Field(default=(), description="Statistics and nets; by default percent and n.")
    percent: Percent | None = Field(default=None, description="The denominator of percentages.")
    base: Base | None = Field(
        default=None,
        description="The respondents in the base: answered (including missing codes), valid "
        "(without missing codes) or all.",
    )
    filter: Filter = Field(default=EVERYONE, description="Who is in the table.")
    weight: Name | None = Field(default=None, description="A weight, or `none`.")
    compare: Annotated[
        Compare | None,
        BeforeValidator(_compare, json_schema_input_type=ShortCompare | Compare | None),
    ] = Field(default=None, description="columns, rest, none, or a mapping.")
    min_base: Annotated[
        MinBase | None, BeforeValidator(_min_base, json_schema_input_type=int | MinBase | None)
    ] = Field(default=None, description="A number, or {least, below}.")
    decimals: int | None = Field(default=None, ge=0, le=6, description="Decimals of percentages.")
    scores: Scores | None = Field(default=None, description=SCORES_HELP)
    confidence: float | None = Field(
        default=None, gt=0, lt=1, description="The confidence level of intervals; by default 0.95."
    )

    def over(self, defaults: Options) -> dict[str, Any]:
        """The options, with absent entries taken from `defaults`."""
        names = Options.model_fields
        facts = {name: getattr(self, name) for name in names if name in self.model_fields_set}
        given = {n: getattr(defaults, n) for n in names if n in defaults.model_fields_set}
        return {**given, **facts}


class Crosstab(Options):
    """A table in the short form."""

    id: Id = Field(description="The name of the table.")
    of: Names = Field(
        description="Questions, items or variables, in the order of the rows.", min_length=1
    )
    by: Names = Field(
        default=(), description=("Groups, in the order of the columns; `a > b` nests b in a.")
    )
    title: LabelText | None = Field(default=None, description="The title of the table.")
    number: Name | None = Field(default=None, description="The number of the table.")
    chapter: Part = Field(default="tables", description="The group of the table in the graph.")
    section: str = Field("", description="The section that the table belongs to.")
    note: str | None = Field(default=None, description="A note shown with the table.")


class BannerBook(Options):
    """The banner book: every question by the same groups, one asset each."""

    defaults: Options = Field(
        default=Options(), description="Defaults for all short tables of the study."
    )
    of: Names = Field(
        default=(), description=("Questions; by default all whose answers are counted.")
    )
    leave_out: Names = Field(default=(), description="Questions without a table.")
    by: Names = Field(
        default=(), description=("Groups, in the order of the columns; `a > b` nests b in a.")
    )
    scales: Names = Field(
        default=(), description=("Closed items with a mean; their codes are the numbers.")
    )

    @property
    def made(self) -> bool:
        """Whether the file declares a banner book, not only defaults."""
        return bool(self.by or self.of or self.show)

    @model_validator(mode="after")
    def _either(self) -> BannerBook:
        if self.of and self.leave_out:
            raise wrong(list(self.leave_out), "`of` or `leave_out`, not both", at=("leave_out",))
        return self


def chain(entry: str) -> tuple[str, ...]:
    """The groups of an entry of `by`, the outermost first: `size > bloc`."""
    return tuple(part.strip() for part in entry.split(NEST))

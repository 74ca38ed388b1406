"""Whom results may tell something about: `disclosure` of study.yaml."""

from __future__ import annotations

from typing import Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from declarations.model import Declared, Name, Several, wrong

WARN: Final = "warn"
BLOCK: Final = "block"
SUPPRESS: Final = "suppress"
TABLES: Final = "tables"
UNNUMBERED: Final = "unnumbered"
DEVIATIONS: Final = "deviations"
COVERED = (TABLES, UNNUMBERED, DEVIATIONS)
MUNICIPALITY = "municipality"
LONGEST_MARK = 8


class Disclosure(Declared):
    """What may be told of whom.

    Respondents alike in everything `identifying` form a class; those of a class of fewer than `k`
    are identifiable.
    """

    policy: Literal["warn", "block", "suppress"] = Field(
        description="What is done where an answer of an identifiable respondent follows."
    )
    k: int = Field(3, ge=1, description="Fewer than this many alike are identifiable.")
    identifying: Several[Name] = Field(
        (), description="Groups, closed items, background columns with `personal: false`."
    )
    covers: Several[Literal["tables", "unnumbered", "deviations"]] = Field(
        (TABLES,), description="What goes out and is examined; tables always do."
    )
    minimum_base: int = Field(
        3, ge=0, description="Figures with a smaller base do not go out; `k` if left out."
    )
    minimum_count: int = Field(0, ge=0, description="Smaller counts do not go out; 0: no rule.")
    unanimous: bool = Field(
        True, description="Nor a figure that tells that all of a group gave one answer."
    )
    knows_nonresponse: bool = Field(
        False, description="Whether outsiders know who left a question out."
    )
    mark: str = Field(
        ":", min_length=1, max_length=LONGEST_MARK, description="What a suppressed figure shows."
    )

    @field_validator("mark")
    @classmethod
    def _printable(cls, mark: str) -> str:
        if not mark.isprintable():
            raise wrong(mark, f"a text of 1 to {LONGEST_MARK} signs")
        return mark

    @model_validator(mode="after")
    def _usual(self) -> Self:
        names = tuple(dict.fromkeys(self.identifying))
        covers = tuple(name for name in COVERED if name in (TABLES, *self.covers))
        # set once, while the model is made
        object.__setattr__(self, "identifying", names)
        object.__setattr__(self, "covers", covers)
        if "minimum_base" not in self.model_fields_set:
            object.__setattr__(self, "minimum_base", self.k)
        return self

    def with_k(self, k: int | None) -> Disclosure:
        """The same with another class size; the least base follows it where it was the same."""
        if k is None:
            return self
        base = k if self.minimum_base == self.k else self.minimum_base
        return self.model_copy(update={"k": k, "minimum_base": base})

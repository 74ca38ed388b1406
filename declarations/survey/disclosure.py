"""What results may disclose about respondents: `disclosure` of study.yaml."""

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
NONE: Final = "none"
KEY_HOLDERS: Final = "key_holders"
OPEN: Final = "published"
LONGEST_MARK = 8


class Disclosure(Declared):
    """What results may disclose about respondents.

    Respondents with the same values in everything `identifying` form a class. The members of a
    class of fewer than `k` are identifiable. Without `identifying` everybody is.
    """

    policy: Literal["warn", "block", "suppress"] = Field(
        description=(
            "The effect if an answer of an identifiable respondent follows from the figures."
        )
    )
    microdata: Literal["none", "key_holders", "published"] = Field(
        NONE,
        description="Who gets lines of respondents: nobody, key holders or every reader.",
    )
    k: int = Field(
        3,
        ge=1,
        description=(
            "Respondents are identifiable if fewer than this many have the same identifying values."
        ),
    )
    identifying: Several[Name] = Field(
        (),
        description="What outsiders know: groups, closed items, background columns with "
        "`personal: false`. Without this entry everybody is identifiable.",
    )
    covers: Several[Literal["tables", "unnumbered", "deviations"]] = Field(
        (TABLES,), description="The results that are published and examined; tables always are."
    )
    minimum_base: int = Field(
        3, ge=0, description="Figures with a smaller base are suppressed; by default `k`."
    )
    minimum_count: int = Field(
        0, ge=0, description=("Figures with a smaller count are suppressed; 0 turns the rule off.")
    )
    unanimous: bool = Field(
        True, description="Also suppress a figure that shows that all of a group gave one answer."
    )
    knows_nonresponse: bool = Field(
        False, description="Whether outsiders know who did not answer a question."
    )
    work: int = Field(
        300,
        ge=1,
        description="The solver's budget for a wave; a unit is about a second. Figures that "
        "are undecided when the budget is spent are suppressed.",
    )
    mark: str = Field(
        ":",
        min_length=1,
        max_length=LONGEST_MARK,
        description="The sign in place of a suppressed figure.",
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
        # set once, when the model is made
        object.__setattr__(self, "identifying", names)
        object.__setattr__(self, "covers", covers)
        if "minimum_base" not in self.model_fields_set:
            object.__setattr__(self, "minimum_base", self.k)
        if self.microdata == OPEN:
            if self.policy != WARN:
                raise wrong(
                    self.microdata,
                    f"none or key_holders: respondents' lines reveal what {self.policy} withholds",
                    at=["microdata"],
                )
            if not names:
                raise wrong(
                    self.microdata,
                    "`identifying` too: without it the risk of publishing lines cannot be measured",
                    at=["microdata"],
                )
        return self

    @property
    def names_identifying(self) -> bool:
        """Whether `identifying` is declared. If it is not, everybody is identifiable."""
        return "identifying" in self.model_fields_set

    def keeps(self, other: Disclosure) -> bool:
        """Whether results published under another policy may stay published under this one."""
        same = not self.names_identifying and other.names_identifying
        return (
            (other.policy != WARN or self.policy == WARN)
            and (other.microdata != OPEN or self.microdata == OPEN)
            and other.k >= self.k
            and other.minimum_base >= self.minimum_base
            and other.minimum_count >= self.minimum_count
            and other.unanimous >= self.unanimous
            and other.knows_nonresponse >= self.knows_nonresponse
            and not same
            and (not other.names_identifying or {*self.identifying} <= {*other.identifying})
            and {*other.covers} <= {*self.covers}
        )

    def with_k(self, k: int | None) -> Disclosure:
        """The settings with another `k`. If the minimum base equals `k`, it changes too."""
        if k is None:
            return self
        base = k if self.minimum_base == self.k else self.minimum_base
        return self.model_copy(update={"k": k, "minimum_base": base})


# The settings for a real wave whose study declares none.
USUAL: Final = Disclosure(policy=SUPPRESS, k=5)

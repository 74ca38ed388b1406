"""The subject of a claim: items, answers, and the group and level of respondents."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import Field, Strict, model_validator

from declarations.model import Declared, Name, Several, wrong
from declarations.study import Study
from declarations.tables.cells import OTHERS, STATUS_CODES, STATUS_ITEM, TOTAL

ALL = "all"
DONT_KNOW = "dont_know"
Code = int | str
Pair = Annotated[tuple[float, float], Strict(False)]


class Selector(Declared):
    """Items, answers and respondents. Every kind of claim names its subject with selectors."""

    item: str | None = Field(None, description="The id of an item.")
    items: Several[str] = Field(
        (), description=("Several items, which together form a block: one quantity.")
    )
    question: str | None = Field(None, description="All reported closed items of a question.")
    left_out: Several[str] = Field(
        (), alias="except", description="Items of the question to leave out."
    )
    codes: Several[Code] | Literal["total"] = Field(
        (), description="The answers that count; `total`: everyone who answered."
    )
    span: Pair | None = Field(
        None,
        alias="range",
        description="Smallest and largest number, both included, of a numeric item.",
    )
    group: Name = Field(ALL, description="The breakdown, or `all` for everyone.")
    level: Name = Field(
        ALL, description="The level of the group, or `!level` for everyone outside the level."
    )
    across: Name | None = Field(None, description="The group whose levels are compared.")
    levels: Several[Name] = Field((), description="Some levels of the group; all by default.")
    base: Literal["answered", "known"] = Field(
        "answered", description="`known` leaves out respondents who answered don't know."
    )
    smallest: int = Field(1, description="Leave out levels with fewer respondents.", ge=1)

    @model_validator(mode="after")
    def _one_way(self) -> Selector:
        given = [bool(self.item), bool(self.items), bool(self.question)]
        if sum(given) > 1:
            raise wrong(self.item or self.question, "one of item, items, question", at=("item",))
        if self.left_out and not self.question:
            raise wrong(list(self.left_out), "a question to leave items out of", at=("except",))
        if len(self.items) == 1 and type(self) is Selector:
            raise wrong(
                list(self.items), "at least two items (a single one is not a block)", at=("items",)
            )
        return self

    @property
    def named(self) -> bool:
        """Whether the selector names an item."""
        return bool(self.item or self.items or self.question)

    @property
    def place(self) -> tuple[str, str]:
        """The group and the level."""
        return self.group, self.level

    @property
    def breakdown(self) -> str:
        """The group that the answers are broken down by; `all`: no breakdown."""
        return self.across or self.group

    @property
    def code_list(self) -> tuple[Code, ...]:
        """The answers that count, which may include `total`."""
        return (TOTAL,) if isinstance(self.codes, str) else self.codes

    @classmethod
    def of_item(
        cls, item: str, codes: Sequence[Code] = (), group: str = ALL, level: str = ALL
    ) -> Selector:
        """One item's answers in a level."""
        return _one(item, tuple(codes), None, group, level, "answered", 1)

    def one(self, item: str, level: str | None = None, group: str | None = None) -> Selector:
        """The selector for one item, optionally in another level."""
        return _one(
            item,
            self.codes,
            self.span,
            self.group if group is None else group,
            self.level if level is None else level,
            self.base,
            self.smallest,
        )

    def items_in(self, study: Study) -> list[str]:
        """The items: those named, or the question's reported closed items."""
        if self.item:
            return [self.item]
        if self.items:
            return list(self.items)
        if not self.question:
            return []
        question = study.question[self.question]
        left_out = set(self.left_out)
        return [i.id for i in question.closed_items if i.reported and i.id not in left_out]

    def levels_in(self, study: Study) -> list[str]:
        """The levels that are compared: those named, or all levels of the group."""
        known = study.group[self.breakdown].levels
        return list(self.levels) or [level.key for level in known]


def codes_of(item: str, study: Study) -> list[str]:
    """All answers to an item, as text; empty for numeric and open items."""
    if item == STATUS_ITEM:
        return list(STATUS_CODES)
    return [str(code) for code in study.items[item].codes] if item in study.items else []


def dont_know_of(item: str, study: Study) -> list[str]:
    """The answers to an item that mean "don't know", as text."""
    if item not in study.items:
        return []
    return [str(code.code) for code in study.items[item].scale if code.key == DONT_KNOW]


def bare(level: str) -> str:
    """A level without the `!` that means everyone else."""
    return level.removeprefix(OTHERS)


@lru_cache(maxsize=1 << 16)
def _one(
    item: str,
    codes: Any,
    span: Any,
    group: str,
    level: str,
    base: Any,
    smallest: int,
) -> Selector:
    """One item's selector; cached, because claims ask for it often."""
    return Selector.model_construct(
        item=item,
        items=(),
        question=None,
        left_out=(),
        codes=codes,
        span=span,
        group=group,
        level=level,
        across=None,
        levels=(),
        base=base,
        smallest=smallest,
    )

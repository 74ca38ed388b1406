"""The parts that all claims share: place, statement and readings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr, Strict, model_validator

from declarations.claims.selector import Code, Selector
from declarations.labels import Label
from declarations.model import Declared, Id, LabelText, Several, wrong

Number = int | float
HEADS = "heads"
"""The unit of the questions: respondents."""
Said = Number | str | Mapping[str, Number | Annotated[tuple[Number, Number], Strict(False)]]
"""A number, a word alone (`few`), or one word and its number (`{about: 10}`)."""

KNOWN, ANSWERED, CODES, ITEM, WITHOUT_SMALL, SHARES, TREND, BREAKDOWN = (
    "known", "answered", "codes", "item", "without_small", "shares", "trend", "group",
)  # fmt: skip


class Locator(Declared):
    """The place of a claim's sentence in its section."""

    paragraph: int = Field(description="Paragraph of running text, from 1.", ge=1)
    sentence: int = Field(description="Sentence of the paragraph, from 1.", ge=1)
    mark: str = Field(
        description="First eight digits of the SHA-256 of the sentence's letters and digits.",
        pattern="^[0-9a-f]{8}$",
    )


class Reading(Declared):
    """Another usual reading of the same sentence, with the entries that differ."""

    by: Literal[
        "known", "answered", "codes", "item", "without_small", "shares", "trend", "group"
    ] = Field(
        description=(
            "`known`: among those who know. `answered`: among all who answered. `codes`, `item`, "
            "`group`: other answers, another row, other respondents. `without_small`: without "
            "small groups. `shares`: the stated answers against all others, instead of the whole "
            "distribution. `trend`: a tendency over the levels, instead of each step."
        )
    )
    codes: Several[Code] = Field(
        (), description="With `codes`: the answers that count in this reading."
    )
    item: str | None = Field(None, description="With `item`: the row that this reading is about.")
    items: Several[str] = Field((), description="The rows as a block, for `item`.")
    group: str | None = Field(None, description="With `group`: the breakdown in this reading.")
    level: str | None = Field(None, description="With `group`: the level in this reading.")
    smallest: int | None = Field(
        None, description="With `without_small`: the smallest size of a group.", ge=2
    )
    base: Literal["known"] | None = Field(
        None, description="With `codes` and `item`: `known` reads the share among those who know."
    )
    side: Literal["left", "right"] | None = Field(
        None,
        description=("The side of a comparison to which the reading applies; both by default."),
    )
    label: LabelText | None = Field(None, description="The reading in words.")

    @model_validator(mode="after")
    def _complete(self) -> Reading:
        needed = {CODES: self.codes, ITEM: self.item or self.items, BREAKDOWN: self.group}
        if self.by in needed and not needed[self.by]:
            raise wrong(self.by, f"an entry `{self.by}` with the reading", at=("by",))
        return self

    def changes(self) -> dict[str, Any]:
        """The entries of a selector that this reading changes."""
        base: dict[str, Any] = {"base": self.base} if self.base else {}
        if self.by in (KNOWN, ANSWERED):
            return {"base": self.by}
        if self.by == CODES:
            return {"codes": self.codes, **base}
        if self.by == ITEM:
            return {"item": self.item, "items": self.items, "question": None, **base}
        if self.by == BREAKDOWN:
            return {"group": self.group, "level": self.level or "all"}
        return {}


# entries of a claim that hold a selector
SELECTORS = ("of", "left", "right", "among")


class BaseClaim(Declared):
    """A statement of a report: its place, a paraphrase in both languages, and its readings."""

    id: Id = Field(description="The unique name of the claim.")
    section: str = Field(description="The section or footnote, as numbered in the report.")
    at: Locator | None = Field(
        None, description=("The sentence; required if the study has a report.")
    )
    statement: LabelText = Field(description="A paraphrase in Danish and English.")
    note: str = Field("", description="How we read the statement, and why.")
    readings: Several[Reading] = Field(
        (), description=("Other usual readings of the sentence. The most favourable one decides.")
    )
    unit: str = Field(HEADS, description="The unit that the sentence counts, if not heads.")
    restates: str = Field("", description="The id of the claim that this claim repeats.")
    cites: Several[str] = Field((), description="Tables that the sentence refers to.")

    _chapter: str = PrivateAttr("")
    _source: str = PrivateAttr("")

    @property
    def chapter(self) -> str:
        """The chapter of the claim."""
        return self._chapter

    @property
    def source(self) -> str:
        """The declaring file, relative to the study folder."""
        return self._source

    @property
    def label(self) -> Label:
        """The paraphrase."""
        return self.statement

    @property
    def sentence(self) -> str:
        """A name that all claims from one sentence share."""
        if self.at is None:
            return f"{self.section} {self.id}"
        return f"{self.section} §{self.at.paragraph}.{self.at.sentence}"

    @property
    def selectors(self) -> list[Selector]:
        """The parts that name items, codes, groups and levels."""
        return [part for _, part in self.parts()]

    def parts(self) -> list[tuple[str, Selector]]:
        """The selectors by the entry that holds them; the empty entry is the claim itself."""
        own = type(self).model_fields
        named = [(name, getattr(self, name)) for name in SELECTORS if name in own]
        found = [(name, part) for name, part in named if isinstance(part, Selector)]
        if not found and isinstance(self, Selector) and self.named:
            return [("", self)]
        return found

    @property
    def counted(self) -> str:
        """A note that answers have another unit than the sentence; empty for the same unit."""
        return f"answers count {HEADS}, and the text {self.unit}" if self.unit != HEADS else ""

    def placed_in(self, chapter: str, source: str) -> Self:
        """The claim as part of a chapter and file."""
        copy = self.model_copy()
        copy._chapter, copy._source = chapter, source  # noqa: SLF001 (of this class)
        return copy

    def with_changes(self, changes: Mapping[str, Any], side: str | None = None) -> Self:
        """The claim with changed entries in all its selectors, or in one; see `Reading.changes`."""
        if not changes:
            return self
        found: dict[str, Any] = {}
        for name, part in self.parts():
            if side is not None and name != side:
                continue
            if not name:
                found |= changes
            else:
                found[name] = part.model_copy(update=dict(changes))
        return self.model_copy(update=found)

    def content(self) -> dict[str, Any]:
        """The statement without its wording: the entries of its kind that are not defaults."""
        own: dict[str, Any] = {name: True for name in BaseClaim.model_fields if name != "readings"}
        own["among"] = {"names"}
        found = self.model_dump(mode="json", by_alias=True, exclude=own, exclude_defaults=True)
        return found | {"kind": getattr(self, "kind", "")}

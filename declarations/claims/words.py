"""What the words of a report are taken to mean: `claims/words.yaml`, once for all claims.

A word has two ranges. What lies in `holds` is what the word says; what lies outside it and in
`bears` is what it can bear. Bounds are in percentage points around the stated number; for counts
and means in percent of it; for sizes, of the difference itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, Strict, model_validator

from declarations.errors import Mistakes
from declarations.model import Declared, read_model, wrong
from declarations.study import Study

WORDS = "words.yaml"
EXACT = 9  # decimals within which a double lies on the bound of a word: 0.55 * 100 is 55
Bounds = Annotated[tuple[float | None, float | None], Strict(False)]


class Word(Declared):
    """A word: the deviations it says, and those it can bear; None: no bound."""

    holds: Bounds = Field(description="Lowest and highest deviation that the word says.")
    bears: Bounds | None = Field(None, description="The same for what the word can bear.")
    strict: bool = Field(False, description="Whether the ends of `holds` are outside it.")

    @model_validator(mode="after")
    def _in_order(self) -> Word:
        for low, high in filter(None, (self.holds, self.bears)):
            if low is not None and high is not None and low > high:
                raise wrong([low, high], "the lower bound first", at=("holds",))
        if self.bears and not _encloses(self.bears, self.holds):
            raise wrong(list(self.bears), "bounds around those of `holds`", at=("bears",))
        return self

    def says(self, deviation: float, scale: float = 1.0) -> bool:
        """Whether a deviation is what the word says."""
        value = round(deviation, EXACT)
        low, high = (None if end is None else end * scale for end in self.holds)
        if self.strict:
            return (low is None or value > low) and (high is None or value < high)
        return (low is None or value >= low) and (high is None or value <= high)

    def can_bear(self, deviation: float, scale: float = 1.0) -> bool:
        """Whether the word can bear a deviation, or says it."""
        if self.says(deviation, scale):
            return True
        value = round(deviation, EXACT)
        low, high = (None if end is None else end * scale for end in self.bears or self.holds)
        if self.bears is None:
            return False
        return (low is None or value >= low) and (high is None or value <= high)


def _encloses(outer: Bounds, inner: Bounds) -> bool:
    low = outer[0] is None or (inner[0] is not None and outer[0] <= inner[0])
    return low and (outer[1] is None or (inner[1] is not None and outer[1] >= inner[1]))


class Words(Declared):
    """All words, by what they are said of."""

    significant: float = Field(description="A difference is stated, or called significant.")
    weakly: float = Field(description="The highest level at which `significant` is in use.")
    heads: int = Field(description="So many respondents decide no order and no bound.", ge=0)
    small_group: int = Field(description="A group below this size may be left out of an order.")
    numbers: Mapping[str, Word] = Field(description="Of a stated number: about, at least ...")
    amounts: Mapping[str, Word] = Field(description="Without a number: few, many ...; in percent.")
    sizes: Mapping[str, Word] = Field(description="Of a difference in points: slightly, much ...")
    means: Mapping[str, Word] = Field(description="Of a difference of means, in percent.")
    relations: Mapping[str, Word] = Field(description="Of a ratio, by how far it is off.")
    equal: Word = Field(description="Two shares that are about as large, in points.")
    spreads: Mapping[str, Word] = Field(description="Points between the highest and lowest level.")
    tallies: Mapping[str, Word] = Field(description="Percent of the tests that are significant.")


def read_words(study: Study) -> Words:
    """The words of a study. SpecError where one is missing or means nothing."""
    mistakes = Mistakes()
    path = study.folder / "claims" / WORDS
    words = read_model(Words, path, mistakes, file=f"claims/{WORDS}")
    mistakes.stop()
    assert words is not None
    return words


def words_of(data: Mapping[str, Any]) -> Words:
    """Words from plain values, as tests make them."""
    return Words.model_validate(data)

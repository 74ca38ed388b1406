"""The meaning of vague words: `claims/words.yaml`, declared once for all claims.

A word has two ranges of deviations. Within `holds` the word is right. Outside `holds` but within
`bears` the word is imprecise. Bounds are in percentage points around the stated number. For counts
and means they are in percent of the stated number. For words of size they are bounds of the
difference itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, Strict, model_validator

from declarations.errors import Mistakes
from declarations.model import Declared, read_model, wrong
from declarations.study import Study

WORDS = "words.yaml"
EXACT = 9  # Tolerance of the bounds for doubles: 0.55 * 100 is 55.00000000000001.
Bounds = Annotated[tuple[float | None, float | None], Strict(False)]


class Word(Declared):
    """A word: the bounds within which it is right, and wider ones within which it is imprecise."""

    holds: Bounds = Field(description="Lowest and highest deviation for which the word is right.")
    bears: Bounds | None = Field(
        None,
        description="Wider bounds than `holds`. A deviation between the two makes the word "
        "imprecise, not wrong.",
    )
    strict: bool = Field(False, description="Whether the ends of `holds` are excluded.")

    @model_validator(mode="after")
    def _in_order(self) -> Word:
        for low, high in filter(None, (self.holds, self.bears)):
            if low is not None and high is not None and low > high:
                raise wrong([low, high], "the lower bound first", at=("holds",))
        if self.bears and not _encloses(self.bears, self.holds):
            raise wrong(list(self.bears), "bounds around those of `holds`", at=("bears",))
        return self

    def says(self, deviation: float, scale: float = 1.0) -> bool:
        """Whether the word is right for a deviation."""
        value = round(deviation, EXACT)
        low, high = (None if end is None else end * scale for end in self.holds)
        if self.strict:
            return (low is None or value > low) and (high is None or value < high)
        return (low is None or value >= low) and (high is None or value <= high)

    def can_bear(self, deviation: float, scale: float = 1.0) -> bool:
        """Whether a deviation is within the wider bounds of the word."""
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
    """All words, by the quantity that they describe."""

    significant: float = Field(description="Words for a difference: stated, or called significant.")
    weakly: float = Field(description="The largest p that `significant` is used for.")
    heads: int = Field(
        description=("A difference of this many respondents decides neither an order nor a bound."),
        ge=0,
    )
    small_group: int = Field(description="A group below this size may be left out of an order.")
    countable: int = Field(
        1, description="A count of levels may leave out levels with fewer respondents.", ge=1
    )
    numbers: Mapping[str, Word] = Field(description="With a number: about, at least ...")
    amounts: Mapping[str, Word] = Field(description="Without a number: few, many ...; in percent.")
    sizes: Mapping[str, Word] = Field(
        description="Size of a difference in percentage points: slightly, much ..."
    )
    means: Mapping[str, Word] = Field(description="Size of a difference of means, in percent.")
    relations: Mapping[str, Word] = Field(
        description="Words for ratios, such as twice, with bounds of the deviation."
    )
    equal: Word = Field(
        description="Bounds within which two shares count as equal, in percentage points."
    )
    spreads: Mapping[str, Word] = Field(
        description="Distance between the highest and the lowest level, in percentage points."
    )
    tallies: Mapping[str, Word] = Field(
        description="The share of tests that are significant, in percent."
    )


def read_words(study: Study) -> Words:
    """The words of a study. Raises SpecError if one is missing or invalid."""
    mistakes = Mistakes()
    path = study.folder / "claims" / WORDS
    words = read_model(Words, path, mistakes, file=f"claims/{WORDS}")
    mistakes.stop()
    assert words is not None
    return words

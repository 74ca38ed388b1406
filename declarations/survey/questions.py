"""Questions of the questionnaire: items, columns of the export, and codes of answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from pydantic import Field

from declarations.labels import Label
from declarations.model import Declared, Distinct, Id
from declarations.spans import ALWAYS, Rewording, WaveSpan, in_force, wave_order, wording
from runtime.plain_text import plain

CLOSED = ("single", "grid", "multiple")
SCALED = ("single", "grid")
QuestionType = Literal["single", "grid", "multiple", "numeric", "open"]
TICKED = 1
NOT_TICKED = 0
INVITATIONS = "invitations"
MOST_DIGITS = 15
SIGNS = {"point": ".", "comma": ","}


@dataclass(frozen=True)
class Code:
    """One answer of a scale: the platform's stored code, not its position on the page.

    `labelled` is false for a code that occurs in the data without a label in the export. `exported`
    is the export's label, if another is declared on purpose. `value` is the text of a cell, if it
    is not the code: `A1`, `01`, a whole answer. A `missing` code (refused, 999) is counted but not
    a valid answer. `score` is its number in means and indices. A respondent who gives an answer
    with `ends` is asked nothing after it.
    """

    code: int
    key: str
    label: Label
    labelled: bool = True
    ends: bool = False
    span: WaveSpan = ALWAYS
    exported: str | None = None
    value: str | None = None
    missing: bool = False
    score: float | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts that may name it in an export."""
        return _texts(self.label, self.exported)

    @property
    def cell(self) -> str:
        """The text of a cell with this answer."""
        return str(self.code) if self.value is None else self.value


class Numbers(Declared):
    """The numbers that a numeric item may hold."""

    negative: bool = Field(False, description="Whether numbers below 0 are allowed.")
    decimal: Literal["point", "comma"] | None = Field(
        None,
        description=(
            "The decimal sign. With it 1.125 has one meaning; otherwise such a number is refused."
        ),
    )
    digits: int = Field(
        6, ge=1, le=MOST_DIGITS, description=("Most digits before the decimal sign.")
    )

    @property
    def sign(self) -> str | None:
        """The decimal sign; None if it is not declared."""
        return None if self.decimal is None else SIGNS[self.decimal]


USUAL = Numbers()


class Condition(Declared):
    """A condition: only respondents who gave one of these answers to an earlier item are asked."""

    item: Id = Field(description="The id of an earlier item.")
    codes: Distinct[int] = Field(min_length=1, description="Codes of the earlier item.")


@dataclass(frozen=True)
class Item:
    """One column of the export: a grid line, a tick box, a number or a text field.

    An `exclusive` answer excludes all others of its question. `condition` is None if everyone is
    asked. `questionnaire` is the wording in the questionnaire, if a table prints another. `special`
    are labelled values of a numeric item that are not numbers (999: refused).
    """

    id: str
    question: str
    variable: str
    type: str
    label: Label
    scale: tuple[Code, ...]
    choice: int | None
    exclusive: bool
    reported: tuple[str, ...]
    condition: Condition | None = None
    span: WaveSpan = ALWAYS
    reworded: tuple[Rewording, ...] = ()
    moved: tuple[tuple[str, str], ...] = ()
    exported: str | None = None
    questionnaire: str | None = None
    special: tuple[Code, ...] = ()
    numbers: Numbers = USUAL

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts that may name it in an export."""
        return _texts(self.label, self.exported)

    @property
    def closed(self) -> bool:
        """Whether the answer is a declared code."""
        return self.type in CLOSED

    @property
    def codes(self) -> tuple[int, ...]:
        """Valid codes of a cell; a tick box has 0 (not ticked) and 1 (ticked)."""
        if self.type == "multiple":
            return (NOT_TICKED, TICKED)
        return tuple(code.code for code in self.scale)

    @cached_property
    def by_value(self) -> Mapping[str, int]:
        """Codes by the text of a cell, for codes whose cells hold a text."""
        given = (*self.scale, *self.special)
        return {plain(code.value): code.code for code in given if code.value is not None}

    @cached_property
    def by_number(self) -> frozenset[int]:
        """Codes that cells hold as numbers."""
        if self.type == "multiple":
            return frozenset(self.codes)
        given = (*self.scale, *self.special)
        return frozenset(code.code for code in given if code.value is None)

    @property
    def waves_named(self) -> tuple[str, ...]:
        """Waves in which the item changes."""
        spans = (self.span, *(code.span for code in (*self.scale, *self.special)))
        named = [wave for span in spans for wave in span.waves]
        named += [r.wave for r in self.reworded] + [wave for wave, _ in self.moved]
        return tuple(dict.fromkeys(named))

    def in_wave(self, wave: str) -> Item:
        """The item in a wave: its wording, its column, its codes."""
        if not self.waves_named:
            return self
        columns = [column for w, column in self.moved if wave_order(w) <= wave_order(wave)]
        return replace(
            self,
            label=wording(self.label, self.reworded, wave),
            variable=columns[-1] if columns else self.variable,
            scale=tuple(code for code in self.scale if code.span.holds(wave)),
            special=tuple(code for code in self.special if code.span.holds(wave)),
        )


@dataclass(frozen=True)
class Question:
    """One question; `source` is the declaring file relative to the study folder."""

    id: str
    order: int
    section: str
    type: str
    label: Label
    asked: str | Condition | None
    note: str | None
    reported: tuple[str, ...]
    items: tuple[Item, ...]
    source: str
    reworded: tuple[Rewording, ...] = ()

    @property
    def of_invitations(self) -> bool:
        """Whether everyone invited has a value, because it came with the respondent list."""
        return self.asked == INVITATIONS

    @property
    def counted(self) -> bool:
        """Whether the item has answers to count: codes or numbers."""
        return any(item.type != "open" for item in self.items)

    @property
    def closed_items(self) -> tuple[Item, ...]:
        """Items whose answers are codes, in page order."""
        return tuple(item for item in self.items if item.closed)

    def in_wave(self, wave: str) -> Question:
        """The question in a wave; without items if the wave did not ask it."""
        items = tuple(item.in_wave(wave) for item in self.items if item.span.holds(wave))
        label = wording(self.label, self.reworded, wave)
        if label == self.label and items == self.items:
            return self
        return replace(self, label=label, items=items)

    def rewordings(self, item: str, wave: str) -> tuple[Rewording, ...]:
        """The rewordings of the question or its item up to the wave."""
        own = [entry for each in self.items if each.id == item for entry in each.reworded]
        return in_force((*self.reworded, *own), wave)


def _texts(label: Label, exported: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys((label.da, label.en, *([exported] if exported else []))))


def routed(questions: Iterable[Question]) -> tuple[Question, ...]:
    """Drop conditions on items that the wave did not ask."""
    kept = tuple(questions)
    asked = {item.id for question in kept for item in question.items}
    return tuple(
        replace(question, items=tuple(_routed(item, asked) for item in question.items))
        if any(_lost(item, asked) for item in question.items)
        else question
        for question in kept
    )


def _routed(item: Item, asked: set[str]) -> Item:
    return replace(item, condition=None) if _lost(item, asked) else item


def _lost(item: Item, asked: set[str]) -> bool:
    return item.condition is not None and item.condition.item not in asked

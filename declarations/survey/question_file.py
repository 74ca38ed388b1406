"""`questions/*.yaml`: a question as it is written, and the question it stands for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from declarations.errors import Mistakes
from declarations.labels import Label
from declarations.model import (
    Declared,
    Id,
    LabelText,
    MaybeLabelled,
    Name,
    Number,
    Part,
    Several,
    validated,
    wrong,
)
from declarations.spans import RewordingEntry, Spanned, rewordings, wave_order
from declarations.survey.questions import (
    MOST_DIGITS,
    SCALED,
    USUAL,
    Code,
    Condition,
    Item,
    Numbers,
    Question,
    QuestionType,
)
from runtime.plain_text import plain

DECIMALS = {"point": ".", "comma": ","}


class CodeEntry(MaybeLabelled, Spanned):
    """One answer of a scale. Without any text: a code the export has no label for."""

    code: int = Field(description="What the platform stored, not the place on the page.")
    key: Name | None = Field(None, description="Its id; `code_N` if left out.")
    value: str | None = Field(
        None, description="The text a cell holds, where that is not the code; in quotes."
    )
    missing: bool = Field(
        False, description="Known and counted, and no valid answer (refused, 98, 99)."
    )
    score: Number | None = Field(None, description="Its number in a mean of the scale.")
    ends: bool = Field(False, description="Who answers so is asked nothing after it.")
    exported: Name | None = Field(
        None, description="Its text in the export, where that is not the declared label."
    )

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.key is not None and self.own_label is None:
            raise wrong(self.key, "a label beside the key: `da` and `en`, or `text`", at=["key"])
        if self.value is not None and not plain(self.value):
            raise wrong(self.value, "text (in quotes)", at=["value"])
        return self

    def made(self) -> Code:
        """The code it stands for."""
        told = str(self.code) if self.value is None else self.value
        return Code(
            self.code,
            self.key or f"code_{self.code}",
            self.own_label or Label(told, told),
            labelled=self.own_label is not None,
            ends=self.ends,
            span=self.span,
            exported=self.exported,
            value=self.value,
            missing=self.missing,
            score=None if self.score is None else float(self.score),
        )


class NumbersEntry(Declared):
    """Which numbers a numeric item may hold."""

    negative: bool = Field(False, description="Whether numbers below 0 are allowed.")
    decimal: Literal["point", "comma"] | None = Field(
        None, description="The decimal sign: then 1.125 has one meaning, else it is refused."
    )
    digits: int = Field(6, ge=1, le=MOST_DIGITS, description="Most digits before the sign.")

    def made(self) -> Numbers:
        """The numbers it stands for."""
        return Numbers(self.negative, DECIMALS.get(self.decimal or ""), self.digits)


class AskedOf(Declared):
    """Only who gave one of the answers to an earlier item is asked."""

    item: Id = Field(description="An item that stands earlier.")
    codes: Several[int] = Field(min_length=1, description="Codes of that item.")


def _form(value: Any) -> str:
    return "answers" if isinstance(value, dict | AskedOf) else "everyone"


Asked = Annotated[
    Annotated[Literal["all", "invitations"], Tag("everyone")] | Annotated[AskedOf, Tag("answers")],
    Discriminator(_form),
]


def _codes_once(name: str, codes: tuple[CodeEntry, ...]) -> None:
    for entry in ("code", "key"):
        _once([getattr(code, entry) for code in codes], entry, f"each {entry} once", name)
    cells = [plain(code.made().cell) for code in codes]
    _once(cells, "value", "another text: two codes are told by the same cell", name)


def _once(values: list[Any], entry: str, expected: str, name: str) -> None:
    for number, value in enumerate(values):
        if value is not None and value in values[:number]:
            raise wrong(value, expected, at=[name, number, entry])


class _Asking(Spanned):
    """What a question and its items may both say."""

    scale: Several[CodeEntry] = Field((), description="The answers in page order.")
    codes: Several[CodeEntry] = Field(
        (), description="Of numeric items: labelled values that are no numbers, all `missing`."
    )
    numbers: NumbersEntry | None = Field(None, description="Of numeric items: what is a number.")
    reworded: dict[Name, RewordingEntry] = Field(
        {}, description="Other wordings, each from the wave on that is its key."
    )

    @model_validator(mode="after")
    def _unique(self) -> Self:
        _codes_once("scale", self.scale)
        _codes_once("codes", self.codes)
        for number, code in enumerate(self.codes):
            if not code.missing:
                expected = "true: codes of a numeric item are no numbers"
                raise wrong(code.missing, expected, at=["codes", number, "missing"])
        return self

    @property
    def _numeric(self) -> list[str]:
        """What is said of numbers."""
        return [name for name in ("codes", "numbers") if getattr(self, name)]


class ItemEntry(MaybeLabelled, _Asking):
    """One export variable: a grid line, a tick box, a number or a text field."""

    id: Id = Field(description="Its name in tables, models and claims.")
    variable: Name = Field(description="The column of the export.")
    variables: dict[Name, Name] = Field(
        {}, description="Other columns of the export, each from the wave on that is its key."
    )
    type: QuestionType | None = Field(None, description="The question's type if left out.")
    choice: int | None = Field(None, description="Of a tick box: the platform's code of it.")
    exclusive: bool = Field(False, description="The answer excludes the others of its question.")
    exported: Name | None = Field(
        None, description="Its text in the export, where that is not the declared label."
    )
    questionnaire: str | None = Field(
        None,
        min_length=1,
        pattern=r"\S",
        description="Its Danish wording in the questionnaire, where a table prints another.",
    )
    asked: Asked | None = Field(None, description="Who is asked; as the question if left out.")
    reported: Several[Name] | None = Field(
        None, description="Tables and sections with a result; as the question if left out."
    )


class QuestionFile(_Asking):
    """One question of the questionnaire."""

    id: Id = Field(description="Its name; the second half of the file's name.")
    order: int = Field(description="Its place in the questionnaire.")
    section: Part = Field(description="Its group in the graph.")
    type: QuestionType = Field(description="What a cell of its items holds.")
    label: LabelText = Field(description="Its wording in both languages.")
    asked: Asked = Field(
        "all", description="Who is asked: `invitations` came with the respondent list."
    )
    note: str | None = Field(None, description="Where report and questionnaire differ.")
    reported: Several[Name] | None = Field(
        (), description="Tables and sections of the report with a result."
    )
    items: Several[ItemEntry] = Field(min_length=1, description="In page order.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self._numeric and not any((i.type or self.type) == "numeric" for i in self.items):
            raise wrong(self.type, "a numeric item that it is about", at=self._numeric[:1])
        for number, item in enumerate(self.items):
            kind = item.type or self.type
            if kind != "numeric" and item._numeric:
                at = ["items", number, item._numeric[0]]
                raise wrong(kind, "a numeric item that it is about", at=at)
            if kind in SCALED and not (item.scale or self.scale):
                raise wrong(item.id, f"a scale: the item is of type {kind}", at=["items", number])
            if kind == "multiple" and item.choice is None:
                raise wrong(
                    item.id,
                    "a whole number as choice: the item is a tick box",
                    at=["items", number],
                )
        return self

    def made(self, source: str) -> Question:
        """The question it stands for; items take from it what they do not say."""
        scale = tuple(code.made() for code in self.scale)
        return Question(
            id=self.id,
            order=self.order,
            section=self.section,
            type=self.type,
            label=self.label,
            asked=self.asked if isinstance(self.asked, str) else _condition(self.asked),
            note=self.note,
            reported=self.reported or (),
            items=tuple(self._item(entry, scale) for entry in self.items),
            source=source,
            reworded=rewordings(self.reworded),
        )

    def _item(self, entry: ItemEntry, scale: tuple[Code, ...]) -> Item:
        kind = entry.type or self.type
        own = tuple(code.made() for code in entry.scale) or scale
        numeric = kind == "numeric"
        numbers = entry.numbers or self.numbers
        reported = entry.reported if "reported" in entry.model_fields_set else self.reported
        return Item(
            id=entry.id,
            question=self.id,
            variable=entry.variable,
            type=kind,
            label=entry.own_label or self.label,
            scale=own if kind in SCALED else (),
            choice=entry.choice,
            exclusive=entry.exclusive,
            reported=reported or (),
            condition=_condition(self.asked if entry.asked is None else entry.asked),
            span=entry.span.within(self.span),
            reworded=rewordings(entry.reworded),
            moved=tuple(sorted(entry.variables.items(), key=lambda m: wave_order(m[0]))),
            exported=entry.exported,
            questionnaire=entry.questionnaire,
            special=tuple(code.made() for code in entry.codes or self.codes) if numeric else (),
            numbers=numbers.made() if numeric and numbers else USUAL,
        )


def _condition(asked: str | AskedOf) -> Condition | None:
    return None if isinstance(asked, str) else Condition(asked.item, asked.codes)


def read_question(data: Any, source: str) -> Question:
    """A question from plain values. SpecError names `source` and every mistake."""
    mistakes = Mistakes()
    found = validated(QuestionFile, data, Path(source), mistakes)
    mistakes.stop()
    assert found is not None
    return found.made(source)

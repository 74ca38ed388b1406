"""`questions/*.yaml`: the file of a question, and the question made from it."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from declarations.labels import Label
from declarations.model import (
    Distinct,
    Id,
    LabelText,
    MaybeLabelled,
    Name,
    Number,
    Part,
    Several,
    check_once,
    wrong,
)
from declarations.spans import RewordingEntry, Spanned, rewordings, wave_order
from declarations.survey.questions import (
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


class CodeEntry(MaybeLabelled, Spanned):
    """One answer of a scale. A code without any text has no label in the export."""

    code: int = Field(description="The code that the platform stored, not the place on the page.")
    key: Name | None = Field(None, description="The id of the code; by default `code_N`.")
    value: str | None = Field(
        None, description="The text of a cell, if it is not the code; in quotes."
    )
    missing: bool = Field(False, description="Counted, but not a valid answer (refused, 98, 99).")
    score: Number | None = Field(None, description="The number of the code in means of the scale.")
    ends: bool = Field(
        False, description=("Respondents who give this answer are asked nothing after it.")
    )
    exported: Name | None = Field(
        None, description="The text of the code in the export, if it differs from the label."
    )

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.key is not None and self.own_label is None:
            raise wrong(self.key, "a label with the key: `da` and `en`, or `text`", at=["key"])
        if self.value is not None and not plain(self.value):
            raise wrong(self.value, "text (in quotes)", at=["value"])
        return self

    def made(self) -> Code:
        """The code."""
        text = str(self.code) if self.value is None else self.value
        return Code(
            self.code,
            self.key or f"code_{self.code}",
            self.own_label or Label(text, text),
            labelled=self.own_label is not None,
            ends=self.ends,
            span=self.span,
            exported=self.exported,
            value=self.value,
            missing=self.missing,
            score=None if self.score is None else float(self.score),
        )


def _form(value: Any) -> str:
    return "answers" if isinstance(value, dict | Condition) else "everyone"


Asked = Annotated[
    Annotated[Literal["all", "invitations"], Tag("everyone")]
    | Annotated[Condition, Tag("answers")],
    Discriminator(_form),
]


def _codes_once(name: str, codes: tuple[CodeEntry, ...]) -> None:
    for entry in ("code", "key"):
        check_once([getattr(code, entry) for code in codes], f"each {entry} once", [name], [entry])
    cells = [plain(code.made().cell) for code in codes]
    expected = "another text: two codes have the same text in a cell"
    check_once(cells, expected, [name], ["value"])


class _Asking(Spanned):
    """Entries that a question and its items share."""

    scale: Several[CodeEntry] = Field((), description="The answers in page order.")
    codes: Several[CodeEntry] = Field(
        (), description="Labelled values of numeric items that are not numbers; all are `missing`."
    )
    numbers: Numbers | None = Field(None, description="The valid numbers of numeric items.")
    reworded: dict[Name, RewordingEntry] = Field(
        {}, description="Other wordings, by the first wave of each."
    )

    @model_validator(mode="after")
    def _unique(self) -> Self:
        _codes_once("scale", self.scale)
        _codes_once("codes", self.codes)
        for number, code in enumerate(self.codes):
            if not code.missing:
                expected = "true: codes of a numeric item are not numbers"
                raise wrong(code.missing, expected, at=["codes", number, "missing"])
        return self

    @property
    def numeric_entries(self) -> list[str]:
        """The entries on numbers."""
        return [name for name in ("codes", "numbers") if getattr(self, name)]


class ItemEntry(MaybeLabelled, _Asking):
    """One column of the export: a grid line, a tick box, a number or a text field."""

    id: Id = Field(description="The id of the item in tables, models and claims.")
    variable: Name = Field(description="The column of the export.")
    variables: dict[Name, Name] = Field(
        {}, description="Other columns of the export, by the first wave of each."
    )
    type: QuestionType | None = Field(None, description="The type; by default the question's.")
    choice: int | None = Field(None, description="The platform's code of a tick box.")
    exclusive: bool = Field(
        False, description=("Whether the answer excludes all others of its question.")
    )
    exported: Name | None = Field(
        None, description="The text of the item in the export, if it differs from the label."
    )
    questionnaire: str | None = Field(
        None,
        min_length=1,
        pattern=r"\S",
        description="The Danish wording of the item in the questionnaire, if print has another.",
    )
    asked: Asked | None = Field(
        None, description=("Who is asked; by default the same as for the question.")
    )
    reported: Distinct[Name] | None = Field(
        None, description="Tables and sections with a result; by default those of the question."
    )


class QuestionFile(_Asking):
    """One question of the questionnaire."""

    id: Id = Field(description="The id of the question; also the second half of the file's name.")
    order: int = Field(description="The place of the question in the questionnaire.")
    section: Part = Field(description="The group of the question in the graph.")
    type: QuestionType = Field(description="The type of the answers.")
    label: LabelText = Field(description="The wording of the question in both languages.")
    asked: Asked = Field(
        "all", description="Who is asked; `invitations`: the values came with the respondent list."
    )
    note: str | None = Field(
        None, description=("A note on differences between report and questionnaire.")
    )
    reported: Distinct[Name] | None = Field(
        (), description="Tables and sections of the report with a result."
    )
    items: Several[ItemEntry] = Field(min_length=1, description="The items, in page order.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.numeric_entries and not any((i.type or self.type) == "numeric" for i in self.items):
            raise wrong(
                self.type, "a numeric item to which it applies", at=self.numeric_entries[:1]
            )
        for number, item in enumerate(self.items):
            kind = item.type or self.type
            if kind != "numeric" and item.numeric_entries:
                at = ["items", number, item.numeric_entries[0]]
                raise wrong(kind, "a numeric item to which it applies", at=at)
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
        """The question. Items inherit the entries that they do not have."""
        scale = tuple(code.made() for code in self.scale)
        return Question(
            id=self.id,
            order=self.order,
            section=self.section,
            type=self.type,
            label=self.label,
            asked=self.asked,
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
            numbers=numbers if numeric and numbers else USUAL,
        )


def _condition(asked: str | Condition) -> Condition | None:
    return None if isinstance(asked, str) else asked

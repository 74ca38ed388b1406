"""The strict base of all declared models, and common types.

A declaration is a pydantic model. An unknown entry or a value of another type is a mistake.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from math import isfinite
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    Strict,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from declarations.errors import near
from declarations.ids import ID, PART, RESERVED
from declarations.labels import Label

T = TypeVar("T")
M = TypeVar("M", bound="Declared")


class Declared(BaseModel):
    """The base of every declared model: immutable, no unknown entries, no type conversion."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        populate_by_name=True,
        # models that are only parts of others then build no validator of their own
        defer_build=True,
    )


def wrong(
    found: Any, expected: str, known: Sequence[Any] = (), at: Sequence[Any] = ()
) -> Exception:
    """The error that a validator raises. The message suggests close matches among `known`.

    `at` is the path from the validated value to the wrong entry.
    """
    meant = near(found, known) if known else ()
    facts = {"found": found, "said": expected, "meant": meant, "at": tuple(at)}
    return PydanticCustomError("wrong", "expected", facts)


def _text(value: Any) -> Any:
    """Accept a number as a name: YAML reads `chapter: 6` and `from: 2018` as numbers."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _id(value: Any) -> str:
    if not isinstance(value, str) or not ID.fullmatch(value) or value in RESERVED:
        raise wrong(
            value,
            "an id: at most 80 lower-case letters, digits and underscores, a letter first, "
            "not 'status' (quote yes, no, null)",
        )
    return value


def _part(value: Any) -> str:
    text = _text(value)
    if not isinstance(text, str) or not PART.fullmatch(text):
        raise wrong(value, "at most 40 lower-case letters, digits and underscores")
    return text


def _stated(value: Any) -> Any:
    return str(value) if isinstance(value, int | float | date) else value


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise wrong(value, "a number")
    return value


def _code(value: Any) -> int | str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise wrong(value, "a code, a whole number, or `total`")
    return value


def check_once(
    values: Sequence[Any], expected: str, before: Sequence[Any] = (), after: Sequence[Any] = ()
) -> None:
    """Raise an error at the first repeated value; `before` and `after` complete its place."""
    for number, value in enumerate(values):
        if value is not None and value in values[:number]:
            raise wrong(value, expected, at=[*before, number, *after])


def _distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    check_once(values, "each entry once")
    return values


def _label(value: Any) -> Label:
    if isinstance(value, Label):
        return value
    da, en = _texts(value)
    if not isinstance(da, str) or not isinstance(en, str):
        expected = "a text, or `da` and `en`, both text (quote yes/no and numbers)"
        known = ("da", "en", "text")
        extra = [key for key in value if key not in known] if isinstance(value, Mapping) else []
        raise wrong(value, expected, at=extra[:1])
    if not da.strip() or not en.strip():
        raise wrong(value, "a text that is not empty")
    return Label(da, en)


def _texts(value: Any) -> tuple[Any, Any]:
    """Both texts of a label; one text, alone or as `text`, is for both languages."""
    if not isinstance(value, Mapping):
        return value, value
    if "da" not in value and isinstance(value.get("text"), str):
        return value["text"], value["text"]
    return value.get("da"), value.get("en")


_TEXT_OR_NUMBER = {"type": ["string", "integer"]}
_WORDS = {"type": "string", "pattern": r"\S"}
_LABEL_SCHEMA = {
    "anyOf": [
        _WORDS,
        {
            "type": "object",
            "properties": {"da": _WORDS, "en": _WORDS},
            "required": ["da", "en"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"text": _WORDS},
            "required": ["text"],
            "additionalProperties": False,
        },
    ],
    "description": "One text for both languages, or `da` and `en`.",
}

Id = Annotated[
    str,
    PlainValidator(_id),
    WithJsonSchema({"type": "string", "pattern": f"^{ID.pattern}$", "not": {"const": "status"}}),
]
"""An id. It becomes a name of files, relations and assets."""

Part = Annotated[
    str, PlainValidator(_part), WithJsonSchema({**_TEXT_OR_NUMBER, "pattern": f"^{PART.pattern}$"})
]
"""A chapter or a section. It becomes a name of a group of assets."""

Name = Annotated[str, BeforeValidator(_text), WithJsonSchema(_TEXT_OR_NUMBER)]
"""A text that YAML may read as a whole number: a wave, a level, the number of a table."""

# without a serializer of its own, pydantic writes the label twice and warns of the dict
LabelText = Annotated[
    Label,
    PlainValidator(_label),
    PlainSerializer(asdict, return_type=dict[str, str]),
    WithJsonSchema(_LABEL_SCHEMA),
]
"""A label in both languages."""

Several = Annotated[tuple[T, ...], Strict(False)]
"""A YAML list, kept as a tuple."""

Distinct = Annotated[
    tuple[T, ...],
    Strict(False),
    AfterValidator(_distinct),
    Field(json_schema_extra={"uniqueItems": True}),
]
"""A YAML list without repetitions."""


Stated = Annotated[str, BeforeValidator(_stated), WithJsonSchema({"type": ["string", "number"]})]
"""A text for readers that YAML may read as a number or a date."""

Number = Annotated[int | float, PlainValidator(_number), WithJsonSchema({"type": "number"})]
"""A finite number, kept as int or float."""


CodeName = Annotated[int | str, PlainValidator(_code), WithJsonSchema(_TEXT_OR_NUMBER)]
"""A code of an item, or a word such as `total`."""


def switch(model: Any) -> BeforeValidator:
    """Annotates `Model | None`: the entry may be `false`, which becomes None."""
    return BeforeValidator(_on, json_schema_input_type=model | Literal[False])


def _on(value: Any) -> Any:
    if value is None:
        raise wrong(value, "a mapping, or false")
    return None if value is False else value


def short(model: Any, entry: str) -> BeforeValidator:
    """Annotates `Model`: a text may replace a mapping with one entry."""

    def whole(value: Any) -> Any:
        return {entry: value} if isinstance(value, str | int) else value

    return BeforeValidator(whole, json_schema_input_type=Name | model)


class MaybeLabelled(Declared):
    """A mapping that may have a label: `da` and `en`, or `text`."""

    da: str | None = Field(None, description="Label in Danish.")
    en: str | None = Field(None, description="Label in English.")
    text: str | None = Field(None, description="One label for both languages.")

    @model_validator(mode="after")
    def _both_languages(self) -> Self:
        if self.text is None and (self.da is None) != (self.en is None):
            given = {"da": self.da} if self.en is None else {"en": self.en}
            raise wrong(given, "a label: `da` and `en`, or `text`")
        return self

    @property
    def own_label(self) -> Label | None:
        """The label; None if there is none."""
        if self.text is not None and self.da is None:
            return Label(self.text, self.text)
        return None if self.da is None or self.en is None else Label(self.da, self.en)


class Labelled(MaybeLabelled):
    """A mapping with a label: `da` and `en`, or `text` for both languages."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["da", "en"]}, {"required": ["text"]}]}
    )

    @model_validator(mode="after")
    def _labelled(self) -> Self:
        if self.own_label is None:
            raise wrong(None, "a label: `da` and `en`, or `text`")
        return self

    @property
    def label(self) -> Label:
        """The label."""
        label = self.own_label
        assert label is not None
        return label

"""What all declared models share: the strict base, common types, and reading a file as a model.

A declaration is a pydantic model: an entry it does not have is a mistake, and so is a value of
another type. `read_model` reads a YAML file as a model and notes every mistake with its line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar, Union, get_args, get_origin

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    Strict,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError, core_schema

from declarations.documents import line_of, read_document
from declarations.errors import Mistake, Mistakes, SpecError, found_expected, listed, near
from declarations.ids import ID, PART, RESERVED
from declarations.labels import Label, read_label

T = TypeVar("T")
M = TypeVar("M", bound="Declared")


class Declared(BaseModel):
    """The base of every declared model: immutable, no unknown entries, no converted types."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, populate_by_name=True
    )


def wrong(
    found: Any, expected: str, known: Sequence[Any] = (), at: Sequence[Any] = ()
) -> Exception:
    """What a validator raises: `known` are names to look for a likely meaning among.

    `at` leads from the validated value to the entry that is wrong.
    """
    meant = near(found, known) if known else ()
    told = {"found": found, "said": expected, "meant": meant, "at": tuple(at)}
    return PydanticCustomError("wrong", "expected", told)


def _text(value: Any) -> Any:
    """A number where a name is meant, as YAML reads `chapter: 6` and `from: 2018`."""
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


def _label(value: Any) -> Label:
    if isinstance(value, Label):
        return value
    try:
        return read_label(value, "")
    except SpecError:
        expected = "a text, or `da` and `en`, both text (quote yes/no and numbers)"
        known = () if not isinstance(value, Mapping) else ("da", "en", "text")
        extra = [key for key in value if key not in known] if known else []
        raise wrong(value, expected, at=extra[:1]) from None


_TEXT_OR_NUMBER = {"type": ["string", "integer"]}
_LABEL_SCHEMA = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {"da": {"type": "string"}, "en": {"type": "string"}},
            "required": ["da", "en"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"text": {"type": "string"}},
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
"""An id: it becomes a name of files, relations and assets."""

Part = Annotated[
    str, PlainValidator(_part), WithJsonSchema({**_TEXT_OR_NUMBER, "pattern": f"^{PART.pattern}$"})
]
"""A chapter or a section: it becomes a name of a group of assets."""

Name = Annotated[str, BeforeValidator(_text), WithJsonSchema(_TEXT_OR_NUMBER)]
"""A text that YAML may read as a whole number: a wave, a level, a number of a table."""

LabelText = Annotated[Label, PlainValidator(_label), WithJsonSchema(_LABEL_SCHEMA)]
"""A label in both languages."""

Several = Annotated[tuple[T, ...], Strict(False)]
"""A YAML list, kept as a tuple."""


Stated = Annotated[str, BeforeValidator(_stated), WithJsonSchema({"type": ["string", "number"]})]
"""A text for readers that YAML may read as a number or a date."""

Number = Annotated[int | float, PlainValidator(_number), WithJsonSchema({"type": "number"})]
"""A finite number, kept as it is written."""


CodeName = Annotated[int | str, PlainValidator(_code), WithJsonSchema(_TEXT_OR_NUMBER)]
"""A code of an item, or a word as `total`."""


class Switch:
    """An entry that `false` switches off: `Annotated[Model | None, Switch()]`; off is None."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """`false` is None before anything else looks at it."""

        def off(value: Any) -> Any:
            if value is None:
                raise wrong(value, "a mapping, or false")
            return None if value is False else value

        return core_schema.no_info_before_validator_function(off, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """The same with `false` in place of null."""
        made = handler(schema)
        others = [one for one in made.get("anyOf", [made]) if one != {"type": "null"}]
        rest = {key: value for key, value in made.items() if key == "title"}
        return {**rest, "anyOf": [*others, {"const": False}]}


class Short:
    """A text that stands for a mapping with this one entry: `Annotated[Model, Short("name")]`."""

    def __init__(self, entry: str) -> None:
        self.entry = entry

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """A text becomes the mapping."""

        def whole(value: Any) -> Any:
            return {self.entry: value} if isinstance(value, str | int) else value

        return core_schema.no_info_before_validator_function(whole, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Either form."""
        return {"anyOf": [dict(_TEXT_OR_NUMBER), handler(schema)]}


class MaybeLabelled(Declared):
    """Something that may have its label beside its other entries: `da` and `en`, or `text`."""

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
        """The label; None where there is none."""
        if self.text is not None and self.da is None:
            return Label(self.text, self.text)
        return None if self.da is None or self.en is None else Label(self.da, self.en)


class Labelled(MaybeLabelled):
    """Something with its label beside its other entries: `da` and `en`, or `text` for both."""

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


def read_model(
    model: type[M],
    path: Path,
    mistakes: Mistakes,
    *,
    file: str | None = None,
    context: Mapping[str, Any] | None = None,
) -> M | None:
    """The file as a model; None where it is none, and every mistake is noted in `mistakes`.

    `file` is the name shown in messages, the path where it is left out.
    """
    name = str(path) if file is None else file
    try:
        data = read_document(path)
    except SpecError as error:
        for one in error.mistakes:
            mistakes.add(Mistake(name, one.line, one.entry, one.problem, one.meant))
        return None
    return validated(model, data, path, mistakes, file=name, context=context)


def validated(
    model: type[M],
    data: Any,
    path: Path,
    mistakes: Mistakes,
    *,
    file: str | None = None,
    context: Mapping[str, Any] | None = None,
    inside: Sequence[Any] = (),
) -> M | None:
    """Plain values as a model, as `read_model`. `inside` is where in the file `data` stands."""
    name = str(path) if file is None else file
    if not isinstance(data, Mapping):
        problem = found_expected(data, f"a mapping with the entries {listed(known_entries(model))}")
        mistakes.add(Mistake(name, line_of(path, inside), entry_of(data, inside), problem))
        return None
    try:
        told = None if context is None else dict(context)
        return model.model_validate(data, context=told, by_alias=True, by_name=False)
    except ValidationError as error:
        found = error.errors(include_url=False)
        deeper = {one["loc"][: len(one["loc"]) - n] for one in found for n in (1, 2, 3)}
        for one in found:
            # the entries that are wrong are told by themselves
            if one["type"] == "too_short" and one["loc"] in deeper:
                continue
            mistakes.add(_mistake(model, data, one, path, name, inside))
        return None


def mistake_at(path: Path, file: str, place: Sequence[Any], problem: str, *meant: str) -> Mistake:
    """A mistake at an entry of a file, with its line; for cross-checks after reading."""
    data: Any = None
    with suppress(SpecError):
        data = read_document(path)
    return Mistake(file, line_of(path, place), entry_of(data, place), problem, meant)


def known_entries(model: type[BaseModel]) -> list[str]:
    """The entries of a model by the names they have in YAML."""
    return [field.alias or name for name, field in model.model_fields.items()]


def entry_of(data: Any, place: Sequence[Any]) -> str:
    """A place in words: `items[partners_one].scale[2].code`.

    A list's entry goes by its id, key, code or name, or else by its number from 1. A part of the
    place that is no entry (the tag of a union) is passed over, but for a missing last one.
    """
    words: list[str] = []
    for number, part in enumerate(place):
        if isinstance(data, Mapping):
            if part in data:
                data = data[part]
            elif str(part) in {str(key) for key in data}:
                data = next(value for key, value in data.items() if str(key) == str(part))
            elif number + 1 < len(place):
                continue
            words.append(f".{part}")
        elif isinstance(data, Sequence) and not isinstance(data, str) and isinstance(part, int):
            data = data[part] if part < len(data) else None
            named = data if isinstance(data, Mapping) else {}
            own = next((named[key] for key in ("id", "key", "code", "name") if key in named), None)
            words.append(f"[{part + 1 if own is None or isinstance(own, dict | list) else own}]")
    return "".join(words).removeprefix(".")[:200]


def _mistake(
    model: type[BaseModel],
    data: Any,
    error: ErrorDetails,
    path: Path,
    file: str,
    inside: Sequence[Any],
) -> Mistake:
    # a wrong name of an entry has the place of the entry
    place = [part for part in error["loc"] if part != "[key]"]
    context: Mapping[str, Any] = error.get("ctx") or {}
    meant: tuple[str, ...] = ()
    kind, found = error["type"], error["input"]
    if kind == "wrong":
        place += context["at"]
        problem, meant = found_expected(context["found"], context["said"]), context["meant"]
    elif kind == "extra_forbidden":
        known = _entries_at(model, place[:-1])
        problem = f"found an unknown entry, expected one of {listed(known)}"
        meant = near(place[-1], known)
    elif kind == "missing":
        problem = "found no such entry, expected one"
        place = place[:-1]
        entry = error["loc"][-1]
        whole = entry_of(data, [*place, entry])
        return Mistake(file, line_of(path, [*inside, *place]), whole, problem)
    elif kind == "union_tag_invalid":
        key = str(context["discriminator"]).strip("'")
        place.append(key)
        known = [tag.strip().strip("'") for tag in str(context["expected_tags"]).split(",")]
        problem = found_expected(context["tag"], f"one of {listed(known)}")
        meant = near(context["tag"], known)
    elif kind == "union_tag_not_found":
        place.append(str(context["discriminator"]).strip("'"))
        problem = "found no such entry, expected one"
    elif kind in ("literal_error", "enum"):
        expected = str(context["expected"])
        known = [word.strip("' ") for part in expected.split(",") for word in part.split(" or ")]
        problem = found_expected(found, f"one of {listed(known)}" if len(known) > 1 else expected)
        meant = near(found, known)
    else:
        problem = found_expected(found, _expected(kind, context, error["msg"]))
    whole = entry_of(data, place)
    return Mistake(file, line_of(path, [*inside, *place]), whole, problem, meant)


EXPECTED = {
    "string_type": "text (quote yes/no, numbers and dates)",
    "string_too_short": "a text that is not empty",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dataclass_type": "a mapping",
    "too_short": "at least {min_length} in the list",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number from {ge}",
    "less_than": "a number below {lt}",
    "less_than_equal": "a number up to {le}",
    "none_required": "nothing",
}


def _expected(kind: str, context: Mapping[str, Any], message: str) -> str:
    if kind in EXPECTED:
        return EXPECTED[kind].format(**context)
    return message


def _entries_at(model: Any, place: Sequence[Any]) -> list[str]:
    """The entries the model has at a place; of a union those of the member the place names."""
    found = _models_at(model, list(place))
    return sorted({entry for one in found for entry in known_entries(one)})


def _models_at(kind: Any, place: list[Any]) -> list[type[BaseModel]]:
    kind = getattr(kind, "__value__", kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _models_at(inner[0], place)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        if not place:
            return [kind]
        fields = {field.alias or name: field for name, field in kind.model_fields.items()}
        if place[0] in fields:
            return _models_at(fields[place[0]].annotation, place[1:])
        # the tag of a union
        return _models_at(kind, place[1:])
    if origin in (tuple, list, dict, Mapping):
        kind = inner[-1] if origin in (dict, Mapping) else inner[0]
        return _models_at(kind, place[1:])
    if inner and origin in (Union, type(int | str)):
        tagged = [one for one in inner if place and _has_tag(one, place[0])]
        members = tagged or inner
        return [found for one in members for found in _models_at(one, list(place))]
    return []


def _has_tag(kind: Any, tag: Any) -> bool:
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return False
    return any(
        tag in get_args(field.annotation)
        for field in kind.model_fields.values()
        if field.annotation
    )

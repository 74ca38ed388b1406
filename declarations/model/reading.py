"""Reads a declaration as a model and notes every mistake with line, entry and expected value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import (
    BaseModel,
    ValidationError,
)
from pydantic_core import ErrorDetails

from declarations.documents import line_of, read_document
from declarations.errors import Mistake, Mistakes, SpecError, found_expected, listed, near
from declarations.model.entries import Declared

M = TypeVar("M", bound="Declared")
NUMBERED = re.compile(r"^[0-9]+_")


def read_model(
    model: type[M] | Mapping[str, type[M]],
    path: Path,
    mistakes: Mistakes,
    *,
    file: str | None = None,
) -> M | None:
    """The file as a model; None if it is invalid. Every mistake is noted in `mistakes`.

    Of several models, the entry `kind` selects one. `file` is the name shown in messages, by
    default the path.
    """
    name = str(path) if file is None else file
    try:
        data = read_document(path)
    except SpecError as error:
        for one in error.mistakes:
            mistakes.add(Mistake(name, one.line, one.entry, one.problem, one.meant))
        return None
    if not isinstance(model, Mapping):
        return validated(model, data, path, mistakes, file=name)
    kind = data.get("kind") if isinstance(data, Mapping) else None
    if not isinstance(kind, str) or kind not in model:
        problem = found_expected(kind, f"one of {listed(model)}")
        mistakes.add(Mistake(name, line_of(path, ("kind",)), "kind", problem, near(kind, model)))
        return None
    return validated(model[kind], data, path, mistakes, file=name)


def validated(
    model: type[M],
    data: Any,
    path: Path,
    mistakes: Mistakes,
    *,
    file: str | None = None,
) -> M | None:
    """Validate plain values as `read_model` does."""
    name = str(path) if file is None else file
    if not isinstance(data, Mapping):
        problem = found_expected(data, f"a mapping with the entries {listed(known_entries(model))}")
        mistakes.add(Mistake(name, line_of(path, ()), "", problem))
        return None
    try:
        return model.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        found = error.errors(include_url=False)
        deeper = {one["loc"][: len(one["loc"]) - n] for one in found for n in (1, 2, 3)}
        for one in found:
            # mistakes within entries are reported separately
            if one["type"] == "too_short" and one["loc"] in deeper:
                continue
            mistakes.add(_mistake(model, data, one, path, name))
        return None


def mistake_at(path: Path, file: str, place: Sequence[Any], problem: str, *meant: str) -> Mistake:
    """Note a mistake at an entry of a file, with its line; for checks after reading."""
    data: Any = None
    with suppress(SpecError):
        data = read_document(path)
    return Mistake(file, line_of(path, place), entry_of(data, place), problem, meant)


def named_as_its_file(path: Path, file: str, own: str, mistakes: Mistakes) -> None:
    """Note a mistake if the id of a file is not its name; a number may come before: `07_id.yaml`.

    References to the id that the name promises then follow from the mistake.
    """
    name = path.stem
    promised = NUMBERED.sub("", name)
    if own not in (name, promised):
        problem = found_expected(own, f"the name of the file, {promised!r}")
        mistakes.add(mistake_at(path, file, ["id"], problem, *near(own, [promised])))
        mistakes.unreadable |= {name, promised}


def known_entries(model: type[BaseModel]) -> list[str]:
    """The entries of a model by their names in YAML."""
    return [field.alias or name for name, field in model.model_fields.items()]


def entry_of(data: Any, place: Sequence[Any]) -> str:
    """A place as text: `items[partners_one].scale[2].code`.

    An entry of a list is named by its id, key, code or name, or else by its number from 1. Parts
    that are not entries (the tag of a union) are skipped, unless the last part is a missing entry.
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
) -> Mistake:
    # the place of an unknown name is that of the entry itself
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
        return Mistake(file, line_of(path, place), whole, problem)
    elif kind == "union_tag_invalid":
        key = str(context["discriminator"]).strip("'")
        place.append(key)
        known = [tag.strip().strip("'") for tag in str(context["expected_tags"]).split(",")]
        problem = found_expected(context["tag"], f"one of {listed(known)}")
        meant = near(context["tag"], known)
    elif kind == "union_tag_not_found":
        tag = str(context["discriminator"]).strip("'")
        names = map(str, found) if isinstance(found, Mapping) else ()
        misspelt = next((name for name in names if near(name, [tag])), None)
        place.append(tag if misspelt is None else misspelt)
        problem, meant = "found no such entry, expected one", ()
        if misspelt is not None:
            problem, meant = f"found an unknown entry, expected {tag}", (tag,)
    elif kind in ("literal_error", "enum"):
        expected = str(context["expected"])
        known = [word.strip("' ") for part in expected.split(",") for word in part.split(" or ")]
        problem = found_expected(found, f"one of {listed(known)}" if len(known) > 1 else expected)
        meant = near(found, known)
    else:
        problem = found_expected(found, _expected(kind, context, error["msg"]))
    whole = entry_of(data, place)
    return Mistake(file, line_of(path, place), whole, problem, meant)


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
    "string_pattern_mismatch": "a text of the form {pattern}",
}


def _expected(kind: str, context: Mapping[str, Any], message: str) -> str:
    if kind in EXPECTED:
        return EXPECTED[kind].format(**context)
    return message


def _entries_at(model: Any, place: Sequence[Any]) -> list[str]:
    """The entries of the model at a place; for a union those of the member that the place names."""
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

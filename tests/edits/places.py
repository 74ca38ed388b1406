"""Every field of every declared model: where a study declares it, and other values for it.

The models of `declarations` and the files of the study give the places; no field is listed here. A
field that no file has is set where its model is used.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from declarations.documents import read_document
from declarations.labels import Label
from declarations.model import Declared
from tools.schema import ALL_KINDS

LABEL = ("da", "en", "text")
NOTHING: Any = object()
# What reads a field of these reads it of all classes that inherit it.
COMMON = ("BaseClaim", "Selector", "Group", "Level", "Coordinates", "Line")
# Entries that are mappings by name of what the name is about: each name is a field of its own.
BY_NAME = ("checks", "rules")
# Values of models that no file has.
SAMPLES: Mapping[str, Sequence[Any]] = {
    "Condition": [{"item": "position", "codes": [1]}],
    "BaseColumn": [{"da": "Grundlag", "en": "Base"}],
    "Coordinates": [{"decimals": 3}],
    "Disclosure": [{"policy": "block"}],
    "Lag": [{"days": 2}],
    "Numbers": [{"negative": True}],
    "Reading": [{"by": "known"}],
    "RewordingEntry": [{"da": "Andet", "en": "Other", "comparable": False}],
    "TableMarks": [{"by": "cell", "mark": "stars"}],
}


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes what is used twice twice: declarations have no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        """Always."""
        return True


@dataclass(frozen=True)
class Place:
    """An entry of a file, or a place for one; `kind` is the type of the field."""

    file: str
    model: str
    name: str
    path: tuple[Any, ...]
    value: Any = field(repr=False, hash=False, compare=False)
    kind: Any = field(repr=False, hash=False, compare=False)
    known: Mapping[str, None] = field(repr=False, hash=False, compare=False)

    @property
    def field(self) -> str:
        """The field of the model."""
        return f"{self.model}.{self.name}"

    @property
    def set(self) -> bool:
        """Whether the file has the entry."""
        return self.value is not NOTHING

    @cached_property
    def others(self) -> tuple[Any, ...]:
        """Other values, some of which may be invalid; those of the same field elsewhere too."""
        known = [yaml.safe_load(text) for text in self.known]
        return tuple(_distinct(self.value, _others(self.value, self.kind, known)))

    def holds(self, other: Place) -> bool:
        """Whether the other place is in this one."""
        return self.file == other.file and self.path == other.path[: len(self.path)]

    def apply(self, data: Any, value: Any) -> None:
        """Set or remove the entry in a document."""
        *above, last = self.path
        for part in above:
            data = data[part]
        if value is NOTHING:
            del data[last]
        else:
            data[last] = value


def places(study: Path) -> list[Place]:
    """All places of a study's declarations, in the order of its files."""
    walked = [*_walked(study)]
    known: dict[str, dict[str, None]] = {}
    for _, _, name, _, value, _ in walked:
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str | int):
                known.setdefault(name, {})[json.dumps(one)] = None
    return [Place(*one, known.get(one[2], {})) for one in walked]


Walked = tuple[str, str, str, tuple[Any, ...], Any, Any]


def _walked(study: Path) -> Iterator[Walked]:
    for kind in ALL_KINDS:
        for path in sorted(study.glob(kind.files)):
            if path.name in kind.leave_out or path.suffix != ".yaml":
                continue
            data = read_document(path)
            root: tuple[Any, ...] = ()
            for model in kind.models:
                try:
                    whole = data
                    if isinstance(data, list):
                        whole = {next(iter(model.model_fields)): data}
                    made = TypeAdapter(model).validate_python(whole, by_alias=True, by_name=False)
                except ValidationError:
                    continue
                file = path.relative_to(study).as_posix()
                yield from _of_model(file, made, data, root, listed=isinstance(data, list))
                break


def _of_model(
    file: str, made: BaseModel, data: Any, path: tuple[Any, ...], *, listed: bool = False
) -> Iterator[Walked]:
    """The fields of a model, and of the models in it."""
    for name, info in type(made).model_fields.items():
        own = name if info.alias is None else info.alias
        value = data if listed else data.get(own, NOTHING)
        place = path if listed else (*path, own)
        if not listed:
            yield file, _declaring(type(made), name), name, place, value, info.annotation
        yield from _inside(file, getattr(made, name), value, place, name)


def _inside(file: str, made: Any, value: Any, path: tuple[Any, ...], name: str) -> Iterator[Walked]:
    if isinstance(made, BaseModel) and isinstance(value, dict):
        for walked in _of_model(file, made, value, path):
            if len(path) > 1 and path[-2] in BY_NAME:
                yield (*walked[:2], f"{walked[2]}[{path[-1]}]", *walked[3:])
            else:
                yield walked
    elif isinstance(made, tuple) and isinstance(value, list):
        for number, (one, raw) in enumerate(zip(made, value, strict=False)):
            yield from _inside(file, one, raw, (*path, number), name)
    elif isinstance(made, Mapping) and isinstance(value, dict):
        for (key, one), raw in zip(made.items(), value.values(), strict=False):
            at = next(own for own in value if own == key or str(own) == str(key))
            if isinstance(one, BaseModel | tuple | Mapping):
                yield from _inside(file, one, raw, (*path, at), name)
            else:
                yield file, "entries", name, (*path, at), raw, type(one)


def _declaring(model: type[BaseModel], name: str) -> str:
    """The class, or one of COMMON that declares the field for several classes."""
    bases = {one.__name__: one for one in model.__mro__ if one.__name__ in COMMON}
    own = [one for one, base in bases.items() if name in inspect.get_annotations(base)]
    return own[0] if own else model.__name__


def _others(value: Any, kind: Any, known: Sequence[Any]) -> Iterator[Any]:
    """Other values for a field, of which some may be invalid."""
    if value is not NOTHING:
        yield from _changed(value, known)
    yield from _of_type(kind, known)
    if value is not NOTHING:
        yield NOTHING


def _changed(value: Any, known: Sequence[Any]) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1, *[k for k in known if isinstance(k, int)][:6])
    elif isinstance(value, float):
        yield from (value * 0.9, value * 1.1, value / 2)
    elif isinstance(value, str):
        yield from (f"{value} x", f"{value}x", *[k for k in known if isinstance(k, str)][:12])
    elif isinstance(value, dict) and set(value) <= set(LABEL):
        yield {name: f"{text} x" for name, text in value.items()}
    elif isinstance(value, list) and value:
        yield value[1:2] + value[:1] + value[2:]
        yield value[:-1]
        yield from ([*value, one] for one in known[:12])
        yield from ([one] for one in known[:12])
    elif isinstance(value, dict):
        yield dict(list(value.items())[:-1])


def _of_type(kind: Any, known: Sequence[Any]) -> Iterator[Any]:
    kind = getattr(kind, "__value__", kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        yield from inner
    elif isinstance(kind, type) and issubclass(kind, Declared):
        yield from SAMPLES.get(kind.__name__, ())
    elif kind is Label:
        yield {"da": "Andet", "en": "Other"}
    elif kind is bool:
        yield from (True, False)
    elif kind is int:
        yield from (1, 2, 7)
    elif kind is float:
        yield from (0.9, 1.5, 7.0)
    elif kind is str:
        yield from ("x", *known[:12])
    elif origin in (tuple, list):
        found = [*_of_type(inner[0], known)] if inner else []
        yield from ([one] for one in (*known[:12], *found))
        yield from ([one, one] for one in found)
    elif origin in (dict, Mapping):
        yield from ({"2018": one} for one in _of_type(inner[1], known))
        yield from ({one: other} for one in known[:3] for other in _of_type(inner[1], known))
    else:
        for one in inner:
            yield from _of_type(one, known)


def _distinct(value: Any, others: Iterable[Any]) -> Iterator[Any]:
    seen = [repr(value)]
    for one in others:
        if repr(one) not in seen:
            seen.append(repr(one))
            yield one


def written(data: Any) -> str:
    """A document as YAML."""
    return str(yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False))

"""`python -m tools.reference`: the reference in studies/README.md, generated from the models."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from declarations.labels import Label
from runtime.paths import ROOT
from runtime.store import replace_text
from tools.schema import ALL_KINDS

TARGET = ROOT / "studies" / "README.md"
BEGIN = "<!-- reference: written by `make docs` from the models; do not edit -->"
END = "<!-- end of reference -->"
WORDS: dict[Any, str] = {
    str: "text", int: "whole number", float: "number", bool: "true or false", Label: "label",
}  # fmt: skip


def reference() -> str:
    """One table per model, grouped by file, as Markdown."""
    lines: set[str] = set()
    parts = [
        "A *label* is one text for both languages, or `{da: ..., en: ...}`.",
    ]
    for kind in ALL_KINDS:
        own = [model for model in kind.models if isinstance(model, type)]
        files = [model for model in own if issubclass(model, BaseModel)]
        parts.append(f"### `{kind.files}`")
        for model in _reached(files):
            if model.__name__ not in lines:
                lines.add(model.__name__)
                parts += _table(model, model in files and len(files) == 1)
    return "\n\n".join(parts) + "\n"


def with_reference(text: str) -> str:
    """The page with the reference inserted."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


def _reached(models: list[type[BaseModel]]) -> list[type[BaseModel]]:
    """The models and all models they contain, each once, in reading order."""
    found: list[type[BaseModel]] = []
    for model in models:
        if model not in found:
            found.append(model)
            for field in model.model_fields.values():
                inner = [m for m in _models(field.annotation) if m not in found]
                found += [m for m in _reached(inner) if m not in found]
    return found


def _models(kind: Any) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for part in get_args(kind):
        yield from _models(part)


def _table(model: type[BaseModel], whole: bool) -> list[str]:
    says = (model.__doc__ or "").strip().split("\n")[0]
    lines = ["| entry | value | default | meaning |", "|---|---|---|---|"]
    for name, field in model.model_fields.items():
        cells = (f"`{field.alias or name}`", _value(field), _default(field), field.description)
        lines.append(
            "| " + " | ".join(str(cell or "").replace("|", "\\|") for cell in cells) + " |"
        )
    heading = [] if whole else [f"#### {model.__name__}"]
    return [*heading, says, "\n".join(lines)]


def _value(field: FieldInfo) -> str:
    return _words(field.annotation)


def _words(kind: Any) -> str:
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _words(parts[0])
    if origin is Literal:
        return ", ".join(f"`{str(one).lower() if one is False else one}`" for one in parts)
    if origin in (Union, UnionType):
        return " or ".join(dict.fromkeys(_words(p) for p in parts if p is not type(None)))
    if origin is tuple:
        inner = [part for part in parts if part is not Ellipsis]
        words = " and ".join(dict.fromkeys(map(_words, inner)))
        return f"list of {words}" if Ellipsis in parts else f"two: {words}"
    if origin is dict:
        return f"by {_words(parts[0])}: {_words(parts[1])}"
    if kind in WORDS:
        return WORDS[kind]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return f"[{kind.__name__}](#{kind.__name__.lower()})"
    return "text"


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined:
        return "required"
    if value is None or value == "" or value in ((), {}) or isinstance(value, BaseModel):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`[{', '.join(map(str, value))}]`"
    return f"`{value}`"


def main() -> int:
    """Write the page."""
    replace_text(TARGET, with_reference(TARGET.read_text(encoding="utf-8")))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

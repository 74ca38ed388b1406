"""Filters of a table: levels of groups and codes of items, joined by and, or, not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import Field, model_validator

from declarations.errors import SpecError
from declarations.model import Declared, Name, Several, wrong

Values = Several[Name]


class Filter(Declared):
    """One condition. A filter without entries includes everyone."""

    group: Name | None = Field(default=None, description="The id of a group; needs `levels`.")
    levels: Values = Field(
        default=(),
        description=("Levels of the group. Respondents in any of the levels are included."),
    )
    item: Name | None = Field(default=None, description="An item or variable; with `codes`.")
    codes: Values = Field(
        default=(),
        description="Codes of the item. Respondents who gave any of the codes are included.",
    )
    every: Several[Filter] = Field(
        default=(), alias="and", description="Conditions that must all hold."
    )
    some: Several[Filter] = Field(
        default=(), alias="or", description="Conditions of which at least one must hold."
    )
    no: Filter | None = Field(
        default=None, alias="not", description="A condition that must not hold."
    )

    @model_validator(mode="after")
    def _whole(self) -> Filter:
        parts = [self.group, self.item, self.every or None, self.some or None, self.no]
        if sum(part is not None for part in parts) > 1:
            raise wrong("several", "one of group, item, and, or, not (join them with `and`)")
        if (self.group is None) != (not self.levels):
            raise wrong(self.group, "`group` with its `levels`", at=("group",))
        if (self.item is None) != (not self.codes):
            raise wrong(self.item, "`item` with its `codes`", at=("item",))
        return self

    @property
    def empty(self) -> bool:
        """Whether it includes everyone."""
        return self == Filter()

    def conditions(self) -> Iterator[Filter]:
        """This condition and all conditions within it on one group or item."""
        if self.group is not None or self.item is not None:
            yield self
        for part in (*self.every, *self.some, *([self.no] if self.no is not None else [])):
            yield from part.conditions()

    @property
    def words(self) -> str:
        """The filter in the command's syntax."""
        if self.group is not None or self.item is not None:
            values = ",".join(self.levels or self.codes)
            return f"{self.group or self.item}={values}"
        if self.no is not None:
            return f"not ({self.no.words})"
        joined = [(self.every, " and "), (self.some, " or ")]
        return "".join(sign.join(f"({p.words})" for p in parts) for parts, sign in joined)


EVERYONE = Filter()
WHERE = "--filter"
# the signs that join conditions, the loosest first
SIGNS = (("or", "|"), ("and", "&"))
TOKEN = re.compile(r"\s*(\(|\)|\band\b|\bor\b|\bnot\b|&|\||!(?!=)|[^\s()&|!=]+\s*!?=\s*[^\s()&|]+)")


def parse_filter(text: str, groups: Any) -> Filter:
    """A filter in the command's syntax: `size=under_35000,from_35000 and not (partners_one=1)`.

    `groups` are the names of groups; any other name is an item. Raises SpecError.
    """
    tokens, at = [], 0
    while text[at:].strip():
        found = TOKEN.match(text, at)
        if found is None:
            raise SpecError(WHERE, f"found {text[at:].strip()[:40]!r}, expected name=value")
        tokens.append(found.group(1).strip())
        at = found.end()
    made, rest = _joined(tokens, groups)
    if rest:
        raise SpecError(WHERE, f"found {rest[0]!r}, expected `and`, `or` or the end")
    return made


def _joined(tokens: list[str], groups: Any, level: int = 0) -> tuple[Filter, list[str]]:
    """Conditions joined by the signs of a level; those of the next one bind more tightly."""
    if level == len(SIGNS):
        return _one(tokens, groups)
    first, tokens = _joined(tokens, groups, level + 1)
    parts = [first]
    while tokens and tokens[0] in SIGNS[level]:
        part, tokens = _joined(tokens[1:], groups, level + 1)
        parts.append(part)
    if len(parts) == 1:
        return first, tokens
    return Filter.model_validate({SIGNS[level][0]: tuple(parts)}), tokens


def _one(tokens: list[str], groups: Any) -> tuple[Filter, list[str]]:
    if not tokens:
        raise SpecError(WHERE, "found the end, expected name=value")
    first, rest = tokens[0], tokens[1:]
    if first in ("not", "!"):
        part, rest = _one(rest, groups)
        return Filter.model_validate({"not": part}), rest
    if first == "(":
        part, rest = _joined(rest, groups)
        if not rest or rest[0] != ")":
            raise SpecError(WHERE, "found no `)`, expected one")
        return part, rest[1:]
    name, sign, values = (
        re.split(r"\s*(!?=)\s*", first, maxsplit=1) if "=" in first else (first, "", "")
    )
    if not sign:
        raise SpecError(WHERE, f"found {first!r}, expected name=value")
    several = tuple(values.split(","))
    made = (
        Filter(group=name, levels=several) if name in groups else Filter(item=name, codes=several)
    )
    return (Filter.model_validate({"not": made}) if sign == "!=" else made), rest

"""Fields: a common view of everything that can be tabulated, items and derived variables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from declarations.labels import Label
from declarations.study import Study
from declarations.survey.questions import Item
from declarations.tabulation.variables import (
    Bands,
    CountVariable,
    Net,
    Recode,
    Scale,
    Variable,
)

NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?")
NO, YES = Label("Nej", "No"), Label("Ja", "Yes")
IN, OUT = "1", "0"


@dataclass(frozen=True)
class FieldCode:
    """A code as text, with its key in results; `score` is its number, if it has one.

    `value` is the text of a cell of the export, if it is not the code.
    """

    code: str
    key: str
    label: Label
    missing: bool = False
    score: float | None = None
    value: str | None = None


BOX: tuple[FieldCode, ...] = (
    FieldCode(IN, "ticked", YES, score=1.0),
    FieldCode(OUT, "not_ticked", NO, score=0.0),
)


@dataclass(frozen=True)
class Field:
    """The subject of a table row. `kind` is closed, box (1 ticked, 0 not) or numeric.

    Either `item` or `variable` is its source.
    """

    id: str
    label: Label
    kind: str
    codes: tuple[FieldCode, ...]
    item: Item | None = None
    variable: Variable | None = None

    @property
    def valid(self) -> tuple[FieldCode, ...]:
        """The codes of valid answers."""
        return tuple(code for code in self.codes if not code.missing)

    @property
    def missing(self) -> tuple[FieldCode, ...]:
        """Codes that are counted but excluded from the valid base."""
        return tuple(code for code in self.codes if code.missing)

    def code_of(self, name: str) -> str | None:
        """The code that a declaration names by its number, its cell text, or its key."""
        for entry in ("code", "value", "key"):
            for code in self.codes:
                if getattr(code, entry) == name:
                    return code.code
        return None

    def codes_of(self, names: Iterable[str]) -> tuple[str, ...]:
        """The codes of several names; unknown names are left out."""
        found = (self.code_of(name) for name in names)
        return tuple(code for code in found if code is not None)

    @property
    def names(self) -> list[str]:
        """All valid names of its codes."""
        lines = [n for c in self.codes for n in (c.code if c.value is None else c.value, c.key)]
        return list(dict.fromkeys(lines))

    def with_scores(self, scores: Any) -> Field:
        """The field with numbers for its codes from `scores`. Raises ValueError if impossible."""
        if self.kind == "numeric":
            return self
        numbers = score_numbers(self, scores)
        codes = (replace(code, score=numbers.get(code.code)) for code in self.codes)
        return replace(self, codes=tuple(codes))


def score_numbers(field: Field, scores: Any) -> dict[str, float]:
    """{code: number} of the valid codes. Raises ValueError with the reason if there are none.

    `scores` is `codes`, `order`, pairs of code and number, or None. With None, codes need declared
    scores, or labels that equal the code. Only the ends of the scale may have other labels (1 "not
    at all", 2, 3, 4, 5 "very much").
    """
    valid = field.valid
    if field.kind == "box":
        return {IN: 1.0, OUT: 0.0}
    if scores == "order":
        return {code.code: float(place) for place, code in enumerate(valid, start=1)}
    if scores is not None and scores != "codes":
        given = {field.code_of(str(code)): (code, float(number)) for code, number in scores}
        if None in given:
            name = given[None][0]
            raise ValueError(f"scores name the code {name!r}, which {field.id} does not have")
        return {str(code): number for code, (_, number) in given.items()}
    if scores is None:
        scored = {c.code: c.score for c in valid if c.score is not None}
        if scored:
            return scored
        own = [bool(NUMBER.fullmatch(c.label.da)) and _number(c.label.da) == _of(c) for c in valid]
        # If only one end has words, it may be a separate answer: 1, 2, ... 6 and "no grade".
        ends = len(own) > 3 and all(own[1:-1]) and not own[0] and not own[-1]
        if len(valid) < 2 or not (all(own) or ends):
            raise ValueError(
                f"{field.id} has no numbers: add `score` to its codes, or `scores: codes`, "
                "`scores: order` or {code: number}"
            )
    found = {c.code: _of(c) for c in valid}
    unnumbered = [code for code, number in found.items() if number is None]
    if unnumbered:
        raise ValueError(f"code {unnumbered[0]!r} of {field.id} is not a number")
    return {code: float(number) for code, number in found.items() if number is not None}


def _of(code: FieldCode) -> float | None:
    return _number(code.code) if NUMBER.fullmatch(code.code) else None


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def item_field(item: Item) -> Field | None:
    """The field of an item; None for open items."""
    if item.type == "open":
        return None
    if item.type == "multiple":
        return Field(item.id, item.label, "box", BOX, item=item)
    kind = "numeric" if item.type == "numeric" else "closed"
    codes = tuple(
        FieldCode(str(c.code), c.key, c.label, c.missing, c.score, c.value)
        for c in (item.special if kind == "numeric" else item.scale)
    )
    return Field(item.id, item.label, kind, codes, item=item)


def variable_field(variable: Variable, known: Mapping[str, Field]) -> Field:
    """The field of a variable whose sources are `known`. Raises KeyError or ValueError."""
    if isinstance(variable, Recode):
        source = known[variable.of]
        codes = [
            FieldCode(str(n), c.key, c.own_label or Label(c.key, c.key), c.missing, c.score)
            for n, c in enumerate(variable.codes, start=1)
        ]
        if variable.rest == "keep":
            named = set(source.codes_of(code for c in variable.codes for code in c.codes))
            kept = [c for c in source.codes if c.code not in named]
            first = len(codes) + 1
            codes += [replace(c, code=str(n)) for n, c in enumerate(kept, start=first)]
        return Field(variable.id, variable.named, "closed", tuple(codes), variable=variable)
    if isinstance(variable, Bands):
        bands = (
            FieldCode(str(n), band.key, band.named)
            for n, band in enumerate(variable.levels, start=1)
        )
        return Field(variable.id, variable.named, "closed", tuple(bands), variable=variable)
    if isinstance(variable, Net) or (
        isinstance(variable, CountVariable) and variable.kind != "count"
    ):
        codes_of = (FieldCode(IN, "in", YES, score=1.0), FieldCode(OUT, "out", NO, score=0.0))
        return Field(variable.id, variable.named, "box", codes_of, variable=variable)
    label = variable.label
    if label is None and isinstance(variable, Scale):
        label = known[variable.of].label
    return Field(variable.id, label or variable.named, "numeric", (), variable=variable)


def fields_of(study: Study) -> dict[str, Field]:
    """Every field by id, items first. Items that the wave did not ask are left out."""
    found: dict[str, Field] = {}
    for item in study.items.values():
        field = item_field(item)
        if field is not None:
            found[item.id] = field
    waiting = list(study.tabulation.variables)
    while waiting:
        ready = [v for v in waiting if all(_known(s, found, study) for s in v.sources)]
        if not ready:
            break
        for variable in ready:
            try:
                found[variable.id] = variable_field(variable, found)
            except (KeyError, ValueError):
                continue
        waiting = [v for v in waiting if v not in ready]
    return found


def rows_of(name: str, study: Study, fields: Mapping[str, Field]) -> tuple[Field, ...]:
    """The fields of a name in `of`: an item, a variable, or all items of a question."""
    question = study.question.get(name)
    if question is not None:
        return tuple(fields[i.id] for i in question.items if i.id in fields)
    return (fields[name],) if name in fields else ()


def _known(name: str, fields: Mapping[str, Field], study: Study) -> bool:
    return name in fields or (name in study.question and bool(rows_of(name, study, fields)))

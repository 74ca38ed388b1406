"""Questions of the questionnaire: items, export variables and the codes an answer may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from declarations.errors import SpecError, need, only
from declarations.ids import read_id, read_part
from declarations.labels import LABELLED, Label, read_label
from declarations.spans import (
    ALWAYS,
    Rewording,
    WaveSpan,
    in_force,
    read_moves,
    read_rewordings,
    read_span,
    wave_order,
    wording,
)
from runtime.plain_text import plain

CLOSED = ("single", "grid", "multiple")
TYPES = (*CLOSED, "numeric", "open")
TICKED = 1
NOT_TICKED = 0
ALL, INVITATIONS = "all", "invitations"
SHARED = (
    "id", "type", "scale", "codes", "numbers", "asked", "reported", "from", "until", "reworded",
)  # fmt: skip
ENTRIES = (*SHARED, "order", "section", "label", "note", "items")
ITEM_ENTRIES = (
    *SHARED, *LABELLED, "variable", "variables", "choice", "exclusive", "exported", "questionnaire",
)  # fmt: skip
CODE_ENTRIES = (
    *LABELLED, "code", "value", "missing", "score", "key", "ends", "exported", "from", "until",
)  # fmt: skip
NUMBER_ENTRIES = ("negative", "decimal", "digits")
DECIMALS = {"point": ".", "comma": ","}
MOST_DIGITS = 15


@dataclass(frozen=True)
class Code:
    """One answer of a scale: the platform's stored code, not its position on the page.

    `labelled` is false for a code that occurs in the data but has no label in the export;
    `exported` is the export's label where another is declared on purpose. `value` is what a cell
    holds where that is not the code: `A1`, `01`, a text. A `missing` code (refused, 999) is known
    and counted, and no valid answer. `score` is its number in means and indices. Who gives an
    answer that `ends` the questionnaire is asked nothing after it.
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
        """The texts it may have in an export."""
        return _texts(self.label, self.exported)

    @property
    def cell(self) -> str:
        """What a cell with this answer holds."""
        return str(self.code) if self.value is None else self.value


@dataclass(frozen=True)
class Numbers:
    """Which numbers a numeric item may hold.

    `digits` is the most before the decimal sign. Where the `decimal` sign is declared, a number
    like 1.125 has one meaning; else it may be thousands and is refused.
    """

    negative: bool = False
    decimal: str | None = None
    digits: int = 6


USUAL = Numbers()


@dataclass(frozen=True)
class Condition:
    """Who is asked: those whose answer to an earlier item is one of the codes."""

    item: str
    codes: tuple[int, ...]


@dataclass(frozen=True)
class Item:
    """One export variable: a grid line, a tick box, a number or a text field.

    An `exclusive` answer excludes the others of its question. `condition` is None where everyone
    is asked. `questionnaire` is its wording there, given where a table prints another. `special`
    are labelled values of a numeric item that are no numbers (999: refused).
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
        """The texts it may have in an export."""
        return _texts(self.label, self.exported)

    @property
    def closed(self) -> bool:
        """Whether the answer is one of the declared codes."""
        return self.type in CLOSED

    @property
    def codes(self) -> tuple[int, ...]:
        """Codes a cell may hold; a tick box has 0 (not ticked) and 1 (ticked)."""
        if self.type == "multiple":
            return (NOT_TICKED, TICKED)
        return tuple(code.code for code in self.scale)

    @cached_property
    def by_value(self) -> Mapping[str, int]:
        """Codes by what a cell holds, of those whose cells hold something else than the code."""
        given = (*self.scale, *self.special)
        return {plain(code.value): code.code for code in given if code.value is not None}

    @cached_property
    def by_number(self) -> frozenset[int]:
        """Codes that cells hold as the number they are."""
        if self.type == "multiple":
            return frozenset(self.codes)
        given = (*self.scale, *self.special)
        return frozenset(code.code for code in given if code.value is None)

    @property
    def waves_named(self) -> tuple[str, ...]:
        """Waves its declaration names: there something about it changes."""
        spans = (self.span, *(code.span for code in (*self.scale, *self.special)))
        named = [wave for span in spans for wave in span.waves]
        named += [r.wave for r in self.reworded] + [wave for wave, _ in self.moved]
        return tuple(dict.fromkeys(named))

    def in_wave(self, wave: str) -> Item:
        """The item as the wave asked it: its wording, its column, its codes."""
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
    asked: Any
    note: str | None
    reported: tuple[str, ...]
    items: tuple[Item, ...]
    source: str
    reworded: tuple[Rewording, ...] = ()

    @property
    def of_invitations(self) -> bool:
        """Whether everyone invited has a value: it came with the respondent list."""
        return self.asked == INVITATIONS

    @property
    def counted(self) -> bool:
        """Whether it has answers to count: codes or numbers."""
        return any(item.type != "open" for item in self.items)

    @property
    def closed_items(self) -> tuple[Item, ...]:
        """Items whose answers are codes, in page order."""
        return tuple(item for item in self.items if item.closed)

    def in_wave(self, wave: str) -> Question:
        """The question as the wave asked it; without items where it was not asked."""
        items = tuple(item.in_wave(wave) for item in self.items if item.span.holds(wave))
        label = wording(self.label, self.reworded, wave)
        if label == self.label and items == self.items:
            return self
        return replace(self, label=label, items=items)

    def rewordings(self, item: str, wave: str) -> tuple[Rewording, ...]:
        """How the question, or its item, had been reworded by the wave."""
        own = [entry for each in self.items if each.id == item for entry in each.reworded]
        return in_force((*self.reworded, *own), wave)


def read_question(data: Any, source: str) -> Question:
    """Build a question from its YAML mapping; every error names `source` and the item."""
    kind = need(data, "type", source)
    only(data, ENTRIES, source)
    if kind not in TYPES:
        raise SpecError(source, f"type is {kind!r}, expected one of {', '.join(TYPES)}")
    question_id = read_id(need(data, "id", source), source)
    shared = _shared(data, source)
    reported = tuple(map(str, data.get("reported") or ()))
    condition = _condition(data.get("asked"), source)
    label = read_label(need(data, "label", source), source)
    span = read_span(data, source)
    items = tuple(
        _read_item(
            _labelled(entry, label), question_id, kind, shared, reported, condition, span, source
        )
        for entry in need(data, "items", source)
    )
    if not items:
        raise SpecError(source, "a question needs at least one item")
    numeric = any(item.type == "numeric" for item in items)
    if not numeric and (shared.special or shared.numbers is not None):
        raise SpecError(source, "codes and numbers belong to numeric items; there is none")
    return Question(
        id=question_id,
        order=int(need(data, "order", source)),
        section=read_part(need(data, "section", source), "section", source),
        type=kind,
        label=label,
        asked=data.get("asked", ALL),
        note=data.get("note"),
        reported=reported,
        items=items,
        source=source,
        reworded=read_rewordings(data, source),
    )


def _texts(label: Label, exported: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys((label.da, label.en, *([exported] if exported else []))))


def _exported(entry: Any) -> str | None:
    return str(entry["exported"]) if entry.get("exported") is not None else None


def _labelled(entry: Any, label: Label) -> Any:
    """An item without a label of its own has the question's."""
    if not isinstance(entry, dict) or {"da", "en", "text"} & set(entry):
        return entry
    return {**entry, "da": label.da, "en": label.en}


def _read_item(
    entry: Any,
    question: str,
    question_type: str,
    shared: Answers,
    reported: tuple[str, ...],
    condition: Condition | None,
    span: WaveSpan,
    source: str,
) -> Item:
    item_id = read_id(need(entry, "id", source), source)
    where = f"{source}: item {item_id}"
    only(entry, ITEM_ENTRIES, where)
    kind = entry.get("type", question_type)
    if kind not in TYPES:
        raise SpecError(where, f"type is {kind!r}, expected one of {', '.join(TYPES)}")
    own = _shared(entry, where)
    own_scale = own.scale or shared.scale
    if kind in ("single", "grid") and not own_scale:
        raise SpecError(where, f"a {kind} item needs a scale")
    if kind != "numeric" and (own.special or own.numbers is not None):
        raise SpecError(where, f"codes and numbers belong to numeric items; this one is {kind}")
    choice = entry.get("choice")
    if kind == "multiple" and not isinstance(choice, int):
        raise SpecError(where, f"a multiple-choice item needs a whole number as choice: {choice!r}")
    return Item(
        id=item_id,
        question=question,
        variable=str(need(entry, "variable", where)),
        type=kind,
        label=read_label(entry, where),
        scale=own_scale if kind in ("single", "grid") else (),
        choice=choice,
        exclusive=bool(entry.get("exclusive", False)),
        reported=tuple(map(str, entry["reported"] or ())) if "reported" in entry else reported,
        condition=_condition(entry["asked"], where) if "asked" in entry else condition,
        span=read_span(entry, where).within(span),
        reworded=read_rewordings(entry, where),
        moved=read_moves(entry, where),
        exported=_exported(entry),
        questionnaire=_questionnaire(entry, where),
        special=(own.special or shared.special) if kind == "numeric" else (),
        numbers=(own.numbers or shared.numbers or USUAL) if kind == "numeric" else USUAL,
    )


class Answers(NamedTuple):
    """What a question or an item says of its answers."""

    scale: tuple[Code, ...]
    special: tuple[Code, ...]
    numbers: Numbers | None


def _shared(entry: Any, where: str) -> Answers:
    special = _read_scale(entry.get("codes"), where)
    valid = [code.code for code in special if not code.missing]
    if valid:
        told = f"codes of a numeric item are missing: true, which {valid[0]} is not"
        raise SpecError(where, told)
    return Answers(
        _read_scale(entry.get("scale"), where), special, _read_numbers(entry.get("numbers"), where)
    )


def _read_numbers(data: Any, where: str) -> Numbers | None:
    if data is None:
        return None
    place = f"{where}: numbers"
    if not isinstance(data, Mapping):
        raise SpecError(place, f"expected {', '.join(NUMBER_ENTRIES)}, found {str(data)[:60]!r}")
    only(data, NUMBER_ENTRIES, place)
    decimal, digits = data.get("decimal"), data.get("digits", USUAL.digits)
    if decimal is not None and decimal not in DECIMALS:
        raise SpecError(place, f"decimal is {decimal!r}, expected {' or '.join(DECIMALS)}")
    if type(digits) is not int or not 1 <= digits <= MOST_DIGITS:
        raise SpecError(place, f"digits is {digits!r}, expected a number from 1 to {MOST_DIGITS}")
    negative = data.get("negative", False)
    if not isinstance(negative, bool):
        raise SpecError(place, f"negative is {negative!r}, expected true or false")
    return Numbers(negative, DECIMALS.get(decimal) if decimal else None, digits)


def _questionnaire(entry: Any, where: str) -> str | None:
    """The Danish words of the questionnaire, where a table prints others."""
    text = entry.get("questionnaire")
    if text is not None and not (isinstance(text, str) and text.strip()):
        raise SpecError(where, f"questionnaire is {text!r}, expected text")
    return text


def _condition(asked: Any, where: str) -> Condition | None:
    if asked in (None, ALL, INVITATIONS):
        return None
    codes = asked.get("codes") if isinstance(asked, dict) else None
    if not isinstance(codes, list) or not codes or not all(type(code) is int for code in codes):
        raise SpecError(
            where, f"asked is {asked!r}, expected all, invitations or {{item: ..., codes: [...]}}"
        )
    only(asked, ("item", "codes"), f"{where}: asked")
    return Condition(str(need(asked, "item", f"{where}: asked")), tuple(codes))


def _read_code(code: int, entry: Any, where: str | Path) -> Code:
    span = read_span(entry, f"{where}: code {code}")
    value, missing = _value(entry, where), entry.get("missing", False)
    if not isinstance(missing, bool):
        raise SpecError(where, f"missing is {missing!r}, expected true or false")
    if not {"da", "en", "text", "key"} & set(entry):
        told = str(code) if value is None else value
        label = Label(told, told)
        return Code(
            code, f"code_{code}", label, labelled=False, span=span, value=value, missing=missing,
            score=_score(entry, where),
        )  # fmt: skip
    key, ends = str(entry.get("key", f"code_{code}")), bool(entry.get("ends", False))
    label = read_label(entry, where)
    return Code(
        code, key, label, ends=ends, span=span, exported=_exported(entry), value=value,
        missing=missing, score=_score(entry, where),
    )  # fmt: skip


def _score(entry: Any, where: str | Path) -> float | None:
    score = entry.get("score")
    if score is None:
        return None
    if isinstance(score, bool) or not isinstance(score, int | float):
        raise SpecError(where, f"score is {score!r}, expected a number")
    return float(score)


def _value(entry: Any, where: str | Path) -> str | None:
    """What a cell holds: text, for 01 without quotes would be 1 and Y true."""
    value = entry.get("value")
    if value is not None and not (isinstance(value, str) and plain(value)):
        raise SpecError(where, f"value is {value!r}, expected text (in quotes)")
    return value


def _read_scale(entries: Any, where: str | Path) -> tuple[Code, ...]:
    codes = []
    for entry in entries or ():
        code = need(entry, "code", where)
        if isinstance(code, bool) or not isinstance(code, int):
            raise SpecError(where, f"codes are whole numbers, found {code!r}")
        only(entry, CODE_ENTRIES, f"{where}: code {code}")
        codes.append(_read_code(code, entry, where))
    if len({c.code for c in codes}) != len(codes) or len({c.key for c in codes}) != len(codes):
        raise SpecError(where, "a code or a key stands twice in the scale")
    cells = [plain(code.cell) for code in codes]
    twice = next((cell for cell in cells if cells.count(cell) > 1), None)
    if twice is not None:
        raise SpecError(where, f"two codes are told by the same cell: {twice[:60]!r}")
    return tuple(codes)

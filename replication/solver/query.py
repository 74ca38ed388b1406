"""Questions for `samspil bounds`, as typed values.

    question  = share [ "-" share ]
    share     = atoms [ "by" atoms ]
    atoms     = atom { "and" atom }
    atom      = name ( "=" | "!=" ) value { "+" value }

A name is an item or a background variable (group). Values are keys or codes of the item's answers,
or `answered` (any answer), or keys of the group's levels. The part before `by` is counted among the
respondents who match the part after it and answered the items in the question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from declarations import Item, Study
from declarations.survey.questions import NOT_TICKED, TICKED

ANSWERED = "answered"
TICKS = {"no": NOT_TICKED, "yes": TICKED}
ATOM = re.compile(r"\s*([\w.]+)\s*(!?=)\s*([\w.]+(?:\s*\+\s*[\w.]+)*)\s*")


class QueryError(ValueError):
    """An invalid question; the message says what was expected."""


@dataclass(frozen=True)
class ItemAtom:
    """Respondents who gave one of the codes to an item."""

    item: str
    codes: frozenset[int]


@dataclass(frozen=True)
class GroupAtom:
    """Respondents in one of the levels of a group; with `outside`, those in none of them."""

    group: str
    levels: frozenset[str]
    outside: bool = False


@dataclass(frozen=True)
class ShareTerm:
    """The respondents in `what` among those in `of` (who answered the items of `what`)."""

    what: tuple[ItemAtom | GroupAtom, ...]
    of: tuple[ItemAtom | GroupAtom, ...]
    text: str

    @property
    def items(self) -> tuple[str, ...]:
        """The items named, in order."""
        atoms = (*self.what, *self.of)
        return tuple(dict.fromkeys(a.item for a in atoms if isinstance(a, ItemAtom)))

    @property
    def groups(self) -> tuple[tuple[str, str], ...]:
        """The (group, level) pairs named, in order."""
        atoms = (a for a in (*self.what, *self.of) if isinstance(a, GroupAtom))
        return tuple(dict.fromkeys((a.group, level) for a in atoms for level in sorted(a.levels)))


@dataclass(frozen=True)
class BoundsQuestion:
    """A share, or the first minus the second."""

    first: ShareTerm
    second: ShareTerm | None = None

    @property
    def shares(self) -> tuple[ShareTerm, ...]:
        """The one or two shares of the question."""
        return (self.first,) if self.second is None else (self.first, self.second)


def parse(text: str, study: Study) -> BoundsQuestion:
    """Parse a question. Raises QueryError with the invalid part and the known names."""
    parts = re.split(r"\s-\s", text)
    if len(parts) > 2:
        raise QueryError("a question has one share, or two with ' - ' between them")
    shares = [_share(part, study) for part in parts]
    return BoundsQuestion(*shares)


def _share(text: str, study: Study) -> ShareTerm:
    parts = re.split(r"\bby\b", text)
    if len(parts) > 2:
        raise QueryError(f"{text.strip()!r}: 'by' occurs twice")
    atoms = [tuple(_atom(atom, study) for atom in re.split(r"\band\b", part)) for part in parts]
    return ShareTerm(atoms[0], atoms[1] if len(atoms) > 1 else (), " ".join(text.split()))


def _atom(text: str, study: Study) -> ItemAtom | GroupAtom:
    found = ATOM.fullmatch(text)
    if not found:
        raise QueryError(f"{text.strip()!r} is not NAME=VALUE (or NAME!=VALUE, VALUE+VALUE)")
    name, sign, values = found[1], found[2], re.split(r"\s*\+\s*", found[3])
    if name in study.group:
        return GroupAtom(name, frozenset(_levels(name, values, study)), sign == "!=")
    if name not in study.items:
        raise QueryError(
            f"{name!r} is neither an item nor a group; groups are {', '.join(study.group)}, items "
            "are in docs/data-dictionary.md"
        )
    item = study.items[name]
    if not item.closed:
        raise QueryError(f"{name} is {item.type}: only answers that are codes can be asked for")
    codes = frozenset(code for value in values for code in _codes(item, value))
    return ItemAtom(name, frozenset(item.codes) - codes if sign == "!=" else codes)


def _levels(group: str, values: Sequence[str], study: Study) -> list[str]:
    known = [level.key for level in study.group[group].levels]
    wrong = [value for value in values if known and value not in known]
    if wrong:
        raise QueryError(f"{group} has no level {wrong[0]!r}; it has {', '.join(known)}")
    return list(values)


def _codes(item: Item, value: str) -> list[int]:
    if value == ANSWERED:
        return list(item.codes)
    keys = TICKS if item.type == "multiple" else {code.key: code.code for code in item.scale}
    found = keys.get(value, int(value) if value.isdigit() else None)
    if found not in item.codes:
        known = ", ".join(f"{key} ({code})" for key, code in keys.items())
        raise QueryError(f"{item.id} has no answer {value!r}; it has {known}, {ANSWERED}")
    return [found]

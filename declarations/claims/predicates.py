"""What a claim of each kind says: its entries, the parts that name results, and its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from declarations.errors import SpecError, need, only


@dataclass(frozen=True)
class Entries:
    """Keys that must be there, those that may, and of some just one."""

    needed: tuple[str, ...]
    more: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()


RANKED = ("top", "bottom", "top_set", "bottom_set")
ASKED = ("item", "items", "question")
PLACE = ("group", "level")
COMPARED = ("level", "levels", "against", "p_above")
BOUNDS = ("from", "to", "above", "below")
RELATIONS = ("greater", "less", "about_equal")
DIRECTIONS = ("more", "less", "any")

NUMBER = Entries(("of", "is"))
ONE_ITEM = Entries(("item",), PLACE)
KINDS: Mapping[str, Entries] = {
    "share": NUMBER,
    "count": NUMBER,
    "levels": Entries(("of", "where", "is")),
    "mean": NUMBER,
    "median": NUMBER,
    "comparison": Entries(("left", "right", "relation"), ("statistic",)),
    "ranking": Entries(("among",), ("statistic", "block"), RANKED),
    "difference": Entries(
        ("group",), ("codes", "direction", "p_below", "test", *COMPARED, "except"), ASKED
    ),
    "no_difference": Entries(("group",), ("each", *COMPARED, "except"), ASKED),
    "adjusted": Entries(("codes", "group", "level", "holds"), ("direction", "except"), ASKED),
    "not_testable": Entries(("reason",), ("ranks",)),
}
# by kind and entry; of a comparison of means there are no codes
PARTS: Mapping[tuple[str, str], Entries] = {
    ("share", "of"): Entries(("item",), PLACE, ("codes", "range")),
    ("count", "of"): Entries(("item",), ("codes", *PLACE)),
    ("levels", "of"): Entries(("item", "codes", "across"), ("statistic",)),
    ("mean", "of"): ONE_ITEM,
    ("median", "of"): ONE_ITEM,
    ("comparison", "left"): Entries(("item",), ("codes", "range", *PLACE)),
    ("comparison", "right"): Entries(("item",), ("codes", "range", *PLACE)),
    ("ranking", "among"): Entries(
        (), ("codes", "range", "across", *PLACE, "statistic", "relative_to", "except"), ASKED
    ),
    ("not_testable", "ranks"): Entries(("what", "across"), (), RANKED),
}
STATISTICS: Mapping[str, Sequence[str]] = {
    "levels": ("share", "count"),
    "comparison": ("share", "mean", "median"),
    "ranking": ("share", "mean", "median", "relative_difference"),
}


def check_predicate(
    kind: str, predicate: Mapping[str, Any], words: Mapping[str, Any], where: str
) -> None:
    """SpecError where a claim does not say what its kind says, or a word that `words` lacks."""
    _entries(predicate, KINDS[kind], where)
    for (of, name), entries in PARTS.items():
        if of == kind and name in predicate:
            _entries(predicate[name], entries, f"{where}: {name}")
    for name in ("is", "where"):
        if name in KINDS[kind].needed:
            _stated(predicate[name], words, f"{where}: {name}")
    if kind == "comparison":
        _relation(predicate["relation"], f"{where}: relation")
    if kind in STATISTICS:
        inner = predicate.get("of") or predicate.get("among") or {}
        for said in (predicate, inner):
            _among(said.get("statistic", "share"), STATISTICS[kind], f"{where}: statistic")
    if "direction" in KINDS[kind].more:
        direction = predicate.get("direction", "any")
        _among(direction, DIRECTIONS, f"{where}: direction")
        for name in ("level", "codes") if direction != "any" else ():
            need(predicate, name, where)
    for name in ("p_below", "p_above"):
        if not isinstance(predicate.get(name, 0), int | float):
            raise SpecError(where, f"{name} is {predicate[name]!r}, expected a number")


def check_words(words: Any, where: str) -> None:
    """SpecError where the meanings of vague words are no such thing."""
    for word in ("significant", "times", "about_equal"):
        need(words, word, where)
    for word, meaning in words.items():
        place = f"{where}: {word}"
        if word == "significant":
            if not isinstance(meaning, int | float):
                raise SpecError(place, f"is {meaning!r}, expected a number")
            continue
        known = ("within",) if word in ("times", "about_equal") else BOUNDS
        if not isinstance(meaning, Mapping) or not meaning:
            raise SpecError(place, f"is {meaning!r}, expected {' or '.join(known)}")
        only(meaning, known, place)
        for bound, value in meaning.items():
            if not isinstance(value, int | float):
                raise SpecError(f"{place}: {bound}", f"is {value!r}, expected a number")


def _entries(found: Any, entries: Entries, where: str) -> None:
    for key in entries.needed:
        need(found, key, where)
    only(found, (*entries.needed, *entries.more, *entries.one_of), where)
    given = [key for key in entries.one_of if key in found]
    if entries.one_of and len(given) != 1:
        raise SpecError(where, f"needs one of {', '.join(entries.one_of)}; has {given or 'none'}")


def _stated(stated: Any, words: Mapping[str, Any], where: str) -> None:
    """A number, or one vague word and its number: `{about: 10}`, `{between: [5, 7]}`."""
    if isinstance(stated, int | float) and not isinstance(stated, bool):
        return
    vague = (word for word, meaning in words.items() if isinstance(meaning, Mapping))
    known = ["between", *(word for word in vague if "within" not in words[word])]
    if not isinstance(stated, Mapping) or len(stated) != 1:
        raise SpecError(where, f"{stated!r} is no number and no word ({', '.join(known)}) with one")
    only(stated, known, where)
    ((word, at),) = stated.items()
    numbers = at if word == "between" and isinstance(at, list) else [at]
    wanted = 2 if word == "between" else 1
    if len(numbers) != wanted or not all(isinstance(number, int | float) for number in numbers):
        raise SpecError(where, f"{word} is {at!r}, expected a number or, of between, two")


def _relation(relation: Any, where: str) -> None:
    if not isinstance(relation, Mapping):
        _among(relation, RELATIONS, where)
    elif set(relation) != {"times"} or not isinstance(relation["times"], int | float):
        raise SpecError(where, f"{dict(relation)!r}, expected {{times: a number}}")


def _among(found: Any, known: Sequence[str], where: str) -> None:
    if found not in known:
        raise SpecError(where, f"{found!r} is none of {', '.join(known)}")

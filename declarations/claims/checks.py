"""Checks that all names in a claim are declared: items, codes, groups, levels, words, claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from declarations.claims.base import BaseClaim, Reading
from declarations.claims.kinds import (
    Adjusted,
    Among,
    Comparison,
    Control,
    Difference,
    Levels,
    Mean,
    Median,
    Memberships,
    Municipalities,
    NoDifference,
    NotTestable,
    Ranking,
    Share,
    Spread,
    Tally,
)
from declarations.claims.selector import Selector, bare
from declarations.claims.words import Word, Words
from declarations.errors import found_expected, listed, near
from declarations.study import Study
from declarations.tables.cells import STATUS_CODES, STATUS_ITEM, TOTAL

Complaint = tuple[tuple[Any, ...], str, tuple[str, ...]]
BETWEEN = "between"
# Entries with a stated value, by the words that may be used in them.


def complaints(
    claim: BaseClaim, study: Study, words: Words | None, claims: Sequence[BaseClaim]
) -> Iterator[Complaint]:
    """(place, problem, likely meanings) of every undeclared name in a claim."""
    for name, part in claim.parts():
        yield from _selector(part, study, (name,) if name else ())
    if isinstance(claim, Spread) and claim.above is not None:
        yield from _selector(claim.above, study, ("above",))
    yield from _answers(claim, study)
    yield from _places(claim, study)
    if words is not None:
        yield from _words(claim, words)
    yield from _readings(claim, study)
    yield from _others(claim, study, claims)


def _unknown(place: Sequence[Any], found: Any, known: Sequence[Any], what: str) -> Complaint:
    problem = found_expected(found, f"{what}: one of {listed(known)}")
    return tuple(place), problem, near(found, [str(one) for one in known])


def _selector(part: Selector, study: Study, at: tuple[Any, ...]) -> Iterator[Complaint]:
    if part.question and part.question not in study.question:
        yield _unknown((*at, "question"), part.question, list(study.question), "a question")
        return
    items = part.items_in(study)
    relative: Sequence[str] = ()
    if isinstance(part, Among):
        items += [item for own in part.blocks.values() for item in own]
        relative = part.relative_to
    for item in [*items, *relative]:
        if item != STATUS_ITEM and item not in study.items:
            yield _unknown((*at, "item"), item, list(study.items), "an item")
            return
    for number, code in enumerate(part.code_list):
        if code in part.code_list[:number]:
            yield (*at, "codes"), found_expected(code, "each code once"), ()
    for item in items:
        known = [*(STATUS_CODES if item == STATUS_ITEM else study.items[item].codes)]
        for code in part.code_list:
            if code != TOTAL and code not in known:
                yield _unknown((*at, "codes"), code, known, f"a code of {item}")
    for name in ("group", "across"):
        yield from _group(getattr(part, name), study, (*at, name))
    keys = _levels(part.breakdown, study)
    for name in ("level", "levels", "against", "each"):
        given = getattr(part, name, ())
        for level in (given,) if isinstance(given, str) else given:
            if keys and level != "all" and bare(level) not in keys:
                yield _unknown((*at, name), level, keys, f"a level of {part.breakdown}")


def _answers(claim: BaseClaim, study: Study) -> Iterator[Complaint]:
    """Shares that name no answers, and means of items that are not numeric."""
    statistic = getattr(claim, "statistic", None)
    kinds = Share | Levels | Spread | Adjusted
    for name, part in claim.parts():
        own = getattr(claim, "right_statistic", None) if name == "right" else None
        shown = own or statistic
        at = (name,) if name else ()
        if isinstance(claim, kinds) or shown in ("share", "relative_difference"):
            if part.named and not part.codes and part.span is None:
                yield (*at, "codes"), found_expected(None, "the answers that count"), ()
        elif isinstance(claim, Mean | Median) or shown in ("mean", "median"):
            for item in part.items_in(study):
                if item in study.items and study.items[item].type != "numeric":
                    yield (*at, "item"), found_expected(item, "a numeric item"), ()


def _group(group: str | None, study: Study, at: tuple[Any, ...]) -> Iterator[Complaint]:
    if group not in (None, "all") and group not in study.group:
        yield _unknown(at, group, list(study.group), "a group")


def _levels(group: str, study: Study) -> list[str]:
    return [lv.key for lv in study.group[group].levels] if group in study.group else []


def _places(claim: BaseClaim, study: Study) -> Iterator[Complaint]:
    """Groups and levels that a kind of claim names outside its selectors."""
    if isinstance(claim, Control | Memberships):
        yield from _group(claim.group, study, ("group",))
    named: list[tuple[str, str, str]] = []
    if isinstance(claim, Municipalities):
        named = [(k, m.group, m.level) for k, m in (("are", claim.are), ("among", claim.among))]
    if isinstance(claim, NotTestable | Ranking) and claim.ranks is not None:
        named = [("ranks", claim.ranks.across, level) for level in claim.ranks.top]
        yield from _group(claim.ranks.across, study, ("ranks", "across"))
    if isinstance(claim, Ranking):
        ranked = _ranked(claim, study)
        for name in claim.named:
            if ranked and name not in ranked:
                yield _unknown((claim.way,), name, ranked, "something that is ranked")
    for entry, group, level in named:
        keys = _levels(group, study)
        if group not in study.group:
            yield from _group(group, study, (entry, "group"))
        elif keys and bare(level) not in keys:
            yield _unknown((entry, "level"), level, keys, f"a level of {group}")


def _ranked(claim: Ranking, study: Study) -> list[str]:
    among = claim.among
    if among.blocks:
        return list(among.blocks)
    if among.across:
        return _levels(among.across, study)
    known = not among.question or among.question in study.question
    return among.items_in(study) if known else []


def _words(claim: BaseClaim, words: Words) -> Iterator[Complaint]:
    numbers, amounts = words.numbers, words.amounts
    for entry, alias in (("stated", "is"), ("where", "where")):
        said = getattr(claim, entry, None)
        if isinstance(claim, Spread):
            yield from _word(claim.stated, words.spreads, ("is",)) if entry == "stated" else ()
        elif isinstance(claim, Tally):
            yield from _word(claim.stated, words.tallies, ("is",)) if entry == "stated" else ()
        elif isinstance(said, Mapping):
            yield from _said(said, numbers, (alias,))
        elif isinstance(said, str) and not (isinstance(claim, Levels) and said == "all"):
            yield from _word(said, amounts, (alias,))
    if isinstance(claim, Comparison) and isinstance(claim.relation, Mapping):
        yield from _said(claim.relation, words.relations, ("relation",))
    if isinstance(claim, Comparison | Ranking):
        sizes = words.sizes if claim.statistic == "share" else words.means
        yield from _word(claim.size, sizes, ("size",)) if claim.size else ()
    if isinstance(claim, Difference) and claim.size:
        yield from _word(claim.size, words.sizes, ("size",))


def _word(word: str, known: Mapping[str, Word], at: tuple[Any, ...]) -> Iterator[Complaint]:
    if word not in known:
        yield _unknown(at, word, list(known), "a word of words.yaml")


def _said(
    said: Mapping[str, Any], known: Mapping[str, Word], at: tuple[Any, ...]
) -> Iterator[Complaint]:
    if len(said) != 1:
        yield at, found_expected(dict(said), "one word and its number"), ()
        return
    ((word, number),) = said.items()
    if word == BETWEEN:
        if not isinstance(number, tuple) or number[0] > number[1]:
            yield (*at, word), found_expected(number, "two numbers, the lower first"), ()
    elif word not in known:
        yield _unknown(at, word, [*known, BETWEEN], "a word of words.yaml")
    elif isinstance(number, tuple):
        yield (*at, word), found_expected(list(number), "one number"), ()


def _readings(claim: BaseClaim, study: Study) -> Iterator[Complaint]:
    """Readings of one claim that repeat or exclude each other, or change nothing."""
    seen: list[Reading] = []
    for number, reading in enumerate(claim.readings):
        at = ("readings", number, "by")
        twin = next((one for one in seen if _same(one, reading)), None)
        if twin is not None:
            yield at, found_expected(reading.by, "a reading that is not declared already"), ()
        clash = next((one for one in seen if _opposed(one, reading)), None)
        if clash is not None:
            yield at, found_expected(reading.by, f"no two rows for one reading ({clash.by})"), ()
        seen.append(reading)
        if reading.side and not isinstance(claim, Comparison):
            yield at, found_expected(reading.side, "a comparison, which has sides"), ()
        changed = claim.with_changes(reading.changes(), reading.side)
        if reading.changes() and changed == claim:
            yield at, found_expected(reading.by, "a reading other than the claim itself"), ()
        if reading.by == "shares" and not isinstance(claim, Difference | NoDifference):
            yield (
                at,
                found_expected(
                    reading.by, "a difference, or a claim of none, to which the reading applies"
                ),
                (),
            )
        if reading.by == "trend" and not (isinstance(claim, Ranking) and claim.among.across):
            yield at, found_expected(reading.by, "a ranking across a group"), ()
        for name, part in changed.parts():
            for place, problem, meant in _selector(part, study, (name,) if name else ()):
                yield (*at, *place), problem, meant


def _same(one: Reading, other: Reading) -> bool:
    return one.model_copy(update={"label": None}) == other.model_copy(update={"label": None})


def _opposed(one: Reading, other: Reading) -> bool:
    """Two readings that differ only in their label for the same row or answers."""
    return one.label is not None and one.label == other.label and not _same(one, other)


def _others(claim: BaseClaim, study: Study, claims: Sequence[BaseClaim]) -> Iterator[Complaint]:
    if claim.restates:
        ids = [one.id for one in claims]
        if claim.restates not in ids or claim.restates == claim.id:
            yield _unknown(("restates",), claim.restates, ids, "the id of another claim")
    for number, table in enumerate(claim.cites):
        if table not in study.table:
            yield _unknown(("cites", number), table, list(study.table), "a table")

"""Claims that state a number, or a word for one."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor

from assets.statistics.descriptive import percent, round_half_up
from declarations.claims.base import Said
from declarations.claims.kinds import (
    Count,
    Levels,
    Mean,
    Median,
    Memberships,
    OpenAnswers,
    Share,
)
from declarations.claims.selector import Selector
from declarations.claims.words import Word, Words
from declarations.tables.cells import TOTAL
from replication.deciding.facts import (
    CONTRADICTED,
    HOLDS,
    IMPRECISE,
    ROUNDS,
    Evaluation,
    Reader,
    UndecidableError,
    harshest,
)

BETWEEN, EVERY = "between", "all"


def decide_share(claim: Share, reader: Reader) -> Evaluation:
    """A percentage of an item or a block. With `each`, the claim must hold for every item."""
    items = claim.of.items_in(reader.study)
    if not claim.each:
        base = min(reader.base(claim.of, item) for item in items) if not claim.of.span else None
        return compare_with_stated(
            reader.share(claim.of), claim.stated, reader.words, "%", base=base
        )
    own = [decide_share(claim.model_copy(update={"of": claim.of.one(i), "each": False}), reader)
           for i in items]  # fmt: skip
    worst = harshest([str(one.grade) for one in own])
    shown = [f"{item} {one.computed}" for item, one in zip(items, own, strict=True)
             if worst == HOLDS or one.grade != HOLDS]  # fmt: skip
    if fine := [one.computed for one in own if one.grade == HOLDS and worst != HOLDS]:
        shown.append(f"{len(fine)} more as said")
    return Evaluation(own[0].expected, ", ".join(shown), worst)


def decide_count(claim: Count, reader: Reader) -> Evaluation:
    """A number of respondents."""
    (item,) = claim.of.items_in(reader.study)
    codes = claim.of.code_list or (TOTAL,)
    value = sum(reader.count(item, code, *claim.of.place) for code in codes)
    return compare_with_stated(
        float(value), claim.stated, reader.words, "", relative=True, exact=True
    )


def decide_levels(claim: Levels, reader: Reader) -> Evaluation:
    """The number of levels or items whose share or count is as stated. Empty ones are ignored."""
    of = claim.of
    single = of.items_in(reader.study)
    if of.across:
        every = [(key, of.one(single[0], key, of.across))
                 for key in reader.facts.levels(single[0], of.across)]  # fmt: skip
        every = [(key, one) for key, one in every if reader.base(one) >= of.smallest]
        name = of.across
    else:
        every = [(item, of.one(item)) for item in single]
        name = "items"
    found = [key for key, one in every if _is_so(claim, one, reader)]
    stated: Said = len(every) if claim.stated == EVERY else claim.stated
    outcome = compare_with_stated(
        float(len(found)), stated, reader.words, "", relative=True, exact=True
    )
    outcome.note = f"{name} {', '.join(found)}" if found else f"no {name}"
    return outcome


def _is_so(claim: Levels, one: Selector, reader: Reader) -> bool:
    base = reader.base(one)
    hits = sum(reader.count(str(one.item), code, *one.place) for code in one.code_list)
    value = hits if claim.statistic == "count" else percent(hits, base)
    return compare_with_stated(float(value), claim.where, reader.words, "").grade == HOLDS


def decide_mean(claim: Mean, reader: Reader) -> Evaluation:
    """The mean of a numeric item."""
    value = reader.number(claim.of, "mean")
    return compare_with_stated(value, claim.stated, reader.words, "", relative=True)


def decide_median(claim: Median, reader: Reader) -> Evaluation:
    """The median of a numeric item."""
    value = reader.number(claim.of, "median")
    return compare_with_stated(value, claim.stated, reader.words, "", relative=True)


def decide_open_answers(claim: OpenAnswers, reader: Reader) -> Evaluation:
    """Number who wrote an open answer; for several items the sum."""
    items = claim.of.items_in(reader.study)
    value = sum(reader.facts.texts(item, *claim.of.place) for item in items)
    return compare_with_stated(
        float(value), claim.stated, reader.words, "", relative=True, exact=True
    )


def decide_memberships(claim: Memberships, reader: Reader) -> Evaluation:
    """Numbers of levels per respondent, the most frequent first."""
    found = reader.facts.memberships(claim.group)
    counts = [found.get(number, 0) for number in claim.ranked]
    met = counts == sorted(counts, reverse=True) and all(counts)
    shown = ", ".join(f"{n} in {number}" for number, n in sorted(found.items()))
    expected = " before ".join(map(str, claim.ranked))
    return Evaluation(expected, shown, HOLDS if met else CONTRADICTED)


def compare_with_stated(
    value: float,
    stated: Said,
    words: Words,
    unit: str,
    relative: bool = False,
    exact: bool = False,
    base: float | None = None,
) -> Evaluation:
    """Whether a value agrees with what is stated: a number as rounded, or a word.

    `relative`: the bounds of a word are in percent of its number. `exact`: only the number itself
    agrees. `base`: the respondents behind a percentage; a difference of a few respondents is
    ignored.
    """
    if isinstance(stated, Mapping):
        ((word, at),) = stated.items()
        if word == BETWEEN:
            assert isinstance(at, tuple)
            return _between(value, at, unit)
        assert not isinstance(at, tuple)
        return _word(value, word, float(at), words, unit, relative, base)
    if isinstance(stated, str):
        known = words.amounts.get(stated)
        if known is None:
            raise UndecidableError(f"{stated} is not a word of words.yaml")
        return Evaluation(_name(stated), f"{value:.2f}{unit}", grade_of(known, value, base, words))
    decimals = len(str(stated).split(".")[1]) if "." in str(stated) else 0
    off = abs(value - float(stated))
    if round_half_up(value, decimals) == float(stated):
        return Evaluation(f"{stated}{unit}", f"{value:.2f}{unit}", HOLDS)
    note = "" if exact else _rounding(value, float(stated), decimals)
    grade = ROUNDS if note else CONTRADICTED
    return Evaluation(f"{stated}{unit}", f"{value:.2f}{unit}", grade, note, off=off)


def _between(value: float, ends: tuple[float, float], unit: str) -> Evaluation:
    met = ends[0] <= value <= ends[1]
    near = ends[0] - 0.5 <= value < ends[1] + 0.5
    grade = HOLDS if met else ROUNDS if near else CONTRADICTED
    off = 0.0 if met else min(abs(value - end) for end in ends)
    expected = f"between {ends[0]:g} and {ends[1]:g}{unit}"
    return Evaluation(expected, f"{value:.2f}{unit}", grade, off=off)


def _word(
    value: float, word: str, at: float, words: Words, unit: str, relative: bool, base: float | None
) -> Evaluation:
    known = words.numbers.get(word)
    if known is None:
        raise UndecidableError(f"{word} is not a word of words.yaml")
    scale = at / 100 if relative else 1.0
    grade = grade_of(known, value - at, base, words, scale)
    return Evaluation(f"{_name(word)} {at:g}{unit}", f"{value:.2f}{unit}", grade,
                      off=abs(value - at))  # fmt: skip


def grade_of(
    word: Word,
    deviation: float,
    base: float | None = None,
    words: Words | None = None,
    scale: float = 1.0,
) -> str:
    """Whether a word is right, imprecise or wrong for a deviation; `scale` scales its bounds."""
    if word.says(deviation, scale):
        return HOLDS
    if word.can_bear(deviation, scale):
        return IMPRECISE
    few = base is not None and words and within_heads(excess(word, deviation, scale), base, words)
    return IMPRECISE if few else CONTRADICTED


def within_heads(points: float, base: float, words: Words) -> bool:
    """Whether a difference in points corresponds to too few respondents to matter."""
    return points * base / 100 <= words.heads


def excess(word: Word, deviation: float, scale: float = 1.0) -> float:
    """By how much a deviation lies outside the range of a word."""
    low, high = (None if end is None else end * scale for end in word.holds)
    return max(0.0, (low - deviation) if low is not None else 0.0,
               (deviation - high) if high is not None else 0.0)  # fmt: skip


def _name(word: str) -> str:
    return word.replace("_", " ")


def _rounding(value: float, stated: float, decimals: int) -> str:
    """How another way of rounding gives the number: rounded twice, or cut off."""
    unit = 10**decimals
    shown = round_half_up(value, decimals + 1)
    if round_half_up(shown, decimals) == stated:
        return f"Rounded from {shown:.{decimals + 1}f}."
    if floor(value * unit) / unit == stated or floor(shown * unit) / unit == stated:
        return "Cut, not rounded."
    return ""

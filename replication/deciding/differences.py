"""Decides claims about differences between levels, their absence, or a relation in a model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from declarations.claims.kinds import Adjusted, Difference, NoDifference, Tally
from declarations.claims.selector import Selector
from declarations.tables.cells import OTHERS, TOTAL
from replication.deciding.facts import (
    CONTRADICTED,
    HOLDS,
    IMPRECISE,
    KINDEST,
    Evaluation,
    P,
    Reader,
    UndecidableError,
    harshest,
)
from replication.deciding.grading import Placed, order, p_of_difference, size_grade

SIGNIFICANT, DIRECTION = "significant", "more"


@dataclass(frozen=True)
class Shown:
    """One item of a difference: result, grade, p, and by how much it misses the claim."""

    computed: str
    grade: str
    p: P | None
    off: float = 0.0
    minor: bool = False
    plain: str = ""


def decide_difference(claim: Difference, reader: Reader) -> Evaluation:
    """A level against all or some others, for each item.

    With `most`, more than half of the items must differ.
    """
    items = claim.items_in(reader.study)
    shown = [_one_difference(item, claim, reader) for item in items]
    grades = [one.grade for one in shown]
    if claim.most:
        # more than half of the items must differ
        grades = sorted(grades, key=KINDEST.index)[: len(grades) // 2 + 1]
    computed = "; ".join(one.computed for one in shown)
    bound, kept, largest = _bound(claim, shown)
    worst = harshest(grades)
    sentences = [one.plain for one in shown if one.plain and (one.grade != HOLDS or worst == HOLDS)]
    return Evaluation(
        expected_of(claim, reader),
        computed,
        worst,
        off=max((one.off for one in shown), default=0.0),
        minor=all(one.minor or one.grade != CONTRADICTED for one in shown),
        bound=bound,
        bound_met=kept,
        bound_p=largest,
        plain="; ".join(sentences),
    )


def expected_of(claim: Difference, reader: Reader) -> str:
    """The stated difference, in words."""
    said = claim.direction if claim.direction != "any" else "different"
    words = [f"{claim.size} {said}" if claim.size else said]
    if claim.says != DIRECTION:
        words.append(f"p < {reader.words.significant:g}")
    return ", ".join(words)


def p_grade(p: P, claim: Difference, reader: Reader) -> str:
    """Whether p agrees with the sentence, apart from any printed bound.

    If the text calls a difference significant, p must be below the level of words.yaml, or below
    its weak level. Without that word, the direction alone may be right.
    """
    if claim.says == DIRECTION or p.below(reader.words.significant):
        return HOLDS
    if claim.says == SIGNIFICANT or claim.direction == "any":
        return IMPRECISE if p.below(reader.words.weakly) else CONTRADICTED
    return IMPRECISE


def _one_difference(item: str, claim: Difference, reader: Reader) -> Shown:
    p = None
    if claim.says != DIRECTION:
        p = p_value(item, claim, reader)
    elif claim.p_below is not None:
        with suppress(UndecidableError):
            p = p_value(item, claim, reader)
    grades = [p_grade(p, claim, reader)] if p is not None else []
    computed = item if p is None else f"{item} {p}"
    off, sized, plain = 0.0, [HOLDS], ""
    lines: list[float | None] = []
    if claim.direction != "any":
        own = _placed(item, claim.level, claim, reader)
        rest = [_placed(item, other, claim, reader) for other in _others(claim)]
        more = claim.direction == "more"
        # if the claim names a level of significance, chance is no excuse for a missing difference
        facts = reader.facts if claim.says == DIRECTION else None
        for one in rest:
            above, below = (own, one) if more else (one, own)
            grades.append(order(above, below, reader.words, facts))
            if grades[-1] == IMPRECISE and p is None:
                lines.append(p_of_difference(above, below, reader.facts))
            off = max(off, below.value - above.value)
            if claim.size and grades[-1] == HOLDS:
                sized.append(size_grade(above, below, claim.size, "share", reader.words)[0])
        chances = [f"p = {one:.4f}" for one in lines if one is not None]
        against = _against(claim, rest)
        plain = f"{item}: {_who(claim.level)} {own.value:.1f}, {against}"
        plain += "".join(f" ({one})" for one in ([str(p)] if p is not None else chances))
        computed += f", {own.value:.1f} against {', '.join(f'{one.value:.1f}' for one in rest)}"
        computed += "".join(f" (p = {one:.4f})" for one in lines if one is not None)
    minor = CONTRADICTED in sized and CONTRADICTED not in grades
    return Shown(computed, harshest([*grades, *sized]), p, off, minor, plain)


def _who(level: str) -> str:
    return "the others" if level.startswith(OTHERS) else level


def _against(claim: Difference, placed: Sequence[Placed]) -> str:
    """The text of the other levels with their shares."""
    named = zip(_others(claim), placed, strict=True)
    return ", ".join(f"{_who(level)} {one.value:.1f}" for level, one in named)


def _placed(item: str, level: str, claim: Difference, reader: Reader) -> Placed:
    at = claim.one(item, level)
    return Placed(reader.share(at), reader.base(at))


def _others(claim: Difference | NoDifference) -> Sequence[str]:
    return claim.against or [f"{OTHERS}{claim.level}"]


def _bound(claim: Difference, shown: Sequence[Shown]) -> tuple[str, bool | None, P | None]:
    """The result for a bound of p in the text: whether it holds, and the largest p."""
    known = [one.p for one in shown if one.p is not None]
    if claim.p_below is None or not known:
        return "", None, None
    largest = max(known, key=lambda p: p.high)
    try:
        kept = largest.below(claim.p_below)
    except UndecidableError:
        return "", None, None
    return f"p < {claim.p_below:g} is printed; {largest}", kept, largest


def p_value(
    item: str, claim: Difference | NoDifference | Tally, reader: Reader, level: str = ""
) -> P:
    """The p of a level against others, or of all levels; for the whole distribution or the codes.

    If the comparison of a whole distribution with all others has a printed star, the star gives p.
    """
    own = level or (claim.level if claim.level != "all" else "")
    against = () if isinstance(claim, Tally) else claim.against
    codes = not isinstance(claim, Tally) and claim.test == "codes"
    if own and not against and not codes:
        stated = reader.facts.stated_p(item, claim.group, own)
        if stated is not None:
            return stated
    levels = [own, *(against or [f"{OTHERS}{own}"])] if own else claim.levels_in(reader.study)
    if isinstance(claim, Tally) or claim.test != "codes":
        table = [reader.distribution(item, claim.group, str(one)) for one in levels]
    else:
        table = [_those_and_the_rest(claim.one(item, str(one)), reader) for one in levels]
    if sum(any(row) for row in table) < 2:
        raise UndecidableError(f"{item}: fewer than two levels of {claim.group} have answers")
    return P.of(reader.facts.chi_square_p(table))


def _those_and_the_rest(one: Selector, reader: Reader) -> list[int]:
    """The number who gave one of the answers, and the number who gave another."""
    (item,) = one.items_in(reader.study)
    group, level = one.place
    counts = [reader.count(item, code, group, level) for code in one.code_list]
    base = reader.count(item, TOTAL, group, level)
    if any(count != int(count) for count in (*counts, base)):
        raise UndecidableError(f"no whole number gives a share of {item} in {group}={level}")
    return [int(sum(counts)), int(base - sum(counts))]


def compared_levels(claim: NoDifference | Tally, reader: Reader) -> list[str]:
    """The levels that are each compared with everyone else.

    An empty one compares all levels at once.
    """
    if isinstance(claim, NoDifference) and claim.each:
        return list(claim.each)
    if claim.level != "all":
        return [claim.level]
    if claim.levels:
        return [""]
    group = reader.study.group[claim.group]
    return [level.key for level in group.levels] if group.overlapping else [""]


def decide_no_difference(claim: NoDifference, reader: Reader) -> Evaluation:
    """Decides that no test of any item is significant."""
    above = claim.p_above or reader.words.significant
    found = [
        (p_value(item, claim, reader, level), item, level)
        for item in claim.items_in(reader.study)
        for level in compared_levels(claim, reader)
    ]
    p, item, level = min(found, key=lambda one: (one[0].high, *one[1:]))
    shown = f"smallest {p} ({item}{f', {level}' if level else ''}) of {len(found)} tests"
    if len(found) == 1:
        shown = str(p)
    throughout = " throughout" if len(found) > 1 else ""
    met = not any(one.below(above) for one, _, _ in found)
    grade = HOLDS if met else CONTRADICTED
    # among so many tests, one p this far below the level is expected by chance
    minor = not met and p.high * len(found) >= above
    return Evaluation(f"p >= {above:g}{throughout}", shown, grade, minor=minor)


def decide_tally(claim: Tally, reader: Reader) -> Evaluation:
    """Decides the percentage of significant tests, over all items and levels."""
    word = reader.words.tallies[claim.stated]
    found = [p_value(item, claim, reader, level).below(reader.words.significant)
             for item, level in _tests(claim, reader)]  # fmt: skip
    part = sum(found) / len(found) * 100
    grade = HOLDS if word.says(part) else IMPRECISE if word.can_bear(part) else CONTRADICTED
    return Evaluation(claim.stated.replace("_", " "), f"{sum(found)} of {len(found)} tests", grade)


def _tests(claim: Tally, reader: Reader) -> Iterator[tuple[str, str]]:
    for item in claim.items_in(reader.study):
        for level in compared_levels(claim, reader):
            yield item, level


def decide_adjusted(claim: Adjusted, reader: Reader) -> Evaluation:
    """Whether a relation is significant in the declared model, in the stated direction."""
    bound = reader.words.significant
    shown, met = [], True
    for item in claim.items_in(reader.study):
        reader.whole.add((item, "model", "all"))
        codes = tuple(code for code in claim.code_list if isinstance(code, int))
        ratio, p = reader.facts.adjusted(item, codes, claim.group, claim.level)
        right = claim.direction == "any" or (ratio > 1 if claim.direction == "more" else ratio < 1)
        met = met and (p < bound and right if claim.holds else p >= bound)
        shown.append(f"{item} odds ratio {ratio:.2f}, p = {p:.4f}")
    sign = "<" if claim.holds else ">="
    expected = f"{f'{claim.direction}, ' if claim.holds else ''}p {sign} {bound:g} controlled"
    return Evaluation(expected, "; ".join(shown), HOLDS if met else CONTRADICTED)

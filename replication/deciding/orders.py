"""Claims that compare shares or numbers, or order items, levels or blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import fmean

from assets.statistics.descriptive import relative_difference
from assets.statistics.significance import linear_by_linear
from declarations.claims.kinds import Among, Comparison, Municipalities, Ranking, Spread
from declarations.claims.selector import Selector, bare
from declarations.claims.words import Words
from declarations.tables.cells import OTHERS
from replication.deciding.breaks import IN_ORDER, beyond_the_mean, next_to, out_of_order
from replication.deciding.facts import (
    CONTRADICTED,
    HOLDS,
    IMPRECISE,
    Evaluation,
    Facts,
    Reader,
    UndecidableError,
    harshest,
)
from replication.deciding.grading import SHARE, Placed, order, size_grade
from replication.deciding.numbers import grade_of


def decide_comparison(claim: Comparison, reader: Reader) -> Evaluation:
    """Compare two shares, numbers or blocks. A size word has the same bounds in both directions."""
    right_statistic = claim.right_statistic or claim.statistic
    left = _placed(claim.left, claim.statistic, reader)
    right = _placed(claim.right, right_statistic, reader)
    a, b = left.value, right.value
    relation = claim.relation
    computed = f"{a:.2f} and {b:.2f}"
    off = abs(a - b)
    if isinstance(relation, Mapping):
        ((name, times),) = relation.items()
        if b == 0:
            raise UndecidableError("nothing to compare with")
        word = reader.words.relations[name]
        deviation = a / b / float(times) - 1
        computed += f": {a / b:.2f} times"
        grade = grade_of(word, deviation)
        return Evaluation(f"{name.replace('_', ' ')} {times:g}", computed, grade, off=off)
    if relation == "about_equal":
        base = min((p.base for p in (left, right) if p.base is not None), default=None)
        grade = grade_of(reader.words.equal, a - b, base, reader.words)
        return Evaluation("about as many", computed, grade, off=off)
    above, below = (left, right) if relation == "greater" else (right, left)
    grade = order(above, below, reader.words)
    expected = {"greater": "more", "less": "fewer"}[relation]
    if claim.size and grade != CONTRADICTED:
        sized, note = _size(claim, above, below, reader)
        minor, grade = sized == CONTRADICTED, harshest([grade, sized])
        return Evaluation(f"{claim.size} {expected}", computed, grade, note, off=off, minor=minor)
    return Evaluation(expected, computed, grade, off=off)


def _size(claim: Comparison, above: Placed, below: Placed, reader: Reader) -> tuple[str, str]:
    """The grade of a size word, for one difference or for two blocks as a whole.

    For blocks the word is right if it is right for the difference of the means and if every pair is
    within its wider bounds. If only the nearest pair fits, the word is imprecise.
    """
    size = str(claim.size)
    grade, note = size_grade(above, below, size, claim.statistic, reader.words)
    sides = []
    for side in (claim.left, claim.right):
        items = side.items_in(reader.study)
        sides.append([_placed(side.one(item), claim.statistic, reader) for item in items])
    if claim.statistic != SHARE or all(len(side) == 1 for side in sides):
        return grade, note
    upper, lower = sides if claim.relation == "greater" else sides[::-1]
    pairs = [(one, other) for one in upper for other in lower]
    grades = [size_grade(one, other, size, SHARE, reader.words)[0] for one, other in pairs]
    if grade == HOLDS and CONTRADICTED in grades:
        grade = IMPRECISE
    if grade == CONTRADICTED and set(grades) != {CONTRADICTED}:
        grade = IMPRECISE
    gaps = [one.value - other.value for one, other in pairs]
    return grade, f"{min(gaps):.1f} to {max(gaps):.1f} points apart."


def _placed(selector: Selector, statistic: str, reader: Reader) -> Placed:
    if statistic != SHARE or selector.span is not None:
        return Placed(reader.number(selector, statistic))
    shares = reader.shares(selector)
    return Placed(fmean([share for share, _ in shares]), min(base for _, base in shares))


def decide_ranking(claim: Ranking, reader: Reader) -> Evaluation:
    """Items at one end of an order: each is compared with every item not named.

    In a list each is also compared with the next. Levels with fewer respondents than `smallest` are
    left out, also if the claim names them.
    """
    placed = _ranked(claim, reader)
    named = [key for key in claim.named if key in placed]
    missing = [key for key in claim.named if key not in placed and claim.among.smallest == 1]
    if missing or not named:
        raise UndecidableError(f"not among what is ranked: {', '.join(missing or claim.named)}")
    way = claim.way
    highest = way in ("top", "top_set", "high")
    shown = _shown(placed, named, highest)
    expected = f"{way.replace('_', ' ')}: {', '.join(named)}"
    if way in ("high", "low"):
        mean = fmean(one.value for one in placed.values())
        middle = Placed(mean)
        pairs = [(placed[k], middle) if highest else (middle, placed[k]) for k in named]
        plain = beyond_the_mean(named, placed, mean, highest)
        shown += f"; mean {mean:.1f}"
        off = max(below.value - above.value for above, below in pairs)
        # "relatively" large or small may be close to the mean
        near = reader.words.equal.says(max(off, 0.0))
        grade = HOLDS if off < 0 else IMPRECISE if near else CONTRADICTED
        return Evaluation(expected, shown, grade, off=max(off, 0.0), plain=plain or IN_ORDER)
    ends = list(_pairs(placed, named, way))
    pairs = [(placed[a], placed[b]) if highest else (placed[b], placed[a]) for a, b in ends]
    # levels contain different respondents, items the same ones
    facts = reader.facts if claim.among.across and claim.statistic == SHARE else None
    grades = [_at_end(above, below, reader.words, facts) for above, below in pairs]
    off = max((below.value - above.value for above, below in pairs), default=0.0)
    wrong = [end for end, grade in zip(ends, grades, strict=True) if grade != HOLDS]
    plain = out_of_order(wrong, placed, highest)
    if claim.statistic == "relative_difference":
        plain = f"gap in percent: {plain}"
    grade = harshest(grades or [HOLDS])
    outcome = Evaluation(expected, shown, grade, off=max(off, 0.0), plain=plain)
    return _ahead(claim, placed, outcome, reader) if claim.size else outcome


def _ahead(
    claim: Ranking, placed: Mapping[str, Placed], outcome: Evaluation, reader: Reader
) -> Evaluation:
    """The outcome for a size word: it compares the last of the named with the first other."""
    highest = claim.way.startswith("top")
    named = [key for key in claim.named if key in placed]
    others = [key for key in placed if key not in claim.named]
    # in a small group one respondent is worth many points
    bases = {key: placed[key].base for key in others}
    small = reader.words.small_group
    rest = [key for key, base in bases.items() if base is None or base >= small] or others
    outcome.expected = f"{str(claim.size).replace('_', ' ')} {outcome.expected}"
    if outcome.grade != HOLDS or not rest:
        return outcome
    upper, lower = (named, rest) if highest else (rest, named)
    above = min((placed[key] for key in upper), key=lambda one: one.value)
    below = max((placed[key] for key in lower), key=lambda one: one.value)
    sized, outcome.note = size_grade(above, below, str(claim.size), claim.statistic, reader.words)
    outcome.minor, outcome.grade = sized == CONTRADICTED, sized
    if sized != HOLDS:
        outcome.plain = next_to(named, rest, placed, highest)
    return outcome


def _at_end(above: Placed, below: Placed, words: Words, facts: Facts | None) -> str:
    """The grade of a pair at the end of a set.

    A tie there is not an error, because both are at the end.
    """
    if above.value == below.value:
        return HOLDS
    return order(above, below, words, facts)


def _pairs(
    placed: Mapping[str, Placed], named: Sequence[str], way: str
) -> Iterator[tuple[str, str]]:
    """The pairs to compare: each named subject with each that it should exceed."""
    rest = [key for key in placed if key not in named]
    pairs = [(key, other) for key in named for other in rest]
    if not way.endswith("set"):
        pairs += list(pairwise(named))
    yield from pairs


def _shown(placed: Mapping[str, Placed], named: Sequence[str], highest: bool) -> str:
    sign = -1 if highest else 1
    ranked = sorted(placed, key=lambda key: (sign * placed[key].value, key))
    kept = ranked[: len(named) + 2]
    kept += [key for key in ranked if key in named and key not in kept]
    return ", ".join(f"{key} {placed[key].value:.1f}" for key in kept)


def _ranked(claim: Ranking, reader: Reader) -> dict[str, Placed]:
    """The subjects of a ranking, by name, without levels below the smallest size."""
    among, statistic = claim.among, claim.statistic
    if among.blocks:
        return {
            name: _placed(_block(among, items), statistic, reader)
            for name, items in among.blocks.items()
        }
    items = among.items_in(reader.study)
    if among.across:
        found = {}
        for key in among.levels_in(reader.study):
            at = _block(among, items, key, among.across)
            placed = _placed(at, statistic, reader)
            if (placed.base or among.smallest) >= among.smallest:
                found[key] = placed
        return found
    if statistic == "relative_difference":
        pairs = zip(items, among.relative_to, strict=True)
        return {item: Placed(_falls_short(item, of, among, reader)) for item, of in pairs}
    return {item: _placed(among.one(item), statistic, reader) for item in items}


def _block(
    among: Selector, items: Sequence[str], level: str | None = None, group: str | None = None
) -> Selector:
    """One item, or several as a block, in a level."""
    one = among.one(items[0], level, group)
    return one if len(items) == 1 else one.model_copy(update={"item": None, "items": tuple(items)})


def _falls_short(item: str, of: str, among: Among, reader: Reader) -> float:
    """By how many percent an item's share is below the share that it is compared with."""
    first, second = (reader.share(among.one(name)) for name in (of, item))
    if first == 0:
        raise UndecidableError(f"nobody gave {of}")
    return relative_difference(first, second)


def decide_tendency(claim: Ranking, reader: Reader) -> Evaluation:
    """Whether shares rise (or fall) over the levels in their order, as a tendency.

    Linear-by-linear association, two-sided, at the level of `significant`.
    """
    items, group = claim.among.items_in(reader.study), str(claim.among.across)
    table = []
    for key in claim.named:
        at = claim.among.one(items[0], key, group)
        base = reader.base(at)
        inside = sum(reader.count(items[0], code, group, key) for code in at.code_list)
        table.append([inside, base - inside])
    shares = [yes / (yes + no) for yes, no in table]
    slope = sum((n - (len(shares) - 1) / 2) * value for n, value in enumerate(shares))
    p = float(linear_by_linear(table).p)
    right = slope < 0 if claim.way.startswith("top") else slope > 0
    grade = IMPRECISE if right and p < reader.words.significant else CONTRADICTED
    return Evaluation("a tendency over the levels", f"p for trend = {p:.4f}", grade)


def decide_spread(claim: Spread, reader: Reader) -> Evaluation:
    """The points between the highest and the lowest level. For several items, their mean."""
    word = reader.words.spreads[claim.stated]
    own, shown = _spread(claim.of, reader)
    if claim.above is not None:
        other, text = _spread(claim.above, reader)
        word_grade = grade_of(word, own - other)
        return Evaluation(f"spread {claim.stated.replace('_', ' ')} than another",
                          f"{shown} against {text}", word_grade, off=own - other)  # fmt: skip
    return Evaluation(f"spread {claim.stated.replace('_', ' ')}", shown, grade_of(word, own))


def _spread(of: Selector, reader: Reader) -> tuple[float, str]:
    widths = []
    for item in of.items_in(reader.study):
        placed = []
        for key in _levels(of, item, reader):
            one = of.one(item, key, str(of.across))
            at = _placed(one, SHARE, reader)
            if (at.base or 0) >= of.smallest:
                placed.append(at.value)
        if len(placed) < 2:
            raise UndecidableError(f"{item}: fewer than two levels of {of.across} have answers")
        widths.append(max(placed) - min(placed))
    return fmean(widths), f"{fmean(widths):.1f} points"


def _levels(of: Selector, item: str, reader: Reader) -> Sequence[str]:
    """Named or declared levels; of municipalities those with invitations."""
    if of.levels or reader.study.group[str(of.across)].levels:
        return of.levels_in(reader.study)
    return reader.facts.levels(item, str(of.across))


def decide_municipalities(claim: Municipalities, reader: Reader) -> Evaluation:
    """Whether municipalities of one kind are of another kind more often than the rest."""
    facts = reader.facts
    are = facts.municipalities(claim.are.group, claim.are.level)
    own = facts.municipalities(claim.among.group, claim.among.level)
    inside = facts.municipalities(claim.among.group, _opposite(claim.among.level))
    if not own or not inside:
        raise UndecidableError("the register has no such municipalities")
    shares = [len(are & one) / len(one) * 100 for one in (own, inside)]
    above, below = shares if claim.relation == "more" else shares[::-1]
    shown = (
        f"{len(are & own)} of {len(own)} ({shares[0]:.0f} %) against {len(are & inside)} of "
        f"{len(inside)} ({shares[1]:.0f} %)"
    )
    grade = HOLDS if above > below else CONTRADICTED
    return Evaluation(claim.relation, shown, grade, off=abs(above - below))


def _opposite(level: str) -> str:
    return bare(level) if level.startswith(OTHERS) else f"{OTHERS}{level}"

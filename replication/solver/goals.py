"""What to maximize and minimize for a claim: signed sums of shares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from declarations import Study
from declarations.claims.kinds import (
    Adjusted,
    Claim,
    Comparison,
    Count,
    Difference,
    Levels,
    Mean,
    Median,
    NoDifference,
    Ranking,
    Share,
    Tally,
)
from declarations.claims.selector import Selector, bare, codes_of, dont_know_of
from declarations.tables.cells import OTHERS, TOTAL
from replication.solver.query import GroupAtom, ItemAtom, ShareTerm

Term = tuple[int, ShareTerm]
TESTED = (Difference, NoDifference, Adjusted, Tally)


def goals(claim: Claim, study: Study) -> Iterator[list[list[Term]]]:
    """The goals of a claim, each a signed sum of shares, by item."""
    if isinstance(claim, Share | Count):
        yield [[(1, one) for one in shares_of(claim.of, study)]]
    elif isinstance(claim, Comparison) and claim.statistic == "share":
        left = [(1, one) for one in shares_of(claim.left, study)]
        yield [[*left, *((-1, one) for one in shares_of(claim.right, study))]]
    elif isinstance(claim, Ranking):
        yield from _ranked(claim, study)
    elif isinstance(claim, TESTED):
        yield from _contrasts(claim, study)


def _contrasts(
    claim: Difference | NoDifference | Adjusted | Tally, study: Study
) -> Iterator[list[list[Term]]]:
    """A level's share minus those it is compared with: item by item, then for all items."""
    named = [claim.level] if claim.level != "all" else []
    named = named or [*(claim.each if isinstance(claim, NoDifference) else ()), *claim.levels]
    items = claim.items_in(study)
    levels = named or [level.key for level in study.group[claim.group].levels]
    chosen = levels[: 1 if isinstance(claim, Difference) else 3]
    every = []
    for item in items:
        codes = claim.code_list or (study.items[item].codes[0],)
        for level in chosen:
            own = Selector.of_item(item, codes, claim.group, level)
            rest = own.one(item, f"{OTHERS}{level}")
            goal = [(1, share_of(own, study)), (-1, share_of(rest, study))]
            yield [goal]
        every.append(goal)
    if len(items) > 1 and isinstance(claim, Difference | Adjusted):
        yield every


def _ranked(claim: Ranking, study: Study) -> Iterator[list[list[Term]]]:
    among = claim.among
    if claim.statistic != "share" or among.blocks:
        return
    chosen: Mapping[str, Selector]
    items = among.items_in(study)
    if among.across:
        keys = among.levels_in(study)
        chosen = {key: among.one(items[0], key, among.across) for key in keys}
    else:
        chosen = {item: among.one(item) for item in items}
    first, named = claim.named[0], set(claim.named)
    if first not in chosen:
        return
    for key in chosen:
        if key != first:
            yield [[(1, share_of(chosen[first], study)), (-1, share_of(chosen[key], study))]]
    ranked = [(1 if k in named else -1, share_of(s, study)) for k, s in chosen.items()]
    yield [ranked]


def shares_of(selector: Selector, study: Study) -> list[ShareTerm]:
    """The share that a selector describes; for a block one for each item."""
    return [share_of(selector.one(item), study) for item in selector.items_in(study)]


def share_of(selector: Selector, study: Study) -> ShareTerm:
    """The share that a selector with one item describes."""
    item, (group, level) = str(selector.item), selector.place
    known = study.items[item].codes
    listed = selector.code_list or (TOTAL,)
    wanted = frozenset(known if TOTAL in listed else map(int, listed))
    inside = frozenset([bare(level)])
    of: tuple[ItemAtom | GroupAtom, ...] = ()
    if selector.base == "known":
        unknown = dont_know_of(item, study)
        found = frozenset(int(c) for c in codes_of(item, study) if c not in unknown)
        of = (ItemAtom(item, found),)
    if group != "all":
        of = (*of, GroupAtom(group, inside, level.startswith(OTHERS)))
    return ShareTerm((ItemAtom(item, wanted),), of, item)


def is_numeric(selector: Selector, study: Study) -> bool:
    """Whether a selector describes a numeric item."""
    item = str(selector.item or "")
    return item in study.items and study.items[item].type == "numeric"


def selectors_of(claim: Claim, study: Study) -> list[Selector]:
    """The selectors of a share, count, mean or ranking; levels of a ranking one by one."""
    named: list[Selector] = []
    if isinstance(claim, Share | Count | Mean | Median | Levels):
        named = [claim.of]
    elif isinstance(claim, Comparison):
        named = [claim.left, claim.right]
    elif isinstance(claim, Ranking) and claim.among.across and claim.among.item:
        among = claim.among
        named = [among.one(str(among.item), key, among.across) for key in among.levels_in(study)]
    return named

"""Outer bounds, which no data that agree with print exceed: respondents by groups.

The model has the number of respondents in every combination of the levels in the question. It
covers every item that is in the question or printed by one of these groups: how many of each
combination gave each answer or none. It contains all printed figures of these items and groups, the
number of respondents in the appendix, and their distribution by facts of the municipalities.
Everything else is free.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

from declarations import Study
from declarations.tables.cells import OTHERS, STATUS_CODES, STATUS_ITEM
from replication.solver.cells import Cells, Given, Pair, joint_items
from replication.solver.joint import JointFacts
from replication.solver.program import Budget, Program
from replication.solver.query import BoundsQuestion
from replication.solver.stated import EVERYONE, Range, Stated

MOST = 100_000


def outer(
    study: Study,
    stated: Stated,
    facts: JointFacts,
    question: BoundsQuestion,
    budget: Budget | None = None,
) -> Cells:
    """Respondents by the groups in the question.

    With every item of these groups or the question.
    """
    found = Cells(Program(budget=budget))
    asked = dict.fromkeys(pair for share in question.shares for pair in share.groups)
    apart = [pair for pair in asked if study.group[pair[0]].overlapping]
    divided = dict.fromkeys(g for g, _ in asked if not study.group[g].overlapping)
    levels = {group: _levels(study, facts, group) for group in divided}
    pairs = {*apart, *((group, level) for group in divided for level in levels[group])}
    classes = [
        frozenset([pair for pair, inside in zip(apart, flags, strict=True) if inside])
        | frozenset(zip(divided, chosen, strict=True))
        for flags in product((False, True), repeat=len(apart))
        for chosen in product(*levels.values())
    ]
    whole = _whole(stated)
    towns = _towns(stated, facts, whole)
    population = {own: found.add(0, own, {}, whole.high) for own in classes}
    found.program.limit(population.values(), whole)
    _place(found.program, population, towns, facts, tuple(divided), levels)
    blocks = joint_items(question.shares, study)
    touched = {(group, level.removeprefix(OTHERS)) for group, level in pairs}
    printed = [*((item, group, level) for item, _, group, level in stated.counts), *stated.bases]
    for item, group, level in printed:
        spoken = any(item in block for block in blocks)
        if not spoken and item in study.items and (group, level.removeprefix(OTHERS)) in touched:
            blocks.append((item,))
    for number, items in enumerate(blocks, start=1):
        patterns = _patterns(study, items)
        for own, size in population.items():
            cells = [found.add(number, own, given, whole.high) for given in patterns]
            variables = found.program.variables
            found.program.cp.add(found.program.total(cells) == variables[size])
        found.figures(stated, items, pairs)
    return found


def _levels(study: Study, facts: JointFacts, group: str) -> list[str]:
    if study.group[group].kind == "identity":
        return sorted(facts.level_of.get(group, {}))
    return [level.key for level in study.group[group].levels]


def _whole(stated: Stated) -> Range:
    """The number of respondents: the appendix's number of complete and partial answers."""
    parts = [stated.counts.get((STATUS_ITEM, c, *EVERYONE)) for c in STATUS_CODES if c != "none"]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return Range(max((b.low for b in stated.bases.values()), default=0), MOST)
    return Range(sum(part.low for part in known), sum(part.high for part in known))


def _towns(stated: Stated, facts: JointFacts, whole: Range) -> dict[str, Range]:
    """The respondents of every municipality.

    A municipality that the appendix omits has the remainder.
    """
    found = {}
    every = facts.level_of.get("municipality", {})
    for town in every:
        keys = [(STATUS_ITEM, c, "municipality", town) for c in STATUS_CODES if c != "none"]
        parts = [stated.counts[key] for key in keys if key in stated.counts]
        if len(parts) == len(keys):
            found[town] = Range(sum(p.low for p in parts), sum(p.high for p in parts))
    left = Range(0, max(0, whole.high - sum(town.low for town in found.values())))
    return {town: found.get(town, left) for town in every}


def _place(
    program: Program,
    population: Mapping[frozenset[Pair], int],
    towns: Mapping[str, Range],
    facts: JointFacts,
    divided: Sequence[str],
    levels: Mapping[str, Sequence[str]],
) -> None:
    """The number of respondents in a combination of levels that are facts of municipalities."""
    known = [group for group in divided if group in facts.level_of]
    if not towns or not known:
        return
    for chosen in product(*(levels[group] for group in known)):
        pairs = frozenset(zip(known, chosen, strict=True))
        own = [range_ for town, range_ in towns.items() if _is_in(town, pairs, facts)]
        total = Range(sum(r.low for r in own), sum(r.high for r in own))
        program.limit((n for at, n in population.items() if pairs <= at), total)


def _is_in(town: str, pairs: Iterable[Pair], facts: JointFacts) -> bool:
    return all(facts.level_of[group].get(town) == level for group, level in pairs)


def _patterns(study: Study, items: Sequence[str]) -> list[Given]:
    """All ways to answer the items or leave them empty, boxes of one question together."""
    choices = [(*study.items[item].codes, None) for item in items]
    patterns: list[Given] = [dict(zip(items, codes, strict=True)) for codes in product(*choices)]
    return [given for given in patterns if is_possible_answer(study, given)]


def is_possible_answer(study: Study, given: Given) -> bool:
    """Whether an answer is possible: all boxes of a question answered, an exclusive one alone."""
    boxes = [study.items[item] for item in given if study.items[item].type == "multiple"]
    for question in {box.question for box in boxes}:
        own = [box for box in boxes if box.question == question]
        if len({given[box.id] is None for box in own}) > 1:
            return False
        ticked = [box.exclusive for box in own if given[box.id] == 1]
        if len(ticked) > 1 and any(ticked):
            return False
    return True

"""Data sets that agree with print but differ from the witness in what a claim states.

The witness is a data set that agrees with print.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np

from assets.analysis.comparisons import ItemTest
from assets.statistics.significance import pearson
from declarations import Study
from declarations.claims.kinds import Adjusted, Claim, Count, Difference, NoDifference, Tally
from declarations.claims.selector import Selector
from declarations.tables.cells import OTHERS
from replication.solver.attained import Attained, TooManyCellsError
from replication.solver.goals import Term, goals, is_numeric, selectors_of, share_of
from replication.solver.program import Optimum
from replication.solver.query import GroupAtom, ItemAtom, ShareTerm
from replication.solver.sources import PrintEvidence
from replication.solver.stated import Stated
from replication.solver.tables import NotSearchedError, allowed_tables
from replication.solver.verify import Person

UNIT = 1_000_000


@dataclass(frozen=True)
class Alternatives:
    """The witness with new answers to the items of a claim."""

    study: Study
    evidence: PrintEvidence

    def of(self, claim: Claim) -> Iterator[Sequence[Person]]:
        """Data sets that agree with print and are far from the witness in what is claimed."""
        numeric = [s for s in selectors_of(claim, self.study) if is_numeric(s, self.study)]
        if numeric:
            yield from self._other_numbers(numeric)
            return
        if isinstance(claim, Count):
            yield from self._one_less(str(claim.of.item))
        for parts in goals(claim, self.study):
            shares = [share for _, share in chain.from_iterable(parts)]
            try:
                program = Attained(self.study, self.evidence.stated, shares, self.evidence.people)
            except TooManyCellsError:
                continue
            for largest in (False, True):
                people: Sequence[Person] = self.evidence.people
                for goal in parts:
                    end = self._best(program, goal, largest)
                    people = people if end is None else replace_answers(program, end, people, goal)
                yield people
            even = self._even(claim, program, shares)
            if even is not None:
                yield program.again(even)
        if isinstance(claim, NoDifference | Tally):
            yield self._all_even(claim)

    def _best(self, program: Attained, goal: Sequence[Term], largest: bool) -> Optimum | None:
        """An optimum of a sum of shares. Bases do not change, so it is a sum of counts."""
        terms: list[tuple[int, int]] = []
        for sign, share in goal:
            size = self._size(share)
            if not size:
                return None
            # near enough: the claim's predicate decides whether a data set is useful
            weight = sign * UNIT // size
            terms += [(weight, number) for number in program.cells.of(share)[0]]
        return _found(program.cells.program.best(terms, largest))

    def _size(self, share: ShareTerm) -> int:
        atoms = [a for a in share.of if isinstance(a, GroupAtom)]
        return sum(
            all(any((a.group, v) in p.levels for v in a.levels) is not a.outside for a in atoms)
            for p in self.evidence.people
            if all(item in p.answers for item in share.items)
        )

    def _even(self, claim: Claim, program: Attained, shares: Sequence[ShareTerm]) -> Optimum | None:
        """Answers in a level as close to everyone's as possible, if a difference is claimed."""
        if not isinstance(claim, Difference | NoDifference | Tally | Adjusted):
            return None
        cells = program.cells
        misses: list[tuple[int, int]] = []
        for share in shares:
            item, size = share.items[0], self._size(share)
            for code, expected in self._least_different(share, size).items():
                own = replace(share, what=(ItemAtom(item, frozenset([code])),))
                over, under = cells.program.variable(size), cells.program.variable(size)
                inside = cells.program.total(cells.of(own)[0])
                left = cells.program.total([over]), cells.program.total([under])
                cells.program.cp.add(inside - left[0] + left[1] == expected)
                misses += [(1, over), (1, under)]
        return _found(cells.program.best(misses, False))

    def _least_different(self, share: ShareTerm, size: int) -> dict[int, int]:
        """Counts by code: the table with the largest p that print allows, or proportional ones.

        Tables are searched if print gives the level's base.
        """
        item = share.items[0]
        codes = self.study.items[item].codes
        for atom in (a for a in share.of if isinstance(a, GroupAtom)):
            level = (OTHERS if atom.outside else "") + min(atom.levels)
            if self.evidence.stated.base(item, atom.group, level).fixed:
                try:
                    tables = level_tables(self.study, self.evidence.stated, item, atom.group, level)
                except NotSearchedError:
                    continue
                p = np.nan_to_num(np.atleast_1d(pearson(tables).p), nan=1.0)
                return dict(zip(codes, map(int, tables[int(p.argmax()), 0]), strict=True))
        everyone = Counter(p.answers[item] for p in self.evidence.people if item in p.answers)
        total = sum(everyone.values())
        return {code: round(everyone[str(code)] * size / total) for code in codes}

    def _all_even(self, claim: NoDifference | Tally) -> Sequence[Person]:
        """Every item of a claim spread evenly over all its levels at once."""
        each = claim.each if isinstance(claim, NoDifference) else ()
        levels = list(each) or claim.levels_in(self.study)
        people: Sequence[Person] = self.evidence.people
        for item in claim.items_in(self.study):
            codes = (self.study.items[item].codes[0],)
            own = Selector.of_item(item, codes, claim.group)
            shares = [share_of(own.one(item, level), self.study) for level in levels]
            program = Attained(self.study, self.evidence.stated, shares, self.evidence.people)
            even = self._even(claim, program, shares)
            if even is not None:
                people = replace_answers(program, even, people, [(1, s) for s in shares])
        return people

    def _one_less(self, item: str) -> Iterator[Sequence[Person]]:
        """The data set in which one respondent leaves the item empty."""
        for number, person in enumerate(self.evidence.people):
            if item in person.answers:
                left = {key: code for key, code in person.answers.items() if key != item}
                other = Person(person.weight, person.levels, left)
                yield [*self.evidence.people[:number], other, *self.evidence.people[number + 1 :]]
                return

    def _other_numbers(self, selectors: Sequence[Selector]) -> Iterator[Sequence[Person]]:
        """New numbers in a level, which are free because no printed figure depends on them."""
        for selector in selectors:
            item, at = str(selector.item), selector.place
            for factor, offset in ((0, 0), (0, 10_000), (2, 1)):
                yield [
                    Person(p.weight, p.levels, {**p.answers, item: _times(p, item, factor, offset)})
                    if item in p.answers and at in p.levels
                    else p
                    for p in self.evidence.people
                ]


def level_tables(study: Study, stated: Stated, item: str, group: str, level: str) -> Any:
    """All tables of counts of a level and everyone not in it."""
    codes = study.items[item].codes
    bare = level.removeprefix(OTHERS)
    pair = (level, bare if bare != level else f"{OTHERS}{level}")
    compared = ItemTest("", "", "", "", item, group, pair, codes, None, (), False, ())
    return allowed_tables(compared, stated)


def _found(optimum: Optimum | None) -> Optimum | None:
    """An optimum with a solution; None if no new answers exist."""
    return optimum if optimum is not None and optimum.values else None


def _times(person: Person, item: str, factor: int, offset: int) -> str:
    return str(int(float(person.answers[item].replace(",", ".")) * factor) + offset)


def replace_answers(
    program: Attained, end: Optimum, people: Sequence[Person], goal: Sequence[Term]
) -> list[Person]:
    """People with the answers of a solution to the items of a goal."""
    items = {item for _, share in goal for item in share.items}
    changed = program.again(end)
    return [
        Person(old.weight, old.levels, {**old.answers, **_own(new, items, program)})
        for old, new in zip(people, changed, strict=True)
    ]


def _own(person: Person, items: set[str], program: Attained) -> dict[str, str]:
    every = {
        box.id
        for item in items
        for box in program.study.question[program.study.items[item].question].items
        if box.id == item or (box.type == "multiple" and program.study.items[item].type == box.type)
    }
    return {item: code for item, code in person.answers.items() if item in every}

"""Respondents by class and answer as variables, and the numbers of a question as sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from declarations import Study
from declarations.tables.cells import OTHERS
from replication.solver.program import Optimum, Program
from replication.solver.query import BoundsQuestion, GroupAtom, ItemAtom, QueryError, ShareTerm
from replication.solver.stated import EVERYONE, Stated

MOST_ITEMS = 4
COUNT, BASE, PERCENT, DIFFERENCE = "count", "of", "percent", "difference"
Pair = tuple[str, str]
Given = Mapping[str, int | None]  # code by item, None if it was not answered
Ends = tuple[Optimum | None, Optimum | None]


@dataclass(frozen=True)
class ClassCell:
    """A variable: how many of a class of respondents gave an answer pattern, within a block."""

    block: int
    levels: frozenset[Pair]
    given: Given
    number: int


@dataclass
class Cells:
    """Blocks of variables; each block divides the same respondents."""

    program: Program = field(default_factory=Program)
    cells: list[ClassCell] = field(default_factory=list)

    def add(self, block: int, levels: frozenset[Pair], given: Given, most: int) -> int:
        """A new variable."""
        number = self.program.variable(most)
        self.cells.append(ClassCell(block, levels, given, number))
        return number

    def where(self, item: str, code: str | None, group: str, level: str) -> list[int]:
        """The variables of the respondents in a level who answered an item (or gave a code)."""
        return [
            cell.number
            for cell in self.cells
            if cell.given.get(item) is not None
            and code in (None, str(cell.given[item]))
            and _inside(cell.levels, group, level)
        ]

    def figures(self, stated: Stated, items: Iterable[str], pairs: set[Pair]) -> None:
        """Every figure of the items, for everyone and for levels that the classes distinguish."""
        wanted = set(items)

        def known(item: str, group: str, level: str) -> bool:
            pair = (group, level.removeprefix(OTHERS))
            return item in wanted and (pair == EVERYONE or pair in pairs)

        for (item, code, group, level), found in stated.counts.items():
            if known(item, group, level):
                self.program.limit(self.where(item, code, group, level), found)
        for (item, group, level), found in stated.bases.items():
            if known(item, group, level):
                self.program.limit(self.where(item, None, group, level), found)
        for loose in stated.loose:
            if all(known(item, group, level) for item, _, group, level in loose):
                self.program.all_but_one((self.where(*key), found) for key, found in loose.items())

    def of(self, share: ShareTerm) -> tuple[list[int], list[int]]:
        """The variables of a share: its numerator and its base."""
        blocks = (c.block for c in self.cells if set(share.items) <= set(c.given))
        block = next(blocks)
        above, below = [], []
        asked = [atom.item for atom in share.what if isinstance(atom, ItemAtom)]
        for cell in self.cells:
            if cell.block != block or any(cell.given[item] is None for item in asked):
                continue
            if all(_holds(atom, cell) for atom in share.of):
                below.append(cell.number)
                if all(_holds(atom, cell) for atom in share.what):
                    above.append(cell.number)
        return above, below


def _inside(levels: frozenset[Pair], group: str, level: str) -> bool:
    inside = (group, level.removeprefix(OTHERS)) in levels or (group, level) == EVERYONE
    return inside is not level.startswith(OTHERS)


def _holds(atom: ItemAtom | GroupAtom, cell: ClassCell) -> bool:
    if isinstance(atom, ItemAtom):
        return cell.given[atom.item] in atom.codes
    return any((atom.group, level) in cell.levels for level in atom.levels) is not atom.outside


def ends_of(cells: Cells, question: BoundsQuestion) -> dict[str, Ends]:
    """Smallest and largest of every number of a question."""
    program = cells.program
    above, below = cells.of(question.first)
    if question.second is not None:
        return {DIFFERENCE: _difference(program, (above, below), cells.of(question.second))}

    def both(numbers: Sequence[int]) -> Ends:
        terms = [(1, number) for number in numbers]
        return program.best(terms, False), program.best(terms, True)

    found = {COUNT: both(above)}
    if question.first.items or question.first.of:
        found[BASE] = both(below)
        least, most = (program.best_ratio(above, below, largest) for largest in (False, True))
        found[PERCENT] = (_times(least, 100), _times(most, 100))
    return found


def _times(found: Optimum | None, factor: Fraction | int) -> Optimum | None:
    if found is None:
        return None
    return Optimum(found.value * factor, found.bound * factor, found.values)


def _difference(
    program: Program, first: tuple[list[int], list[int]], second: tuple[list[int], list[int]]
) -> Ends:
    """Percentage points between two shares; exact if print fixes both bases.

    Otherwise each share is bounded separately. The true difference then lies within the result.
    """
    bases = []
    for _, below in (first, second):
        terms = [(1, number) for number in below]
        bases.append([program.best(terms, largest) for largest in (False, True)])
    if any(end is None for ends in bases for end in ends):
        return None, None
    fixed = [low.bound for low, high in bases if low and high and low.bound == high.bound]
    if len(fixed) == 2 and all(fixed):
        terms = [(int(fixed[1]), number) for number in first[0]]
        terms += [(-int(fixed[0]), number) for number in second[0]]
        scale = Fraction(100) / (fixed[0] * fixed[1])
        least, most = (program.best(terms, largest) for largest in (False, True))
        return _times(least, scale), _times(most, scale)
    ratios = [
        [program.best_ratio(*share, largest) for largest in (False, True)]
        for share in (first, second)
    ]
    (low, high), (other_low, other_high) = ratios
    if low is None or high is None or other_low is None or other_high is None:
        return None, None
    return _apart(low, other_high), _apart(high, other_low)


def _apart(first: Optimum, second: Optimum) -> Optimum:
    value = 100 * (first.bound - second.bound)
    return Optimum(value, value, ())


def joint_items(shares: Sequence[ShareTerm], study: Study) -> list[tuple[str, ...]]:
    """Items that must be combined: those of one share, and of shares with a common item.

    A box of a multiple-choice question is combined with the box that excludes it.
    """
    blocks: list[tuple[str, ...]] = []
    for share in shares:
        own = tuple(dict.fromkeys(i for item in share.items for i in _with_exclusive(item, study)))
        for block in [block for block in blocks if set(block) & set(own)]:
            blocks.remove(block)
            own = tuple(dict.fromkeys((*block, *own)))
        if len(own) > MOST_ITEMS:
            raise QueryError(f"{len(own)} items at once, at most {MOST_ITEMS}: {', '.join(own)}")
        if own:
            blocks.append(own)
    return blocks


def _with_exclusive(item: str, study: Study) -> list[str]:
    own = study.items[item]
    boxes = study.question[own.question].items if own.type == "multiple" else ()
    return [item, *(box.id for box in boxes if box.exclusive and box.id != item)]

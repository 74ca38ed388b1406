"""Data that agree with print: a witness whose respondents are in other overlapping groups.

Print does not show who is in two areas. Among respondents with the same answers to the questions
that print breaks down by these areas, any may be in them, as long as every printed figure is
reproduced. Variables are therefore the number of them in each combination of the areas, and how
many of a combination gave each answer. A solution becomes a data set: areas are assigned again,
then the answers to every item printed by them. All other answers stay. So do the questions that
each respondent answered, and groups that are facts of municipalities. An area is read from an open
answer, so a respondent in a new area has answered that item too. The program ignores other areas,
so a solution may fail.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice, product

from declarations import Study
from declarations.tables.cells import OTHERS, STATUS_ITEM
from replication.solver.attained import Attained, TooManyCellsError
from replication.solver.cells import Cells, Given, Pair, ends_of, joint_items
from replication.solver.outer import is_possible_answer
from replication.solver.program import Budget, Optimum, Program
from replication.solver.query import BoundsQuestion, ItemAtom, ShareTerm
from replication.solver.stated import Range, Stated
from replication.solver.verify import Person

TURNS = 4
Class = tuple[
    list[int], list[tuple[frozenset[Pair], int]]
]  # positions of the people of a class; its levels and their number


class Redrawn:
    """A program over a witness's memberships of the overlapping levels in a question."""

    def __init__(
        self,
        study: Study,
        stated: Stated,
        question: BoundsQuestion,
        people: Sequence[Person],
        budget: Budget | None = None,
    ) -> None:
        self.budget = budget
        self.study, self.stated, self.question, self.people = study, stated, question, people
        asked = dict.fromkeys(pair for share in question.shares for pair in share.groups)
        self.apart = [pair for pair in asked if study.group[pair[0]].overlapping]
        self.fixed = [pair for pair in asked if pair not in self.apart]
        blocks = joint_items(question.shares, study)
        spoken = {item for block in blocks for item in block}
        self.printed = [item for item in self._printed() if item not in spoken]
        self.cells, self.classes = Cells(Program(budget=budget)), list[Class]()
        self._divide([*blocks, *((item,) for item in self.printed)])

    def _printed(self) -> list[str]:
        """Items with a figure by one of the levels, in the order of the questionnaire."""
        places = [*((i, g, lv) for i, _, g, lv in self.stated.counts), *self.stated.bases]
        found = {i for i, g, lv in places if (g, lv.removeprefix(OTHERS)) in self.apart}
        return [item for item in self.study.items if item in found]

    def _divide(self, blocks: Sequence[tuple[str, ...]]) -> None:
        seen = [item for block in blocks for item in block]
        flags = list(product((False, True), repeat=len(self.apart)))
        combinations = [
            frozenset(pair for pair, inside in zip(self.apart, flag, strict=True) if inside)
            for flag in flags
        ]
        classes: dict[tuple[frozenset[Pair], frozenset[str]], list[int]] = {}
        for place, person in enumerate(self.people):
            if person.answers[STATUS_ITEM] != "none":
                levels = person.levels & frozenset(self.fixed)
                answered = frozenset(item for item in seen if item in person.answers)
                classes.setdefault((levels, answered), []).append(place)
        limit = self.cells.program.limit
        members: dict[tuple[frozenset[Pair], frozenset[str]], list[int]] = {}
        for (levels, answered), places in sorted(
            classes.items(), key=lambda entry: (sorted(entry[0][0]), sorted(entry[0][1]))
        ):
            options = []
            now = [self.people[place].levels & frozenset(self.apart) for place in places]
            for own in combinations:
                number = self.cells.add(0, levels | own, {}, len(places))
                self.cells.program.start(number, now.count(own))
                members.setdefault((levels | own, answered), []).append(number)
                options.append((own, number))
            limit([number for _, number in options], Range(len(places), len(places)))
            self.classes.append((places, options))
        known = {*self.apart, *self.fixed}
        for number, items in enumerate(blocks, start=1):
            self._answers(number, items, members)
            self.cells.figures(self.stated, items, known)

    def _answers(
        self,
        block: int,
        items: Sequence[str],
        members: Mapping[tuple[frozenset[Pair], frozenset[str]], Sequence[int]],
    ) -> None:
        """Respondents in the same levels with the same answers to the items, by their answers."""
        program = self.cells.program
        divided: dict[tuple[frozenset[Pair], frozenset[str]], list[int]] = {}
        for (levels, answered), numbers in members.items():
            divided.setdefault((levels, answered & frozenset(items)), []).extend(numbers)
        for (levels, answered), numbers in divided.items():
            cells = [
                self.cells.add(block, levels, given, len(self.people))
                for given in self._patterns(items, answered)
            ]
            program.cp.add(program.total(cells) == program.total(numbers))

    def _patterns(self, items: Sequence[str], answered: frozenset[str]) -> Iterator[Given]:
        choices = [self.study.items[i].codes if i in answered else (None,) for i in items]
        for codes in product(*choices):
            given = dict(zip(items, codes, strict=True))
            if is_possible_answer(self.study, given):
                yield given

    def data_sets(self) -> Iterator[Sequence[Person]]:
        """Data sets at the ends of the numbers of each share, as far as they can be made.

        They agree with print as far as this program sees; the verifier must count them.
        """
        tried: set[tuple[int, ...]] = set()
        for share in self.question.shares:
            for end in chain.from_iterable(ends_of(self.cells, BoundsQuestion(share)).values()):
                if end is None or not end.values:
                    continue
                drawn = tuple(end.values[n] for _, options in self.classes for _, n in options)
                if drawn not in tried:
                    tried.add(drawn)
                    turns = (self._answered_anew(self._regrouped(end, t)) for t in range(TURNS))
                    yield from islice((people for people in turns if people is not None), 1)

    def _regrouped(self, end: Optimum, turn: int) -> list[Person]:
        """People in the groups of a solution. Whoever can keep their groups keeps them.

        Each call chooses other people among those who differ only in other areas.
        """
        order = random.Random(turn)
        changed, apart = list(self.people), frozenset(self.apart)
        for places, options in self.classes:
            left = {own: end.values[number] for own, number in options}
            moving = []
            for place in order.sample(places, len(places)):
                own = self.people[place].levels & apart
                if left[own]:
                    left[own] -= 1
                else:
                    moving.append(place)
            free = iter([own for own, n in left.items() for _ in range(n)])
            for place, own in zip(moving, free, strict=True):
                changed[place] = self._moved(self.people[place], own)
        return changed

    def _moved(self, person: Person, own: frozenset[Pair]) -> Person:
        sources = {self.study.group[group].source for group, _ in own}
        given = {source: "" for source in sources if source in self.study.items}
        levels = (person.levels - frozenset(self.apart)) | own
        return Person(person.weight, levels, {**given, **person.answers})

    def _answered_anew(self, people: Sequence[Person]) -> Sequence[Person] | None:
        """People with new answers to the items printed by these groups, so that figures match.

        None if an item has no such answers.
        """
        done: set[str] = set()
        for item in self.printed:
            own = self.study.items[item]
            unit = own.question if own.type == "multiple" else item
            if unit in done:
                continue
            done.add(unit)
            share = ShareTerm((ItemAtom(item, frozenset(own.codes)),), (), item)
            try:
                program = Attained(self.study, self.stated, [share], people, self.budget)
            except TooManyCellsError:
                return None
            found = program.cells.program.best([], True)
            if found is None or not found.values:
                return None
            people = program.again(found)
        return people

"""Data that agree with print: a witness with new answers to some items.

Respondents keep their groups, and the same respondents answer each question. Respondents whom no
printed figure of the items distinguishes form a class. The variables are the numbers of a class who
give each answer. Every printed figure of the items is a constraint. The boxes of a multiple-choice
question are answered together, by patterns that occur in the witness. All other answers stay, so a
solution is a witness again, and the verifier counts all of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from declarations import Study
from declarations.tables.cells import OTHERS, STATUS_ITEM
from replication.solver.cells import Cells, Given, Pair, joint_items
from replication.solver.program import Budget, Optimum, Program
from replication.solver.query import ShareTerm
from replication.solver.stated import EVERYONE, Range, Stated, StatedFigure
from replication.solver.verify import Person, unreproduced

MOST_CELLS = 60_000
# positions of the people of a class; its patterns and their variables
Class = tuple[list[int], list[tuple[Given, int]]]


@dataclass(frozen=True)
class CountedShare:
    """A share in one data set: who is counted, in which base, and how often they gave an answer."""

    text: str
    counted: int
    of: int
    answers: Mapping[str, int]


class TooManyCellsError(ValueError):
    """The items together have too many answer patterns."""


class Attained:
    """A program over the answers of a witness's respondents to the items of a question."""

    def __init__(
        self,
        study: Study,
        stated: Stated,
        shares: Sequence[ShareTerm],
        people: Sequence[Person],
        budget: Budget | None = None,
    ) -> None:
        self.study, self.stated, self.people = study, stated, people
        self.cells, self.classes = Cells(Program(budget=budget)), list[Class]()
        self.asked = {pair for share in shares for pair in share.groups}
        answering = [i for i, p in enumerate(people) if p.answers[STATUS_ITEM] != "none"]
        self._block(0, (), answering)
        for number, items in enumerate(joint_items(shares, study), start=1):
            self._block(number, items, answering)

    def _block(self, number: int, asked: Sequence[str], answering: Sequence[int]) -> None:
        units = self._units(asked)
        items = [item for unit in units for item in unit]
        lines = self.asked | {
            (group, level.removeprefix(OTHERS))
            for item, group, level in (
                *((i, g, lv) for i, _, g, lv in self.stated.counts),
                *self.stated.bases,
            )
            if item in items and (group, level) != EVERYONE
        }
        classes: dict[tuple[tuple[Pair, ...], tuple[bool, ...]], list[int]] = {}
        for place in answering:
            person = self.people[place]
            levels = tuple(sorted(person.levels & lines))
            reached = tuple(unit[0] in person.answers for unit in units)
            classes.setdefault((levels, reached), []).append(place)
        for (levels, reached), members in sorted(classes.items()):
            own = zip(units, reached, strict=True)
            choices = (
                self._choices(unit, asked, members) if there else [dict.fromkeys(unit)]
                for unit, there in own
            )
            patterns = [_joined(parts) for parts in product(*choices)]
            if len(self.cells.cells) + len(patterns) > MOST_CELLS:
                raise TooManyCellsError(f"more than {MOST_CELLS} classes and answers")
            size, among = len(members), frozenset(levels)
            numbers = [self.cells.add(number, among, given, size) for given in patterns]
            self.cells.program.limit(numbers, Range(size, size))
            now = Counter(self._given(place, items) for place in members)
            for given, one in zip(patterns, numbers, strict=True):
                self.cells.program.start(one, now[tuple(given[item] for item in items)])
            self.classes.append((members, list(zip(patterns, numbers, strict=True))))
        self.cells.figures(self.stated, items, lines)

    def _given(self, place: int, items: Sequence[str]) -> tuple[int | None, ...]:
        answers = self.people[place].answers
        return tuple(int(answers[item]) if item in answers else None for item in items)

    def _units(self, asked: Sequence[str]) -> list[list[str]]:
        """The items that are answered together: a single one, or all boxes of a question."""
        units: dict[str, list[str]] = {}
        for item in asked:
            own = self.study.items[item]
            boxes = [i.id for i in self.study.question[own.question].items if i.type == "multiple"]
            together = own.type == "multiple"
            units[own.question if together else item] = boxes if together else [item]
        return list(units.values())

    def _choices(
        self, unit: Sequence[str], asked: Sequence[str], members: Sequence[int]
    ) -> list[Given]:
        """The possible answers of a class: any code. For boxes, patterns near the class's own."""
        if len(unit) == 1:
            return [{unit[0]: code} for code in self.study.items[unit[0]].codes]
        alone = [item for item in unit if self.study.items[item].exclusive]
        seen = [{item: int(self.people[m].answers[item]) for item in unit} for m in members]
        seen += [{item: int(item == only) for item in unit} for only in alone]
        for item in asked:
            if item in unit and item not in alone:
                seen += [{**given, item: 1 - given[item]} for given in seen]
                # a respondent who ticked nothing else ticks another box instead
                empty = [given for given in seen if not any(given.values())]
                rest = [box for box in unit if box != item and box not in alone]
                seen += [{**given, box: 1} for given in empty for box in rest]
        fits = [given for given in seen if _one_answer(given, alone)]
        return [dict(pairs) for pairs in sorted({tuple(given.items()) for given in fits})]

    def again(self, end: Optimum) -> list[Person]:
        """The witness with the answers of a solution."""
        changed = list(self.people)
        for members, options in self.classes:
            waiting: Iterator[int] = iter(members)
            for given, number in options:
                new = {item: str(code) for item, code in given.items() if code is not None}
                for _ in range(end.values[number] if given else 0):
                    place = next(waiting)
                    old = changed[place]
                    changed[place] = Person(old.weight, old.levels, {**old.answers, **new})
        return changed

    def agrees(self, end: Optimum, figures: Sequence[StatedFigure]) -> bool:
        """Whether the whole witness, including the solution, reproduces print."""
        return next(unreproduced(self.again(end), figures), None) is None

    def table(self, end: Optimum, shares: Sequence[ShareTerm]) -> list[CountedShare]:
        """The shares of a solution, and the answers of their respondents."""
        found = []
        for share in shares:
            above, below = self.cells.of(share)
            answers: Counter[str] = Counter()
            among = set(below)
            for cell in self.cells.cells:
                if cell.number in among and share.items and end.values[cell.number]:
                    given = (self._named(item, cell.given[item]) for item in share.items)
                    answers[", ".join(given)] += end.values[cell.number]
            counted, of = (sum(end.values[n] for n in numbers) for numbers in (above, below))
            found.append(CountedShare(share.text, counted, of, dict(sorted(answers.items()))))
        return found

    def _named(self, item: str, code: int | None) -> str:
        scale = {c.code: c.key for c in self.study.items[item].scale}
        return f"{item}={scale.get(code or 0, code)}"


def _one_answer(given: Mapping[str, int], alone: Sequence[str]) -> bool:
    """Whether a pattern has a tick, and no tick together with an exclusive box."""
    ticked = [item for item, code in given.items() if code]
    return len(ticked) == 1 or (len(ticked) > 1 and not set(ticked) & set(alone))


def _joined(parts: Sequence[Given]) -> Given:
    return {item: code for part in parts for item, code in part.items()}

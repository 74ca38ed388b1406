"""All data of a block that agree with the published figures, as an integer program."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from expectations.disclosure.block import Answer, AttackedFigures, OutgoingFigure, Signature
from replication.solver.program import Budget, Program

Target = tuple[Signature, Answer]
TERM = 2e-6  # units of work per signature and figure


def writing_work(block: AttackedFigures) -> float:
    """The work of writing down the program of a block, in units of the solver's work."""
    return TERM * len(block.sizes) * len(block.figures)


class Data:
    """All possible data: how many respondents of each signature gave each answer, or none.

    With `free`, other respondents than in the true data may give these answers; all other answers
    are as in the true data. There are far fewer such data, and the search is faster.
    """

    def __init__(
        self,
        block: AttackedFigures,
        free: Collection[Answer] | None = None,
        budget: Budget | None = None,
    ) -> None:
        self.block, self.program = block, Program(budget=budget)
        if budget is not None:
            budget.left -= writing_work(block)
        self.free = frozenset(block.answers if free is None else free)
        self.cells: dict[Target, Any] = {}
        for signature, size in block.sizes.items():
            self._signature(signature, size, free is None)

    def _signature(self, signature: Signature, size: int, whole: bool) -> None:
        block, none = self.block, None
        answered: Any = 0
        for item, codes in block.items.items():
            given = 0
            for code in codes:
                target = (signature, (item, code))
                true = block.given.get(target, 0)
                given += true
                is_free = target[1] in self.free
                self.cells[target] = self._variable(size, true) if is_free else true
            if none is None or not block.coupled:
                left = size - given
                can_change = whole and not block.all_answered
                none = self._variable(size, left) if can_change else left
                answered = size - none
            own = [self.cells[signature, (item, code)] for code in codes]
            self.require(total([*own, none]) == size)
        if len(block.items) > 1 and block.coupled:
            self._boxes(signature, answered)

    def _variable(self, most: int, true: int) -> Any:
        number = self.program.variable(most)
        self.program.start(number, true)
        return self.program.variables[number]

    def _boxes(self, signature: Signature, answered: Any) -> None:
        """Require that everyone who answered ticked a box, and ticked an exclusive box alone."""
        ticked = {item: self.cells[signature, (item, "1")] for item in self.block.items}
        exclusive = [ticked[item] for item in self.block.alone]
        for item in self.block.items:
            if exclusive and item not in self.block.alone:
                self.require(total([*exclusive, ticked[item]]) <= answered)
        self.require(total(exclusive) <= answered)
        self.require(total(list(ticked.values())) >= answered)

    def require(self, constraint: Any) -> None:
        """Add a constraint.

        A constraint that contains only constants holds already and is left out.
        """
        if not isinstance(constraint, bool):
            self.program.cp.add(constraint)

    def part(self, figure: OutgoingFigure, part: Iterable[Answer]) -> Any:
        """The number in the figure's level who gave one of the answers."""
        answers = sorted(part)
        return total(
            [self.cells[s, answer] for s in self.block.inside(figure) for answer in answers]
        )

    def publish(self, figure: OutgoingFigure) -> None:
        """Require a figure's true value."""
        for part, true in self._parts(figure):
            self.require(self.part(figure, part) == true)

    def publish_unless(self, figure: OutgoingFigure, hidden: int) -> None:
        """Require a figure's true value, unless the variable `hidden` is 1."""
        most, slack = self.block.most(figure), self.program.variables[hidden]
        for part, true in self._parts(figure):
            counted = self.part(figure, part)
            self.require(counted <= true + (most - true) * slack)
            self.require(counted >= true - true * slack)

    def differs(self, target: Target) -> int:
        """A variable that can be 1 only if an answer in a signature is not the true one."""
        flag = self.program.variable(1)
        self.require(
            self.cells[target] + self.program.variables[flag] <= self.block.sizes[target[0]]
        )
        return flag

    def moves(self, figure: OutgoingFigure) -> int:
        """A variable that can be 1 only if a figure has another value than in the true data."""
        most, variables = self.block.most(figure), self.program.variables
        flag, sides = self.program.variable(1), []
        for part, true in self._parts(figure):
            counted, (up, down) = self.part(figure, part), (self.program.variable(1) for _ in "ud")
            self.require(counted >= (true + 1) * variables[up])
            self.require(counted <= most + (true - 1 - most) * variables[down])
            sides += [variables[up], variables[down]]
        self.require(variables[flag] <= total(sides))
        return flag

    def _parts(self, figure: OutgoingFigure) -> list[tuple[frozenset[Answer], int]]:
        both = zip(figure.parts, self.block.truth[figure.key], strict=True)
        return [(part, true) for part, true in both if part & self.free]


def total(terms: list[Any]) -> Any:
    """The sum of variables and numbers; a number if there is no variable."""
    known = sum(term for term in terms if isinstance(term, int))
    unknown = [term for term in terms if not isinstance(term, int)]
    if not unknown:
        return known
    from ortools.sat.python import cp_model

    return cp_model.LinearExpr.sum(unknown) + known

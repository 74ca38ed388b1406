"""Integer programs with exact optima: CP-SAT, one worker, fixed seed, limited work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from replication.solver.stated import Range

WORK = 10.0  # limit of the solver's deterministic time for one optimum
LEAST = 0.2  # minimum for an optimum after a budget is spent
STEPS = 40


@dataclass
class Budget:
    """Work that several optima share, so that every question ends in limited time."""

    left: float


@dataclass(frozen=True)
class Optimum:
    """The best value found; `proven` if no better one exists. `values` of all variables.

    Without `values` nothing was found within the limit, and only the bound is known.
    """

    value: Fraction
    bound: Fraction
    values: Sequence[int]

    @property
    def proven(self) -> bool:
        """Whether the value is the optimum."""
        return self.value == self.bound and bool(self.values)


@dataclass
class Program:
    """Variables from 0 to a maximum, and linear constraints over them, by number."""

    cp: Any = None
    variables: list[Any] = field(default_factory=list)
    most: list[int] = field(default_factory=list)
    budget: Budget | None = None

    def __post_init__(self) -> None:
        from ortools.sat.python import cp_model

        if self.cp is None:
            self.cp = cp_model.CpModel()

    def variable(self, most: int) -> int:
        """A new whole number from 0 to `most`."""
        self.variables.append(self.cp.new_int_var(0, most, f"x{len(self.variables)}"))
        self.most.append(most)
        return len(self.variables) - 1

    def total(self, numbers: Iterable[int]) -> Any:
        """The sum of variables."""
        return sum(self.variables[number] for number in numbers)

    def limit(self, numbers: Iterable[int], to: Range) -> None:
        """Require that a sum of variables lies in a range."""
        self.cp.add_linear_constraint(self.total(numbers), to.low, to.high)

    def start(self, number: int, value: int) -> None:
        """Suggest a value for a variable at the start of the search."""
        self.cp.add_hint(self.variables[number], value)

    def all_but_one(self, sums: Iterable[tuple[Iterable[int], Range]]) -> None:
        """Require that all but one of the sums are in their ranges."""
        holds = []
        for numbers, to in sums:
            holds.append(self.cp.new_bool_var(""))
            limited = self.cp.add_linear_constraint(self.total(numbers), to.low, to.high)
            limited.only_enforce_if(holds[-1])
        self.cp.add(sum(holds) >= len(holds) - 1)

    def best(
        self, terms: Sequence[tuple[int, int]], largest: bool, gap: float = 0.0
    ) -> Optimum | None:
        """Smallest or largest sum of factor x variable; None if nothing is feasible.

        With a `gap`, a value within this share of its bound is good enough. If the limit was
        reached without a solution, only the bound is returned.
        """
        from ortools.sat.python import cp_model

        goal = sum(factor * self.variables[number] for factor, number in terms)
        self.cp.clear_objective()
        (self.cp.maximize if largest else self.cp.minimize)(goal)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        allowed = WORK if self.budget is None else min(WORK, max(LEAST, self.budget.left))
        solver.parameters.max_deterministic_time = allowed
        solver.parameters.relative_gap_limit = gap
        status = solver.solve(self.cp)
        if self.budget is not None:
            self.budget.left -= solver.deterministic_time
        if status == cp_model.INFEASIBLE:
            return None
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            edge = self._edge(terms, largest)
            return Optimum(edge, edge, ())
        values = [int(solver.value(variable)) for variable in self.variables]
        value = sum(factor * values[number] for factor, number in terms)
        exact = status == cp_model.OPTIMAL and not gap
        bound = value if exact else round(solver.best_objective_bound)
        return Optimum(Fraction(value), Fraction(bound), values)

    def _edge(self, terms: Sequence[tuple[int, int]], largest: bool) -> Fraction:
        """The range of a sum under any constraints."""
        return Fraction(sum(f * self.most[n] for f, n in terms if (f > 0) is largest))

    def best_ratio(
        self, above: Sequence[int], below: Sequence[int], largest: bool
    ) -> Optimum | None:
        """Smallest or largest sum(above) / sum(below) with sum(below) at least 1.

        Dinkelbach's method: exact, because all numbers are whole. `above` must be part of `below`.
        None if no solution has anybody below.
        """
        # in a copy: with an assumption the solver does not presolve and is far slower
        some = replace(self, cp=self.cp.clone())
        some.cp.add(self.total(below) >= 1)
        return some._ratio(above, below, largest)  # noqa: SLF001 (of this class)

    def _ratio(self, above: Sequence[int], below: Sequence[int], largest: bool) -> Optimum | None:
        found = self.best([(1, number) for number in above], largest)
        if found is None:
            return None
        if not found.values:
            return Optimum(Fraction(int(largest)), Fraction(int(largest)), ())
        for _ in range(STEPS):
            ratio = Fraction(_sum(above, found), _sum(below, found))
            terms = [(ratio.denominator, number) for number in above]
            terms += [(-ratio.numerator, number) for number in below]
            better = self.best(terms, largest)
            if better is None or not better.proven:
                break
            if better.value == 0:
                return Optimum(ratio, ratio, found.values)
            found = better
        ratio = Fraction(_sum(above, found), _sum(below, found))
        return Optimum(ratio, Fraction(int(largest)), found.values)


def _sum(numbers: Iterable[int], found: Optimum) -> int:
    return sum(found.values[number] for number in numbers)

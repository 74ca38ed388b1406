"""Bounds of a number that is not printed, over all data that agree with print.

Two models of whole numbers answer a question.

The *outer* model has the respondents by the groups in the question. It covers every item that is in
the question or printed by one of these groups: how many of each class gave each answer (or none).
It contains every printed figure of these items and groups and leaves everything else free. No data
that agree with print lie outside its bounds.

The *attained* model starts from a witness, a data set that agrees with print. Its respondents keep
their groups, and the same respondents answer each question. It reassigns the answers to the items
in the question so that every printed figure of these items, by any group, is reproduced. If the
question names overlapping groups and the outer ends are not reached, respondents get other groups
first (`redrawn.py`). The ends are complete data sets: all other answers stay, and the verifier
counts everything.

If both models agree, the bound is exact. Otherwise the true end lies between the two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from declarations import Study
from replication.solver.attained import Attained, CountedShare
from replication.solver.cells import DIFFERENCE, PERCENT, ends_of
from replication.solver.joint import JointFacts
from replication.solver.outer import outer
from replication.solver.program import Budget
from replication.solver.query import BoundsQuestion, QueryError, parse
from replication.solver.redrawn import Redrawn
from replication.solver.sources import PrintEvidence
from replication.solver.stated import Stated, StatedFigure
from replication.solver.verify import Person

SIDES = ("smallest", "largest")
# limit of the solver's deterministic time for all optima of an interactive question
QUESTION_WORK = 5.0


@dataclass(frozen=True)
class Bound:
    """The range of one number, and the range attained by verified data."""

    name: str
    low: Fraction
    high: Fraction
    attained: tuple[Fraction, Fraction] | None = None

    @property
    def exact(self) -> bool:
        """Whether both ends are attained."""
        return self.attained == (self.low, self.high)


@dataclass(frozen=True)
class Answer:
    """The bounds of a question; no percentage if its base is always empty.

    `witnesses`: the shares of the data that attain an end, by end and number.
    """

    question: BoundsQuestion
    bounds: tuple[Bound, ...]
    witnesses: Mapping[str, Sequence[CountedShare]] = field(default_factory=dict)


class ImpossibleError(ValueError):
    """The figures about the items and groups in the question contradict each other."""


@dataclass
class Reached:
    """The smallest and largest of each number over verified data sets."""

    study: Study
    stated: Stated
    question: BoundsQuestion
    figures: Sequence[StatedFigure]
    budget: Budget | None = None
    values: dict[str, Fraction] = field(default_factory=dict)
    witnesses: dict[str, Sequence[CountedShare]] = field(default_factory=dict)

    def add(self, people: Sequence[Person]) -> None:
        """Reassign the answers in the question in this data set.

        This is done for both ends of each number.
        """
        inner = Attained(self.study, self.stated, self.question.shares, people, self.budget)
        for name, ends in ends_of(inner.cells, self.question).items():
            for side, end in zip(SIDES, ends, strict=True):
                if end is None or not end.values:
                    continue
                key, sign = f"{side} {name}", -1 if side == SIDES[0] else 1
                beyond = key not in self.values or sign * (end.value - self.values[key]) > 0
                if beyond and inner.agrees(end, self.figures):
                    self.values[key] = end.value
                    self.witnesses[key] = inner.table(end, self.question.shares)

    def ends(self, name: str) -> tuple[Fraction, Fraction] | None:
        """The ends reached; None unless both were reached."""
        low, high = (self.values.get(f"{side} {name}") for side in SIDES)
        return None if low is None or high is None else (low, high)

    def covers(self, limits: Mapping[str, tuple[Fraction, Fraction]]) -> bool:
        """Whether the ends of all numbers are reached."""
        return all(self.ends(name) == ends for name, ends in limits.items())


def bound_question(
    study: Study,
    stated: Stated,
    facts: JointFacts,
    question: BoundsQuestion,
    people: Sequence[Person] = (),
    figures: Sequence[StatedFigure] = (),
    redraw: bool = True,
    budget: Budget | None = None,
) -> Answer:
    """The bounds of a question's numbers.

    `people` is a witness of `figures`; `stated` are the same figures as constraints. Without
    `redraw`, ends are attained only with the areas of the witness. If a `budget` is spent, bounds
    are the best proven so far, and fewer ends are attained.

    Raises QueryError if the question has too many items or an unknown municipality, and
    ImpossibleError if the figures contradict each other.
    """
    _known(study, facts, question)
    cells = outer(study, stated, facts, question, budget)
    if cells.program.best([], True) is None:
        raise ImpossibleError("the printed figures of these items and groups contradict each other")
    found = ends_of(cells, question)
    limits = {
        name: (low.bound, high.bound)
        for name, (low, high) in found.items()
        if low is not None and high is not None
    }
    reached = Reached(study, stated, question, figures, budget)
    if people:
        reached.add(people)
        groups = {group for share in question.shares for group, _ in share.groups}
        if redraw and any(study.group[g].overlapping for g in groups):
            for redrawn in Redrawn(study, stated, question, people, budget).data_sets():
                if reached.covers(limits):
                    break
                reached.add(redrawn)
    return Answer(
        question,
        tuple(Bound(name, *ends, reached.ends(name)) for name, ends in limits.items()),
        reached.witnesses,
    )


def ask(study: Study, evidence: PrintEvidence, text: str) -> Answer:
    """The answer to a question in words. Raises the errors of `parse` and `bound_question`."""
    return bound_question(
        study,
        evidence.stated,
        evidence.facts,
        parse(text, study),
        evidence.people,
        evidence.figures,
        budget=Budget(QUESTION_WORK),
    )


def _known(study: Study, facts: JointFacts, question: BoundsQuestion) -> None:
    """Raise QueryError for a level that the register does not have."""
    for group, level in (pair for share in question.shares for pair in share.groups):
        levels = facts.level_of.get(group, {})
        if study.group[group].kind == "identity" and levels and level not in levels:
            codes = sorted(levels)
            raise QueryError(
                f"{group} has no level {level!r}; it has the codes of the register, "
                f"{codes[0]} to {codes[-1]}"
            )


def as_lines(answer: Answer) -> list[str]:
    """An answer as text: a line per number, then the data that attain the last number's ends."""
    texts = [share.text for share in answer.question.shares]
    lines = [" - ".join(texts)]
    for bound in answer.bounds:
        line = f"  {bound.name:<10} {_range(bound.name, bound.low, bound.high):<18}"
        if bound.exact:
            line += " exact"
        elif bound.attained:
            line += f" outer; attained {_range(bound.name, *bound.attained)}"
        else:
            line += " outer"
        lines.append(line.rstrip())
    last = answer.bounds[-1].name
    for side in SIDES:
        for counted in answer.witnesses.get(f"{side} {last}", ()):
            lines.append(f"  {side} {last}: {counted.text}: {counted.counted} of {counted.of}")
            lines += [f"    {n:>4} {answers}" for answers, n in counted.answers.items()]
    return lines


def _range(name: str, low: Fraction, high: Fraction) -> str:
    decimals = 1 if name in (PERCENT, DIFFERENCE) else 0
    ends = [f"{float(end):.{decimals}f}" for end in (low, high)]
    return ends[0] if low == high else " to ".join(ends)

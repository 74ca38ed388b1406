"""The constructed wave drawn so far, and what the drawing of every question needs."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from reconstruction.drawing.differences import Wanted, bring_about
from reconstruction.drawing.people import People
from reconstruction.targets.count_targets import ALL, CountTarget, prose_target
from reconstruction.targets.plan import Plan

SWAPS = 20_000


@dataclass
class Wave:
    """The constructed wave: answers per item and number of the invited, and what was missed."""

    people: People
    answers: dict[str, dict[int, Any]] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)


@dataclass
class Drawing:
    """Answers drawn so far.

    Every item has its own seed, so a change of one does not affect others.
    """

    plan: Plan
    people: People
    seed: str
    wanted: Sequence[Wanted]

    def __post_init__(self) -> None:
        rng = self.rng("dispositions")
        everyone = range(len(self.people.invited))
        self.general = {p: rng.gauss(0, 1) for p in everyone}
        self.unsure = {p: rng.gauss(0, 1) for p in everyone}
        self.wave = Wave(self.people)

    def rng(self, name: str) -> random.Random:
        """The random numbers of one named step."""
        return random.Random(f"{self.seed} {name}")

    def targets_of(self, item: str) -> list[CountTarget]:
        """Targets of the tables and of the prose for one item."""
        result = [t for t in self.plan.counts if t.item == item]
        answered = self.members(item)
        for entry in self.plan.wishes["percentages"]:
            if entry["item"] == item:
                group, level = entry.get("group", "all"), entry.get("level", "all")
                base = sum(self.people.belongs(p, group, level) for p in answered)
                result.append(prose_target(entry, base))
        return result

    def members(self, item: str) -> list[int]:
        """The respondents who answered an item: all who reached it, except gaps in print."""
        question = self.plan.study.items[item].question
        base = self.plan.question_base[question]
        people = self.people.at(base)
        gaps = base - self.plan.item_base.get(item, base)
        if not gaps:
            return people
        wanted = [t for t in self.plan.bases if t.item == item and (t.group, t.level) != ALL]
        # A respondent who leaves a line empty most likely stops at this question.
        order = list(people)
        self.rng(f"{question} gaps").shuffle(order)
        order.sort(key=lambda p: self.people.invited[p].reach != base)
        for missing in combinations(order, gaps):
            rest = [p for p in people if p not in missing]
            if all(
                sum(self.people.belongs(p, t.group, t.level) for p in rest) == t.n for t in wanted
            ):
                return rest
        raise ValueError(f"{item}: nobody can leave it empty and keep the printed bases")

    def settle(
        self,
        item: str,
        answers: dict[int, int],
        targets: Sequence[CountTarget],
        rng: random.Random,
        may_swap: Callable[[int, int, int, int], bool] | None = None,
    ) -> None:
        """Swap answers towards the stated differences and keep them."""
        wanted = [w for w in self.wanted if w.item == item]
        left = bring_about(answers, wanted, targets, self.people.belongs, rng, SWAPS, may_swap)
        self.wave.missed += [f"{w.item} by {w.group} {w.levels}: {w.source}" for w in left]
        self.wave.answers[item] = answers

"""How the outcome is measured: tick boxes of which one excludes the others.

Whoever measures nothing ticks nothing else, and everybody at the question ticks something.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assets.specs import Question
from assets.specs.questions import NOT_TICKED, TICKED
from reconstruction.answers import answer_item
from reconstruction.targets import ALL, CountTarget

if TYPE_CHECKING:
    from reconstruction.build import Builder


def build(builder: Builder, question: Question) -> None:
    """Answers to all boxes of a multiple-choice question with one exclusive box."""
    boxes = question.closed_items
    (nothing,) = (box.id for box in boxes if box.exclusive)
    others = [box.id for box in boxes if not box.exclusive]
    members = builder.members(nothing)
    unwilling = {p: -g for p, g in builder.general.items()}
    _draw(builder, nothing, members, unwilling)
    builder.settle(
        nothing,
        builder.wave.answers[nothing],
        builder.targets_of(nothing),
        builder.rng(f"{nothing} differences"),
    )
    measuring = [p for p in members if not builder.wave.answers[nothing][p]]
    for box in others:
        _draw(builder, box, measuring, builder.general)
    _leave_nobody_out(builder, others, measuring)
    for box in others:
        _settle_box(builder, box, others, members)


def _draw(builder: Builder, box: str, people: Sequence[int], disposition: dict[int, float]) -> None:
    targets = builder.targets_of(box)
    (ticked,) = {t.count for t in targets if (t.group, t.level) == ALL}
    rest = CountTarget(box, (NOT_TICKED,), "all", "all", len(people) - ticked, "the others")
    builder.wave.answers[box] = answer_item(
        people,
        (TICKED, NOT_TICKED),
        [*targets, rest],
        builder.people.belongs,
        disposition,
        builder.unsure,
        None,
        builder.rng(box),
    )


def _leave_nobody_out(builder: Builder, others: Sequence[str], measuring: Sequence[int]) -> None:
    """Pass a tick from someone with several to everyone who measures and has none.

    Both stay in the same groups of every target of that box, so no target changes.
    """
    answers = builder.wave.answers
    places = {
        box: sorted({(t.group, t.level) for t in builder.targets_of(box)} - {ALL}) for box in others
    }
    rng = builder.rng("measurement repair")
    for person in measuring:
        if any(answers[box][person] for box in others):
            continue
        givers = [
            (p, box)
            for p in measuring
            if sum(answers[box][p] for box in others) > 1
            for box in others
            if answers[box][p]
            and all(
                builder.people.belongs(p, group, level)
                == builder.people.belongs(person, group, level)
                for group, level in places[box]
            )
        ]
        giver, box = rng.choice(givers)
        answers[box][giver], answers[box][person] = NOT_TICKED, TICKED


def _settle_box(builder: Builder, box: str, others: Sequence[str], members: Sequence[int]) -> None:
    """Swap ticks towards the stated differences; nobody loses the only tick."""
    answers = builder.wave.answers
    everybody = {p: answers[box].get(p, NOT_TICKED) for p in members}
    measuring = frozenset(answers[box])
    ticks = {p: sum(answers[other][p] for other in others if other != box) for p in measuring}

    def may_swap(a: int, b: int, x: int, y: int) -> bool:
        loser = a if x == TICKED else b
        return a in measuring and b in measuring and ticks[loser] > 0

    rng = builder.rng(f"{box} differences")
    builder.settle(box, everybody, builder.targets_of(box), rng, may_swap)

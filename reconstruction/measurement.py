"""How the outcome is measured: tick boxes of which one excludes the others.

Whoever measures nothing ticks nothing else, and everybody at the question ticks something.
"""

from __future__ import annotations

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
    (nothing,) = (box for box in boxes if box.exclusive)
    others = [box for box in boxes if not box.exclusive]
    members = builder.members(nothing.id)
    general = builder.general
    for box in (nothing, *others):
        rng = builder.rng(box.id)
        targets = builder.targets_of(box.id)
        if box is nothing:
            people, fixed = members, frozenset[int]()
            disposition = {p: -g for p, g in general.items()}
        else:
            ticked_nothing = builder.wave.answers[nothing.id]
            people = [p for p in members if not ticked_nothing[p]]
            fixed = frozenset(members) - frozenset(people)
            disposition = dict(general)
        (all_ticked,) = {t.count for t in targets if (t.group, t.level) == ALL}
        rest = CountTarget(
            box.id, (NOT_TICKED,), "all", "all", len(people) - all_ticked, "the others"
        )
        answers = answer_item(
            people,
            (TICKED, NOT_TICKED),
            [*targets, rest],
            builder.people.belongs,
            disposition,
            builder.unsure,
            None,
            rng,
        )
        answers |= dict.fromkeys(fixed, NOT_TICKED)
        builder.settle(box.id, answers, targets, rng, fixed)
    _leave_nobody_out(builder, [box.id for box in others], nothing.id)


def _leave_nobody_out(builder: Builder, others: list[str], nothing: str) -> None:
    """Pass a tick from someone with several to everyone who has none and is not excluded.

    Both stay in the same groups of every target of that box, so no target changes.
    """
    answers = builder.wave.answers
    places = {
        box: sorted({(t.group, t.level) for t in builder.targets_of(box)} - {ALL}) for box in others
    }
    rng = builder.rng("measurement repair")
    people = sorted(answers[nothing])
    for person in people:
        if answers[nothing][person] or any(answers[box][person] for box in others):
            continue
        givers = [
            (p, box)
            for p in people
            for box in others
            if answers[box][p]
            and sum(answers[b][p] for b in others) > 1
            and all(
                builder.people.belongs(p, g, x) == builder.people.belongs(person, g, x)
                for g, x in (*places[box], ("size", "from_75000"), ("bloc", "blue"))
            )
        ]
        giver, box = rng.choice(givers)
        answers[box][giver], answers[box][person] = NOT_TICKED, TICKED

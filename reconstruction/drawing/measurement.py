"""Answers on how outcome is measured: tick boxes, one of which excludes the others.

A respondent who measures nothing ticks only that box, and every respondent ticks a box.
"""

from __future__ import annotations

from collections.abc import Sequence

from declarations import Question
from declarations.survey.questions import NOT_TICKED, TICKED
from reconstruction.drawing.answers import answer_item
from reconstruction.drawing.drawn import Drawing
from reconstruction.targets.count_targets import ALL, CountTarget


def build(drawing: Drawing, question: Question) -> None:
    """Answers to all boxes of a multiple-choice question with one exclusive box."""
    boxes = question.closed_items
    (nothing,) = (box.id for box in boxes if box.exclusive)
    others = [box.id for box in boxes if not box.exclusive]
    members = drawing.members(nothing)
    unwilling = {p: -g for p, g in drawing.general.items()}
    _draw(drawing, nothing, members, unwilling)
    drawing.settle(
        nothing,
        drawing.wave.answers[nothing],
        drawing.targets_of(nothing),
        drawing.rng(f"{nothing} differences"),
    )
    measuring = [p for p in members if not drawing.wave.answers[nothing][p]]
    for box in others:
        _draw(drawing, box, measuring, drawing.general)
    _leave_nobody_out(drawing, others, measuring)
    for box in others:
        _settle_box(drawing, box, others, members)


def _draw(drawing: Drawing, box: str, people: Sequence[int], disposition: dict[int, float]) -> None:
    targets = drawing.targets_of(box)
    (ticked,) = {t.count for t in targets if (t.group, t.level) == ALL}
    rest = CountTarget(box, (NOT_TICKED,), "all", "all", len(people) - ticked, "the others")
    drawing.wave.answers[box] = answer_item(
        people,
        (TICKED, NOT_TICKED),
        [*targets, rest],
        drawing.people.belongs,
        disposition,
        drawing.unsure,
        None,
        drawing.rng(box),
    )


def _leave_nobody_out(drawing: Drawing, others: Sequence[str], measuring: Sequence[int]) -> None:
    """Give a tick to each respondent who measures something but has none.

    The tick comes from a respondent with several. Both respondents are in the same groups of every
    target of that box, so no target changes.
    """
    answers = drawing.wave.answers
    places = {
        box: sorted({(t.group, t.level) for t in drawing.targets_of(box)} - {ALL}) for box in others
    }
    rng = drawing.rng("measurement repair")
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
                drawing.people.belongs(p, group, level)
                == drawing.people.belongs(person, group, level)
                for group, level in places[box]
            )
        ]
        giver, box = rng.choice(givers)
        answers[box][giver], answers[box][person] = NOT_TICKED, TICKED


def _settle_box(drawing: Drawing, box: str, others: Sequence[str], members: Sequence[int]) -> None:
    """Swap ticks towards the stated differences. Nobody loses an only tick."""
    answers = drawing.wave.answers
    everybody = {p: answers[box].get(p, NOT_TICKED) for p in members}
    measuring = frozenset(answers[box])
    ticks = {p: sum(answers[other][p] for other in others if other != box) for p in measuring}

    def may_swap(a: int, b: int, x: int, y: int) -> bool:
        loser = a if x == TICKED else b
        return a in measuring and b in measuring and ticks[loser] > 0

    rng = drawing.rng(f"{box} differences")
    drawing.settle(box, everybody, drawing.targets_of(box), rng, may_swap)

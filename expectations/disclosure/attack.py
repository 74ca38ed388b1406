"""The attacker: computes which answers follow from the published figures.

The attacker knows who took part, the groups of every respondent, and every published figure. An
answer follows if it is the same in all data that agree with these figures. The true data agree with
them. An answer is therefore open if other data are found in which it differs, and determined if
there are none. The search looks for data in which as many answers as possible differ at once, and
then for the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from expectations.disclosure.block import Answer, AttackedFigures, Key
from expectations.disclosure.data import Data, Target, writing_work
from replication.solver.program import Budget, Optimum

GAP = 0.5  # half of the possible differences are enough; the rest are tried later
PARTNERS = 2
ENOUGH = 0.03  # stop when exchanges reveal less than this share of the remaining answers


@dataclass(frozen=True)
class LearnedAnswer:
    """The result of an attack.

    `determined`: answers of whole signatures that follow from the published figures. `revealed`:
    watched hidden figures that can be computed from the published ones. `unproven`: answers and
    figures for which the solver reached its limit of work.
    """

    determined: tuple[Target, ...] = ()
    revealed: tuple[Key, ...] = ()
    unproven: tuple[Target | Key, ...] = ()

    def open_to(self, answers: Iterable[Target]) -> tuple[Target, ...]:
        """The given answers that follow from the figures, or may follow."""
        lost = {*self.determined, *self.unproven}
        return tuple(target for target in answers if target in lost)

    @property
    def safe(self) -> bool:
        """Whether it is proven that no answer follows."""
        return not (self.determined or self.revealed or self.unproven)


def attack(
    block: AttackedFigures,
    hidden: Collection[Key] = (),
    watched: Collection[Key] = (),
    targets: Sequence[Target] | None = None,
    budget: Budget | None = None,
) -> LearnedAnswer:
    """Which answers of identifiable respondents follow from all figures except the hidden ones.

    `watched` are hidden figures that must not follow either. `targets` are the answers to attack;
    by default all that can follow. Answers that are undecided when the `budget` is spent are
    unproven.
    """
    left = list(block.unanimous if targets is None else targets)
    for free in _exchanges(block, left):
        if _spent(budget):
            break
        own = [target for target in left if target[1] in free]
        changed, _ = _search(block, hidden, own, (), free, budget)
        left = [target for target in left if target not in changed]
    if not left and not watched:
        return LearnedAnswer()
    changed, proven = _search(block, hidden, left, watched, None, budget)
    determined = tuple(target for target in left if target not in changed)
    revealed = tuple(key for key in sorted(watched) if key not in changed)
    if not proven:
        return LearnedAnswer(unproven=(*determined, *revealed))
    return LearnedAnswer(determined, revealed)


def _exchanges(block: AttackedFigures, left: Sequence[Target]) -> Iterator[frozenset[Answer]]:
    """Answers that change when respondents exchange answers and all figures stay the same.

    First two respondents exchange, then more. An exchange of two shows for most answers that they
    are open, and is found fast. Few answers need the whole program.
    """
    given = Counter[Answer]()
    for (_, answer), n in block.given.items():
        given[answer] += n
    looked = dict.fromkeys(answer for _, answer in left)
    for answer in looked:
        others = [(answer[0], code) for code in block.items[answer[0]] if code != answer[1]]
        for other in sorted(others, key=lambda other: -given[other])[:PARTNERS]:
            yield frozenset((answer, other))
    for item in dict.fromkeys(item for item, _ in looked):
        own = frozenset((item, code) for code in block.items[item])
        if len(block.items) == 1:
            yield own
            continue
        boxes = sorted((i for i in block.items if i != item), key=lambda i: -given[i, "1"])
        for box in dict.fromkeys([*boxes[:PARTNERS], *block.alone]):
            yield own | {(box, code) for code in block.items[box]}


def _search(
    block: AttackedFigures,
    hidden: Collection[Key],
    targets: Sequence[Target],
    watched: Collection[Key],
    free: Collection[Answer] | None = None,
    budget: Budget | None = None,
) -> tuple[set[Target | Key], bool]:
    """Answers that differ in some data, and whether no other answers can differ."""
    changed: set[Target | Key] = set()
    if not targets and not watched:
        return changed, True
    if budget is not None and budget.left <= writing_work(block):
        return changed, False
    data = Data(block, free, budget)
    for figure in block.figures:
        if figure.key not in hidden:
            data.publish(figure)
    flags: dict[Target | Key, int] = {target: data.differs(target) for target in targets}
    flags |= {key: data.moves(block.figure[key]) for key in sorted(watched)}
    while left := {target: flag for target, flag in flags.items() if target not in changed}:
        best = _most(data, left.values())
        # without values, the attack found nothing within its budget
        values = best.values if best is not None else ()
        found = [t for t, flag in left.items() if values and values[flag]]
        if not found:
            return changed, best is not None and best.proven
        changed.update(found)
        if _spent(budget):
            return changed, len(found) == len(left)
        if free is not None and len(found) < ENOUGH * len(left):
            return changed, False
    return changed, True


def _spent(budget: Budget | None) -> bool:
    return budget is not None and budget.left <= 0


def _most(data: Data, flags: Iterable[int]) -> Optimum | None:
    """Data in which many targets differ; None if the solver reached its limit."""
    try:
        return data.program.best([(1, flag) for flag in flags], True, gap=GAP)
    except RuntimeError:
        return None

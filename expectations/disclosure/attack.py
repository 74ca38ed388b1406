"""The attacker: which answers follow from what is published.

The attacker knows who took part, in which groups everybody is, and every published figure, and
looks for answers that are the same in all data that agree with these. The true data agree; so an
answer is open as soon as other data are found in which it differs, and determined when there are
none. Data are looked for in which as many answers as possible differ at once, then for the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from expectations.disclosure.block import Answer, AttackedFigures, Key
from expectations.disclosure.data import Data, Target
from replication.solver.program import Optimum

GAP = 0.5  # half of what may differ at once is enough: the others are tried again
PARTNERS = 2
ENOUGH = 0.03  # an exchange that opens a smaller share of what is left is given up


@dataclass(frozen=True)
class LearnedAnswer:
    """What an attack came to.

    determined: answers of whole signatures that follow from the printed figures
    revealed: hidden figures of those watched that can be computed from the published ones
    unproven: either, where the solver's work did not suffice to tell
    """

    determined: tuple[Target, ...] = ()
    revealed: tuple[Key, ...] = ()
    unproven: tuple[Target | Key, ...] = ()

    def open_to(self, answers: Iterable[Target]) -> tuple[Target, ...]:
        """Of these answers the ones that follow, or may."""
        lost = {*self.determined, *self.unproven}
        return tuple(target for target in answers if target in lost)

    @property
    def safe(self) -> bool:
        """Whether nothing follows, and that is proven."""
        return not (self.determined or self.revealed or self.unproven)


def attack(
    block: AttackedFigures,
    hidden: Collection[Key] = (),
    watched: Collection[Key] = (),
    targets: Sequence[Target] | None = None,
) -> LearnedAnswer:
    """Which answers of identifiable respondents follow from all figures but the hidden ones.

    `watched` are hidden figures that must not follow either. `targets` are the answers looked at:
    all that can follow at all, where left out.
    """
    left = list(block.unanimous if targets is None else targets)
    for free in _exchanges(block, left):
        own = [target for target in left if target[1] in free]
        changed, _ = _search(block, hidden, own, (), free)
        left = [target for target in left if target not in changed]
    if not left and not watched:
        return LearnedAnswer()
    changed, proven = _search(block, hidden, left, watched)
    determined = tuple(target for target in left if target not in changed)
    revealed = tuple(key for key in sorted(watched) if key not in changed)
    if not proven:
        return LearnedAnswer(unproven=(*determined, *revealed))
    return LearnedAnswer(determined, revealed)


def _exchanges(block: AttackedFigures, left: Sequence[Target]) -> Iterator[frozenset[Answer]]:
    """Answers that are given by others while all the rest stays: first two, then more.

    Most answers are open by an exchange of two, which is found fast; few need all of the data.
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
) -> tuple[set[Target | Key], bool]:
    """What differs in some data, and whether it is proven that nothing else does."""
    changed: set[Target | Key] = set()
    if not targets and not watched:
        return changed, True
    data = Data(block, free)
    for figure in block.figures:
        if figure.key not in hidden:
            data.publish(figure)
    flags: dict[Target | Key, int] = {target: data.differs(target) for target in targets}
    flags |= {key: data.moves(block.figure[key]) for key in sorted(watched)}
    while left := {target: flag for target, flag in flags.items() if target not in changed}:
        best = _most(data, left.values())
        found = [] if best is None else [t for t, flag in left.items() if best.values[flag]]
        if not found:
            return changed, best is not None and best.proven
        changed.update(found)
        if free is not None and len(found) < ENOUGH * len(left):
            return changed, False
    return changed, True


def _most(data: Data, flags: Iterable[int]) -> Optimum | None:
    """Data in which many targets differ; None where the work did not suffice."""
    try:
        return data.program.best([(1, flag) for flag in flags], True, gap=GAP)
    except RuntimeError:
        return None

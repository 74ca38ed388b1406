"""Finds the figures to hide so that no answer follows: primary figures, and secondary ones.

The program looks for other data in which every answer that follows now is different. Every figure
that must not be revealed is different too, and as few published figures as possible. The figures
that differ are hidden: the other data then agree with all remaining figures. Figures that turn out
to be unnecessary are restored. An attack on the remaining figures is the proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from declarations.survey.disclosure import Disclosure
from declarations.tables.cells import TOTAL
from expectations.disclosure.attack import LearnedAnswer, attack
from expectations.disclosure.block import EVERYONE, AttackedFigures, Key
from expectations.disclosure.data import Data, Target, writing_work
from replication.solver.program import Budget

PRIMARY, SECONDARY = "primary", "secondary"
SMALL_BASE, SMALL_COUNT = "small base", "small count"
UNANIMOUS, DETERMINED = "all gave one answer", "reveals an answer"
COMPLEMENT = "reveals a hidden figure"
EVERYONE_COSTS = 5
UNBOUNDED = 1e9


@dataclass(frozen=True)
class Hidden:
    """A suppressed figure: primary or secondary, and why."""

    key: Key
    role: str
    reason: str


@dataclass(frozen=True)
class Proposal:
    """The attack on a block, the figures to hide, and the attack after hiding them.

    `threshold` are figures that must be hidden regardless of the attack. With `whole`, every figure
    is hidden.
    """

    block: AttackedFigures
    before: LearnedAnswer
    after: LearnedAnswer
    threshold: Mapping[Key, str] = field(default_factory=dict)
    hidden: tuple[Hidden, ...] = ()
    whole: bool = False

    @property
    def fine(self) -> bool:
        """Whether the block can be published unchanged."""
        return self.before.safe and not self.threshold


def propose(block: AttackedFigures, settings: Disclosure, work: Budget | None = None) -> Proposal:
    """Attack a block, and hide figures as needed, within the solver's work that is left.

    If the work does not suffice, or hiding fewer figures does not help, every figure is hidden
    except how many answered. An answer is then as open as before anything was published.
    """
    threshold = below_threshold(block, settings)
    work = work or Budget(UNBOUNDED)
    # one third each for the attack, the search for the smallest suppression, and the proof
    part = work.left / 3
    attacking, searching, proving = (Budget(part) for _ in range(3))
    before = attack(block, budget=attacking)
    if before.safe and not threshold:
        work.left -= part - attacking.left
        return Proposal(block, before, before)
    # answers that the attack could not decide count as revealed
    lost = before.open_to(block.unanimous)
    watched = _watched(block, threshold)
    everything = {figure.key for figure in block.figures if not block.knows(figure)}
    chosen = _least(block, lost, threshold, watched, searching) or everything
    chosen = _needed(block, chosen, threshold, watched, lost, searching)
    after = attack(block, chosen, watched, budget=proving)
    work.left -= 3 * part - attacking.left - searching.left - proving.left
    whole = not after.safe
    if whole:
        chosen, after = everything, LearnedAnswer()
    roles = tuple(_role(block, key, threshold, lost) for key in sorted(chosen))
    return Proposal(block, before, after, threshold, roles, whole)


def below_threshold(block: AttackedFigures, settings: Disclosure) -> dict[Key, str]:
    """Figures that must be hidden, with the first rule that applies."""
    found: dict[Key, str] = {}
    for figure in block.figures:
        base, counts = block.base(figure), block.truth[figure.key]
        if block.knows(figure) or not base:
            continue
        if base < settings.minimum_base:
            found[figure.key] = SMALL_BASE
        elif figure.key[1] == TOTAL:
            continue
        elif any(0 < count < settings.minimum_count for count in counts):
            found[figure.key] = SMALL_COUNT
        elif settings.unanimous and base in counts and any(len(part) == 1 for part in figure.parts):
            found[figure.key] = UNANIMOUS
    return found


def _watched(block: AttackedFigures, threshold: Iterable[Key]) -> list[Key]:
    """The figures that must not follow from others: counts of answers that somebody gave.

    A base is not an answer. A count of 0 is not protected.
    """
    return [key for key in threshold if key[1] != TOTAL and any(block.truth[key])]


def _least(
    block: AttackedFigures,
    lost: Iterable[Target],
    threshold: Iterable[Key],
    watched: Iterable[Key],
    budget: Budget,
) -> set[Key] | None:
    """The fewest figures to hide so that other data agree with the rest; None without such data.

    In these other data every answer that follows now is different.
    """
    if budget.left <= writing_work(block):
        return None
    data = Data(block, budget=budget)
    flags: dict[Key, int] = {}
    for figure in block.figures:
        if block.knows(figure):
            data.publish(figure)
            continue
        flags[figure.key] = data.program.variable(1)
        data.publish_unless(figure, flags[figure.key])
    variables = data.program.variables
    for figure in block.figures:
        # a percentage is not shown without its base
        if figure.key in flags and figure.place in flags:
            own, base = flags[figure.key], flags[figure.place]
            data.program.cp.add(variables[own] >= variables[base])
    must = [flags[key] for key in threshold]
    must += [data.differs(target) for target in lost]
    must += [data.moves(block.figure[key]) for key in watched]
    for flag in must:
        data.program.cp.add(variables[flag] == 1)
    try:
        best = data.program.best(
            [(hiding_cost(block, k), n) for k, n in flags.items()], largest=False
        )
    except RuntimeError:
        return None
    if best is None or not best.values:
        return None
    return {key for key, flag in flags.items() if best.values[flag]}


def hiding_cost(block: AttackedFigures, key: Key) -> int:
    """The cost of hiding a figure. Larger counts cost more; counts of everyone cost most."""
    own = 2 + max(block.truth[key]).bit_length()
    return own * EVERYONE_COSTS if key[2:] == EVERYONE else own


def _needed(
    block: AttackedFigures,
    chosen: set[Key],
    threshold: Mapping[Key, str],
    watched: Sequence[Key],
    lost: Sequence[Target],
    budget: Budget,
) -> set[Key]:
    """Restore figures that need not be hidden, the most costly first, while work is left."""
    kept = set(chosen)
    for key in sorted(chosen - set(threshold), key=lambda k: (-hiding_cost(block, k), k)):
        figure = block.figure[key]
        if budget.left <= 0:
            break
        if figure.key != figure.place and figure.place in kept:
            continue
        if attack(block, kept - {key}, watched, lost, budget).safe:
            kept.discard(key)
    return kept


def _role(
    block: AttackedFigures, key: Key, threshold: Mapping[Key, str], lost: Sequence[Target]
) -> Hidden:
    if key in threshold:
        return Hidden(key, PRIMARY, threshold[key])
    figure = block.figure[key]
    reveals = any(
        figure.covers(signature) and any(answer in part for part in figure.parts)
        for signature, answer in lost
        if key[1] != TOTAL
    )
    return Hidden(key, PRIMARY, DETERMINED) if reveals else Hidden(key, SECONDARY, COMPLEMENT)

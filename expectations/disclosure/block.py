"""The unit of an attack: the answers to one item, or to the boxes of one question.

Pure functions. Respondents whom no figure of the block distinguishes form a signature: they are in
the same levels of the groups that are counted. Every published figure is a sum over signatures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from declarations.tables.cells import OTHERS, TOTAL

Pair = tuple[str, str]  # group, level
Answer = tuple[str, str]  # item, code
Key = tuple[str, str, str, str]  # item, statistic, group, level
Signature = frozenset[Pair]
EVERYONE = ("all", "all")


@dataclass(frozen=True)
class OutgoingFigure:
    """Counts that are published together or not at all; usually one.

    Each part is a set of answers, counted in the figure's group and level.
    """

    key: Key
    parts: tuple[frozenset[Answer], ...]

    @property
    def place(self) -> Key:
        """The key of the figure's base."""
        return (self.key[0], TOTAL, *self.key[2:])

    def covers(self, signature: Signature) -> bool:
        """Whether a figure includes the respondents of a signature."""
        group, level = self.key[2:]
        if (group, level) == EVERYONE:
            return True
        if level.startswith(OTHERS):
            return (group, level.removeprefix(OTHERS)) not in signature
        return (group, level) in signature


@dataclass(frozen=True)
class BlockRespondent:
    """A participant: the counted levels, what outsiders know, and the answers."""

    levels: frozenset[Pair]
    known: tuple[str, ...]
    answers: Mapping[str, str]


@dataclass(frozen=True)
class AttackedFigures:
    """Answers that are attacked together, and all figures about them to be published.

    `items` has the codes of each item. If there are several items (boxes), a respondent answers all
    or none. `alone` are boxes that exclude all others. `coupled` is false if the data violate this,
    because answers were quarantined. `identifiable` is the number of identifiable respondents in
    each signature.
    """

    name: str
    items: Mapping[str, tuple[str, ...]]
    sizes: Mapping[Signature, int]
    identifiable: Mapping[Signature, int]
    given: Mapping[tuple[Signature, Answer], int]
    figures: tuple[OutgoingFigure, ...]
    alone: tuple[str, ...] = ()
    coupled: bool = True
    all_answered: bool = False

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        """All answers to all items."""
        return tuple((item, code) for item, codes in self.items.items() for code in codes)

    def inside(self, figure: OutgoingFigure) -> list[Signature]:
        """The signatures that a figure includes."""
        return [signature for signature in self.sizes if figure.covers(signature)]

    def most(self, figure: OutgoingFigure) -> int:
        """The largest possible count of a figure."""
        return sum(self.sizes[signature] for signature in self.inside(figure))

    def count(self, figure: OutgoingFigure) -> tuple[int, ...]:
        """The true counts of a figure, part by part."""
        inside = self.inside(figure)
        return tuple(
            sum(self.given.get((signature, answer), 0) for signature in inside for answer in part)
            for part in figure.parts
        )

    def knows(self, figure: OutgoingFigure) -> bool:
        """Whether the attacker knows a figure in any case.

        The checks show how many answered an item. An attacker who knows who answered knows all
        bases.
        """
        of_all = figure.key[2:] == EVERYONE
        return figure.key[1] == TOTAL and (of_all or self.all_answered)

    def base(self, figure: OutgoingFigure) -> int:
        """The number in the figure's group and level who answered its item."""
        item = figure.key[0]
        everything = frozenset((item, code) for code in self.items[item])
        return self.count(OutgoingFigure(figure.place, (everything,)))[0]

    @cached_property
    def truth(self) -> dict[Key, tuple[int, ...]]:
        """The true counts of all figures."""
        return {figure.key: self.count(figure) for figure in self.figures}

    @cached_property
    def figure(self) -> dict[Key, OutgoingFigure]:
        """Figures by their key."""
        return {figure.key: figure for figure in self.figures}

    @cached_property
    def levels(self) -> frozenset[Pair]:
        """The levels of the figures. A signature is a respondent's combination of these levels."""
        return frozenset(groups_and_levels(self.figures))

    @cached_property
    def unanimous(self) -> tuple[tuple[Signature, Answer], ...]:
        """Signatures with an identifiable respondent in which all gave the same answer."""
        return tuple(
            (signature, answer)
            for (signature, answer), n in self.given.items()
            if n == self.sizes[signature] and self.identifiable.get(signature)
        )


def classes_below(respondents: Iterable[BlockRespondent], k: int) -> list[bool]:
    """For each respondent whether fewer than k share everything that outsiders know."""
    everyone = list(respondents)
    sizes: dict[tuple[str, ...], int] = {}
    for one in everyone:
        sizes[one.known] = sizes.get(one.known, 0) + 1
    return [sizes[one.known] < k for one in everyone]


def groups_and_levels(figures: Iterable[OutgoingFigure]) -> set[Pair]:
    """Groups and levels of the figures."""
    return {(f.key[2], f.key[3].removeprefix(OTHERS)) for f in figures} - {EVERYONE}


def make_block(
    name: str,
    items: Mapping[str, tuple[str, ...]],
    figures: Sequence[OutgoingFigure],
    respondents: Sequence[BlockRespondent],
    identifiable: Sequence[bool],
    alone: tuple[str, ...] = (),
    knows_nonresponse: bool = False,
) -> AttackedFigures:
    """Sort respondents into signatures by the levels of the figures.

    With `knows_nonresponse` respondents who did not answer are left out, because the attacker knows
    them.
    """
    found = groups_and_levels(figures)
    sizes: dict[Signature, int] = {}
    known: dict[Signature, int] = {}
    given: dict[tuple[Signature, Answer], int] = {}
    for one, is_known in zip(respondents, identifiable, strict=True):
        own = [(item, one.answers[item]) for item in items if item in one.answers]
        if knows_nonresponse and not own:
            continue
        signature = one.levels & found
        sizes[signature] = sizes.get(signature, 0) + 1
        known[signature] = known.get(signature, 0) + is_known
        for answer in own:
            given[signature, answer] = given.get((signature, answer), 0) + 1
    ordered = sorted(sizes, key=sorted)
    return AttackedFigures(
        name=name,
        items=items,
        sizes={signature: sizes[signature] for signature in ordered},
        identifiable=known,
        given={
            (signature, (item, code)): given[signature, (item, code)]
            for signature in ordered
            for item, codes in items.items()
            for code in codes
            if (signature, (item, code)) in given
        },
        figures=tuple(sorted(figures, key=lambda figure: figure.key)),
        alone=alone,
        coupled=len(items) < 2 or all(_keeps(one.answers, items, alone) for one in respondents),
        all_answered=knows_nonresponse,
    )


def _keeps(answers: Mapping[str, str], items: Iterable[str], alone: Sequence[str]) -> bool:
    """Whether the data follow the rules of boxes.

    All boxes are answered together, at least one is ticked, and an exclusive box is ticked alone.
    """
    own = [answers.get(item) for item in items]
    ticked = [item for item in items if answers.get(item) == "1"]
    if own.count(None) == len(own):
        return True
    if None in own or not ticked:
        return False
    return len(ticked) == 1 or not set(ticked) & set(alone)

"""What is attacked at once: the answers to one item, or to the boxes of one question.

Pure. Respondents whom no figure of the block tells apart make up a signature: the levels they are
in, of those that are counted by. Everything published is a sum over signatures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from declarations.tables.cells import OTHERS, TOTAL

Pair = tuple[str, str]  # group, level
Answer = tuple[str, str]  # item, code
Key = tuple[str, str, str, str]  # item, what is counted, group, level
Signature = frozenset[Pair]
EVERYONE = ("all", "all")


@dataclass(frozen=True)
class OutgoingFigure:
    """Counts that are published together, or not at all: usually one.

    Each part is a set of answers that is counted among those in the figure's group and level.
    """

    key: Key
    parts: tuple[frozenset[Answer], ...]

    @property
    def place(self) -> Key:
        """Where the base of the figure stands."""
        return (self.key[0], TOTAL, *self.key[2:])

    def covers(self, signature: Signature) -> bool:
        """Whether those of a signature are among whom the figure is about."""
        group, level = self.key[2:]
        if (group, level) == EVERYONE:
            return True
        if level.startswith(OTHERS):
            return (group, level.removeprefix(OTHERS)) not in signature
        return (group, level) in signature


@dataclass(frozen=True)
class BlockRespondent:
    """One who took part: the levels that are counted by, what outsiders know, the answers."""

    levels: frozenset[Pair]
    known: tuple[str, ...]
    answers: Mapping[str, str]


@dataclass(frozen=True)
class AttackedFigures:
    """Answers that are attacked together, and all figures about them that are to be published.

    `items` has the codes of each item. Of several items (boxes) a respondent answers all or none;
    `alone` are boxes beside which no other can be ticked. `coupled` is false where the data do not
    keep to that, since answers were set aside. `identifiable` says how many of a signature are.
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
        """The signatures of those a figure is about."""
        return [signature for signature in self.sizes if figure.covers(signature)]

    def most(self, figure: OutgoingFigure) -> int:
        """How many a figure can count at most."""
        return sum(self.sizes[signature] for signature in self.inside(figure))

    def count(self, figure: OutgoingFigure) -> tuple[int, ...]:
        """The true counts of a figure, part by part."""
        inside = self.inside(figure)
        return tuple(
            sum(self.given.get((signature, answer), 0) for signature in inside for answer in part)
            for part in figure.parts
        )

    def knows(self, figure: OutgoingFigure) -> bool:
        """Whether a figure is known anyway.

        How many answered an item is told with the checks, and one who knows who answered knows
        all bases.
        """
        of_all = figure.key[2:] == EVERYONE
        return figure.key[1] == TOTAL and (of_all or self.all_answered)

    def base(self, figure: OutgoingFigure) -> int:
        """How many in the figure's group and level answered its item."""
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
    def told(self) -> frozenset[Pair]:
        """The levels the figures are about; a signature is what a respondent has of them."""
        return frozenset(told_levels(self.figures))

    @cached_property
    def unanimous(self) -> tuple[tuple[Signature, Answer], ...]:
        """Signatures with somebody identifiable, all of whom gave the same answer."""
        return tuple(
            (signature, answer)
            for (signature, answer), n in self.given.items()
            if n == self.sizes[signature] and self.identifiable.get(signature)
        )


def classes_below(respondents: Iterable[BlockRespondent], k: int) -> list[bool]:
    """Of each respondent whether fewer than k are alike in what outsiders know of them."""
    everyone = list(respondents)
    sizes: dict[tuple[str, ...], int] = {}
    for one in everyone:
        sizes[one.known] = sizes.get(one.known, 0) + 1
    return [sizes[one.known] < k for one in everyone]


def told_levels(figures: Iterable[OutgoingFigure]) -> set[Pair]:
    """Groups and levels the figures are about."""
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
    """Respondents sorted into signatures by the levels the figures are about.

    With `knows_nonresponse` who did not answer is left out: the attacker knows.
    """
    told = told_levels(figures)
    sizes: dict[Signature, int] = {}
    known: dict[Signature, int] = {}
    given: dict[tuple[Signature, Answer], int] = {}
    for one, is_known in zip(respondents, identifiable, strict=True):
        own = [(item, one.answers[item]) for item in items if item in one.answers]
        if knows_nonresponse and not own:
            continue
        signature = one.levels & told
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
    """Whether the boxes are all answered, one is ticked, and nothing beside an exclusive one."""
    own = [answers.get(item) for item in items]
    ticked = [item for item in items if answers.get(item) == "1"]
    if own.count(None) == len(own):
        return True
    if None in own or not ticked:
        return False
    return len(ticked) == 1 or not set(ticked) & set(alone)

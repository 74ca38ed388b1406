"""Open answers: short neutral phrases, combined with a fixed seed."""

from __future__ import annotations

import random
from collections.abc import Sequence

from declarations import Group
from declarations.survey.groups import TextLevel
from reconstruction.grouping import areas_in

JOINS = (", ", "; ", " samt ", " og ")


def responsibilities(areas: Sequence[str], group: Group, rng: random.Random) -> str:
    """A text of the declared phrases from which the declared rules read exactly `areas`.

    Raises ValueError if 200 draws of phrases give no such text.
    """
    wanted = set(areas)
    for _ in range(200):
        parts = []
        order = list(areas)
        rng.shuffle(order)
        for area in order:
            phrases = list(_phrases(group, area))
            parts += rng.sample(phrases, rng.choice((1, 1, 2)) if len(areas) < 3 else 1)
        text = (
            rng.choice(JOINS[:2]).join(parts) if len(parts) > 2 else rng.choice(JOINS).join(parts)
        )
        first, rest = text[:1], text[1:]
        text = first + "".join(
            c.lower() if rest[i - 1 : i] == " " and not rest[i + 1 : i + 2].isupper() else c
            for i, c in enumerate(rest)
        )
        if areas_in(text, group) == wanted:
            return text
    raise ValueError(f"no text found that yields exactly {sorted(wanted)}")


def phrase(parts: Sequence[Sequence[str]], rng: random.Random) -> str:
    """One phrase of each list, joined with commas."""
    return ", ".join(rng.choice(choices) for choices in parts)


def _phrases(group: Group, area: str) -> tuple[str, ...]:
    level = group.level(area)
    assert isinstance(level, TextLevel)
    return level.phrases

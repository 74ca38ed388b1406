"""The number of collaborations: mean, median, spread and group means as stated in the text."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconstruction.drawing.answers import Belongs


@dataclass(frozen=True)
class MeanTarget:
    """The mean of the group must lie in low <= mean < high."""

    group: str
    level: str
    low: float
    high: float


def values(shape: Sequence[Mapping[str, int]], large: Sequence[int], total: int) -> list[int]:
    """Numbers in bands, spread evenly within each band, plus large numbers that reach `total`.

    `shape` gives the bands {from, to, n}. `large` gives the form of the tail; its last entries are
    moved so that the sum is `total`.
    """
    numbers = [
        band["from"] + i * (band["to"] - band["from"] + 1) // band["n"]
        for band in shape
        for i in range(band["n"])
    ]
    tail = list(large)
    rest = total - sum(numbers) - sum(tail)
    step = 1 if rest > 0 else -1
    place = 0
    while rest:
        if tail[place % len(tail)] + step > 11:
            tail[place % len(tail)] += step
            rest -= step
        place += 1
    return numbers + tail


def hand_out(
    members: Sequence[int],
    numbers: Sequence[int],
    dont_know: int,
    means: Sequence[MeanTarget],
    belongs: Belongs,
    rng: random.Random,
    limit: int,
) -> tuple[dict[int, int | None], list[MeanTarget]]:
    """A number or None (don't know) per member, so that the group means are in their ranges.

    Starts from a random order and swaps two members if that brings the means nearer. "Don't know"
    takes part, so it may depend on the group. Returns the answers, and the means that were not
    reached within `limit` tries.
    """
    people = sorted(members)
    pool: list[int | None] = [*numbers, *([None] * dont_know)]
    if len(pool) != len(people):
        raise ValueError(f"{len(pool)} answers for {len(people)} respondents")
    rng.shuffle(pool)
    answer = dict(zip(people, pool, strict=True))
    inside = [{p for p in people if belongs(p, m.group, m.level)} for m in means]
    sums = [sum(answer[p] or 0 for p in group) for group in inside]
    counts = [sum(answer[p] is not None for p in group) for group in inside]

    def miss(index: int, total: int, count: int) -> float:
        mean = total / max(1, count)
        target = means[index]
        margin = 0.1 * (target.high - target.low)
        return max(0.0, target.low + margin - mean, mean - target.high + margin)

    current = [miss(i, sums[i], counts[i]) for i in range(len(means))]
    tries = 0
    while sum(current) > 0 and tries < limit:
        tries += 1
        a, b = rng.choice(people), rng.choice(people)
        x, y = answer[a], answer[b]
        if x == y:
            continue
        proposed = []
        for i, group in enumerate(inside):
            sign = (a in group) - (b in group)
            total = sums[i] + sign * ((y or 0) - (x or 0))
            count = counts[i] + sign * ((y is not None) - (x is not None))
            proposed.append((total, count, miss(i, total, count) if sign else current[i]))
        # Rounded, because Python 3.12 sums floats more exactly than 3.11.
        if round(sum(p[2] for p in proposed), 9) <= round(sum(current), 9):
            sums = [p[0] for p in proposed]
            counts = [p[1] for p in proposed]
            current = [p[2] for p in proposed]
            answer[a], answer[b] = y, x
    reached = [m.low <= sums[i] / max(1, counts[i]) < m.high for i, m in enumerate(means)]
    return answer, [m for m, ok in zip(means, reached, strict=True) if not ok]

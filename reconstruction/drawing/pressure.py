"""A constructed expenditure pressure for every municipality.

The real index was not published. The constructed index orders the municipalities so that the three
divisions of the report (bands at 95, 100 and 105; halves; fifths) have the printed numbers of
respondents. In other respects it is a rough guess from region, mayor and size.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from reconstruction.drawing.skeleton import solve


@dataclass(frozen=True)
class Division:
    """A division of the ranked municipalities: `cuts` are ranks, `counts` respondents per part.

    `weight` is the number of respondents per municipality at the base that the counts refer to.
    """

    cuts: tuple[int, ...]
    counts: tuple[int, ...]
    weight: Mapping[str, int]


def rank_municipalities(
    codes: Sequence[str],
    guess: Mapping[str, float],
    divisions: Sequence[Division],
    rng: random.Random,
) -> list[str]:
    """Codes from the lowest to the highest pressure, meeting every division exactly.

    `guess` (0 lowest, 1 highest) is followed as far as the divisions allow.
    """
    from ortools.sat.python import cp_model

    edges = sorted({0, len(codes), *(cut for d in divisions for cut in d.cuts)})
    segments = list(pairwise(edges))
    model = cp_model.CpModel()
    place = {
        (code, s): model.new_bool_var(f"{code}@{s}") for code in codes for s in range(len(segments))
    }
    for code in codes:
        model.add_exactly_one(place[code, s] for s in range(len(segments)))
    for s, (low, high) in enumerate(segments):
        model.add(sum(place[code, s] for code in codes) == high - low)
    for division in divisions:
        bounds = [0, *division.cuts, len(codes)]
        for (low, high), count in zip(pairwise(bounds), division.counts, strict=True):
            inside = [s for s, (a, b) in enumerate(segments) if low <= a and b <= high]
            model.add(
                sum(division.weight[code] * place[code, s] for code in codes for s in inside)
                == count
            )
    cost = []
    for code in codes:
        for s, (low, high) in enumerate(segments):
            middle = (low + high) / 2 / len(codes)
            cost.append(round(100 * (middle - guess[code]) ** 2) * place[code, s])
    model.minimize(sum(cost))
    keys = list(place)
    values = dict(zip(keys, solve(model, [place[key] for key in keys], limit=3.0), strict=True))
    ranked: list[str] = []
    for s in range(len(segments)):
        members = [code for code in codes if values[code, s]]
        members.sort(key=lambda code: guess[code] + rng.uniform(-0.1, 0.1))
        ranked += members
    return ranked


def index_values(ranked: Sequence[str], knots: Sequence[tuple[int, float]]) -> dict[str, float]:
    """Strictly rising values with two decimals between the knots (rank, value).

    No value equals the value of a knot, so no municipality lies exactly on a cut.
    """
    values = {}
    for (start, low), (end, high) in pairwise(knots):
        for rank in range(start, end):
            share = (rank - start + 0.5) / (end - start)
            values[ranked[rank]] = round(low + (high - low) * share, 2)
    return values

"""Answers to one item: an integer program finds the counts, then a draw decides who gave which.

Respondents are numbers; `belongs(person, group, level)` gives their groups. Respondents whom no
target distinguishes form a class. The program decides how many of a class give each answer. Latent
dispositions decide which of them do, so that answers of one person are correlated across items.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

from reconstruction.drawing.skeleton import solve
from reconstruction.targets.count_targets import ALL, CountTarget

Belongs = Callable[[int, str, str], bool]


def answer_item(
    members: Sequence[int],
    codes: Sequence[int],
    targets: Sequence[CountTarget],
    belongs: Belongs,
    disposition: Mapping[int, float],
    unsure: Mapping[int, float],
    dont_know: int | None,
    rng: random.Random,
) -> dict[int, int]:
    """One code per member so that every target count is met exactly.

    `codes` are ordered from the most to the least affirmative. Members with a high `disposition`
    tend to the first, members with a high `unsure` to `dont_know`. Raises ValueError if the targets
    cannot be met together.
    """
    coordinates = sorted({(t.group, t.level) for t in targets} - {ALL})
    classes: dict[tuple[bool, ...], list[int]] = {}
    for person in members:
        key = tuple(belongs(person, group, level) for group, level in coordinates)
        classes.setdefault(key, []).append(person)
    keys = sorted(classes)
    counts = _class_counts(keys, classes, codes, targets, coordinates)
    chosen: dict[int, int] = {}
    for key in keys:
        chosen |= _hand_out(classes[key], counts[key], codes, disposition, unsure, dont_know, rng)
    return chosen


def _class_counts(
    keys: Sequence[tuple[bool, ...]],
    classes: Mapping[tuple[bool, ...], Sequence[int]],
    codes: Sequence[int],
    targets: Sequence[CountTarget],
    coordinates: Sequence[tuple[str, str]],
) -> dict[tuple[bool, ...], dict[int, int]]:
    total = sum(len(members) for members in classes.values())
    whole = {
        t.codes[0]: t.count
        for t in targets
        if (t.group, t.level) == ALL and len(t.codes) == 1 and t.range[0] == t.range[1]
    }
    if len(keys) == 1 and set(whole) >= set(codes):
        if sum(whole[c] for c in codes) != total:
            raise ValueError(f"counts {whole} do not add up to {total}")
        return {keys[0]: {c: whole[c] for c in codes}}

    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    number = {
        (key, code): model.new_int_var(0, len(classes[key]), f"{index}/{code}")
        for index, key in enumerate(keys)
        for code in codes
    }
    for key in keys:
        model.add(sum(number[key, code] for code in codes) == len(classes[key]))
    for target in targets:
        place = (target.group, target.level)
        inside = keys if place == ALL else [k for k in keys if k[coordinates.index(place)]]
        low, high = target.range
        model.add_linear_constraint(
            sum(number[k, c] for k in inside for c in target.codes), low, high
        )
    # Answer and class are drawn as independently as the targets allow.
    middle = {
        t.codes[0]: sum(t.range) / 2
        for t in targets
        if (t.group, t.level) == ALL and len(t.codes) == 1
    }
    misses = []
    for code in codes:
        share = middle.get(code, total / len(codes)) / total
        for key in keys:
            miss = model.new_int_var(0, 10 * total, "")
            expected = round(10 * share * len(classes[key]))
            model.add_abs_equality(miss, 10 * number[key, code] - expected)
            misses.append(miss)
    model.minimize(sum(misses))
    order = list(number)
    values = dict(zip(order, solve(model, [number[k] for k in order], limit=0.25), strict=True))
    return {key: {code: values[key, code] for code in codes} for key in keys}


def _hand_out(
    members: Sequence[int],
    counts: Mapping[int, int],
    codes: Sequence[int],
    disposition: Mapping[int, float],
    unsure: Mapping[int, float],
    dont_know: int | None,
    rng: random.Random,
) -> dict[int, int]:
    waiting = list(members)
    chosen: dict[int, int] = {}
    if dont_know is not None and counts.get(dont_know):
        waiting.sort(key=lambda p: unsure[p] + rng.gauss(0, 1), reverse=True)
        for person in waiting[: counts[dont_know]]:
            chosen[person] = dont_know
        waiting = waiting[counts[dont_know] :]
    waiting.sort(key=lambda p: disposition[p] + rng.gauss(0, 1), reverse=True)
    start = 0
    for code in codes:
        if code == dont_know:
            continue
        for person in waiting[start : start + counts[code]]:
            chosen[person] = code
        start += counts[code]
    return chosen

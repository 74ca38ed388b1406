"""Invitations, drop-out and areas of each respondent.

Municipalities and completion come from the appendix, the drop-out from the bases of the tables, and
the areas from the bases of the tables by area. The rest is drawn with a fixed seed.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

COMPLETE = "complete"
PARTIAL = "partial"
NONE = "none"


@dataclass
class ConstructedRespondent:
    """One invited head. `reach` is the base of the last question answered (0: none)."""

    municipality: str
    status: str
    reach: int = 0
    areas: tuple[str, ...] = ()
    levels: dict[str, frozenset[str]] = field(default_factory=dict)

    def belongs(self, group: str, level: str) -> bool:
        """Whether the respondent is in the level; `!x` is everyone not in x."""
        if group == "all":
            return True
        if level.startswith("!"):
            return level[1:] not in self.levels[group]
        return level in self.levels[group]


def invited(appendix: Mapping[str, tuple[int, int, int]]) -> list[ConstructedRespondent]:
    """All invited, by municipality: complete, then partial, then those without an answer."""
    people = []
    for code in sorted(appendix):
        for status, count in zip((COMPLETE, PARTIAL, NONE), appendix[code], strict=True):
            people += [ConstructedRespondent(code, status) for _ in range(count)]
    return people


def drop_out(
    people: Sequence[ConstructedRespondent],
    ladder: Sequence[int],
    size_of: Mapping[str, str],
    size_base: int,
    size_counts: Mapping[str, int],
    rng: random.Random,
) -> None:
    """Set `reach`: complete respondents reach the end, others stop at one of the bases.

    `ladder` has the falling bases; its last entry is the base of the last question. In every size
    group exactly `size_counts` respondents reach the question with base `size_base`. Raises
    ValueError if the appendix leaves a size group too few or too many.
    """
    partial = [p for p in people if p.status == PARTIAL]
    complete = [p for p in people if p.status == COMPLETE]
    for person in complete:
        person.reach = ladder[-1]
    done = Counter(size_of[p.municipality] for p in complete)
    late: list[ConstructedRespondent] = []
    for size in sorted(size_counts):
        pool = [p for p in partial if size_of[p.municipality] == size]
        need = size_counts[size] - done[size]
        if not 0 <= need <= len(pool):
            raise ValueError(f"{size}: {size_counts[size]} at base {size_base} cannot be met")
        late += rng.sample(pool, need)
    chosen = {id(p) for p in late}
    early = [p for p in partial if id(p) not in chosen]
    stops = [
        n
        for n, following in zip(ladder, [*ladder[1:], len(complete)], strict=True)
        for _ in range(n - following)
    ]
    for pool, reaches in (
        (early, [n for n in stops if n > size_base]),
        (late, [n for n in stops if n <= size_base]),
    ):
        rng.shuffle(pool)
        for person, reach in zip(pool, reaches, strict=True):
            person.reach = reach


def reached(people: Sequence[ConstructedRespondent], base: int) -> list[ConstructedRespondent]:
    """The respondents who reached a question with this base."""
    return [p for p in people if 0 < p.reach <= base]


def combine_areas(
    bases: Mapping[int, Mapping[str, int]],
    totals: Mapping[int, int],
    aims: Mapping[tuple[str, ...], int],
) -> dict[int, Counter[tuple[str, ...]]]:
    """The number of respondents per area combination who stop between two area bases.

    `bases` gives, per base of a question, the printed number of every area that is printed there
    (`!x`: not in x). `totals` is the number of respondents who reached each base. Returns, per
    base, the combinations of those who reach it but not the next one. The combinations of the
    largest base come as near to `aims` as the printed numbers allow.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    order = sorted(bases, reverse=True)
    following = {n: totals[m] for n, m in pairwise(order)} | {order[-1]: 0}
    stop = {
        (mask, n): model.new_int_var(0, totals[n] - following[n], f"{'+'.join(mask)}@{n}")
        for mask in sorted(aims)
        for n in order
    }
    for index, n in enumerate(order):
        model.add(sum(stop[mask, n] for mask in sorted(aims)) == totals[n] - following[n])
        for area, count in sorted(bases[n].items()):
            inside = [m for m in sorted(aims) if _covers(m, area)]
            model.add(sum(stop[m, k] for m in inside for k in order[index:]) == count)
    misses = []
    for mask in sorted(aims):
        total = sum(stop[mask, n] for n in order)
        miss = model.new_int_var(0, 450, "miss")
        model.add_abs_equality(miss, total - aims[mask])
        misses.append(2 * miss)
        # Draw drop-outs evenly over the combinations, as far as print allows.
        for index, n in enumerate(order[1:], start=1):
            share = totals[n] / totals[order[0]]
            stay = model.new_int_var(0, 4500, "stay")
            here = sum(stop[mask, k] for k in order[index:])
            model.add_abs_equality(stay, 10 * here - round(10 * share * aims[mask]))
            misses.append(stay)
    model.minimize(sum(misses))
    values = solve(model, [stop[key] for key in stop], limit=4.0)
    result: dict[int, Counter[tuple[str, ...]]] = {n: Counter() for n in order}
    for (mask, n), value in zip(stop, values, strict=True):
        if value:
            result[n][mask] = value
    return result


def _covers(mask: tuple[str, ...], area: str) -> bool:
    return area[1:] not in mask if area.startswith("!") else area in mask


def solve(model: object, variables: Sequence[object], limit: float) -> list[int]:
    """Values of the variables: one worker, fixed seed, limited solver work instead of time.

    Raises ValueError if the model has no solution within the limit.
    """
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 2015
    solver.parameters.max_deterministic_time = limit
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise ValueError(f"no solution: {solver.status_name(status)}")
    return [int(solver.value(variable)) for variable in variables]


def hand_out_areas(
    people: Sequence[ConstructedRespondent],
    combinations: Mapping[int, Counter[tuple[str, ...]]],
    rng: random.Random,
) -> None:
    """Give every respondent a combination of areas.

    Heads of one municipality seldom share areas.
    """
    order = sorted(combinations, reverse=True)
    taken: Counter[tuple[str, str]] = Counter()
    for n, after in reversed(list(pairwise([*order, 0]))):
        pool = [p for p in people if after < p.reach <= n]
        rng.shuffle(pool)
        masks = [mask for mask, k in sorted(combinations[n].items()) for _ in range(k)]
        rng.shuffle(masks)
        masks.sort(key=len, reverse=True)
        for mask in masks:
            best = min(
                range(len(pool)),
                key=lambda i: sum(taken[pool[i].municipality, area] for area in mask),
            )
            person = pool.pop(best)
            person.areas = mask
            taken.update((person.municipality, area) for area in mask)

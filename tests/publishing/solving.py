"""Solves published figures for the answers of single respondents.

The attacker knows who took part and which groups each respondent is in, as colleagues do. How many
respondents with the same groups gave each answer is an unknown whole number. A published count is a
sum of these numbers; a published percentage limits one by rounding. Integer programs then look,
item by item, for answers that are the same in all data with these figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from assets.counts.counting import number_text
from tests.publishing.attacker import ALL, TOTAL, Figure, Found

Learned = tuple[int, str, str]  # place of the respondent, item, code
SOLVED = 1e-6
# of the best possible, for a first look: whatever is lower shows that an answer is open
EASY = 0.3


@dataclass(frozen=True)
class People:
    """The participants: the groups of each and, to judge what was learned, the true answers."""

    levels: Sequence[frozenset[tuple[str, str]]]
    answers: Sequence[Mapping[str, str]]


def people_of(working: Path, questions: Iterable[str]) -> People:
    """The participants from the working file of a wave, which the attacker does not have."""
    with closing(duckdb.connect(str(working), read_only=True)) as connection:
        ids = [r for (r,) in connection.execute(
            "SELECT respondent FROM clean.respondents ORDER BY 1").fetchall()]  # fmt: skip
        at = {one: n for n, one in enumerate(ids)}
        levels: list[set[tuple[str, str]]] = [set() for _ in ids]
        for one, group, level in connection.execute(
            'SELECT respondent, "group", level FROM clean.memberships'
        ).fetchall():
            levels[at[one]].add((group, level))
        answers: list[dict[str, str]] = [{} for _ in ids]
        for name in questions:
            for one, item, code, number in connection.execute(
                f'SELECT respondent, item, code, number FROM answers."{name}"'
            ).fetchall():
                if code is not None or number is not None:
                    answers[at[one]][item] = str(code) if code is not None else number_text(number)
    return People([frozenset(own) for own in levels], answers)


def learned(found: Found, people: People, codes: Mapping[str, Sequence[str]]) -> set[Learned]:
    """Answers that follow from the figures, item by item: counts are whole numbers."""
    by_item: dict[str, dict[Figure, int]] = {}
    for figure, n in found.figures.items():
        by_item.setdefault(figure[0], {})[figure] = n
    shares: dict[str, dict[Figure, tuple[float, float]]] = {}
    for figure, share in found.shares.items():
        # a count says more than its percentage
        if figure not in found.figures and figure[1] != TOTAL:
            shares.setdefault(figure[0], {})[figure] = share
    result: set[Learned] = set()
    for item in sorted({*by_item, *shares}):
        if codes.get(item):
            own = by_item.get(item, {}), shares.get(item, {})
            result |= _solve(item, *own, people, list(codes[item]))
    return result


def _solve(
    item: str,
    figures: Mapping[Figure, int],
    shares: Mapping[Figure, tuple[float, float]],
    people: People,
    codes: Sequence[str],
) -> set[Learned]:
    told = {(f[2], f[3].removeprefix("!")) for f in (*figures, *shares)} - {ALL}
    signature = [levels & told for levels in people.levels]
    kinds = sorted(set(signature), key=sorted)
    place = {kind: n for n, kind in enumerate(kinds)}
    sizes = np.bincount([place[own] for own in signature], minlength=len(kinds))
    width = len(codes) + 1  # the last is no answer
    rows, columns, right = list[int](), list[int](), list[float](sizes)
    for kind in range(len(kinds)):
        rows += [kind] * width
        columns += range(kind * width, (kind + 1) * width)
    for figure, n in figures.items():
        inside = [k for k, kind in enumerate(kinds) if _covers(figure, kind)]
        wanted = [i for i, code in enumerate(codes) if figure[1] in (TOTAL, code)]
        if not wanted:
            continue
        own = [k * width + i for k in inside for i in wanted]
        rows += [len(right)] * len(own)
        columns += own
        right.append(n)
    shape = (len(right), len(kinds) * width)
    equal = coo_array((np.ones(len(rows)), (rows, columns)), shape=shape).tocsr()
    rules = [LinearConstraint(equal, right, right)]
    for figure, (percent, half) in shares.items():
        inside = [k for k, kind in enumerate(kinds) if _covers(figure, kind)]
        if figure[1] not in codes:
            continue
        # the count less the percentage of its base, at both ends of what rounds to it
        low, high = np.zeros(shape[1]), np.zeros(shape[1])
        for end, bound in ((low, percent - half), (high, percent + half)):
            for k in inside:
                end[k * width : k * width + len(codes)] = -bound / 100
                end[k * width + codes.index(figure[1])] += 1
        rules.append(LinearConstraint(low[np.newaxis], -SOLVED, np.inf))
        rules.append(LinearConstraint(high[np.newaxis], -np.inf, SOLVED))
    # what a kind may all have answered: a count that reaches its size in the true data
    true = np.zeros(shape[1])
    for mine, answers in zip(signature, people.answers, strict=True):
        code = answers.get(item)
        at = codes.index(code) if code in codes else width - 1
        true[place[mine] * width + at] += 1
    for rule in rules:
        given = rule.A @ true
        fits = (given >= rule.lb - SOLVED) & (given <= rule.ub + SOLVED)
        assert fits.all(), f"{item}: figures that the answers do not give"
    full = list(map(float, np.repeat(sizes, width)))
    left = [v for v in range(shape[1]) if true[v] == full[v] and v % width < len(codes)]
    while left:
        # data in which these counts are least: what stays full in all of them follows
        still = _still_full(left, full, rules)
        if len(still) == len(left):
            break
        left = still
    follows = {(v // width, codes[v % width]) for v in left}
    return {
        (n, item, code)
        for n, mine in enumerate(signature)
        for code in codes
        if (place[mine], code) in follows
    }


def _still_full(
    left: Sequence[int], full: Sequence[float], rules: Sequence[LinearConstraint]
) -> list[int]:
    """The counts that equal their base in the solution of whole numbers in which all are smallest.

    Whole numbers may determine what fractions leave open, but not the other way round. If the
    fractions are whole numbers already, as they mostly are, nothing else has to be solved.
    """
    goal = np.zeros(len(full))
    goal[list(left)] = 1
    for whole, options in ((0, {}), (1, {"mip_rel_gap": EASY}), (1, {})):
        best = milp(
            goal, integrality=np.full(len(full), whole), bounds=Bounds(0, np.inf),
            constraints=rules, options=options,
        )  # fmt: skip
        assert best.status == 0, best.message
        still = [v for v in left if best.x[v] > full[v] - SOLVED]
        if not whole and len(still) == len(left):
            # no fractions differ, so no whole numbers do
            return still
        integral = np.abs(best.x - np.round(best.x)).max() < SOLVED
        if integral and len(still) < len(left):
            return still
    return still


def _covers(figure: Figure, kind: frozenset[tuple[str, str]]) -> bool:
    group, level = figure[2:]
    if (group, level) == ALL:
        return True
    if level.startswith("!"):
        return (group, level[1:]) not in kind
    return (group, level) in kind

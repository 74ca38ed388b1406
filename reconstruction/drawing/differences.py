"""Makes the differences between groups that the report states, by exchanging answers.

Two respondents may exchange their answers to an item if every target count stays the same. A wanted
difference is a test of an answer distribution across the levels of a group, with a bound for its
p-value, and optionally a direction.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from reconstruction.drawing.answers import Belongs
from reconstruction.targets.count_targets import ALL, Coordinate, CountTarget

MARGIN = 0.03  # margin inside its bound for a test statistic, as a share of the bound
ROOM = 0.1  # the same for adjusted tests, which only approximate a logistic regression


@dataclass(frozen=True)
class Wanted:
    """A test result that the answers to `item` should show.

    `levels` are compared with each other; a single level is compared with everyone else. If `codes`
    is empty, the whole answer distribution is tested, otherwise those codes against the rest.
    `above` and `below` bound the p-value of Pearson's chi-square. `more` (`less`): the share of
    those codes is larger (smaller) in the first level than among all others. `beside`: the p-value
    is that of the level's coefficient in a model with these other levels, and `codes` is the
    outcome.
    """

    item: str
    group: str
    levels: tuple[str, ...]
    codes: tuple[int, ...] = ()
    above: float | None = None
    below: float | None = None
    more: tuple[int, ...] = ()
    less: tuple[int, ...] = ()
    beside: tuple[Coordinate, ...] = ()
    source: str = ""

    @property
    def direction(self) -> tuple[int, ...]:
        """The codes that the first level should have more or less often; empty: no matter which."""
        return self.more or self.less


def rounded(value: float) -> float:
    """A number without its last bits, because Python 3.12 sums floats more exactly than 3.11."""
    return round(value, 9)


class _Test:
    """Contingency table of one wanted difference, kept up to date while answers are swapped."""

    def __init__(self, wanted: Wanted, answers: Mapping[int, int], belongs: Belongs) -> None:
        from scipy.special import gammaincinv

        self.wanted = wanted
        single = len(wanted.levels) == 1
        self.row: dict[int, int] = {}
        for person in answers:
            inside = [i for i, x in enumerate(wanted.levels) if belongs(person, wanted.group, x)]
            if inside:
                self.row[person] = inside[0]
            elif single:
                self.row[person] = 1
        codes = sorted(set(answers.values()))
        self.column = {
            c: (int(c in wanted.codes) if wanted.codes else codes.index(c)) for c in codes
        }
        rows = max(self.row.values(), default=0) + 1
        columns = max(self.column.values()) + 1
        self.n = [[0] * columns for _ in range(rows)]
        self.positive = [0.0, 0.0]
        for person, row in self.row.items():
            self.n[row][self.column[answers[person]]] += 1
        self.r = [sum(line) for line in self.n]
        self.c = [sum(line[j] for line in self.n) for j in range(columns)]
        freedom = (sum(map(bool, self.r)) - 1) * (sum(map(bool, self.c)) - 1)
        critical = lambda p: round(2 * float(gammaincinv(freedom / 2, 1 - p)), 8)  # noqa: E731
        self.low = critical(wanted.below) * (1 + MARGIN) if wanted.below is not None else None
        self.high = critical(wanted.above) * (1 - MARGIN) if wanted.above is not None else None
        self.affirm = wanted.direction
        self.hits = [0, 0]
        for person, row in self.row.items():
            self.hits[row > 0] += answers[person] in self.affirm
        self.statistic = self._statistic()

    def _statistic(self) -> float:
        total = sum(self.r)
        fit = sum(
            self.n[i][j] ** 2 / (self.r[i] * self.c[j])
            for i in range(len(self.r))
            for j in range(len(self.c))
            if self.r[i] and self.c[j]
        )
        return rounded(total * (fit - 1))

    def penalty(self, statistic: float | None = None, shift: tuple[int, int] = (0, 0)) -> float:
        """The distance of the test from the wanted result, 0 if it holds.

        `shift` is the change of the hits.
        """
        value = self.statistic if statistic is None else statistic
        cost = 0.0
        if self.affirm:
            inside = (self.hits[0] + shift[0]) / max(1, self.r[0])
            outside = (self.hits[1] + shift[1]) / max(1, sum(self.r[1:]))
            gap = inside - outside if self.wanted.more else outside - inside
            cost += max(0.0, 0.01 - gap) * 20
            if gap < 0:
                value = -value  # a difference in the wrong direction counts against the target
        if self.low is not None and value < self.low:
            cost += (self.low - value) / self.low
        if self.high is not None and abs(value) > self.high:
            cost += (abs(value) - self.high) / self.high
        return cost

    def holds(self) -> bool:
        """Whether p is within the bounds, without the safety margin."""
        if self.low is not None and self.statistic < self.low / (1 + MARGIN):
            return False
        if self.high is not None and self.statistic > self.high / (1 - MARGIN):
            return False
        inside, outside = self.hits[0] / self.r[0], self.hits[1] / max(1, sum(self.r[1:]))
        if self.wanted.more and inside <= outside:
            return False
        return not (self.wanted.less and inside >= outside)

    def moved(self, a: int, b: int, x: int, y: int) -> tuple[float, tuple[int, int]]:
        """Statistic and shift of hits if a (answer x) and b (answer y) swapped answers."""
        i, k = self.row.get(a), self.row.get(b)
        if i == k:
            return self.statistic, (0, 0)
        j, m = self.column[x], self.column[y]
        gain = (y in self.affirm) - (x in self.affirm)
        first = (i == 0) - (k == 0)
        others = (i is not None and i > 0) - (k is not None and k > 0)
        shift = (gain * first, gain * others)
        if j == m:
            return self.statistic, shift
        if i is None or k is None:
            # One of the two respondents is outside all levels, so the column totals change as well.
            self._shift(i, k, j, m)
            statistic = self._statistic()
            self._shift(i, k, m, j)
            return statistic, shift
        n, r, c = self.n, self.r, self.c
        change = (
            (1 - 2 * n[i][j]) / (r[i] * c[j])
            + (1 + 2 * n[i][m]) / (r[i] * c[m])
            + (1 - 2 * n[k][m]) / (r[k] * c[m])
            + (1 + 2 * n[k][j]) / (r[k] * c[j])
        ) * sum(r)
        return self.statistic + change, shift

    def _shift(self, i: int | None, k: int | None, j: int, m: int) -> None:
        """Row i passes one answer from column j to column m; row k passes one the other way."""
        for row, source, target in ((i, j, m), (k, m, j)):
            if row is not None:
                self.n[row][source] -= 1
                self.n[row][target] += 1
                self.c[source] -= 1
                self.c[target] += 1

    def swap(self, a: int, b: int, x: int, y: int) -> None:
        """Record that a (answer x) and b (answer y) swapped answers."""
        statistic, shift = self.moved(a, b, x, y)
        i, k = self.row.get(a), self.row.get(b)
        if i == k:
            return
        self._shift(i, k, self.column[x], self.column[y])
        self.hits = [self.hits[0] + shift[0], self.hits[1] + shift[1]]
        self.statistic = statistic


class _Adjusted:
    """The coefficient of a level adjusted for all other background variables, as a z statistic.

    It is the score of a linear probability model: residuals of the level's indicator on the other
    variables, times the answers. It is close to the Wald test of a logistic regression. It is a sum
    over respondents, so a swap changes only two terms.
    """

    def __init__(self, wanted: Wanted, answers: Mapping[int, int], belongs: Belongs) -> None:
        import numpy as np
        from scipy.special import ndtri

        self.wanted = wanted
        people = sorted(answers)
        self.row = dict.fromkeys(people, 0)
        (level,) = wanted.levels
        others = [c for c in wanted.beside if c[0] != wanted.group]
        design = np.array([[1.0, *(belongs(p, g, x) for g, x in others)] for p in people])
        indicator = np.array([float(belongs(p, wanted.group, level)) for p in people])
        fitted = design @ np.linalg.lstsq(design, indicator, rcond=None)[0]
        # Rounded, so that the last bits of a linear algebra library do not matter.
        residual = [round(float(r), 8) for r in indicator - fitted]
        share = sum(answers[p] in wanted.codes for p in people) / len(people)
        scale = rounded((sum(r * r for r in residual) * share * (1 - share)) ** 0.5)
        self.score = {p: r / scale for p, r in zip(people, residual, strict=True)}
        sign = -1 if wanted.less else 1
        self.score = {p: sign * s for p, s in self.score.items()}
        self.statistic = rounded(sum(self.score[p] for p in people if answers[p] in wanted.codes))
        bound = lambda p: round(-float(ndtri(p / 2)), 8)  # noqa: E731
        self.low = bound(wanted.below) if wanted.below is not None else None
        self.high = bound(wanted.above) if wanted.above is not None else None

    def penalty(self, statistic: float | None = None, shift: tuple[int, int] = (0, 0)) -> float:
        """The distance from the wanted result, 0 if it holds with the safety margin."""
        value = self.statistic if statistic is None else statistic
        cost = 0.0
        if self.low is not None:
            cost += max(0.0, self.low * (1 + ROOM) - value) / self.low
        if self.high is not None:
            cost += max(0.0, abs(value) - self.high * (1 - ROOM)) / self.high
        return cost

    def holds(self) -> bool:
        """Whether p is within the bounds, without the safety margin."""
        if self.low is not None and self.statistic < self.low:
            return False
        return self.high is None or abs(self.statistic) <= self.high

    def moved(self, a: int, b: int, x: int, y: int) -> tuple[float, tuple[int, int]]:
        """Statistic if a (answer x) and b (answer y) swapped answers."""
        gain = (y in self.wanted.codes) - (x in self.wanted.codes)
        return self.statistic + gain * (self.score[a] - self.score[b]), (0, 0)

    def swap(self, a: int, b: int, x: int, y: int) -> None:
        """Record that a and b swapped answers."""
        self.statistic, _ = self.moved(a, b, x, y)


def bring_about(
    answers: dict[int, int],
    wanted: Sequence[Wanted],
    targets: Sequence[CountTarget],
    belongs: Belongs,
    rng: random.Random,
    limit: int,
    may_swap: Callable[[int, int, int, int], bool] | None = None,
) -> list[Wanted]:
    """Swap answers in place until all wanted differences hold, at most `limit` tries.

    `may_swap(a, b, x, y)` may forbid that a (answer x) and b (answer y) swap. Returns the
    differences that were not reached.
    """
    tests = [(_Adjusted if w.beside else _Test)(w, answers, belongs) for w in wanted]
    if not tests:
        return []
    free = _freedom(answers, targets, belongs)
    # Pairs are drawn by code, so that rare answers are tried as often as common ones.
    having: dict[int, list[int]] = {}
    for person in sorted(answers):
        having.setdefault(answers[person], []).append(person)
    codes = sorted(having)
    current = rounded(sum(test.penalty() for test in tests)) if len(codes) > 1 else 0.0
    tries = 0
    while current > 0 and tries < limit:
        tries += 1
        x, y = rng.sample(codes, 2)
        i, j = rng.randrange(len(having[x])), rng.randrange(len(having[y]))
        a, b = having[x][i], having[y][j]
        if free[x][a] != free[x][b] or free[y][a] != free[y][b]:
            continue
        if may_swap is not None and not may_swap(a, b, x, y):
            continue
        proposed = [test.penalty(*test.moved(a, b, x, y)) for test in tests]
        total = rounded(sum(proposed))
        if total < current or (total - current < 0.02 and rng.random() < 0.02):
            for test in tests:
                test.swap(a, b, x, y)
            answers[a], answers[b] = y, x
            having[x][i], having[y][j] = b, a
            current = total
    return [test.wanted for test in tests if not test.holds()]


def _freedom(
    answers: Mapping[int, int], targets: Sequence[CountTarget], belongs: Belongs
) -> dict[int, dict[int, tuple[bool, ...]]]:
    """Per code, the counted groups of each respondent.

    Respondents with equal groups may swap the code.
    """
    result = {}
    for code in sorted(set(answers.values())):
        places = sorted({(t.group, t.level) for t in targets if code in t.codes} - {ALL})
        result[code] = {p: tuple(belongs(p, g, x) for g, x in places) for p in answers}
    return result

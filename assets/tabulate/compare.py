"""Comparisons of a table's columns: letters, tests of whole distributions, effect sizes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from assets.statistics.letters import adjusted_p, column_letters, column_pairs
from assets.statistics.significance import cramers_v, pearson
from assets.statistics.survey.estimates import EstimatedDifference, t_test
from assets.statistics.survey.rao_scott import rao_scott
from assets.statistics.two_samples import (
    NO_TEST,
    Effect,
    MeanOfSample,
    ShareOfSample,
    cohens_d,
    cohens_h,
    difference_of_shares,
    student,
    welch,
    z_of_shares,
)
from assets.tabulate.cells import Array, NumberSums, Ratio, Sums, Variance, share
from assets.tabulate.counting import Drawn
from assets.tabulate.request import BannerColumn, Request, compared_blocks
from declarations.fields.fields import Field

Pair = tuple[int, int]


@dataclass
class ComparedRow:
    """One row of a table whose columns are compared, with a test per pair of columns."""

    of: Field
    key: str
    label: str
    values: Array
    tests: dict[Pair, EstimatedDifference] = field(default_factory=dict)
    effects: dict[Pair, list[Effect]] = field(default_factory=dict)
    p: dict[Pair, float] = field(default_factory=dict)


class Comparing:
    """Collects the rows of one table; `lines` adjusts the p-values and returns the lines."""

    def __init__(
        self, request: Request, columns: Sequence[BannerColumn], variance: Variance, drawn: Drawn
    ) -> None:
        self.request, self.columns, self.variance, self.drawn = request, columns, variance, drawn
        self.rows: list[ComparedRow] = []
        self.whole: list[tuple[Any, ...]] = []
        self.blocks = compared_blocks(columns)

    @property
    def designed(self) -> bool:
        """Whether the table has a weight or the study a design."""
        return self.request.weight is not None or self.drawn.declared

    def linear(self, c: int) -> bool:
        """Whether a column's tests use linearized errors.

        They do with a weight or design, for overlapping columns, or as declared.
        """
        compare = self.request.compare
        assert compare is not None
        if compare.test == "auto":
            return self.designed or self.columns[c].block in self.drawn.overlapping
        return compare.test in ("linear", "rao_scott")

    def shares(self, of: Field, key: str, label: str, cell: Sums, base: Sums) -> None:
        """A line of shares: (parts, columns)."""
        if self.request.compare is None:
            return
        ratio = share(cell, base)
        row = ComparedRow(of, key, label, ratio.value * 100)
        hits, weighted, effective = cell.weighted, base.weighted, base.effective

        def plain(one: Sums, other: Sums, a: int, b: int) -> tuple[ShareOfSample, ShareOfSample]:
            return (
                ShareOfSample(hits[a], weighted[a], effective[a]),
                ShareOfSample(
                    float(one.weighted[b]), float(other.weighted[b]), float(other.effective[b])
                ),
            )

        rest_cell, rest_base = cell.rest, base.rest
        rest_ratio = share(rest_cell, rest_base)
        for a, b in self._pairs(base):
            against = (cell, base, ratio) if b >= 0 else (rest_cell, rest_base, rest_ratio)
            place = b if b >= 0 else a
            two = plain(against[0], against[1], a, place)
            if self.linear(a):
                row.tests[a, b] = self._linear(ratio, against[2], a, place, base, against[1])
            else:
                row.tests[a, b] = z_of_shares(*two)
            if self.request.compare.effect:
                confidence = self.request.confidence
                row.effects[a, b] = [
                    difference_of_shares(*two, confidence), cohens_h(*two, confidence),
                ]  # fmt: skip
        self.rows.append(row)

    def means(self, of: Field, numbers: NumberSums) -> None:
        """A line of means, every column with its pair or with the rest."""
        compare = self.request.compare
        if compare is None:
            return
        rest = numbers.rest
        own, others = _Means.of(numbers), _Means.of(rest)
        row = ComparedRow(of, "", "mean", own.ratio.value)
        for a, b in self._pairs(numbers.base):
            against, place = (own, b) if b >= 0 else (others, a)
            one, other = own.sample(a), against.sample(place)
            if self.linear(a):
                bases = numbers.base, numbers.base if b >= 0 else rest.base
                row.tests[a, b] = self._linear(own.ratio, against.ratio, a, place, *bases)
            else:
                row.tests[a, b] = (student if compare.test == "t" else welch)(one, other)
            if compare.effect:
                row.effects[a, b] = [cohens_d(one, other, self.request.confidence)]
        self.rows.append(row)

    def table(self, of: Field, cells: Sums, valid: Sequence[int]) -> None:
        """The test of the whole distribution, per block of disjoint columns."""
        compare = self.request.compare
        if compare is None or not valid:
            return
        for block in self.blocks:
            kept = [c for c in block.places if not self._hidden(cells.over(np.array(valid)), c)]
            own = Sums(*(part[:, valid][..., kept] for part in (cells.n, cells.w, cells.ww)))
            if len(kept) < 2 or self.columns[kept[0]].block in self.drawn.overlapping:
                continue
            first = self.columns[kept[0]]
            place = (of, first.block, first.block_label, first.parent)
            n = int(own.count.sum())
            if compare.test == "rao_scott" or (compare.test == "auto" and self.designed):
                flat = own.w.reshape(len(own.w), -1), own.ww.reshape(len(own.ww), -1)
                seen = n - len(self.drawn.sample.fraction)
                f = rao_scott(self.variance.totals(*flat, seen), len(valid), len(kept), n)
                words = f"Rao-Scott F = {f.statistic:.3f}, df {f.df:.2f} and {f.df_error:.1f}"
                self.whole.append((*place, f.p, words, n))
                continue
            found = pearson(own.count)
            words = (
                f"chi-square = {float(found.statistic):.3f}, df {float(found.df):.0f}, "
                f"Cramér's V = {float(cramers_v(own.count)):.3f}"
            )
            self.whole.append((*place, float(found.p), words, n))

    def lines(self, wave: str) -> Iterator[tuple[Any, ...]]:
        """Letters of columns, letters per line, tests and effects, as lines of the results."""
        compare = self.request.compare
        if compare is None:
            return
        self._adjust()
        if compare.against == "columns":
            for block in self.blocks:
                for c, name in zip(block.places, block.letters, strict=True):
                    yield self._line(wave, None, "", "", c, "letter", None, name)
        for row in self.rows:
            yield from self._letters(wave, row)
            for (a, b), effects in row.effects.items():
                yield self._pair_line(wave, row, a, b, "p", row.p[a, b])
                for effect in effects:
                    bounds = (effect.value, effect.low, effect.high)
                    scale = 100 if effect.name == "difference" else 1
                    for name, number in zip(("", "_low", "_high"), bounds, strict=True):
                        shown = f"{effect.name}{name}"
                        yield self._pair_line(wave, row, a, b, shown, number * scale)
        for of, block, label, parent, p, words, n in self.whole:
            value = None if math.isnan(p) else p
            yield (
                wave, self.request.id, of.id, of.label.da, "", "", block, label, parent, parent,
                "test", value, None, n, None, None, None, p_text(p), words,
            )  # fmt: skip

    def _letters(self, wave: str, row: ComparedRow) -> Iterator[tuple[Any, ...]]:
        compare = self.request.compare
        assert compare is not None
        for block in self.blocks:
            if compare.against == "rest":
                for c in block.places:
                    p_rest = row.p.get((c, -1), math.nan)
                    test = row.tests.get((c, -1))
                    mark = ""
                    if test is not None and p_rest < compare.level:
                        mark = "+" if test.difference > 0 else "-"
                    yield self._line(wave, row.of, row.key, row.label, c, "letters", p_rest, mark)
                continue
            place = {c: n for n, c in enumerate(block.places)}
            own = {(place[a], place[b]): p for (a, b), p in row.p.items() if a in place}
            values = [float(row.values[c]) for c in block.places]
            marks = column_letters(values, own, compare.level, block.letters)
            for c, mark in zip(block.places, marks, strict=True):
                yield self._line(wave, row.of, row.key, row.label, c, "letters", None, mark)

    def _adjust(self) -> None:
        compare = self.request.compare
        assert compare is not None
        families: dict[Any, list[tuple[ComparedRow, Pair]]] = {}
        for number, row in enumerate(self.rows):
            for pair in row.tests:
                block = self.columns[pair[0]].block
                family = (number, block) if compare.family == "row" else ()
                families.setdefault(family, []).append((row, pair))
        for own in families.values():
            found = adjusted_p([row.tests[pair].p for row, pair in own], compare.adjust)
            for (row, pair), p in zip(own, found, strict=True):
                row.p[pair] = float(p)

    def _pairs(self, base: Sums) -> list[Pair]:
        """Pairs of columns that are compared. (c, -1) compares column c with the rest."""
        compare = self.request.compare
        assert compare is not None
        found: list[Pair] = []
        for block in self.blocks:
            kept = [c for c in block.places if not self._hidden(base, c)]
            if compare.against == "rest":
                found += [(c, -1) for c in kept]
            else:
                found += [(kept[a], kept[b]) for a, b in column_pairs(len(kept))]
        return found

    def _hidden(self, base: Sums, c: int) -> bool:
        least = self.request.min_base
        return least is not None and int(base.count[c]) < least.least

    def _linear(
        self, one: Ratio, other: Ratio, a: int, b: int, base: Sums, other_base: Sums
    ) -> EstimatedDifference:
        """The t test of a difference under the design; columns may share respondents by unit."""
        v = self.variance
        first = (one.first[:, a], one.second[:, a])
        second = (other.first[:, b], other.second[:, b])
        shared = v.covariance(first[0], second[0], np.zeros_like(first[0]))
        variance = v.of_scores(*first) + v.of_scores(*second) - 2 * shared
        apart = float(one.value[a] - other.value[b])
        if math.isnan(apart):
            return NO_TEST
        if v.by_unit:
            seen = (base.w[:, a] > 0) | (other_base.w[:, b] > 0)
            df = int(seen.sum()) - len(np.unique(v.sample.stratum[seen])) - 1
        else:
            counted = base.n[:, a] + other_base.n[:, b]
            df = int(counted.sum()) - int((counted > 0).sum()) - 1
        return t_test(apart, math.sqrt(max(float(variance), 0.0)), df)

    def _line(
        self, wave: str, of: Field | None, key: str, label: str, c: int, statistic: str,
        value: float | None, shown: str,
    ) -> tuple[Any, ...]:  # fmt: skip
        column = self.columns[c]
        row, words = ("", "") if of is None else (of.id, of.label.da)
        found = None if value is None or math.isnan(value) else value
        return (
            wave, self.request.id, row, words, key, label, column.block, column.block_label,
            column.level, column.level_label, statistic, found, None, None, None, None, None, shown,
            "",
        )  # fmt: skip

    def _pair_line(
        self, wave: str, row: ComparedRow, a: int, b: int, statistic: str, value: float
    ) -> tuple[Any, ...]:
        line = list(self._line(wave, row.of, row.key, row.label, a, statistic, value, ""))
        line[-2] = (
            p_text(value) if statistic == "p" else "" if math.isnan(value) else f"{value:.2f}"
        )
        line[-1] = "against the rest" if b < 0 else f"against {self.columns[b].level}"
        return tuple(line)


def p_text(p: float) -> str:
    """A p-value for display: three decimals, or < 0.001."""
    if math.isnan(p):
        return ""
    return "<0.001" if p < 0.0005 else f"{p:.3f}"


@dataclass(frozen=True)
class _Means:
    ratio: Ratio
    sd: Array
    effective: Array

    @classmethod
    def of(cls, numbers: NumberSums) -> _Means:
        return cls(numbers.mean, numbers.sd, numbers.base.effective)

    def sample(self, c: int) -> MeanOfSample:
        return MeanOfSample(float(self.ratio.value[c]), float(self.sd[c]), float(self.effective[c]))

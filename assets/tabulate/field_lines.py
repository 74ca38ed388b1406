"""The lines of one field in a table: bases, percentages, counts, means, quartiles."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from assets.statistics.descriptive import format_number
from assets.statistics.moments import quantiles
from assets.statistics.significance import wilson
from assets.statistics.survey.estimates import Estimates, logit
from assets.tabulate import cells as grid
from assets.tabulate.cells import Array
from assets.tabulate.compare import Comparing
from assets.tabulate.counting import Drawn
from assets.tabulate.request import BannerColumn, Request
from assets.tabulate.weighting import Weighted
from declarations.fields.fields import Field

MEAN_DECIMALS = 2
QUARTILES = {"q1": 0.25, "median": 0.5, "q3": 0.75}
Line = tuple[Any, ...]


@dataclass(frozen=True)
class CountedFields:
    """The counts for requests that share a banner, a filter and a weight."""

    columns: list[BannerColumn]
    drawn: Drawn
    variance: grid.Variance
    counts: dict[str, Array]
    moments: dict[str, Array]
    bases: dict[str, Array]
    distribution: dict[str, Array]
    weighted: Weighted | None
    left: int


class FieldLines:
    """Computes the lines of one field."""

    def __init__(
        self, request: Request, field: Field, place: int, counted: CountedFields, wave: str
    ) -> None:
        self.request, self.field, self.counted, self.wave = request, field, counted, wave
        self.place = place
        parts, width = counted.variance.parts, len(counted.columns)
        codes = max(1, len(field.codes))
        self.cells = grid.dense(counted.counts, place, (parts, codes, width), ("part", "c", "col"))
        self.sums = grid.dense_numbers(counted.moments, place, (parts, width))
        self.numbers = self.sums.base
        self.everyone = grid.dense(counted.bases, 0, (parts, width), ("part", "col"))

    @property
    def base(self) -> grid.Sums:
        """The base of percentages, (parts, columns)."""
        if self.request.base == "all":
            return self.everyone
        if self.field.kind == "numeric":
            return self.numbers
        valid = [n for n, c in enumerate(self.field.codes) if self._in_base(c.missing)]
        return self.cells.over(np.array(valid, np.int64))

    def _in_base(self, missing: bool) -> bool:
        return not missing or self.request.base == "answered"

    def lines(self, comparing: Comparing) -> Iterator[Line]:
        """Bases first, then the codes, nets and numbers."""
        base = self.base
        found = self.numbers if self.field.kind == "numeric" else base
        bases = [found.count, found.weighted, found.effective]
        yield from self._each("", "", "base", bases[0].astype(float), None, bases, 0)
        if self.field.kind != "numeric":
            yield from self._codes(base, comparing)
        if self.field.kind == "numeric" or any(c.score is not None for c in self.field.codes):
            yield from self._numbers(comparing)

    def _codes(self, base: grid.Sums, comparing: Comparing) -> Iterator[Line]:
        field, request = self.field, self.request
        shown = [(n, c.key, c.label.da, c.missing) for n, c in enumerate(field.codes)]
        if field.kind == "box":
            shown = shown[:1]
        picked = [(key, label, [n], missing) for n, key, label, missing in shown]
        if field.kind == "closed":
            place = {c.code: n for n, c in enumerate(field.codes)}
            for net in request.nets:
                label = net.own_label.da if net.own_label is not None else net.key
                codes = [place[c] for c in field.codes_of(net.codes)]
                picked.append((net.key, label, codes, False))
        for key, label, codes, missing in picked:
            cell = self.cells.over(np.array(codes, np.int64))
            yield from self._code(key, label, cell, base, missing)
            if not missing or request.base == "answered":
                comparing.shares(field, key, label, cell, base)
        if field.kind == "closed":
            valid = [n for n, c in enumerate(field.codes) if self._in_base(c.missing)]
            comparing.table(field, self.cells, valid)
        elif request.compare is not None:
            comparing.table(field, self.cells, [0, 1])
        if request.base == "all" and field.kind == "closed":
            answered = self.cells.over(np.arange(len(field.codes)))
            every = self.everyone
            rest = grid.Sums(every.n - answered.n, every.w - answered.w, every.ww - answered.ww)
            yield from self._code("none", "Ubesvaret", rest, base, False)

    def _code(
        self, key: str, label: str, cell: grid.Sums, base: grid.Sums, missing: bool
    ) -> Iterator[Line]:
        request = self.request
        under = base
        if request.percent == "row":
            under = cell.at([0])
        elif request.percent == "total":
            under = base.at([0])
        width = cell.count.shape[0]
        bases = [
            np.broadcast_to(part, width) for part in (under.count, under.weighted, under.effective)
        ]
        if "percent" in request.show and (not missing or request.base == "answered"):
            share = grid.share(cell, under)
            error = share.error(self.counted.variance)
            yield from self._each(
                key, label, "percent", share.value * 100,
                cell.count, bases, request.decimals, error * 100,
            )  # fmt: skip
            if "interval" in request.show:
                low, high = self._interval(share.value, error, bases)
                yield from self._each(key, label, "low", low * 100, None, bases, request.decimals)
                yield from self._each(key, label, "high", high * 100, None, bases, request.decimals)
        if "n" in request.show:
            yield from self._each(key, label, "n", cell.count.astype(float), cell.count, bases, 0)

    def _interval(self, value: Array, error: Array, bases: Sequence[Array]) -> tuple[Array, Array]:
        if not self._designed:
            # a share of an empty base is undefined
            hits = np.where(np.isnan(value), 0.0, value * bases[0])
            return wilson(hits, bases[0], self.request.confidence)
        df = max(self.counted.drawn.sample.df, 1)
        estimates = Estimates(value, np.diag(error**2), df)
        return logit(estimates, self.request.confidence)

    @property
    def _designed(self) -> bool:
        return self.request.weight is not None or self.counted.drawn.declared

    def _numbers(self, comparing: Comparing) -> Iterator[Line]:
        request, base, sums = self.request, self.numbers, self.sums
        wanted = [s for s in request.show if s in ("mean", "sd", "median", "quartiles")]
        if self.field.kind == "numeric" and not wanted:
            wanted = ["mean", "sd", "median"]
        bases = [base.count, base.weighted, base.effective]
        mean, sd = sums.mean, sums.sd
        if "mean" in wanted:
            error = mean.error(self.counted.variance)
            yield from self._each("", "", "mean", mean.value, None, bases, MEAN_DECIMALS, error)
        if "sd" in wanted:
            yield from self._each("", "", "sd", sd, None, bases, MEAN_DECIMALS)
        names = [n for n in QUARTILES if n in wanted or "quartiles" in wanted]
        if names:
            found = self._quantiles(names)
            for name, values in zip(names, found, strict=True):
                yield from self._each("", "", name, values, None, bases, MEAN_DECIMALS)
        if "mean" in wanted:
            comparing.means(self.field, sums)

    def _quantiles(self, names: Sequence[str]) -> list[Array]:
        d = self.counted.distribution
        own = slice(*np.searchsorted(d["field"], [self.place, self.place + 1]))
        col, x, w, n = (d[k][own] for k in ("col", "number", "w", "n"))
        found = np.full((len(names), len(self.counted.columns)), np.nan)
        for c in np.unique(col):
            at_ = col == c
            found[:, c] = quantiles(
                x[at_], w[at_], int(n[at_].sum()), [QUARTILES[name] for name in names]
            )
        return list(found)

    def _each(
        self,
        key: str,
        label: str,
        statistic: str,
        values: Array,
        numerators: Array | None,
        bases: Sequence[Array],
        decimals: int,
        errors: Array | None = None,
    ) -> Iterator[Line]:
        """One line per column; figures below the minimum base are hidden or marked."""
        least = self.request.min_base
        base, weighted, effective = bases
        for c, column in enumerate(self.counted.columns):
            value = float(values[c])
            shown = "" if math.isnan(value) else format_number(value, decimals)
            n = int(base[c])
            numerator = None if numerators is None else int(numerators[c])
            error = None if errors is None or math.isnan(errors[c]) else float(errors[c])
            note = "" if n or statistic == "base" else "empty base"
            if least is not None and n < least.least and statistic != "base":
                note = f"base under {least.least}"
                if least.below == "hide":
                    value, shown, numerator, error = math.nan, "", None, None
                elif shown:
                    shown = f"({shown})"
            yield (
                self.wave, self.request.id, self.field.id, self.field.label.da, key, label,
                column.block, column.block_label, column.level, column.level_label, statistic,
                None if math.isnan(value) else value, numerator, n, float(weighted[c]),
                float(effective[c]), error, shown, note,
            )  # fmt: skip

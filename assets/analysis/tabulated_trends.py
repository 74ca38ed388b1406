"""Changes of short tables and the banner book between waves.

The groups, derived variables, weights and filters are those of the tables. A change is tested like
the change of an item (`wave_changes`): clusters are independent, within a wave and across waves,
and each contributes the difference of its linearized scores.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from assets.analysis.trends import wave_pairs
from assets.statistics.significance import holm
from assets.statistics.survey.estimates import t_quantile, t_test
from assets.tabulate import cells as grid
from assets.tabulate.counting import Counter
from assets.tabulate.request import BannerColumn, Request, requests_of
from assets.tabulate.weighting import weights_of
from declarations import Study
from declarations.fields.fields import Field, fields_of
from declarations.survey.trend import HOLM, MUNICIPALITY, TrendSettings

COLUMNS = (
    "table", "row", "row_label", "column", "column_label", "group", "level", "statistic",
    "from_wave", "to_wave", "from_value", "from_base", "to_value", "to_base", "change", "low",
    "high", "standard_error", "t", "df", "p", "p_adjusted", "clusters", "note",
)  # fmt: skip
Cell = tuple[str, str, str, str, str]  # row, column, group, level, statistic
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class WaveFigure:
    """A figure of one wave with the scores of its clusters; `names` label its row and column."""

    value: float
    base: int
    scores: Array
    present: Array
    names: tuple[str, str]


def tabulated_changes(
    study: Study,
    waves: Mapping[str, duckdb.DuckDBPyConnection],
    settings: TrendSettings,
) -> pd.DataFrame:
    """A line per cell of every table and pair of waves, in COLUMNS.

    `waves` are open snapshots. A cell that only one of the two waves has is not compared.
    """
    clusters: dict[str, int] = {}
    places = {wave: _clusters(found, settings, clusters) for wave, found in waves.items()}
    facts = {
        wave: _wave(study, wave, found, places[wave], len(clusters))
        for wave, found in waves.items()
    }
    lines: list[tuple[Any, ...]] = []
    tables = list(dict.fromkeys(name for own in facts.values() for name in own))
    for first, second in wave_pairs(list(waves)):
        for name in tables:
            one, other = facts[first].get(name, {}), facts[second].get(name, {})
            lines += _compared(name, (first, second), one, other, settings)
    return pd.DataFrame(lines, columns=list(COLUMNS))


def _clusters(
    connection: duckdb.DuckDBPyConnection, settings: TrendSettings, known: dict[str, int]
) -> Array:
    """The cluster of every respondent in the order of their ids, numbered across all waves."""
    names = {name for (name,) in connection.execute(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_schema = 'clean' AND table_name = 'respondents'"
    ).fetchall()}  # fmt: skip
    placed = settings.clusters == MUNICIPALITY and "municipality" in names
    column = "municipality" if placed else "respondent"
    found = connection.execute(
        f"SELECT {column} FROM clean.respondents ORDER BY respondent"
    ).fetchall()
    return np.array([known.setdefault(str(name), len(known)) for (name,) in found], np.int64)


def _wave(
    study: Study, wave: str, connection: duckdb.DuckDBPyConnection, cluster: Array, clusters: int
) -> dict[str, dict[Cell, WaveFigure]]:
    asked = study.in_wave(wave)
    fields = fields_of(asked)
    counter = Counter(connection, asked, fields)
    folder = study.folder / "waves" / wave
    return {
        request.id: dict(_cells(counter, request, folder, cluster, clusters))
        for request in requests_of(asked, fields)
    }


def _cells(
    counter: Counter, request: Request, folder: Path, cluster: Array, clusters: int
) -> Iterator[tuple[Cell, WaveFigure]]:
    weights = None
    if request.weight is not None:
        found = weights_of(request.weight, counter.relations, counter.connection, folder)
        weights = found.values
    counter.people(weights)
    counter.units(cluster)
    columns = counter.columns(request.by)
    counter.inside(request.filter)
    counter.values(request.fields)
    counts, moments = counter.counted("unit"), counter.moments("unit")
    width = len(columns)
    for place, one in enumerate(request.fields):
        shape = (clusters, max(1, len(one.codes)), width)
        cells = grid.dense(counts, place, shape, ("part", "c", "col"))
        base = cells.over(np.array([n for n, c in enumerate(one.codes) if not c.missing], int))
        if one.kind != "numeric" and "percent" in request.show:
            shown = list(enumerate(one.codes))[: 1 if one.kind == "box" else None]
            for n, code in shown:
                if not code.missing:
                    ratio = grid.share(cells.over(np.array([n])), base)
                    names = (one.label.da, code.label.da)
                    yield from _lines(one, code.key, "percent", ratio, base, columns, names)
        if "mean" in request.show or one.kind == "numeric":
            sums = grid.dense_numbers(moments, place, (clusters, width))
            if sums.base.count.any():
                names = (one.label.da, "")
                yield from _lines(one, "", "mean", sums.mean, sums.base, columns, names)


def _lines(
    one: Field,
    key: str,
    statistic: str,
    ratio: grid.Ratio,
    base: grid.Sums,
    columns: Sequence[BannerColumn],
    names: tuple[str, str],
) -> Iterator[tuple[Cell, WaveFigure]]:
    scale = 100.0 if statistic == "percent" else 1.0
    for c, column in enumerate(columns):
        n = int(base.count[c])
        if n:
            yield (
                (one.id, key, column.block, column.level, statistic),
                WaveFigure(
                    float(ratio.value[c]) * scale, n, ratio.first[:, c] * scale,
                    base.n[:, c] > 0, names,
                ),
            )  # fmt: skip


def _compared(
    name: str,
    waves: tuple[str, str],
    first: Mapping[Cell, WaveFigure],
    second: Mapping[Cell, WaveFigure],
    settings: TrendSettings,
) -> list[tuple[Any, ...]]:
    shared = [cell for cell in first if cell in second]
    tests = []
    for cell in shared:
        one, other = first[cell], second[cell]
        seen = one.present | other.present
        g = int(seen.sum())
        scores = (other.scores - one.scores)[seen]
        variance = g / (g - 1) * float((scores**2).sum()) if g > 1 else 0.0
        tests.append((t_test(other.value - one.value, math.sqrt(variance), g - 1), g))
    p = [test.p for test, _ in tests]
    adjusted = holm(p) if settings.adjust == HOLM else p
    lines = []
    for cell, (test, g), own in zip(shared, tests, adjusted, strict=True):
        row, column, group, level, statistic = cell
        one, other = first[cell], second[cell]
        half = t_quantile(settings.confidence, test.df) * test.error
        lines.append(
            (
                name, row, other.names[0], column, other.names[1], group, level, statistic, *waves,
                one.value, one.base, other.value, other.base, test.difference,
                test.difference - half, test.difference + half, test.error, test.statistic,
                test.df, test.p, own, g, "" if test.error > 0 else "nothing varies",
            )
        )  # fmt: skip
    return lines

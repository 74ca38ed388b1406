"""Comparisons as relations: each under every convention; and percentages with their comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from assets.analysis.comparisons import (
    DONT_KNOW_KEY,
    ItemTest,
    compared_codes,
    comparisons,
    marked_tables,
    settings_of,
    stacked,
)
from assets.analysis.testing import Tested, families, run_comparisons
from assets.statistics import significance
from assets.statistics.descriptive import percent
from assets.tables.results import Counts, count_of
from declarations import Cell, Study
from declarations.survey.marks import DECLARED
from declarations.tables.cells import TOTAL
from declarations.tables.significance import Convention, TestSettings

MARK_COLUMNS = (
    "wave", "table", "row", "group", "column", "item", "code", "by", "level", "against", "value",
    "base", "without_dont_know", "wilson_low", "wilson_high", "method", "codes", "statistic", "df",
    "p", "q", "stars", "bound", "cramers_v", "min_expected", "small_expected",
)  # fmt: skip
TEST_COLUMNS = (
    "method", "codes", "statistic", "df", "p", "q", "stars", "cramers_v", "min_expected",
    "small_expected",
)  # fmt: skip
CONVENTION_COLUMNS = (
    "wave", "table", "row", "group", "column", "item", "by", "levels", "convention", "test",
    "distribution", "dont_know", "method", "codes", "statistic", "standard_error", "df", "p", "q",
    "stars", "changes", "flips", "cramers_v", "min_expected", "small_expected",
)  # fmt: skip


def convention_frame(study: Study, counts: Counts, wave: str) -> pd.DataFrame:
    """Every comparison under every convention, in CONVENTION_COLUMNS.

    `declared` marks the table's own convention. `changes`: the stars differ from those of the
    declared convention. `flips`: they depend on the treatment of "don't know", all else equal.
    """
    settings, markings = settings_of(study), marked_tables(study)
    asked = study.in_wave(wave)
    every = {name: comparisons(study.table[name], m, asked) for name, m in markings.items()}
    parts = []
    for place in range(len(settings.alternatives) + 1):
        by_convention: dict[Convention, list[ItemTest]] = {}
        for name, marking in markings.items():
            convention = (marking.convention, *settings.alternatives)[place]
            by_convention.setdefault(convention, []).extend(every[name])
        for convention, every_one in by_convention.items():
            found = [c for c in every_one if compared_codes(c, convention)]
            tables = stacked(found, convention, counts)
            result = run_comparisons(found, convention, tables, settings)
            parts.append(_lines(found, convention, result, settings, wave))
    return _with_changes(pd.concat(parts, ignore_index=True))[list(CONVENTION_COLUMNS)]


def _lines(
    found: Sequence[ItemTest],
    convention: Convention,
    result: Tested,
    settings: TestSettings,
    wave: str,
) -> pd.DataFrame:
    frame: dict[str, Any] = {
        name: [getattr(comparison, name) for comparison in found]
        for name in ("table", "row", "group", "column", "item", "by")
    }
    frame |= {
        "wave": wave,
        "levels": [" ".join(comparison.levels) for comparison in found],
        "convention": convention.id,
        "test": convention.test,
        "distribution": convention.distribution,
        "dont_know": "outside_base" if convention.ordered else convention.dont_know,
        "method": result.method,
        "codes": result.codes,
        "statistic": result.statistic,
        "standard_error": result.standard_error,
        "df": result.df,
        "p": result.p,
        "q": families(found, result.p),
        "stars": [significance.stars(p, settings.stars) for p in result.p],
        "cramers_v": result.cramers_v,
        "min_expected": result.min_expected,
        "small_expected": result.small_expected,
    }
    return pd.DataFrame(frame)


def _with_changes(frame: pd.DataFrame) -> pd.DataFrame:
    place = ["table", "row", "group", "column"]
    keys = list(zip(*(frame[name] for name in place), strict=True))
    own = frame["convention"] == DECLARED
    declared = {k: s for k, s, d in zip(keys, frame["stars"], own, strict=True) if d}
    policies: dict[tuple[Any, ...], set[str]] = {}
    paired = list(zip(keys, frame["test"], frame["distribution"], strict=True))
    # a convention that does not apply has no stars to compare
    for pair, mark, p in zip(paired, frame["stars"], frame["p"], strict=True):
        if not np.isnan(p):
            policies.setdefault(pair, set()).add(mark)
    known = frame["p"].notna()
    changes = [declared.get(k) != s for k, s in zip(keys, frame["stars"], strict=True)]
    return frame.assign(
        changes=known & pd.Series(changes, index=frame.index),
        flips=[len(policies.get(pair, ())) > 1 for pair in paired],
    )


def _without_dont_know(
    cell: Cell, numerator: int, base: int, study: Study, counts: Counts
) -> float | None:
    """The percentage with don't know outside the base; None for don't know itself."""
    item = study.items[str(cell.item)]
    apart = [code.code for code in item.scale if code.key == DONT_KNOW_KEY]
    outside = sum(count_of(counts, item.id, code, cell.group, cell.level) for code in apart)
    if cell.code in apart or base == outside:
        return None
    return percent(numerator, base - outside)


def mark_frame(
    study: Study,
    conventions: pd.DataFrame,
    results: Mapping[str, pd.DataFrame],
    counts: Counts,
    wave: str,
) -> pd.DataFrame:
    """Every percentage of the marked tables with its interval and its comparison.

    `conventions` comes from `convention_frame`, `results` are the lines of the tables. A line for
    everyone has an interval but no comparison. Items that the wave did not ask have neither.
    """
    settings, study = settings_of(study), study.in_wave(wave)
    own = conventions[conventions["convention"] == DECLARED]
    lines = {
        (line["table"], line["row"], line["group"], line["column"]): line
        for line in own.to_dict("records")
    }
    records: list[dict[str, Any]] = []
    for name, marking in marked_tables(study).items():
        table, values = study.table[name], results[name]
        carried = {p: c for c in comparisons(table, marking, study) for p in c.cells}
        numbers = zip(values["value"], values["numerator"], values["base"], strict=True)
        for position, (cell, (value, numerator, base)) in enumerate(
            zip(table.cells, numbers, strict=True)
        ):
            if cell.statistic != "percent" or cell.code == TOTAL or not study.asks(cell):
                continue
            record = {
                "wave": wave,
                "table": name,
                "row": cell.row,
                "group": cell.group_key,
                "column": cell.column,
                "item": cell.item,
                "code": str(cell.code),
                "by": cell.group,
                "level": cell.level,
                "value": value,
                "numerator": int(numerator),
                "base": int(base),
                "without_dont_know": _without_dont_know(
                    cell, int(numerator), int(base), study, counts
                ),
            }
            found = carried.get(position)
            if found is not None:
                line = lines[(found.table, found.row, found.group, found.column)]
                record |= {key: line[key] for key in TEST_COLUMNS}
                record["against"] = " ".join(lv for lv in found.levels if lv != cell.level)
                step = significance.bound(line["p"], settings.bounds)
                record["bound"] = "" if step is None else f"p<{step:g}"
            records.append(record)
    frame = pd.DataFrame(records, columns=["numerator", *MARK_COLUMNS])
    low, high = significance.wilson(frame["numerator"], frame["base"], settings.confidence)
    texts = dict.fromkeys(("against", "method", "codes", "stars", "bound"), "")
    frame = frame.fillna(texts).assign(wilson_low=100 * low, wilson_high=100 * high)
    frame["small_expected"] = frame["small_expected"].astype("boolean")
    return frame[list(MARK_COLUMNS)]

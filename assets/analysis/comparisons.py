"""What tables compare: from declarations to stacked tables of counts, and their tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from assets.statistics import significance
from assets.statistics.descriptive import percent
from assets.statistics.significance import Floats
from assets.tables.results import Counts, count_of
from declarations import Cell, SpecError, Study, Table
from declarations.tables.cells import OTHERS, TOTAL
from declarations.tables.marks import DECLARED
from declarations.tables.significance import (
    Convention,
    Marking,
    TestSettings,
    read_marking,
    read_settings,
)

DONT_KNOW_KEY = "dont_know"
ORDERED_KINDS = ("cuts", "quantile")
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


@dataclass(frozen=True)
class Comparison:
    """One test: the answers to an item in two or more levels of a background variable.

    `codes` are all codes of the item in page order, `shown` the ones print shows, `cells` the
    positions of the table's cells that carry its result.
    """

    table: str
    row: str
    group: str
    column: str
    item: str
    by: str
    levels: tuple[str, ...]
    codes: tuple[int, ...]
    dont_know: int | None
    shown: tuple[int, ...]
    ordered: bool
    cells: tuple[int, ...]


@dataclass(frozen=True)
class Tested:
    """Results of one convention, one entry per comparison."""

    method: tuple[str, ...]
    codes: tuple[str, ...]
    statistic: Floats
    standard_error: Floats
    df: Floats
    p: Floats
    cramers_v: Floats
    min_expected: Floats
    small_expected: Sequence[bool]


def settings_of(study: Study) -> TestSettings:
    """What holds for all tests of the study."""
    return read_settings(study.conventions)


def marked_tables(study: Study) -> dict[str, Marking]:
    """Tables that declare significance, with what they compare."""
    if not any(table.significance for table in study.tables):
        return {}
    settings = settings_of(study)
    found = ((table.id, read_marking(table, settings)) for table in study.tables)
    return {name: marking for name, marking in found if marking is not None}


def comparisons(table: Table, marking: Marking, study: Study) -> list[Comparison]:
    """The tests of a table in reading order; of a study in one wave, what that wave asked.

    SpecError where levels that overlap would be compared with each other, or where the cells
    that share a mark do not rest on one item and one background variable.
    """
    blocks: dict[tuple[str, ...], list[int]] = {}
    for position, cell in enumerate(table.cells):
        if not study.asks(cell):
            continue
        if cell.group != "all" and cell.statistic == "percent" and cell.code != TOTAL:
            blocks.setdefault(_block(cell, marking), []).append(position)
    return [_comparison(table, positions, marking, study) for positions in blocks.values()]


def _block(cell: Cell, marking: Marking) -> tuple[str, ...]:
    if marking.by == "table" and marking.against == "levels":
        return ()
    if marking.by == "cell":
        return (cell.row, cell.group_key, cell.column)
    return (cell.row,) if marking.by == "group" else (cell.row, cell.group_key)


def _comparison(table: Table, positions: list[int], marking: Marking, study: Study) -> Comparison:
    cells = [table.cells[p] for p in positions]
    where = f"{table.source}: row {cells[0].row}"
    items = {cell.item for cell in cells}
    groups = {cell.group for cell in cells}
    if len(items) != 1 or len(groups) != 1:
        raise SpecError(where, f"one mark for items {items} and groups {groups}")
    item, group = study.items[str(items.pop())], study.group[groups.pop()]
    levels = tuple(dict.fromkeys(cell.level for cell in cells))
    if marking.against == "others":
        if len(levels) != 1:
            raise SpecError(where, f"one mark for levels {levels}, each against all others")
        levels = (levels[0], _others(levels[0]))
    elif group.overlapping and set(levels) != {levels[0], _others(levels[0])}:
        raise SpecError(where, f"levels of {group.id} overlap: compare each with the others")
    dont_know = [code.code for code in item.scale if code.key == DONT_KNOW_KEY]
    first = cells[0]
    return Comparison(
        table=table.id,
        row=first.row if marking.by != "table" or marking.against == "others" else "",
        group=first.group_key if marking.by != "group" else "",
        column=first.column if marking.by == "cell" else "",
        item=item.id,
        by=group.id,
        levels=levels,
        codes=item.codes,
        dont_know=dont_know[0] if dont_know else None,
        shown=(int(str(first.code)),),
        ordered=marking.ordered and (len(levels) == 2 or group.kind in ORDERED_KINDS),
        cells=tuple(positions),
    )


def _others(level: str) -> str:
    return level.removeprefix(OTHERS) if level.startswith(OTHERS) else OTHERS + level


def compared(comparison: Comparison, convention: Convention) -> list[tuple[int, ...]]:
    """The answers a convention compares: code sets, one per column of the table of counts.

    Empty where the convention does not apply: a test of order on answers or groups without.
    """
    apart = comparison.dont_know
    if convention.ordered and not comparison.ordered:
        return []
    outside = convention.dont_know == "outside_base" or convention.ordered
    kept = [code for code in comparison.codes if not (outside and code == apart)]
    if convention.distribution == "whole":
        return [(code,) for code in kept]
    rest = [code for code in kept if code not in comparison.shown]
    if convention.dont_know == "own_category" and apart in rest:
        rest.remove(apart)
        return [comparison.shown, tuple(rest), (apart,)]
    return [comparison.shown, tuple(rest)]


def stacked(found: Sequence[Comparison], convention: Convention, counts: Counts) -> Floats:
    """Counts of all comparisons, padded with zeros: shape (comparisons, levels, answers)."""
    columns = [compared(comparison, convention) for comparison in found]
    shape = (
        len(found),
        max((len(c.levels) for c in found), default=2),
        max((len(c) for c in columns), default=2),
    )
    tables = np.zeros(shape)
    for i, comparison in enumerate(found):
        for r, level in enumerate(comparison.levels):
            for c, codes in enumerate(columns[i]):
                tables[i, r, c] = sum(
                    count_of(counts, comparison.item, code, comparison.by, level) for code in codes
                )
    return tables


def tested(
    found: Sequence[Comparison], convention: Convention, tables: Floats, settings: TestSettings
) -> Tested:
    """All comparisons by one convention; `tables` as `stacked` gives them."""
    count = len(found)
    nothing = np.full(count, np.nan)
    error, df, method = nothing, nothing, [convention.test] * count
    if convention.test == "fisher":
        exact = [_fisher(table, settings) for table in tables]
        method = [name for name, _, _ in exact]
        p, error = np.array([e[1] for e in exact]), np.array([e[2] for e in exact])
        statistic = nothing
    elif convention.test == "gamma":
        found_gamma = significance.gamma(tables)
        statistic, error, p = found_gamma.value, found_gamma.standard_error, found_gamma.p
    else:
        test = {
            "pearson_chi_square": significance.pearson,
            "likelihood_ratio": significance.likelihood_ratio,
            "linear_by_linear": significance.linear_by_linear,
        }[convention.test](tables)
        statistic, df, p = test.statistic, test.df, test.p
    return Tested(
        method=tuple(method),
        codes=tuple(_codes(compared(comparison, convention)) for comparison in found),
        statistic=statistic,
        standard_error=error,
        df=df,
        p=p,
        cramers_v=significance.cramers_v(tables),
        min_expected=significance.least_expected(tables),
        small_expected=significance.small_expected(tables, **settings.small_expected).tolist(),
    )


def _fisher(table: Floats, settings: TestSettings) -> tuple[str, float, float]:
    own = significance.trimmed(table)
    if own.shape == (2, 2):
        return "fisher_exact", significance.fisher_exact(own), 0.0
    return ("fisher_simulated", *significance.fisher_simulated(own, settings.draws, settings.seed))


def _codes(columns: Iterable[tuple[int, ...]]) -> str:
    return " | ".join("+".join(map(str, codes)) for codes in columns)


def families(found: Sequence[Comparison], p: Floats) -> Floats:
    """Benjamini-Hochberg q-values; the comparisons of a table are a family."""
    q = np.full(len(found), np.nan)
    names = np.array([comparison.table for comparison in found])
    for name in dict.fromkeys(names):
        own = names == name
        q[own] = significance.benjamini_hochberg(p[own])
    return q


def convention_frame(study: Study, counts: Counts, wave: str) -> pd.DataFrame:
    """Every comparison by every convention, in CONVENTION_COLUMNS.

    `declared` is the table's own convention. `changes`: the stars differ from the declared
    convention's; `flips`: they depend on what becomes of "don't know", all else equal.
    """
    settings, markings = settings_of(study), marked_tables(study)
    asked = study.in_wave(wave)
    every = {name: comparisons(study.table[name], m, asked) for name, m in markings.items()}
    parts = []
    for place in range(len(settings.alternatives) + 1):
        by_convention: dict[Convention, list[Comparison]] = {}
        for name, marking in markings.items():
            convention = (marking.convention, *settings.alternatives)[place]
            by_convention.setdefault(convention, []).extend(every[name])
        for convention, every_one in by_convention.items():
            found = [c for c in every_one if compared(c, convention)]
            tables = stacked(found, convention, counts)
            result = tested(found, convention, tables, settings)
            parts.append(_lines(found, convention, result, settings, wave))
    return _with_changes(pd.concat(parts, ignore_index=True))[list(CONVENTION_COLUMNS)]


def _lines(
    found: Sequence[Comparison],
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
    # where a convention does not apply there are no stars to depend on anything
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

    `conventions` as `convention_frame` gives them, `results` the tables' lines. A line for
    everyone rests on no comparison and has an interval only; what the wave did not ask has none.
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

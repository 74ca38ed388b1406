"""Printed stars and bounds against every convention of testing. Pure functions."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from assets.analysis.comparisons import (
    ItemTest,
    compared_codes,
    comparisons,
    marked_tables,
    settings_of,
)
from assets.analysis.testing import run_comparisons
from assets.statistics.significance import stars as stars_of
from declarations import SpecError, Study
from declarations.tables.significance import Convention, Marking, TestSettings
from replication.printed import Printed
from replication.solver.stated import Stated, lined_up, state
from replication.solver.tables import Integers, NotSearchedError, allowed_tables, with_columns

FIT_COLUMNS = (
    "convention", "test", "distribution", "dont_know", "marks", "explained", "bounds",
    "bounds_held", "bounds_tight", "starred", "starred_exact", "unstarred", "unstarred_exact",
    "not_applicable", "pinned", "pinned_explained", "exceptions",
)  # fmt: skip
EXCEPTION_COLUMNS = (
    "convention", "table", "row", "group", "column", "printed", "p", "computed", "p_of_print",
    "pinned", "reason",
)  # fmt: skip
BOUND = re.compile(r"[pP]\s*<\s*(0?\.\d+)")
HELD, TIGHT, EXACT, EXCEPTION = "holds", "tight", "exact", "exception"
PINNED = "print alone gives this p: no data that agree with print can explain the mark"
OPEN = "print leaves the counts open: other data could explain the mark"


@dataclass(frozen=True)
class Mark:
    """A printed mark: stars (or none), or a bound of p, with its comparisons."""

    table: str
    row: str
    group: str
    column: str
    printed: str
    bound: float | None
    comparisons: tuple[ItemTest, ...]


@dataclass(frozen=True)
class JudgedMark:
    """A mark under one convention. `of_print` is its p if printed percentages alone give one."""

    mark: Mark
    p: float
    status: str
    of_print: float | None


def read_bound(note: str) -> float | None:
    """The bound of a note such as "p<0.05" or "P < .05"; None if the note is not a bound."""
    found = BOUND.fullmatch(note.strip())
    return float(found[1]) if found else None


def printed_marks(study: Study, printed_lines: Mapping[str, Sequence[Printed]]) -> list[Mark]:
    """All marks of the marked tables in reading order.

    Raises ValueError if lines that share a mark have different notes, or if a note is neither a
    bound nor stars.
    """
    marks = []
    for name, marking in marked_tables(study).items():
        if name not in printed_lines:
            continue
        found = comparisons(study.table[name], marking, study)
        together = [found] if marking.by == "table" else [[one] for one in found]
        for members in together:
            marks.append(_mark(name, marking, members, printed_lines[name], settings_of(study)))
    return marks


def _mark(
    name: str,
    marking: Marking,
    members: Sequence[ItemTest],
    printed: Sequence[Printed],
    settings: TestSettings,
) -> Mark:
    notes = {printed[position].note for member in members for position in member.cells}
    where = f"printed/{name}.csv"
    if len(notes) != 1:
        raise SpecError(where, f"one mark, but notes {sorted(notes)}")
    note, first = notes.pop(), members[0]
    bound = read_bound(note)
    if (bound is None) == (marking.mark == "bound"):
        raise SpecError(where, f"note {note!r} is not a {marking.mark}")
    if bound is None and note not in ("", *settings.stars.values()):
        raise SpecError(where, f"note {note!r} is none of the declared stars")
    row = "" if marking.by == "table" else first.row
    return Mark(name, row, first.group, first.column, note, bound, tuple(members))


def compare_mark(mark: Mark, p: float, settings: TestSettings) -> str:
    """The result of comparing a p-value with a mark.

    A bound holds if p is below it. It is tight if p is not below the next smaller bound of the
    study's ladder. Stars are exact or an exception. A bound printed once for a table is compared
    with the smallest p of its comparisons, because that is most favourable to print.
    """
    if mark.bound is None:
        return EXACT if stars_of(p, settings.stars) == mark.printed else EXCEPTION
    if not p < mark.bound:
        return EXCEPTION
    smaller = max((step for step in settings.bounds if step < mark.bound), default=0.0)
    return TIGHT if p >= smaller else HELD


def convention_fit(
    study: Study, conventions: pd.DataFrame, printed_lines: Mapping[str, Sequence[Printed]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """How many printed marks each convention explains, and the marks that it does not explain.

    `conventions` is significance/conventions. Returns frames in FIT_COLUMNS and EXCEPTION_COLUMNS.
    An exception is pinned if the printed percentages alone give a p (`p_of_print`) that contradicts
    the mark. Only marks whose p follows from print alone (`pinned`) are evidence, because
    constructed data may have been made to fit a convention.
    """
    settings, markings = settings_of(study), marked_tables(study)
    marks, stated = printed_marks(study, printed_lines), state(lined_up(study, printed_lines))
    only = [only_tables(mark, stated) for mark in marks]
    keys = zip(
        *(conventions[n] for n in ("convention", "table", "row", "group", "column")), strict=True
    )
    p_of = dict(zip(keys, conventions["p"], strict=True))
    fits, exceptions = [], []
    for convention in (settings.convention, *settings.alternatives):
        judged = []
        for mark, tables in zip(marks, only, strict=True):
            declared = convention == settings.convention
            own = markings[mark.table].convention if declared else convention
            if not any(compared_codes(c, own) for c in mark.comparisons):
                continue
            p = _least(
                p_of.get((convention.id, c.table, c.row, c.group, c.column), math.nan)
                for c in mark.comparisons
            )
            of_print = print_p(mark, own, tables, settings) if tables is not None else None
            one = JudgedMark(mark, p, compare_mark(mark, p, settings), of_print)
            judged.append(one)
            if one.status == EXCEPTION:
                exceptions.append(_exception(one, convention.id, settings))
        fits.append(_fit(convention, judged, len(marks), settings))
    return (
        pd.DataFrame(fits, columns=list(FIT_COLUMNS)),
        pd.DataFrame(exceptions, columns=list(EXCEPTION_COLUMNS)),
    )


def _least(values: Iterable[float]) -> float:
    return min((v for v in values if not math.isnan(v)), default=math.nan)


def _fit(
    convention: Convention, judged: Sequence[JudgedMark], marks: int, settings: TestSettings
) -> tuple[object, ...]:
    bounds = [one.status for one in judged if one.mark.bound is not None]
    stars = [one for one in judged if one.mark.bound is None]
    starred = [one.status for one in stars if one.mark.printed]
    unstarred = [one.status for one in stars if not one.mark.printed]
    pinned = [
        compare_mark(one.mark, one.of_print, settings) for one in judged if one.of_print is not None
    ]
    return (
        convention.id,
        convention.test,
        convention.distribution,
        "outside_base" if convention.ordered else convention.dont_know,
        marks,
        _explained(one.status for one in judged),
        len(bounds),
        _explained(bounds),
        bounds.count(TIGHT),
        len(starred),
        _explained(starred),
        len(unstarred),
        _explained(unstarred),
        marks - len(judged),
        len(pinned),
        _explained(pinned),
        "; ".join(contradicted_mark(one.mark, one.p) for one in judged if one.status == EXCEPTION),
    )


def _explained(statuses: Iterable[str]) -> int:
    return sum(status != EXCEPTION for status in statuses)


def contradicted_mark(mark: Mark, p: float) -> str:
    """A mark with the p that contradicts it, in words."""
    where = " ".join(word for word in (mark.table, mark.row, mark.group, mark.column) if word)
    return f"{where}: printed {mark.printed or 'no star'}, p = {p:.4f}"


def _exception(one: JudgedMark, convention: str, settings: TestSettings) -> tuple[object, ...]:
    mark, of_print = one.mark, one.of_print
    pinned = of_print is not None and compare_mark(mark, of_print, settings) == EXCEPTION
    return (
        convention,
        mark.table,
        mark.row,
        mark.group,
        mark.column,
        mark.printed,
        one.p,
        stars_of(one.p, settings.stars) if mark.bound is None else "",
        math.nan if of_print is None else of_print,
        pinned,
        PINNED if pinned else OPEN,
    )


def only_tables(mark: Mark, stated: Stated) -> list[Integers] | None:
    """The only table of counts of each comparison (1, levels, codes) that print allows.

    None if print allows several, or none.
    """
    try:
        found = [allowed_tables(comparison, stated) for comparison in mark.comparisons]
    except NotSearchedError:
        return None
    return found if all(len(tables) == 1 for tables in found) else None


def print_p(
    mark: Mark, convention: Convention, tables: Sequence[Integers], settings: TestSettings
) -> float:
    """The mark's p from the tables of `only_tables`."""
    values = []
    for comparison, table in zip(mark.comparisons, tables, strict=True):
        columns = with_columns(table, comparison, convention).astype(np.float64)
        values.append(float(run_comparisons([comparison], convention, columns, settings).p[0]))
    return _least(values)

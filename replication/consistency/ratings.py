"""How much a wrong figure, or a wrong mark, changes what a reader concludes.

Statements are rated by `statements.severity`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from declarations.tables.cells import TOTAL
from replication.consistency.arithmetic import Interval
from replication.consistency.constraints import HIGH, LOW, MEDIUM, Constraint
from replication.consistency.printed_report import Layout, PrintedReport
from replication.consistency.references import PrintedFigure

# percentage points below which a difference matters only if it changes the order of two figures
SLIGHT = 1.0
ORDER = (HIGH, MEDIUM, LOW)


def of_figure(figure: PrintedFigure, likely: int, report: PrintedReport) -> str:
    """The severity of a wrong printed figure, from the likely figure in units of its last decimal.

    High: the two are more than `large` percentage points and more than `heads` respondents apart.
    Low: they are one unit of the last decimal apart, or at most one point, and the figure keeps its
    rank in its row and column. Medium: all others.
    """
    off = abs(report.numbers[figure.ref] - likely)
    if off <= 1:
        return LOW
    points, heads = _apart(figure, off, report)
    if points is None:
        return MEDIUM
    few = heads is not None and round(heads) <= _heads(report.layout)
    if points >= report.layout.settings.large and not few:
        return HIGH
    return LOW if points <= SLIGHT and not _changes_place(figure, likely, report) else MEDIUM


def of_unknown(constraint: Constraint, causes: Sequence[str], report: PrintedReport) -> str:
    """The severity of a broken relation of figures if the right figure is not known.

    The rule assumes the nearest figures that satisfy the relation. If several figures may be wrong,
    it assumes the one that changes least. The severity is never above that of the relation.
    """
    own, figures = constraint.severity_in(report), report.layout.figure
    if constraint.about not in figures or not all(cause in figures for cause in causes):
        return own
    found = [LOW if own == LOW else HIGH]
    for cause in causes:
        near = _nearest(constraint, cause, report)
        if near is not None:
            found.append(of_figure(figures[cause], near, report))
    return max(own, max(found, key=ORDER.index), key=ORDER.index)


def _nearest(constraint: Constraint, ref: str, report: PrintedReport) -> int | None:
    """The nearest number that satisfies a relation, within `large` points."""
    printed, figure = report.numbers[ref], report.layout.figure[ref]
    for step in range(1, int(report.layout.settings.large * 10**figure.decimals) + 1):
        for units in (printed - step, printed + step):
            if units >= 0 and constraint.holds(report.with_number(ref, units)):
                return units
    return None


def of_mark(
    significant: bool, spans: Iterable[Interval], level: float, weakly: float | None = None
) -> str:
    """The severity of a star or a bound of p that wrongly says significant or not significant.

    `spans`: smallest and largest p of the comparisons that the mark may be about. Low: one of them
    is on the same side of `level`. Medium: one of them is a tendency, below `weakly`. High: all
    others.
    """
    known = list(spans)
    if any(significant in (low < level, high < level) for low, high in known):
        return LOW
    tendency = weakly is not None and significant and any(low < weakly for low, _ in known)
    return MEDIUM if tendency else HIGH


def _apart(
    figure: PrintedFigure, off: int, report: PrintedReport
) -> tuple[float | None, float | None]:
    """The distance in percentage points and in respondents; None if print does not give it."""
    base = _base(figure, report)
    if figure.cell.statistic == "count":
        return (off / base * 100 if base else None), float(off)
    points = off / 10**figure.decimals
    percent = figure.cell.statistic == "percent"
    return points, (points * base / 100 if percent and base else None)


def _base(figure: PrintedFigure, report: PrintedReport) -> int:
    """The number of respondents behind a figure; 0 if it is not printed."""
    if figure.base in report.numbers:
        return report.numbers[figure.base]
    printed = report.layout.bases_of.get(figure.slot)
    return report.numbers[printed[0].ref] if printed else 0


def _heads(layout: Layout) -> int:
    """How many respondents are too few to matter, by the study's words if there are any."""
    return layout.words.heads if layout.claims else 0


def _changes_place(figure: PrintedFigure, likely: int, report: PrintedReport) -> bool:
    """Whether the likely figure has another rank among the figures of its row or column."""
    printed = report.numbers[figure.ref]
    others = [report.numbers[other.ref] for other in _beside(figure, report.layout)]
    return any((printed - other) * (likely - other) < 0 for other in others)


def _beside(figure: PrintedFigure, layout: Layout) -> Iterator[PrintedFigure]:
    """The figures that a reader compares a figure with: the others in its row and column."""
    cell = figure.cell
    for other in layout.by_table[cell.table]:
        own = other.cell
        row = (own.row, own.group_key) == (cell.row, cell.group_key)
        column = (own.column, own.group_key) == (cell.column, cell.group_key)
        alike = own.statistic == cell.statistic and other.decimals == figure.decimals
        if other.ref != figure.ref and alike and row != column and own.code != TOTAL:
            yield other

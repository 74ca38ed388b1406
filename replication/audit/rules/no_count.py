"""Whether a whole number of respondents is behind each percentage."""

from __future__ import annotations

from collections.abc import Iterator

from declarations.labels import Label
from declarations.tables.cells import TOTAL
from replication.consistency.arithmetic import counts_of, neighbours, other_ways
from replication.consistency.constraints import (
    LOW,
    MEDIUM,
    AuditRule,
    Constraint,
    counts_behind,
    figure_text,
    slots_of,
)
from replication.consistency.printed_report import Layout, PrintedReport
from replication.consistency.references import PrintedFigure

# The largest difference below the printed base for which empty lines are tried as an explanation.
NEARBY = 12


def constraints(layout: Layout) -> Iterator[Constraint]:
    """One constraint for each percentage with a printed base."""
    rows = percentages_by_base(layout)
    for figure in layout.figures:
        if figure.cell.statistic == "percent" and figure.base:
            row = rows[row_key(figure)]
            yield _constraint(figure, row, prints_every_answer(row, layout))


def percentages_by_base(layout: Layout) -> dict[tuple[str, ...], list[PrintedFigure]]:
    """Percentages of one item in one level of a table: the answers that share a base."""
    rows: dict[tuple[str, ...], list[PrintedFigure]] = {}
    for figure in layout.figures:
        if figure.cell.statistic == "percent" and figure.base:
            rows.setdefault(row_key(figure), []).append(figure)
    return rows


def row_key(figure: PrintedFigure) -> tuple[str, ...]:
    """The table, item, group and level of a row."""
    return (figure.cell.table, *figure.slot)


def prints_every_answer(row: list[PrintedFigure], layout: Layout) -> bool:
    """Whether a row prints every answer to its item."""
    item = str(row[0].cell.item)
    return {str(f.cell.code) for f in row} - {TOTAL} == set(layout.codes(item))


def _constraint(figure: PrintedFigure, row: list[PrintedFigure], whole: bool) -> Constraint:
    def holds(report: PrintedReport) -> bool:
        return bool(counts_behind(figure, report))

    def gives(report: PrintedReport) -> str:
        units, n = report.numbers[figure.ref], report.base(figure)
        words = [f"{figure_text(figure, report)} is more than 100"]
        if units <= 100 * 10**figure.decimals:
            near = neighbours(units, n, figure.decimals)
            near += [
                f"{count} gives it {way}"
                for way, count in other_ways(units, n, figure.decimals)[:1]
            ]
            text = figure_text(figure, report)
            words = [f"no whole number of {n} rounds to {text} ({'; '.join(near)})"]
        words += [
            f"of {base} all {len(row)} figures of the row fit ({', '.join(map(str, counts))})"
            for base, counts in (smaller_bases(row, report) if whole else ())
        ]
        return "; ".join(words)

    def severity(report: PrintedReport) -> str:
        units, n = report.numbers[figure.ref], report.base(figure)
        explained = other_ways(units, n, figure.decimals)
        return LOW if explained or (whole and smaller_bases(row, report)) else MEDIUM

    return Constraint(
        "no_count",
        figure.ref,
        figure.ref,
        (figure.ref, figure.base),
        holds,
        gives,
        slots=slots_of(figure),
        severity=severity,
    )


def smaller_bases(row: list[PrintedFigure], report: PrintedReport) -> list[tuple[int, list[int]]]:
    """The next base below the printed one that all figures of a row fit and add up to.

    Only for a row that prints every answer; empty if no base nearby fits.
    """
    printed = report.base(row[0])
    for base in range(printed - 1, max(0, printed - NEARBY) - 1, -1):
        counts = [counts_of(report.numbers[f.ref], base, f.decimals) for f in row]
        parts = [c[0] for f, c in zip(row, counts, strict=True) if c and f.cell.code != TOTAL]
        if all(counts) and sum(parts) == base:
            return [(base, parts)]
    return []


RULE = AuditRule(
    "no_count",
    Label("Er der et helt antal bag procenten?", "Is there a whole number behind it?"),
    "A percentage of N respondents stands for a whole number of them. If no whole number "
    "rounds to the printed figure, the figure or its N is wrong. The rule tries other ways of "
    "rounding (half to even, rounded twice, cut off) and a smaller N (some left the line "
    "empty) as explanations.",
    constraints,
)

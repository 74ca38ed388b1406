"""Whether the same quantity has the same figure everywhere in the report."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from declarations.labels import Label
from declarations.tables.cells import STATUS_ITEM
from replication.consistency.arithmetic import printed_percent
from replication.consistency.constraints import (
    AuditRule,
    Constraint,
    count_interval,
    count_text,
    figure_text,
    refs_of,
    slots_of,
)
from replication.consistency.printed_report import Layout, PrintedReport
from replication.consistency.quotations import quotation_constraints
from replication.consistency.references import PrintedFigure
from replication.consistency.statements import statement_constraints


def constraints(layout: Layout) -> Iterator[Constraint]:
    """Constraints on pairs of figures for one quantity, and on statements that give one."""
    for quantity, figures in layout.printings.items():
        if quantity[0] != STATUS_ITEM:
            for first, second in combinations(figures, 2):
                yield compare_figures("same_quantity", first, second)
    yield from statement_constraints("same_quantity", layout)
    yield from quotation_constraints(layout)


def compare_figures(rule: str, first: PrintedFigure, second: PrintedFigure) -> Constraint:
    """Compare two printed figures of one quantity, as counts or percentages."""
    if first.base and second.base:
        return _counted(rule, first, second)
    return _bare(rule, first, second)


def _counted(rule: str, first: PrintedFigure, second: PrintedFigure) -> Constraint:
    """Two figures with equal bases have the same percentage, with other bases the same count."""
    percents = first.cell.statistic == second.cell.statistic == "percent"

    def holds(report: PrintedReport) -> bool:
        same_base = report.base(first) == report.base(second)
        if percents and first.decimals == second.decimals and same_base:
            return report.numbers[first.ref] == report.numbers[second.ref]
        low, high = count_interval(first, report)
        least, most = count_interval(second, report)
        return low <= most and least <= high

    def gives(report: PrintedReport) -> str:
        return " against ".join(_with_count(f, report) for f in (first, second))

    key, refs = f"{first.ref}={second.ref}", refs_of(first, second)
    slots = slots_of(first, second)
    return Constraint(rule, key, second.ref, refs, holds, gives, slots=slots)


def _with_count(figure: PrintedFigure, report: PrintedReport) -> str:
    text = figure_text(figure, report)
    if figure.cell.statistic == "count":
        return text
    return f"{text} (of {report.base(figure)}: {count_text(figure, report)})"


def _bare(rule: str, first: PrintedFigure, second: PrintedFigure) -> Constraint:
    """Without a base for one of them, two figures are compared as percentages.

    They are compared with the decimals of the coarser one.
    """
    decimals = min(f.decimals for f in (first, second) if f.cell.statistic == "percent")

    def percents(figure: PrintedFigure, report: PrintedReport) -> set[int]:
        units = report.numbers[figure.ref]
        if figure.cell.statistic == "count":
            n = report.base(figure)
            return {printed_percent(units, n, decimals)} if 0 <= units <= n > 0 else set()
        finer = 10 ** (figure.decimals - decimals)
        # A further digit of 5 may come from rounding up or from rounding down.
        return {units // finer, (2 * units + finer) // (2 * finer)}

    def holds(report: PrintedReport) -> bool:
        return bool(percents(first, report) & percents(second, report))

    def gives(report: PrintedReport) -> str:
        return " against ".join(_of_base(f, report) for f in (first, second))

    counts = [f for f in (first, second) if f.cell.statistic == "count"]
    refs = dict.fromkeys((first.ref, second.ref, *(f.base for f in counts if f.base)))
    key = f"{first.ref}={second.ref}"
    return Constraint(rule, key, second.ref, tuple(refs), holds, gives)


def _of_base(figure: PrintedFigure, report: PrintedReport) -> str:
    text = figure_text(figure, report)
    if figure.cell.statistic == "count":
        return f"{text} of {report.base(figure)}"
    return text


RULE = AuditRule(
    "same_quantity",
    Label("Står samme tal ens alle steder?", "Is a figure the same wherever it is printed?"),
    "A share that is printed several times is the same in all places: in tables, as a count "
    "next to its percentage, in the text and in the summary. The text may round it to a whole "
    "number.",
    constraints,
)

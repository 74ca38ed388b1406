"""Whether differences follow from the figures that they compare."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor

from declarations.labels import Label
from replication.consistency.arithmetic import print_form
from replication.consistency.constraints import (
    LOW,
    AuditRule,
    Constraint,
    counts_behind,
    figure_text,
    refs_of,
)
from replication.consistency.printed_report import Layout, PrintedReport
from replication.consistency.references import PrintedFigure

HALF = Fraction(1, 2)


def constraints(layout: Layout) -> Iterator[Constraint]:
    """One constraint for each derived figure of a row."""
    for figures in layout.by_table.values():
        rows: dict[tuple[str, str], dict[str, PrintedFigure]] = {}
        for figure in figures:
            place = (figure.cell.row, figure.cell.group_key)
            rows.setdefault(place, {})[figure.cell.column] = figure
        for row in rows.values():
            for figure in row.values():
                if figure.cell.of:
                    first, second = (row[name] for name in figure.cell.of)
                    yield from _follows(figure, first, second, layout)


def _follows(
    figure: PrintedFigure, first: PrintedFigure, second: PrintedFigure, layout: Layout
) -> Iterator[Constraint]:
    """Two constraints on a difference.

    It is possible within rounding. It also equals the difference of the figures as printed, or
    before rounding.
    """
    relative = figure.cell.statistic == "relative_difference"
    parts = [_with_base(f, layout) for f in (first, second)]
    scale = 10**figure.decimals

    def units(a: Fraction | int, b: Fraction | int, whole: int) -> set[int]:
        """The difference of two figures in units of 1 / `whole`; a tie rounds either way."""
        share = Fraction(100 * (a - b), a) if relative else Fraction(a - b, whole)
        value = share * scale
        return {round(value), floor(value + HALF), ceil(value - HALF)}

    def printed(report: PrintedReport) -> tuple[int, int]:
        return report.numbers[first.ref], report.numbers[second.ref]

    whole = 10**first.decimals

    def within(report: PrintedReport) -> bool:
        """Whether the rounding of the two figures could explain it."""
        a, b = printed(report)
        own = report.numbers[figure.ref]
        if relative and not a:
            return False
        if own in units(a, b, whole):
            return True
        least = units(max(a - HALF, HALF), b + HALF, whole)
        most = units(a + HALF, b - HALF, whole)
        return min(least) <= own <= max(most)

    def exact(report: PrintedReport) -> bool:
        """Whether it follows from the figures as printed or from the shares before rounding."""
        if not within(report):
            return True  # the first constraint contains it
        own = report.numbers[figure.ref]
        shares = [_share(part, report) for part in parts]
        if own in units(*printed(report), whole) or None in shares:
            return True
        a, b = (share for share in shares if share is not None)
        return own in units(a, b, 1)

    def gives(report: PrintedReport) -> str:
        a, b = (figure_text(f, report) for f in (first, second))
        sum_ = f"100 * ({a} - {b}) / {a}" if relative else f"{a} - {b}"
        if relative and not printed(report)[0]:
            return f"{sum_} has no value"
        result = print_form(max(units(*printed(report), whole)), figure.decimals)
        return f"{sum_} = {result}, printed {figure_text(figure, report)}"

    refs = (figure.ref, first.ref, second.ref)
    yield Constraint("derived", figure.ref, figure.ref, refs, within, gives)
    behind = refs_of(*(f for f in parts if f is not None))
    everything = tuple(dict.fromkeys((*refs, *behind)))
    yield Constraint(
        "derived", f"{figure.ref}:exact", figure.ref, everything, exact, gives, severity=LOW
    )


def _share(part: PrintedFigure | None, report: PrintedReport) -> Fraction | None:
    """A share before rounding, in percent, if print has both its count and its base."""
    counts = counts_behind(part, report) if part is not None else ()
    if part is None or len(counts) != 1:
        return None
    return Fraction(100 * counts[0], report.base(part))


def _with_base(figure: PrintedFigure, layout: Layout) -> PrintedFigure | None:
    """Another place where the same share is printed with a base."""
    return next((f for f in layout.printings[figure.quantity] if f.base), None)


RULE = AuditRule(
    "derived",
    Label("Følger forskellene af tallene?", "Do differences follow from their figures?"),
    "A column of differences or relative differences follows from the two columns it "
    "compares, as printed or before rounding.",
    constraints,
)

"""Constraints between printed figures, with the arithmetic that a reader can check by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from declarations.labels import Label
from replication.consistency.arithmetic import allowed_counts, counts_of, print_form
from replication.consistency.printed_report import Layout, PrintedReport
from replication.consistency.references import PrintedFigure, Slot

HIGH, MEDIUM, LOW = "high", "medium", "low"


@dataclass(frozen=True, eq=False)
class Constraint:
    """A relation that must hold. If it is broken, its figures cannot all be true.

    `key` is stable within the rule. `refs` is the minimal set of figures. `about` is the figure or
    statement that a finding points to. `gives` states the arithmetic of a broken constraint in one
    line. `slots` are bases that may be smaller than printed. `arithmetic` is false for a statement
    in words, which is doubted before a figure. `assumes` lists assumptions in addition to the
    figures. `apart`: no misprint explains it, so the constraint is its own cause.
    """

    rule: str
    key: str
    about: str
    refs: tuple[str, ...]
    holds: Callable[[PrintedReport], bool]
    gives: Callable[[PrintedReport], str]
    slots: tuple[Slot, ...] = ()
    arithmetic: bool = True
    severity: Callable[[PrintedReport], str] | str = MEDIUM
    assumes: str = ""
    apart: bool = False

    @property
    def id(self) -> str:
        """Rule and key. They are the same in every run and form the id of a finding."""
        return f"{self.rule}:{self.key}"

    def severity_in(self, report: PrintedReport) -> str:
        """The severity if the constraint is broken."""
        return self.severity if isinstance(self.severity, str) else self.severity(report)


@dataclass(frozen=True)
class AuditRule:
    """A rule of the audit: its title, its description, and the constraints that it makes.

    Some rules need more than constraints over printed numbers: significance under rounding has a
    smallest and a largest p. They return constraints too: `holds` looks up the verdict, `gives`
    states the range of p, `refs` are the mark and the figures behind it.
    """

    id: str
    title: Label
    description: str
    constraints: Callable[[Layout], Iterable[Constraint]]


def count_interval(figure: PrintedFigure, report: PrintedReport) -> tuple[int, int]:
    """Smallest and largest count of a figure."""
    units = report.numbers[figure.ref]
    if figure.cell.statistic == "count":
        return units, units
    return allowed_counts(units, report.base(figure), figure.decimals)


def count_text(figure: PrintedFigure, report: PrintedReport) -> str:
    """The count behind a figure, or the figure and its base if there is none."""
    low, high = count_interval(figure, report)
    if low == high:
        return str(low)
    if figure.cell.statistic == "percent" and not counts_behind(figure, report):
        return f"{figure_text(figure, report)} % of {report.base(figure)} ({low} or {high})"
    return f"{low} to {high}"


def interval_text(low: int, high: int) -> str:
    """A sum of counts, or its range."""
    return str(low) if low == high else f"{low} to {high}"


def counts_behind(figure: PrintedFigure, report: PrintedReport) -> tuple[int, ...]:
    """The possible counts of a percentage; none if it is impossible."""
    return counts_of(report.numbers[figure.ref], report.base(figure), figure.decimals)


def figure_text(figure: PrintedFigure, report: PrintedReport) -> str:
    """A figure as printed."""
    return print_form(report.numbers[figure.ref], figure.decimals)


def refs_of(*figures: PrintedFigure) -> tuple[str, ...]:
    """The figures and the bases of their counts, each once."""
    found: dict[str, None] = {}
    for figure in figures:
        found[figure.ref] = None
        if figure.cell.statistic == "percent" and figure.base:
            found[figure.base] = None
    return tuple(found)


def slots_of(*figures: PrintedFigure) -> tuple[Slot, ...]:
    """The bases of the percentages among the figures."""
    return tuple(dict.fromkeys(f.slot for f in figures if f.cell.statistic == "percent" and f.base))

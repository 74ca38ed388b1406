"""Whether the answers of a row add up to N."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from declarations.labels import Label
from declarations.survey.questions import TICKED
from declarations.tables.cells import STATUS_ITEM, TOTAL
from replication.audit.rules.no_count import percentages_by_base, prints_every_answer
from replication.consistency.constraints import (
    AuditRule,
    Constraint,
    count_interval,
    count_text,
    interval_text,
    refs_of,
    slots_of,
)
from replication.consistency.printed_report import Layout, PrintedReport
from replication.consistency.references import PrintedFigure


def constraints(layout: Layout) -> Iterator[Constraint]:
    """Constraints on rows with every answer, columns of counts with a total, tick boxes."""
    for row in percentages_by_base(layout).values():
        if row[0].cell.item != STATUS_ITEM:
            yield from percentages("row_sum", row, layout)
    for counts in count_rows(layout):
        if counts[0].cell.item != STATUS_ITEM:
            yield from count_sum("row_sum", counts, layout)
    yield from _tick_boxes(layout)


def percentages(rule: str, row: list[PrintedFigure], layout: Layout) -> Iterator[Constraint]:
    """The percentages of a row that prints every answer, and its printed 100 per cent."""
    parts = [f for f in row if f.cell.code != TOTAL]
    for total in (f for f in row if f.cell.code == TOTAL):
        yield _hundred(rule, total)
    if not prints_every_answer(row, layout):
        return

    def bounds(report: PrintedReport) -> tuple[int, int]:
        found = [count_interval(f, report) for f in parts]
        return sum(low for low, _ in found), sum(high for _, high in found)

    def holds(report: PrintedReport) -> bool:
        low, high = bounds(report)
        return low <= report.base(parts[0]) <= high

    def gives(report: PrintedReport) -> str:
        low, high = bounds(report)
        found = [count_interval(f, report) for f in parts]
        counts = " + ".join(str(a) if a == b else f"{a} or {b}" for a, b in found)
        sum_ = interval_text(low, high)
        return f"the answers of the row add up to {sum_}, not {report.base(parts[0])} ({counts})"

    yield Constraint(
        rule,
        f"{_row(parts[0])}:percent",
        parts[0].ref,
        refs_of(*parts),
        holds,
        gives,
        slots=slots_of(*parts),
    )


def _row(figure: PrintedFigure) -> str:
    item, group, level = figure.slot
    return ":".join((figure.cell.table, item, *((group, level) if group != "all" else ())))


def _hundred(rule: str, total: PrintedFigure) -> Constraint:
    whole = 100 * 10**total.decimals
    return Constraint(
        rule,
        f"{total.ref}:hundred",
        total.ref,
        (total.ref,),
        lambda report: report.numbers[total.ref] == whole,
        lambda report: f"the total is 100 per cent, printed {report.printed(total.ref)}",
    )


def count_rows(layout: Layout) -> Iterator[list[PrintedFigure]]:
    """Printed counts of one item in one level of a table, the total among them."""
    counts = [f for f in layout.figures if f.cell.statistic == "count"]
    counts.sort(key=lambda f: (f.cell.table, *f.slot))
    for _, row in groupby(counts, key=lambda f: (f.cell.table, *f.slot)):
        yield list(row)


def count_sum(rule: str, row: list[PrintedFigure], layout: Layout) -> Iterator[Constraint]:
    """Counts add up to their printed total."""
    total = next((f for f in row if f.cell.code == TOTAL), None)
    parts = [f for f in row if f.cell.code != TOTAL]
    if total is None or {str(f.cell.code) for f in parts} != set(
        layout.codes(str(total.cell.item))
    ):
        return
    place = total

    def holds(report: PrintedReport) -> bool:
        return sum(report.numbers[f.ref] for f in parts) == report.numbers[place.ref]

    def gives(report: PrintedReport) -> str:
        numbers = [report.numbers[f.ref] for f in parts]
        shown = " + ".join(map(str, numbers))
        return f"{shown} = {sum(numbers)}, not {report.numbers[place.ref]}"

    yield Constraint(rule, f"{_row(total)}:count", total.ref, refs_of(*parts, total), holds, gives)


def _tick_boxes(layout: Layout) -> Iterator[Constraint]:
    """Who ticked the exclusive box ticked no other box, and every respondent ticked a box."""
    for question in layout.study.questions:
        boxes = [item for item in question.closed_items if item.type == "multiple"]
        for table in layout.by_table.values():
            own = {
                f.slot[0]: f
                for f in table
                if f.cell.statistic == "percent"
                and f.base
                and f.quantity[1:] == (str(TICKED), "all", "all")
            }
            printed = [own[box.id] for box in boxes if box.id in own]
            apart = [own[box.id] for box in boxes if box.id in own and box.exclusive]
            for figure in printed:
                yield from (_exclusive(a, figure) for a in apart if a is not figure)
            if boxes and len(printed) == len(boxes):
                yield _covering(printed)


def _exclusive(apart: PrintedFigure, figure: PrintedFigure) -> Constraint:
    def holds(report: PrintedReport) -> bool:
        low = count_interval(apart, report)[0] + count_interval(figure, report)[0]
        return low <= report.base(apart)

    def gives(report: PrintedReport) -> str:
        return (
            f"{count_text(apart, report)} + {count_text(figure, report)} is more than "
            f"{report.base(apart)}, though the first excludes the second"
        )

    refs = refs_of(apart, figure)
    return Constraint("row_sum", f"{figure.ref}:exclusive", figure.ref, refs, holds, gives)


def _covering(printed: list[PrintedFigure]) -> Constraint:
    def holds(report: PrintedReport) -> bool:
        high = sum(count_interval(f, report)[1] for f in printed)
        return high >= report.base(printed[0])

    def gives(report: PrintedReport) -> str:
        counts = " + ".join(count_text(f, report) for f in printed)
        return f"{counts} is less than {report.base(printed[0])}, who ticked at least one"

    key = f"{printed[0].cell.table}:covering"
    return Constraint("row_sum", key, printed[0].ref, refs_of(*printed), holds, gives)


RULE = AuditRule(
    "row_sum",
    Label("Giver svarene i rækken N?", "Do the answers of a row add up to N?"),
    "The counts behind the answers of a row add up to its N. The percentage of a total is "
    "100. A tick box and the box that excludes it have together at most N respondents.",
    constraints,
)

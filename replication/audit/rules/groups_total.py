"""Whether the figures of groups add up to the figure of everyone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from declarations.labels import Label
from declarations.survey.groups import Group
from declarations.tables.cells import OTHERS, STATUS_ITEM, TOTAL
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
from replication.consistency.references import PrintedFigure, Quantity


def constraints(layout: Layout) -> Iterator[Constraint]:
    """Constraints on partitions, on a level and its complement, and on overlapping levels."""
    for table, figures in layout.by_table.items():
        own = {
            f.quantity: f
            for f in figures
            if f.cell.statistic in ("count", "percent") and _counted(f) and f.slot[0] != STATUS_ITEM
        }
        for item, code in dict.fromkeys(q[:2] for q in own):
            wholes = _wholes((item, code, "all", "all"), own, layout)
            for group in layout.study.groups:
                yield from _of_group(table, (item, code), group, own, wholes, layout)


def _counted(figure: PrintedFigure) -> bool:
    return figure.cell.statistic == "count" or bool(figure.base)


def _wholes(
    quantity: Quantity, own: dict[Quantity, PrintedFigure], layout: Layout
) -> list[PrintedFigure]:
    """The figures of everyone: the one in the same table, or else all others in the report."""
    if quantity in own:
        return [own[quantity]]
    found: dict[str, PrintedFigure] = {}
    for figure in layout.printings.get(quantity, ()):
        if _counted(figure):
            found.setdefault(figure.cell.table, figure)
    return list(found.values())


def _of_group(
    table: str,
    what: tuple[str, str],
    group: Group,
    own: dict[Quantity, PrintedFigure],
    wholes: Sequence[PrintedFigure],
    layout: Layout,
) -> Iterator[Constraint]:
    levels = [level.key for level in group.levels]
    parts = [own[(*what, group.id, key)] for key in levels if (*what, group.id, key) in own]
    for whole in wholes:
        name = ":".join((table, *what, group.id, whole.cell.table))
        if not group.overlapping and len(parts) == len(levels) > 0:
            yield parts_add_up("groups_total", name, parts, whole)
        for key in levels:
            inside, others = (own.get((*what, group.id, k)) for k in (key, f"{OTHERS}{key}"))
            if inside is not None and others is not None:
                yield parts_add_up("groups_total", f"{name}:{key}", [inside, others], whole)
        if group.overlapping and parts and what[1] != TOTAL:
            yield from (_within(part, whole) for part in parts)
            if group.id in layout.settings.covering and len(parts) == len(levels):
                yield _covered(name, parts, whole)


def parts_add_up(
    rule: str, key: str, parts: Sequence[PrintedFigure], whole: PrintedFigure
) -> Constraint:
    """The parts of a division add up to everyone."""

    def bounds(report: PrintedReport) -> tuple[int, int, int, int]:
        found = [count_interval(f, report) for f in parts]
        low, high = count_interval(whole, report)
        return sum(a for a, _ in found), sum(b for _, b in found), low, high

    def holds(report: PrintedReport) -> bool:
        low, high, least, most = bounds(report)
        return low <= most and least <= high

    def gives(report: PrintedReport) -> str:
        if len(parts) > 12:
            low, _, least, _ = bounds(report)
            return f"the {len(parts)} lines add up to {low:.0f}, the total is {least:.0f}"
        counts = " + ".join(count_text(f, report) for f in parts)
        low, high, _, _ = bounds(report)
        return f"{counts} = {interval_text(low, high)}, everyone is {count_text(whole, report)}"

    return Constraint(
        rule,
        key,
        whole.ref,
        refs_of(*parts, whole),
        holds,
        gives,
        slots=slots_of(*parts, whole),
    )


def _within(part: PrintedFigure, whole: PrintedFigure) -> Constraint:
    """A level has no more respondents with an answer than everyone has, and no more without it."""

    def holds(report: PrintedReport) -> bool:
        low, high = count_interval(part, report)
        least, most = count_interval(whole, report)
        rest = report.base(part) - high
        return low <= most and rest <= report.base(whole) - least

    def gives(report: PrintedReport) -> str:
        part_n, whole_n = report.base(part), report.base(whole)
        return (
            f"{count_text(part, report)} of {part_n} in the group, "
            f"{count_text(whole, report)} of {whole_n} of everyone: a group is no larger"
        )

    return Constraint(
        "groups_total",
        f"{part.ref}:within:{whole.cell.table}",
        part.ref,
        refs_of(part, whole),
        holds,
        gives,
        slots=slots_of(part, whole),
    )


def _covered(key: str, parts: Sequence[PrintedFigure], whole: PrintedFigure) -> Constraint:
    """Everyone is in at least one level, so the levels' sum is at least everyone's number."""

    def holds(report: PrintedReport) -> bool:
        high = sum(count_interval(f, report)[1] for f in parts)
        return high >= count_interval(whole, report)[0]

    def gives(report: PrintedReport) -> str:
        counts = " + ".join(count_text(f, report) for f in parts)
        return f"{counts} is less than everyone, {count_text(whole, report)}"

    return Constraint(
        "groups_total",
        f"{key}:covered",
        whole.ref,
        refs_of(*parts, whole),
        holds,
        gives,
        slots=slots_of(*parts, whole),
        assumes="everyone is in at least one group",
    )


RULE = AuditRule(
    "groups_total",
    Label("Giver grupperne alle?", "Do groups add up to everyone?"),
    "Groups that divide the respondents (size, pressure, an area and all others) add up to "
    "everyone, for each answer. Areas overlap: no area has more respondents than everyone, and "
    "all areas together have at least as many.",
    constraints,
)

"""Whether the table of invitations agrees with itself, with the register and with the text."""

from __future__ import annotations

from collections.abc import Iterator

from declarations.labels import Label
from declarations.tables.cells import STATUS_ITEM, TOTAL
from replication.audit.rules.groups_total import parts_add_up
from replication.audit.rules.no_count import percentages_by_base
from replication.audit.rules.row_sum import count_rows, count_sum, percentages
from replication.audit.rules.same_quantity import compare_figures
from replication.consistency.constraints import MEDIUM, AuditRule, Constraint
from replication.consistency.printed_report import Layout, PrintedReport
from replication.consistency.references import TEXT, PrintedFigure
from replication.consistency.settings import TextNumber


def constraints(layout: Layout) -> Iterator[Constraint]:
    """Constraints on lines, columns, percentages, and numbers of municipalities in the text."""
    for row in percentages_by_base(layout).values():
        if row[0].cell.item == STATUS_ITEM:
            yield from percentages("appendix", row, layout)
    for counts in count_rows(layout):
        if counts[0].cell.item == STATUS_ITEM:
            yield from count_sum("appendix", counts, layout)
    for quantity, figures in layout.printings.items():
        if quantity[0] == STATUS_ITEM and quantity[1] != TOTAL and len(figures) == 2:
            yield compare_figures("appendix", *figures)
    yield from _columns(layout)
    yield from (_text(number, layout) for number in layout.settings.text)


def _columns(layout: Layout) -> Iterator[Constraint]:
    for table, figures in layout.by_table.items():
        counts = [f for f in figures if f.slot[0] == STATUS_ITEM and f.cell.statistic == "count"]
        for code in dict.fromkeys(f.cell.code for f in counts):
            own = [f for f in counts if f.cell.code == code]
            lines = [f for f in own if f.cell.group != "all"]
            wholes = [f for f in own if f.cell.group == "all"]
            for whole in wholes if lines else ():
                yield parts_add_up("appendix", f"{table}:{code}:all", lines, whole)


def _text(number: TextNumber, layout: Layout) -> Constraint:
    """Compare a number of municipalities in the text with the lines of the table."""
    lines: dict[str, dict[str, PrintedFigure]] = {}
    for figure in layout.by_table.get(number.table, ()):
        if figure.cell.statistic == "count" and figure.cell.group != "all":
            lines.setdefault(figure.cell.level, {})[str(figure.cell.code)] = figure

    name = layout.study.table[number.table].number

    def counted(report: PrintedReport) -> list[str]:
        def n(line: dict[str, PrintedFigure], *codes: str) -> int:
            return sum(report.numbers[line[code].ref] for code in codes)

        kinds = {
            "rows": lambda line: True,
            "everyone": lambda line: n(line, "none") == 0,
            "at_most": lambda line: n(line, "complete", "partial") <= number.bound,
        }
        chosen = [line for line in lines.values() if kinds[number.counts](line)]
        return [line[TOTAL].cell.row_label.da for line in chosen]

    def gives(report: PrintedReport) -> str:
        found = counted(report)
        named = f": {', '.join(found)}" if len(found) <= 12 else ""
        return f"the text says {number.printed}; table {name} lists {len(found)}{named}"

    ref = f"{TEXT}:{number.id}"
    return Constraint(
        "appendix",
        ref,
        ref,
        (ref,),
        lambda report: len(counted(report)) == number.printed,
        gives,
        arithmetic=False,
        severity=MEDIUM,
    )


RULE = AuditRule(
    "appendix",
    Label("Stemmer bilagstabellen?", "Does the appendix agree with itself and the text?"),
    "The counts of a municipality add up, and its percentages follow from them. The "
    "municipalities add up to the last line. The numbers of municipalities in the text are "
    "those of the table.",
    constraints,
)

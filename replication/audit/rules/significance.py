"""Whether a printed star or bound of p can be right for some answers that print allows.

The rule uses the search of replication.proof.marks over all tables of counts that print allows,
with the figures as printed and without errata.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from assets.analysis.comparisons import ItemTest, comparisons, marked_tables, settings_of
from declarations.labels import Label
from declarations.tables.cells import OTHERS
from declarations.tables.significance import Convention, TestSettings
from replication.consistency import ratings
from replication.consistency.constraints import (
    AuditRule,
    Constraint,
    count_interval,
    counts_behind,
)
from replication.consistency.printed_report import Layout, PrintedReport
from replication.consistency.references import ALL, PrintedFigure, Quantity, Slot, mark_ref
from replication.fit import Mark, read_bound
from replication.proof.marks import PRange, meant, range_of_p
from replication.solver.stated import Range, Stated
from replication.solver.tables import NotSearchedError

SIGNIFICANT = 0.05
# opens a bracket that only readers who check the arithmetic need
BY_HAND = "by hand: "
_TESTS = {
    "pearson_chi_square": "Pearson's chi-square without correction",
    "likelihood_ratio": "likelihood ratio chi-square",
    "linear_by_linear": "linear-by-linear association",
}


def constraints(layout: Layout) -> Iterator[Constraint]:
    """One constraint for each printed mark, or its absence in a table with stars."""
    study = layout.study
    if not any(table.significance for table in study.tables):
        return
    settings = settings_of(study)
    for name, marking in marked_tables(study).items():
        figures = layout.by_table.get(name, [])
        marks: dict[str, list[ItemTest]] = {}
        for comparison in comparisons(study.table[name], marking, study) if figures else ():
            cell = figures[comparison.cells[0]].cell
            marks.setdefault(mark_ref(study.table[name], cell), []).append(comparison)
        for ref, members in marks.items():
            yield _constraint(ref, members, marking.convention, settings, layout)


def _span(
    comparison: ItemTest, convention: Convention, settings: TestSettings, report: PrintedReport
) -> PRange | None:
    """The smallest and largest p of a comparison, each with the counts that give it.

    None if no counts fit, if there are too many to search, or if one of the figures is impossible
    by itself.
    """
    stated = _stated(comparison, report)
    if stated is None:
        return None
    mark = Mark(comparison.table, "", "", "", "", None, (comparison,))
    try:
        found = range_of_p(comparison, convention, stated, settings, mark)
    except NotSearchedError:
        return None
    return None if math.isnan(found.low) else found


def _constraint(
    ref: str,
    members: Sequence[ItemTest],
    convention: Convention,
    settings: TestSettings,
    layout: Layout,
) -> Constraint:
    figures = dict.fromkeys(figure.ref for c in members for figure in _figures(c, layout))
    slots = [slot for c in members for slot in _slots(c)]
    bases = dict.fromkeys(base.ref for slot in slots for base in layout.bases_of.get(slot, ())[:1])

    def spans(report: PrintedReport) -> list[tuple[PRange, ItemTest]]:
        found = ((_span(c, convention, settings, report), c) for c in members)
        return [(span, comparison) for span, comparison in found if span is not None]

    def stated(report: PrintedReport) -> tuple[float, float]:
        """The range of p that a mark means: from the first number to below the second."""
        note = report.marks[ref]
        return meant(Mark("", "", "", "", note, read_bound(note), tuple(members)), settings)

    def holds(report: PrintedReport) -> bool:
        above, below = stated(report)
        found = spans(report)
        # If figures contradict each other, or too much is unknown, the rule reports nothing here.
        return len(found) < len(members) or any(
            span.high >= above and span.low < below for span, _ in found
        )

    def gives(report: PrintedReport) -> str:
        printed = report.marks[ref] or "no star"
        return f"printed {printed}. {explained(spans(report), convention, report)}"

    def severity(report: PrintedReport) -> str:
        """High if print calls a result significant that cannot be, or the other way round.

        Medium if a printed bound calls a result significant that the study's own words call a
        tendency. A star has no such word.
        """
        bound = layout.claims and ref not in layout.starred_marks
        weakly = layout.words.weakly if bound else None
        significant = stated(report)[1] <= SIGNIFICANT
        ranges = [(span.low, span.high) for span, _ in spans(report)]
        return ratings.of_mark(significant, ranges, SIGNIFICANT, weakly)

    refs = (ref, *figures, *bases)
    return Constraint("significance", ref, ref, refs, holds, gives, severity=severity)


def explained(
    spans: Sequence[tuple[PRange, ItemTest]], convention: Convention, report: PrintedReport
) -> str:
    """The test, the comparison that decides a mark, and its counts, for checking by hand.

    If a mark covers several comparisons, the one with the smallest p decides. Details that are
    needed only for checking by hand are in `BY_HAND` brackets, which pages leave out.
    """
    found, comparison = min(spans, key=lambda known: known[0].low)
    one = f"{found.low:.4f}" == f"{found.high:.4f}"
    p = f"p = {found.low:.4f}" if one else f"p from {found.low:.4f} to {found.high:.4f}"
    counts = "; ".join(_line(level, own, comparison) for level, own in found.witness_low.items())
    unsaid = "" if report.layout.settings.test_printed else "; the report names no test"
    test = f"{_TESTS[convention.test]}{unsaid}"
    if len(spans) > 1:
        largest = max(span.high for span, _ in spans)
        return (
            f"Of the {len(spans)} comparisons the smallest has {p} ({counts}) "
            f"({BY_HAND}{test}; the largest p is {largest:.4f})"
        )
    for_one = "" if one else "the smaller with "
    return f"The counts give {p} ({test}) ({BY_HAND}{for_one}{counts})"


def _line(level: str, counts: Sequence[int], comparison: ItemTest) -> str:
    """A line of the table of counts as text: how many gave one of two answers, out of how many."""
    name = "the others" if level.startswith(OTHERS) else level
    if len(counts) == 2:
        first = comparison.codes.index(comparison.shown[0])
        return f"{name} {counts[first]} of {sum(counts)}"
    return f"{name} {', '.join(map(str, counts))}"


def _slots(comparison: ItemTest) -> list[Slot]:
    levels = [(comparison.item, comparison.by, level) for level in comparison.levels]
    return [*levels, (comparison.item, *ALL)]


def _figures(comparison: ItemTest, layout: Layout) -> Iterator[PrintedFigure]:
    """The figures that a comparison's counts are read from.

    For each, the first printed figure with a base.
    """
    for item, group, level in _slots(comparison):
        for code in comparison.codes:
            printed = layout.printings.get((item, str(code), group, level), ())
            if own := next((f for f in printed if f.base), None):
                yield own


def _stated(comparison: ItemTest, report: PrintedReport) -> Stated | None:
    """The counts and bases that print gives; None if a figure is impossible."""
    layout = report.layout
    counts, bases = dict[Quantity, Range](), dict[Slot, Range]()
    for figure in _figures(comparison, layout):
        if figure.cell.statistic == "percent" and not counts_behind(figure, report):
            return None
        counts[figure.quantity] = Range(*count_interval(figure, report))
    for slot in _slots(comparison):
        if found := layout.bases_of.get(slot):
            n = report.numbers[found[0].ref] - report.missing.get(slot, 0)
            bases[slot] = Range(n, n)
    return Stated(counts, bases)


RULE = AuditRule(
    "significance",
    Label("Kan stjernerne være rigtige?", "Can the stars be right?"),
    "The rule tests each star, each cell without a star in a table with stars, and each "
    "printed bound of p over all tables of counts that print allows. It reports a finding if "
    "none of these tables has such a p. For most marks some tables have it and others do not; "
    "these marks are no findings.",
    constraints,
)

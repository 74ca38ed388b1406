"""Does the same quantity have the same figure wherever it is printed?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from assets.specs.labels import Label
from assets.specs.load import STATUS_ITEM
from expectations.audit.constraints import (
    Constraint,
    count_interval,
    count_text,
    refs_of,
    shown,
    slots_of,
)
from expectations.audit.publication import Figure, Layout, Publication
from expectations.audit.registry import Rule, register
from expectations.audit.statements import statement_constraints


def constraints(layout: Layout) -> Iterator[Constraint]:
    """Pairs of printings of a quantity; and the statements that quote a figure."""
    for quantity, figures in layout.printings.items():
        if quantity[0] != STATUS_ITEM:
            for first, second in combinations(figures, 2):
                yield pair("same_quantity", first, second)
    yield from statement_constraints("same_quantity", layout)


def pair(rule: str, first: Figure, second: Figure) -> Constraint:
    """Two printings of one quantity, as counts or percentages."""
    percents = first.cell.statistic == second.cell.statistic == "percent"
    no_base = not first.base or not second.base

    def holds(publication: Publication) -> bool:
        same_base = no_base or publication.base(first) == publication.base(second)
        if percents and first.decimals == second.decimals and same_base:
            return publication.numbers[first.ref] == publication.numbers[second.ref]
        low, high = count_interval(first, publication)
        least, most = count_interval(second, publication)
        return low <= most and least <= high

    def gives(publication: Publication) -> str:
        texts = [f"{shown(f, publication)}{_of(f, publication)}" for f in (first, second)]
        return " against ".join(texts)

    def _of(figure: Figure, publication: Publication) -> str:
        if no_base or figure.cell.statistic == "count":
            return ""
        return f" (of {publication.base(figure)}: {count_text(figure, publication)})"

    return Constraint(
        rule,
        f"{first.ref}={second.ref}",
        second.ref,
        (first.ref, second.ref) if no_base else refs_of(first, second),
        holds,
        gives,
        slots=() if no_base else slots_of(first, second),
    )


RULE = register(
    Rule(
        "same_quantity",
        Label("Står samme tal ens alle steder?", "Is a figure the same wherever it is printed?"),
        "A share that stands in several tables, as a count beside its percentage, or quoted in "
        "the text or the summary, is the same in all places. Quoted figures may be rounded to "
        "whole numbers.",
        constraints,
    )
)

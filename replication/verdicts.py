"""The basis of a verdict: print, the register, a proof, real data, or constructed answers.

Print decides if everything that a claim uses follows from printed figures. If a claim depends on
figures that the construction was free to choose, a verdict on it would be meaningless.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from declarations import Study, Table
from declarations.claims.kinds import Among, Claim, NoDifference
from declarations.claims.selector import bare
from replication.consistency.arithmetic import half_up, is_digit_edit, print_form
from replication.consistency.printed_report import PrintedReport
from replication.deciding.facts import CONTRADICTED, HOLDS, IMPRECISE, KINDEST, ROUNDS
from replication.printed import Erratum

PRINTED, REGISTER, REAL, PROOF, TEXT = "printed", "register", "real", "proof", "text"
CONSTRUCTED, FREE = "constructed", "free"
OPEN, NOT_TESTABLE = "open", "not testable"
OTHER_WAVE = "not about this wave"
VERDICTS = (HOLDS, ROUNDS, IMPRECISE, CONTRADICTED, OPEN, NOT_TESTABLE)
IDENTITY = "identity"


def put_right(report: PrintedReport, errata: Iterable[Erratum]) -> PrintedReport:
    """The report with its misprints corrected, if the likely corrections are known."""
    layout, missing = report.layout, dict(report.missing)
    places = {
        (c.table, c.row_number, c.group_label.da, c.column_label.da): figure
        for figure in layout.figures
        for c in (figure.cell,)
    }
    numbers = dict(report.numbers)
    for erratum in errata:
        figure = places.get((erratum.table, erratum.row, erratum.group, erratum.column))
        if figure is None or erratum.likely is None:
            continue
        numbers[figure.ref] = round(float(erratum.likely) * 10**figure.decimals)
        if erratum.likely_n is not None:
            missing[figure.slot] = numbers[figure.base] - erratum.likely_n
    return replace(report, numbers=numbers, missing=missing)


def possible_reports(report: PrintedReport, ref: str) -> list[PrintedReport]:
    """Copies of the report, each with a possible figure in place of an impossible one.

    Possible are the percentages of whole numbers that differ from the impossible figure by one
    digit.
    """
    figure = report.layout.figure[ref]
    base, printed = report.base(figure), report.printed(ref)
    units = [half_up(count, base, figure.decimals) for count in range(base + 1)]
    near = [one for one in units if is_digit_edit(printed, print_form(one, figure.decimals))]
    return [report.with_number(ref, one) for one in dict.fromkeys(near)]


def made_for(claim: Claim, study: Study, provenance: Mapping[str, Any]) -> bool:
    """Whether the constructed answers were made to show every breakdown of the claim."""
    each = claim.each if isinstance(claim, NoDifference) else ()
    for selector in claim.selectors:
        group = selector.breakdown
        named = [*([selector.level] if selector.level != "all" else []), *each, *selector.levels]
        levels = [bare(level) for level in named]
        for item in selector.items_in(study):
            entry = provenance.get(item, {})
            places = set(entry.get("made_for") or ())
            pinned = set(entry.get("pinned_by") or ())
            if group == "all" and pinned:
                continue
            wanted = {f"{group}:{level}" for level in levels}
            if not (wanted <= places if wanted else any(p.startswith(f"{group}:") for p in places)):
                return False
    return True


def sentence_verdict(verdicts: Sequence[str]) -> str:
    """The verdict of a sentence: the worst verdict of its decided parts."""
    decided = [verdict for verdict in verdicts if verdict in KINDEST]
    if decided:
        return max(decided, key=KINDEST.index)
    return OPEN if OPEN in verdicts else verdicts[0]


def tables_of(claim: Claim, study: Study) -> list[str]:
    """Tables that show the items of a claim by its breakdown."""
    found: dict[str, None] = {}
    items = set(items_of(claim, study))
    for selector in claim.selectors:
        for table in study.tables:
            if items & set(table.items) and _shows(table, selector.breakdown, study):
                found[table.id] = None
    return list(found)


def items_of(claim: Claim, study: Study) -> list[str]:
    """Every item of a claim, once."""
    selectors = claim.selectors
    found = [item for selector in selectors for item in selector.items_in(study)]
    for selector in selectors:
        blocks = selector.blocks if isinstance(selector, Among) else {}
        found += [item for own in blocks.values() for item in own]
    return list(dict.fromkeys(found))


def _shows(table: Table, group: str, study: Study) -> bool:
    """Whether a table has the breakdown, or its sum over municipalities."""
    if group == "all" or group in table.groups:
        return True
    listed = any(study.group[g].kind == IDENTITY for g in table.groups)
    return listed and study.group[group].by_municipality

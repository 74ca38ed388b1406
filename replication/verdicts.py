"""What decides a claim: print alone, real data, or answers that were constructed.

Print decides where every count a claim was computed from follows from printed figures; a
"confirmed" on figures that could as well have come out otherwise would be a false result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from declarations import Study, Table
from declarations.claims.claim import Claim, selector_items, selectors
from declarations.load import STATUS_CODES, STATUS_ITEM
from declarations.tables.cells import OTHERS, TOTAL
from replication.predicates import Coordinate, Evaluation
from replication.printed import Erratum

PRINTED, REAL, CONSTRUCTED, FREE = "printed", "real", "constructed", "free"
HOLDS, CONTRADICTED = "holds", "contradicted"
CONSISTENT, INCONSISTENT = "consistent", "inconsistent"
NOT_TESTABLE = "not testable"
OTHER_WAVE = "not about this wave"
PROOF, OPEN = "proof", "open"
IDENTITY = "identity"
Place = tuple[str, str, str]


@dataclass(frozen=True)
class Print:
    """What print states: coordinates (item, code, group, level) and the places with a base.

    `summed`: (item, code, group) that follow by adding up municipalities, where a table lists
    every municipality; which level a municipality is in is a fact of the register.
    """

    coordinates: frozenset[Coordinate]
    bases: frozenset[Place]
    summed: frozenset[tuple[str, str, str]] = frozenset()

    def covers(self, item: str, code: str, group: str, level: str, codes: Iterable[str]) -> bool:
        """Whether the count follows from print.

        It is printed, the rest of a base whose other codes are printed, the difference of
        everyone and a level, or a sum of municipalities.
        """
        if (item, code, group, level) in self.coordinates or (item, code, group) in self.summed:
            return True
        if code == TOTAL and (item, group, level) in self.bases:
            return True
        if level.startswith(OTHERS):
            inside = level.removeprefix(OTHERS)
            return self.covers(item, code, group, inside, codes) and self.covers(
                item, code, "all", "all", codes
            )
        rest = [c for c in codes if c != code]
        return (item, group, level) in self.bases and all(
            (item, c, group, level) in self.coordinates for c in rest
        )


def printed_coordinates(tables: Iterable[Table], errata: Iterable[Erratum], study: Study) -> Print:
    """Coordinates of all printed cells but those whose right figure is not known."""
    unknown = {(e.table, e.row, e.group, e.column) for e in errata if e.likely is None}
    coordinates, bases = set(), set()
    for table in tables:
        for cell in table.cells:
            key = (table.id, cell.row_number, cell.group_label.da, cell.column_label.da)
            if cell.item is None or key in unknown:
                continue
            coordinates.add((cell.item, str(cell.code), cell.group, cell.level))
            if table.base_column is not None or cell.code == TOTAL:
                bases.add((cell.item, cell.group, cell.level))
    each = {(i, c) for i, c, g, _ in coordinates if g != "all" and study.group[g].kind == IDENTITY}
    sums = [g.id for g in study.groups if g.by_municipality and g.kind != IDENTITY]
    summed = {(item, code, group) for item, code in each for group in sums}
    return Print(frozenset(coordinates), frozenset(bases), frozenset(summed))


def print_decides(outcome: Evaluation, known: Print, study: Study) -> bool:
    """Whether all counts an outcome rests on follow from print."""
    if any(group == "model" or not codes_of(item, study) for item, group, _ in outcome.whole):
        return False
    return bool(outcome.read) and not open_counts(outcome, known, study)


def shares_printed(claim: Claim, known: Print, study: Study) -> bool:
    """Whether the shares a stated direction compares are in print (none is without one)."""
    if claim.predicate.get("direction", "any") == "any":
        return True
    group, level = str(claim.predicate["group"]), str(claim.predicate["level"])
    return all(
        known.covers(item, str(code), *place, codes_of(item, study))
        for item in selector_items(claim.predicate, study)
        for code in (*claim.predicate["codes"], TOTAL)
        for place in ((group, level), ("all", "all"))
    )


def open_counts(outcome: Evaluation, known: Print, study: Study) -> list[Coordinate]:
    """The counts an outcome rests on that print leaves open."""
    return sorted(
        (item, code, group, level)
        for item, code, group, level in outcome.read
        if not known.covers(item, code, group, level, codes_of(item, study))
    )


def codes_of(item: str, study: Study) -> list[str]:
    """Codes of an item as text; none for numbers and open answers."""
    if item == STATUS_ITEM:
        return list(STATUS_CODES)
    return [str(code) for code in study.items[item].codes] if item in study.items else []


def why_inconsistent(basis: str, outcome: Evaluation, known: Print, study: Study) -> str:
    """Why constructed answers do not show what a claim states."""
    if basis == FREE:
        return "The constructed answers were not made to show this statement."
    fixed = len(outcome.read) - len(open_counts(outcome, known, study))
    return (
        f"Print fixes {fixed} of the {len(outcome.read)} counts this rests on; with them, or with "
        "other statements on the same breakdown, the construction did not bring it about."
    )


def basis_and_verdict(
    claim: Claim, outcome: Evaluation, known: Print, study: Study, real: bool,
    provenance: Mapping[str, Any], marked: bool = False,
) -> tuple[str, str]:  # fmt: skip
    """(basis, verdict) of a decided claim; ("", not testable) where it could not be decided.

    `marked`: printed stars settle the p-values, so that only the shares have to be in print.
    """
    if outcome.met is None:
        return "", NOT_TESTABLE
    if real:
        return REAL, HOLDS if outcome.met else CONTRADICTED
    if print_decides(outcome, known, study) or (marked and shares_printed(claim, known, study)):
        return PRINTED, HOLDS if outcome.met else CONTRADICTED
    basis = CONSTRUCTED if made_for(claim, study, provenance) else FREE
    return basis, CONSISTENT if outcome.met else INCONSISTENT


def made_for(claim: Claim, study: Study, provenance: Mapping[str, Any]) -> bool:
    """Whether the constructed answers were made to show every breakdown the claim speaks of."""
    for selector in selectors(claim):
        group = str(selector.get("group") or selector.get("across") or "all")
        named = [selector.get("level"), *(selector.get("each") or ())]
        named += [*(selector.get("levels") or ())]
        levels = [str(level).removeprefix(OTHERS) for level in named if level is not None]
        for item in selector_items(selector, study):
            entry = provenance.get(item, {})
            places = set(entry.get("made_for") or ())
            pinned = set(entry.get("pinned_by") or ())
            if group == "all" and pinned:
                continue
            wanted = {f"{group}:{level}" for level in levels}
            if not (wanted <= places if wanted else any(p.startswith(f"{group}:") for p in places)):
                return False
    return True


def tables_of(claim: Claim, study: Study) -> list[str]:
    """Tables that show the items of a claim by its breakdown."""
    found: dict[str, None] = {}
    for selector in selectors(claim):
        group = str(selector.get("group") or selector.get("across") or "all")
        items = set(selector_items(selector, study))
        for table in study.tables:
            if items & set(table.items) and _shows(table, group, study):
                found[table.id] = None
    return list(found)


def _shows(table: Table, group: str, study: Study) -> bool:
    """Whether a breakdown can be read from a table, or added up from its municipalities."""
    if group == "all" or group in table.groups:
        return True
    listed = any(study.group[g].kind == IDENTITY for g in table.groups)
    return listed and study.group[group].by_municipality

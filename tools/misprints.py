"""Random misprints in a copy of the printed report: places and wrong values."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from replication.audit.findings import AuditFinding
from replication.audit.repairs import other_marks
from replication.consistency.arithmetic import as_units
from replication.consistency.printed_report import PrintedReport
from replication.consistency.quotations import gives_number

DIGIT, SWAP, BASE, STAR = "a digit", "two digits swapped", "an N", "a star"
PROSE, STANDING = "a number in the prose", "a figure that is already in a broken relation"
PRINTED = (DIGIT, SWAP, BASE, STAR)
KINDS = (*PRINTED, PROSE, STANDING)


@dataclass(frozen=True)
class Misprint:
    """One figure printed as another; `before` and `after` as text."""

    kind: str
    ref: str
    before: str
    after: str

    def planted(self, report: PrintedReport) -> PrintedReport:
        """The report with this misprint."""
        if self.ref in report.marks:
            return report.with_mark(self.ref, self.after)
        if self.ref in report.layout.claim:
            return report.with_quote(self.ref, as_number(self.after))
        return report.with_number(self.ref, as_units(self.after)[0])


def as_number(text: str) -> float:
    """A number in the text as declared by a statement."""
    return float(text) if "." in text else int(text)


def read(ref: str, report: PrintedReport) -> str:
    """A figure, base or mark as printed, or the number of a statement."""
    if ref in report.layout.claim:
        return report.quoted(ref)
    return report.printed(ref)


def misprint_places(report: PrintedReport, known: Sequence[AuditFinding]) -> dict[str, list[str]]:
    """Possible places of each kind of misprint.

    `known` are the findings on the report without misprints.
    """
    layout = report.layout
    figures = [f.ref for f in layout.figures]
    bases = [b for b in layout.bases if b not in layout.figure]
    broken = {ref for f in known if not f.claim for ref in (*f.causes, *f.figures)}
    return {
        DIGIT: figures,
        SWAP: figures,
        BASE: bases,
        STAR: [m for m in report.marks if other_marks(m, report)],
        PROSE: [ref for ref, claim in layout.claim.items() if gives_number(claim)],
        STANDING: [ref for ref in (*figures, *bases) if ref in broken],
    }


def misprints(
    report: PrintedReport, number: int, seed: int, known: Sequence[AuditFinding]
) -> list[Misprint]:
    """Random misprints: the same number of each kind, in print and in other places.

    `known` are the findings on the report without misprints.
    """
    chance = random.Random(seed)
    where = misprint_places(report, known)
    each = number // len(PRINTED)
    kinds = [PRINTED[n % len(PRINTED)] for n in range(number)] + [PROSE] * each + [STANDING] * each
    return [_drawn(kind, where[kind], report, chance) for kind in kinds]


def _drawn(
    kind: str, refs: Sequence[str], report: PrintedReport, chance: random.Random
) -> Misprint:
    if not refs:
        raise ValueError(f"nothing is printed in which {kind} could be wrong")
    while True:
        ref = chance.choice(refs)
        before = read(ref, report)
        if ref in report.marks:
            after: str | None = chance.choice(other_marks(ref, report))
        else:
            after = _changed(kind, before, chance)
        if after is not None:
            return Misprint(kind, ref, before, after)


def _changed(kind: str, text: str, chance: random.Random) -> str | None:
    """The text with a misprint; None if a misprint of this kind is impossible."""
    if kind == SWAP or (kind in (BASE, STANDING) and chance.random() < 0.5):
        return swapped(text, chance)
    return digit_changed(text, chance)


def digit_changed(text: str, chance: random.Random) -> str | None:
    """One digit changed, without making a leading zero."""
    place = chance.choice([i for i, character in enumerate(text) if character.isdigit()])
    digit = chance.choice([d for d in "0123456789" if d != text[place]])
    return _plausible(text[:place] + digit + text[place + 1 :], text)


def swapped(text: str, chance: random.Random) -> str | None:
    """Two neighbouring digits exchanged, also across the decimal point."""
    places = [i for i, character in enumerate(text) if character.isdigit()]
    pairs = [(a, b) for a, b in pairwise(places) if text[a] != text[b]]
    if not pairs:
        return None
    a, b = chance.choice(pairs)
    characters = list(text)
    characters[a], characters[b] = characters[b], characters[a]
    return _plausible("".join(characters), text)


def _plausible(text: str, before: str) -> str | None:
    """Whether a number could be printed like this: it has no new leading zero."""
    whole = text.partition(".")[0]
    leading = len(whole) > 1 and whole.startswith("0")
    return None if leading or text == before else text

"""Numbers of the text as facts, for a share of several answers that no table prints.

Section 5.1 gives a share for each answer to a question without a table. The sum of two of these
shares decides a sentence about the two answers together. No other sentence is decided this way: if
a sentence only repeats a number of the text, the number would be its own evidence.
"""

from __future__ import annotations

from dataclasses import dataclass

from declarations.claims.base import ANSWERED
from declarations.claims.kinds import Claim, Share
from declarations.tables.cells import TOTAL
from replication.consistency.arithmetic import Interval
from replication.consistency.facts import PrintedFacts
from replication.consistency.printed_report import PrintedReport
from replication.consistency.quotations import OPEN, interval
from replication.consistency.statements import decide_statement
from replication.deciding.facts import CONTRADICTED, Evaluation, UndecidableError
from replication.deciding.kinds import decide

# a base so large that rounding to whole respondents has no effect
EVERYONE = 10**9
# the upper end of the values that round to one number is the lower end of the next
INSIDE = 1e-6


@dataclass
class TextFacts(PrintedFacts):
    """Shares of single answers as other sentences state them, each at one end of its range."""

    asked: Share | None = None
    upper: bool = False

    def count(self, item: str, code: str, group: str, level: str) -> float:
        """The stated share of EVERYONE."""
        if code == TOTAL:
            return EVERYONE
        low, high = self._stated(item, code, (group, level))
        return (high - INSIDE if self.upper else low + INSIDE) * EVERYONE / 100

    def _stated(self, item: str, code: str, place: tuple[str, str]) -> Interval:
        """The range that all sentences about one answer allow."""
        layout = self.layout
        low, high = 0.0, 100.0
        known = False
        for claim in map(self.report.statement, layout.claims):
            if not _is_on(claim, item, code, place) or _one_sentence(claim, self.asked):
                continue
            assert isinstance(claim, Share)
            reach = interval(claim, layout.words)
            if reach is None or OPEN in (abs(reach[0]), abs(reach[1])):
                continue
            low, high, known = max(low, reach[0]), min(high, reach[1]), True
        if not known or low >= high:
            raise UndecidableError(f"the text gives no single share of {item} = {code}")
        return low, high


def _is_on(claim: Claim, item: str, code: str, place: tuple[str, str]) -> bool:
    """Whether a statement gives the share of one answer in a level."""
    if not isinstance(claim, Share) or claim.each:
        return False
    of = claim.of
    one = (of.item, of.place, of.base, tuple(map(str, of.code_list)))
    return one == (item, place, ANSWERED, (code,)) and of.span is None


def _one_sentence(claim: Claim, other: Claim | None) -> bool:
    return other is not None and (claim.chapter, claim.sentence) == (other.chapter, other.sentence)


def decide_by_text(claim: Claim, report: PrintedReport) -> Evaluation | None:
    """The verdict on a share of several answers, from the share of each in the text.

    None if the text does not give these shares, or if their rounding leaves the verdict open.
    """
    if not isinstance(claim, Share) or len(claim.of.code_list) < 2 or not claim.of.item:
        return None
    layout = report.layout
    low, high = (
        decide(claim, TextFacts(report, asked=claim, upper=upper), layout.study, layout.words)
        for upper in (False, True)
    )
    if low.grade is None or low.grade != high.grade:
        return None
    readings = zip(low.readings, high.readings, strict=True)
    low.readings = [
        (name, _span(one, other), grade if grade == last else None)
        for (name, one, grade), (_, other, last) in readings
    ]
    low.computed = _span(low.computed, high.computed)
    return low


def is_excused(claim: Claim, report: PrintedReport) -> bool:
    """Whether no table decides a statement, but one of its readings agrees with other sentences."""
    if decide_statement(claim, report)[0].grade is not None:
        return False
    outcome = decide_by_text(report.statement(claim), report)
    return outcome is not None and outcome.grade != CONTRADICTED


def _span(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"

"""Whether the words of the text agree with its own numbers.

The text may state what no table prints twice: in numbers, and in words that order them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from declarations.claims.kinds import Claim, Mean, Median, Share
from declarations.claims.words import Words
from declarations.labels import Label
from declarations.tables.cells import OTHERS
from replication.audit.text_rules.contradiction import MIDDLE, Node, node_of, orders
from replication.audit.text_rules.mixtures import (
    EveryonesShare,
    Places,
    StatedQuantity,
    everyone_of,
    stated_shares,
)
from replication.consistency.arithmetic import Interval
from replication.consistency.constraints import AuditRule, Constraint
from replication.consistency.printed_report import Layout, PrintedReport
from replication.consistency.quotations import interval, stated_text, with_printed_number
from replication.consistency.references import CLAIM
from replication.consistency.statements import deciding_figures

RULE_ID = "own_words"
STATED = (Share, Mean, Median)
Stated = Share | Mean | Median


def constraints(layout: Layout) -> Iterator[Constraint]:
    """One constraint for each order in words that no printed figure decides but two numbers do."""
    numbers: dict[Node, list[Stated]] = {}
    for claim in layout.claims:
        if isinstance(claim, STATED) and claim.of.item and interval(claim, layout.words):
            statistic = "share" if isinstance(claim, Share) else claim.kind
            numbers.setdefault(node_of(claim.of, statistic), []).append(claim)
    stated = stated_shares(layout)
    seen: set[tuple[str, str, str]] = set()
    for claim in layout.claims:
        pairs = orders(claim, layout.study)
        if not pairs or MIDDLE in str(pairs) or deciding_figures(claim, layout) is not None:
            continue
        for above, below in pairs:
            for upper in numbers.get(above, ()):
                for lower in numbers.get(below, ()):
                    key = (claim.id, upper.id, lower.id)
                    if key not in seen:
                        seen.add(key)
                        yield _in_order(claim, upper, lower)
            yield from _beside_everyone(claim, above, below, numbers, stated, layout)


def _in_order(claim: Claim, upper: Stated, lower: Stated) -> Constraint:
    def holds(report: PrintedReport) -> bool:
        words = report.layout.words
        first, second = (
            interval(with_printed_number(upper, report), words),
            interval(with_printed_number(lower, report), words),
        )
        if first is None or second is None:
            return True
        return first[1] > second[0] and _sized(claim, upper, first, second, words)

    def gives(report: PrintedReport) -> str:
        lines = (stated_text(with_printed_number(one, report).stated, isinstance(one, Share))
                for one in (upper, lower))  # fmt: skip
        return f"{' against '.join(lines)}; the text says: {claim.statement.en}"

    refs = tuple(f"{CLAIM}:{one.id}" for one in (upper, lower, claim))
    return Constraint(RULE_ID, f"{claim.id}:{upper.id}:{lower.id}", refs[0], refs, holds, gives,
                      arithmetic=False)  # fmt: skip


def _sized(claim: Claim, upper: Stated, first: Interval, second: Interval, words: Words) -> bool:
    """Whether the size word of a sentence fits a difference that the two numbers allow."""
    size = getattr(claim, "size", None)
    if size is None:
        return True
    if isinstance(upper, Share):
        word, low, high = words.sizes[size], first[0] - second[1], first[1] - second[0]
    else:
        # how many percent the smaller number is below the larger
        word = words.means[size]
        low, high = ((1 - b / a) * 100 if a > 0 else 0.0
                     for a, b in ((first[0], second[1]), (first[1], second[0])))  # fmt: skip
    least, most = word.bears or word.holds
    return (least is None or high >= least) and (most is None or low <= most)


def _beside_everyone(
    claim: Claim,
    above: Node,
    below: Node,
    numbers: Mapping[Node, list[Stated]],
    shares: Mapping[StatedQuantity, Places],
    layout: Layout,
) -> Iterator[Constraint]:
    """If a level is above or below all others, it is also above or below everyone."""
    for own, other, higher in ((above, below, True), (below, above, False)):
        if other[4] != f"{OTHERS}{own[4]}" or other in numbers:
            continue
        for stated in numbers.get(own, ()):
            everyone = everyone_of(stated, shares, layout) if isinstance(stated, Share) else None
            if everyone is not None:
                yield _beyond(claim, stated, everyone, higher)


def _beyond(claim: Claim, stated: Stated, everyone: EveryonesShare, higher: bool) -> Constraint:
    def holds(report: PrintedReport) -> bool:
        found = interval(with_printed_number(stated, report), report.layout.words)
        low, high = everyone.interval(report)
        return found is None or (found[1] > low if higher else found[0] < high)

    def gives(report: PrintedReport) -> str:
        low, high = everyone.interval(report)
        text = stated_text(with_printed_number(stated, report).stated, True)
        return f"{text}, everyone has {low:g} to {high:g}; the text says: {claim.statement.en}"

    refs = (f"{CLAIM}:{stated.id}", *everyone.refs, f"{CLAIM}:{claim.id}")
    return Constraint(RULE_ID, f"{claim.id}:{stated.id}:all", refs[0], refs, holds, gives,
                      arithmetic=False)  # fmt: skip


RULE = AuditRule(
    RULE_ID,
    Label("Passer tekstens ord til dens egne tal?", "Do the text's words fit its own numbers?"),
    "If a sentence compares two numbers of the text (or one with everyone's), they are in the "
    "stated order, and their distance fits the word of size. The rule examines statements that "
    "no printed figure decides.",
    constraints,
)

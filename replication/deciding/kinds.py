"""A function for each kind of claim, and the verdict by the most favourable usual reading."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from assets.step.declared import declared
from declarations import Study
from declarations.claims.base import SHARES, TREND, WITHOUT_SMALL, BaseClaim, Reading
from declarations.claims.kinds import (
    Announced,
    Comparison,
    Control,
    Difference,
    Levels,
    NotTestable,
    Ranking,
)
from declarations.claims.words import Words
from replication.deciding import differences, numbers, orders
from replication.deciding.facts import (
    CONTRADICTED,
    HOLDS,
    IMPRECISE,
    KINDEST,
    AbsentError,
    Evaluation,
    Facts,
    Reader,
    UndecidableError,
)

# "about as many" counts as wrong only at this many times the distance that makes an order wrong
ABOUT_EQUAL = 3
# the note on a reading that the facts do not decide
NOT_KNOWN = "not printed"


def _not_testable(claim: NotTestable, reader: Reader) -> Evaluation:
    raise UndecidableError(claim.reason)


def _control(claim: Control, reader: Reader) -> Evaluation:
    raise UndecidableError(
        "It is about what was computed, not about answers. The audit compares it with the "
        "statements on the same relations."
    )


def _announced(claim: Announced, reader: Reader) -> Evaluation:
    """The number of chapters after the announcing one that state results."""
    chapters = [name for name in declared(reader.study).claims if name.isdigit()]
    follow = sorted(int(name) for name in chapters if int(name) > claim.after)
    found = "chapters " + ", ".join(map(str, follow)) if follow else "no chapter"
    grade = HOLDS if len(follow) == claim.stated else CONTRADICTED
    return Evaluation(str(claim.stated), str(len(follow)), grade, found)


# functions by kind; declarations.claims.kinds has the models
DECIDES: Mapping[str, Callable[[Any, Reader], Evaluation]] = {
    "share": numbers.decide_share,
    "count": numbers.decide_count,
    "levels": numbers.decide_levels,
    "mean": numbers.decide_mean,
    "median": numbers.decide_median,
    "open_answers": numbers.decide_open_answers,
    "memberships": numbers.decide_memberships,
    "comparison": orders.decide_comparison,
    "ranking": orders.decide_ranking,
    "spread": orders.decide_spread,
    "municipalities": orders.decide_municipalities,
    "difference": differences.decide_difference,
    "no_difference": differences.decide_no_difference,
    "tally": differences.decide_tally,
    "adjusted": differences.decide_adjusted,
    "announced": _announced,
    "control": _control,
    "not_testable": _not_testable,
}


def decide(
    claim: BaseClaim, facts: Facts, study: Study, words: Words, every: bool = False
) -> Evaluation:
    """Evaluate a claim and its other readings. The most favourable reading decides.

    A claim that holds as declared needs no other reading, unless `every` is set. A claim that is
    true only under another reading is at best imprecise. Undecidable claims have no grade, but a
    reason.
    """
    reader = Reader(facts, study, words)
    outcome = _under(claim, None, reader)
    if outcome.grade is None or (outcome.grade == HOLDS and not every):
        outcome.read, outcome.whole = reader.read, reader.whole
        return outcome
    for reading in usual_readings(claim, words):
        other = _under(claim, reading, reader)
        computed = other.computed if other.grade is not None else NOT_KNOWN
        outcome.readings.append((reading_text(reading), computed, other.grade))
        if other.plain:
            outcome.plainly[reading_text(reading)] = other.plain
        if other.grade == CONTRADICTED:
            outcome.turned = max(outcome.turned, _turned(claim, other.off or 0.0))
        if other.grade not in (None, CONTRADICTED):
            kinder = min(KINDEST.index(str(outcome.grade)), KINDEST.index(IMPRECISE))
            outcome.grade = KINDEST[kinder]
    outcome.read, outcome.whole = reader.read, reader.whole
    return outcome


def _turned(claim: BaseClaim, off: float) -> float:
    """By how many points a reading reverses an order; 0 for a claim without an order.

    "About as many" tolerates some points itself, so only a third of its points counts.
    """
    if isinstance(claim, Comparison) and claim.relation == "about_equal":
        return off / ABOUT_EQUAL
    ordered = (
        isinstance(claim, Ranking)
        or (isinstance(claim, Comparison) and claim.relation in ("greater", "less"))
        or (isinstance(claim, Difference) and claim.direction != "any")
    )
    return off if ordered else 0.0


def usual_readings(claim: BaseClaim, words: Words) -> list[Reading]:
    """The declared readings of a claim, and the usual readings of its kind.

    A count of levels may leave out levels with fewer respondents than `countable`.
    """
    found = list(claim.readings)
    if isinstance(claim, Levels) and claim.of.across and words.countable > claim.of.smallest:
        found.append(Reading(by="without_small", smallest=words.countable))
    return found


def _under(claim: BaseClaim, reading: Reading | None, reader: Reader) -> Evaluation:
    try:
        if reading is not None and reading.by == TREND and isinstance(claim, Ranking):
            return orders.decide_tendency(claim, reader)
        read = claim if reading is None else as_read(claim, reading, reader.words)
        return DECIDES[read.kind](read, reader)  # type: ignore[attr-defined]
    except UndecidableError as reason:
        return Evaluation("", "", None, str(reason), absent=isinstance(reason, AbsentError))


def as_read(claim: BaseClaim, reading: Reading, words: Words) -> BaseClaim:
    """The claim under another usual reading."""
    if reading.by == SHARES:
        changes: dict[str, Any] = {"test": "codes"}
        if isinstance(claim, Difference):
            changes["says"] = claim.says
        return claim.model_copy(update=changes)
    if reading.by == WITHOUT_SMALL:
        return claim.with_changes({"smallest": reading.smallest or words.small_group})
    return claim.with_changes(reading.changes(), reading.side)


def reading_text(reading: Reading) -> str:
    """The difference of a reading, in words."""
    if reading.label is not None:
        return reading.label.en
    return {
        "known": "of those who know",
        "answered": "of all who answered",
        "codes": f"answers {', '.join(map(str, reading.codes))}",
        "item": f"the row {reading.item}" if reading.item else "the rows as a block",
        "group": f"by {reading.group}",
        "without_small": f"without those where fewer than {reading.smallest} were asked"
        if reading.smallest
        else "without small groups",
        "shares": "the stated answers against all others",
        "trend": "as a tendency",
    }[reading.by]

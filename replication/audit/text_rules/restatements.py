"""Does a sentence that repeats another say it of the same?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from declarations import Study
from declarations.claims.kinds import Claim, Difference
from declarations.labels import Label
from replication.audit.registry import AuditRule, register
from replication.consistency.constraints import MEDIUM, Constraint
from replication.consistency.printed_report import Layout
from replication.consistency.references import CLAIM
from replication.verdicts import items_of

# what a statement is on: an item, the respondents it is said of, and the direction
Subject = tuple[str, str, str]


def constraints(layout: Layout) -> Iterator[Constraint]:
    """One for each sentence that repeats another, as declared by `restates`."""
    by_id = {claim.id: claim for claim in layout.claims}
    sentences: dict[tuple[str, str], list[Claim]] = {}
    for claim in layout.claims:
        sentences.setdefault((claim.chapter, claim.sentence), []).append(claim)
    pairs: dict[tuple[str, str, str], list[Claim]] = {}
    for claim in layout.claims:
        first = by_id.get(claim.restates)
        if first is not None:
            key = (claim.chapter, claim.sentence, f"{first.chapter}:{first.sentence}")
            pairs.setdefault(key, []).append(claim)
    for own in pairs.values():
        first = by_id[own[0].restates]
        yield _repeats(own, sentences[first.chapter, first.sentence], layout.study)


def _repeats(own: Sequence[Claim], first: Sequence[Claim], study: Study) -> Constraint:
    said = _subjects(own, study)
    known = _subjects(first, study)
    other = [claim for subject, claim in said.items() if subject not in known]
    refs = (f"{CLAIM}:{own[0].id}", *(f"{CLAIM}:{claim.id}" for claim in own[1:]))
    missing, there = _first_two(other), _first_two(first)
    return Constraint(
        "restatement",
        f"{own[0].id}={first[0].id}",
        refs[0],
        (*refs, f"{CLAIM}:{first[0].id}"),
        lambda _: not other,
        lambda _: f"{missing} Section {first[0].section} says: {there}",
        arithmetic=False,
        severity=MEDIUM,
        apart=True,
    )


def _first_two(claims: Sequence[Claim]) -> str:
    """Two statements of a sentence, and the number of further ones."""
    lines = list(dict.fromkeys(claim.statement.en for claim in claims))
    more = f" (and {len(lines) - 2} more)" if len(lines) > 2 else ""
    return f"{' '.join(lines[:2])}{more}"


def _subjects(claims: Sequence[Claim], study: Study) -> Mapping[Subject, Claim]:
    found: dict[Subject, Claim] = {}
    for claim in claims:
        for selector in claim.selectors:
            direction = claim.direction if isinstance(claim, Difference) else ""
            for item in selector.items_in(study) or items_of(claim, study):
                found[item, f"{selector.breakdown}={selector.level}", direction] = claim
    return found


RULE = register(
    AuditRule(
        "restatement",
        Label("Gentager teksten sig selv rigtigt?", "Does the text repeat itself correctly?"),
        "A sentence that repeats another (as declared in claims/) is about the same items, groups "
        "and levels, and states the same direction.",
        constraints,
    )
)

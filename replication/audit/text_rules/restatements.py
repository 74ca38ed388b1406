"""Whether a sentence that repeats another is about the same subject."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from declarations import Study
from declarations.claims.kinds import Claim, Difference
from declarations.labels import Label
from replication.consistency.constraints import LOW, MEDIUM, AuditRule, Constraint
from replication.consistency.printed_report import Layout
from replication.consistency.references import CLAIM
from replication.verdicts import items_of

# the subject of a statement: the item, the respondents, and the direction
Subject = tuple[str, str, str]
MOST_SHOWN = 3


def constraints(layout: Layout) -> Iterator[Constraint]:
    """One constraint for each sentence that repeats another, as declared by `restates`."""
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
        whole = sentences[own[0].chapter, own[0].sentence]
        yield _repeats(own, whole, sentences[first.chapter, first.sentence], layout.study)


def _repeats(
    own: Sequence[Claim], whole: Sequence[Claim], first: Sequence[Claim], study: Study
) -> Constraint:
    """Low if the whole sentence contains everything of the first sentence and adds to it."""
    said = _subjects(own, study)
    known = _subjects(first, study)
    adds = set(known) <= set(_subjects(whole, study))
    other = [subject for subject in said if subject not in known]
    refs = (f"{CLAIM}:{own[0].id}", *(f"{CLAIM}:{claim.id}" for claim in own[1:]))
    cited = dict.fromkeys(table for claim in first for table in claim.cites)
    tables = [f"Table {study.table[table].number}" for table in cited]
    return Constraint(
        "restatement",
        f"{own[0].id}={first[0].id}",
        refs[0],
        (*refs, f"{CLAIM}:{first[0].id}"),
        lambda _: not other,
        lambda _: _elsewhere(other, list(known), f"section {first[0].section}", tables),
        arithmetic=False,
        severity=LOW if adds else MEDIUM,
        apart=True,
    )


def _elsewhere(
    other: Sequence[Subject], known: Sequence[Subject], section: str, tables: Sequence[str]
) -> str:
    """How the subjects differ: other groups, or else other items, or else the opposite direction.

    `other`: subjects of the repeating sentence that the first sentence does not have.
    """
    says = f"{section} and {' and '.join(tables)} say" if tables else f"{section} says"
    ways = {way for _, _, way in other}
    # a first sentence may state more of one item and less of another
    alike = [subject for subject in known if subject[2] in ways] or list(known)
    levels = _only([place for _, place, _ in alike], [place for _, place, _ in other])
    items = _only([item for item, _, _ in alike], [item for item, _, _ in other])
    for there, here in (levels, items):
        if there and here:
            return f"{says} this of {_listed(there)}, not of {_listed(here)}"
    return f"{says} the opposite of {_listed([item for item, _, _ in other])}"


def _only(there: Sequence[str], here: Sequence[str]) -> tuple[list[str], list[str]]:
    """The entries that only the first list has, and those that only the second has."""
    return (
        [one for one in dict.fromkeys(there) if one not in here],
        [one for one in dict.fromkeys(here) if one not in there],
    )


def _listed(names: Sequence[str]) -> str:
    """The first three names; levels are named without their group."""
    shown = [name.rpartition("=")[2] for name in dict.fromkeys(names)]
    if len(shown) > MOST_SHOWN:
        shown = [*shown[: MOST_SHOWN - 1], f"{len(shown) - MOST_SHOWN + 1} more"]
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else shown[0]


def _subjects(claims: Sequence[Claim], study: Study) -> Mapping[Subject, Claim]:
    found: dict[Subject, Claim] = {}
    for claim in claims:
        for selector in claim.selectors:
            direction = claim.direction if isinstance(claim, Difference) else ""
            for item in selector.items_in(study) or items_of(claim, study):
                found[item, f"{selector.breakdown}={selector.level}", direction] = claim
    return found


RULE = AuditRule(
    "restatement",
    Label("Gentager teksten sig selv rigtigt?", "Does the text repeat itself correctly?"),
    "A sentence that repeats another (as declared in claims/) is about the same items, groups "
    "and levels, and states the same direction.",
    constraints,
)

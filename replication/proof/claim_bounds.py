"""The bounds of the shares, counts and differences that claims state.

Each claim becomes questions to `samspil bounds`, so several claims about one quantity share an
answer. Rankings, means and models have no such question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from declarations import Study
from declarations.claims.kinds import Claim, Comparison, Count, Difference, Share
from declarations.claims.selector import Selector
from declarations.tables.cells import OTHERS
from replication.proof.bounds import SIDES, Bound, bound_question
from replication.proof.record import EXACT, OUTER, BoundsEntry
from replication.solver.attained import CountedShare
from replication.solver.cells import COUNT, DIFFERENCE, PERCENT
from replication.solver.goals import share_of
from replication.solver.query import ANSWERED, TICKS, GroupAtom, ItemAtom, ShareTerm, parse
from replication.solver.sources import PrintEvidence

WITNESSES = ("witness_smallest", "witness_largest")
COLUMNS = (
    "claim", "section", "statement", "verdict", "question", "number", "smallest", "largest",
    "bound", "attained_smallest", "attained_largest", *WITNESSES,
)  # fmt: skip


def bound_questions(claim: Claim, study: Study) -> list[tuple[str, str]]:
    """Questions of a claim, with the number it states; empty if it has none."""
    pairs: list[tuple[list[Selector], str]] = []
    if isinstance(claim, Share | Count):
        pairs = [([claim.of], COUNT if isinstance(claim, Count) else PERCENT)]
    elif isinstance(claim, Comparison) and claim.statistic == "share":
        pairs = [([claim.left, claim.right], DIFFERENCE)]
    elif isinstance(claim, Difference) and claim.level != "all" and claim.codes:
        pairs = list(_contrasts(claim, study))
    return [
        (" - ".join(as_question(share_of(s, study), study) for s in selected), number)
        for selected, number in pairs
        if all(_countable(s, study) for s in selected)
    ]


def _contrasts(claim: Difference, study: Study) -> Iterator[tuple[list[Selector], str]]:
    """A level against everyone else, or against each level that it is compared with."""
    others = claim.against or [f"{OTHERS}{claim.level}"]
    for item in claim.items_in(study):
        for other in others:
            yield [claim.one(item), claim.one(item, other)], DIFFERENCE


def _countable(selector: Selector, study: Study) -> bool:
    item = study.items.get(str(selector.item))
    return item is not None and item.closed and selector.span is None


def as_question(share: ShareTerm, study: Study) -> str:
    """A share as a question to `samspil bounds`; `parse` is the inverse."""
    text = " and ".join(_atom_text(atom, study) for atom in share.what)
    among = " and ".join(_atom_text(atom, study) for atom in share.of)
    return f"{text} by {among}" if among else text


def _atom_text(atom: ItemAtom | GroupAtom, study: Study) -> str:
    if isinstance(atom, GroupAtom):
        return f"{atom.group}{'!=' if atom.outside else '='}{'+'.join(sorted(atom.levels))}"
    item = study.items[atom.item]
    if atom.codes == frozenset(item.codes):
        return f"{item.id}={ANSWERED}"
    ticks = {code: key for key, code in TICKS.items()}
    keys = ticks if item.type == "multiple" else {code.code: code.key for code in item.scale}
    return f"{item.id}={'+'.join(str(keys.get(code, code)) for code in sorted(atom.codes))}"


def find_bounds(study: Study, evidence: PrintEvidence, question: str) -> dict[str, BoundsEntry]:
    """Every number of a question, over all data that agree with print.

    Ends are attained with the areas of the witness. Redrawing areas takes ten times as long and
    seldom reaches further.
    """
    parsed = parse(question, study)
    answer = bound_question(
        study, evidence.stated, evidence.facts, parsed, evidence.people, evidence.figures,
        redraw=False,
    )  # fmt: skip
    return {bound.name: _found(bound, answer.witnesses) for bound in answer.bounds}


def _found(bound: Bound, witnesses: Mapping[str, Sequence[CountedShare]]) -> BoundsEntry:
    decimals = 0 if bound.name == COUNT else 1
    low, high = (_number(end, decimals) for end in (bound.low, bound.high))
    if bound.attained is None:
        return BoundsEntry(smallest=low, largest=high, bound=OUTER)
    shown = [_counts(witnesses.get(f"{side} {bound.name}", ())) for side in SIDES]
    reached = [_number(end, decimals) for end in bound.attained]
    return BoundsEntry(
        smallest=low, largest=high, bound=EXACT if bound.exact else OUTER,
        attained_smallest=reached[0], attained_largest=reached[1],
        witness_smallest=shown[0], witness_largest=shown[1],
    )  # fmt: skip


def _number(value: Fraction, decimals: int) -> str:
    return f"{float(value):.{decimals}f}"


def _counts(shares: Iterable[CountedShare]) -> str:
    return " against ".join(f"{share.counted} of {share.of}" for share in shares)


def bound_lines(
    claims: Iterable[Claim],
    found: Mapping[str, Mapping[str, BoundsEntry]],
    verdicts: Mapping[str, str],
    study: Study,
) -> list[tuple[str, ...]]:
    """One line of COLUMNS for each question of each claim in `verdicts` that has an answer."""
    return [
        (
            claim.id, claim.section, claim.statement.en, verdicts[claim.id], question, number,
            *found[question][number].model_dump().values(),
        )
        for claim in claims
        if claim.id in verdicts
        for question, number in bound_questions(claim, study)
        if number in found.get(question, {})
    ]  # fmt: skip

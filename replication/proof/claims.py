"""Whether statements of the report hold for all, some or no data that agree with print.

A claim that print does not decide is tried on data sets that agree with print: the witness, and the
witness with new answers to the items of the claim, so that the stated quantity is as large or as
small as possible. The verifier counts every data set. If one data set meets the claim and another
does not, the claim is open. Otherwise a proof is sought that all or none meet it: by outer bounds,
or over all tables of counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np

from assets.statistics.significance import pearson
from declarations import Study
from declarations.claims.kinds import Claim, Count, Difference, NotTestable, Share
from declarations.claims.words import Words
from declarations.tables.cells import STATUS_ITEM, TOTAL
from declarations.tables.models import Models
from replication.deciding.kinds import decide
from replication.proof.alternatives import Alternatives, level_tables
from replication.proof.bounds import bound_question
from replication.proof.people_facts import PeopleFacts
from replication.proof.record import CONTRADICTED, HOLDS, OPEN, Proof, ProvenVerdict, claim_hash
from replication.solver.goals import share_of
from replication.solver.query import BoundsQuestion
from replication.solver.sources import PrintEvidence
from replication.solver.tables import NotSearchedError
from replication.solver.verify import Person, unreproduced

WITNESSES, BOUNDS, TABLES = "witnesses", "bounds", "tables of counts"


@dataclass
class Prover:
    """Decides claims from one body of evidence. Programs over the same items are reused."""

    study: Study
    evidence: PrintEvidence
    words: Words
    models: Models = field(default_factory=Models)

    def prove(self, claim: Claim) -> Proof | None:
        """The proof of a claim; None if there is none. Claims about invitations are not tried."""
        spoken = {item for s in claim.selectors for item in s.items_in(self.study)}
        if (
            isinstance(claim, NotTestable)
            or not spoken
            or not self.evidence.people
            or STATUS_ITEM in spoken
        ):
            return None
        outcomes: dict[bool, str] = {}
        for people in chain(
            [self.evidence.people], Alternatives(self.study, self.evidence).of(claim)
        ):
            facts = PeopleFacts(people, models=self.models)
            outcome = decide(claim, facts, self.study, self.words)
            if outcome.met is None or outcome.met in outcomes:
                continue
            if people is not self.evidence.people and not self.agrees(people):
                continue
            outcomes[outcome.met] = outcome.computed
            if len(outcomes) == 2:
                return _proof(claim, OPEN, WITNESSES, outcomes)
        by = self.decided(claim, next(iter(outcomes), None))
        if by is None:
            return None
        met = next(iter(outcomes))
        verdict: ProvenVerdict = HOLDS if met else CONTRADICTED
        return _proof(claim, verdict, by, outcomes)

    def agrees(self, people: Sequence[Person]) -> bool:
        """Whether people reproduce everything printed."""
        return next(unreproduced(people, self.evidence.figures), None) is None

    def decided(self, claim: Claim, met: bool | None) -> str | None:
        """A proof that all data that agree with print satisfy a claim, or that none do."""
        if met is None:
            return None
        if isinstance(claim, Share | Count):
            return BOUNDS if self._by_bounds(claim, met) else None
        if isinstance(claim, Difference):
            return TABLES if self._by_tables(claim, met) else None
        return None

    def _by_bounds(self, claim: Share | Count, met: bool) -> bool:
        """Whether every count within the outer bounds gives one verdict; the base must be fixed."""
        selector = claim.of
        if not selector.item or selector.span is not None or claim.readings:
            return False
        share = share_of(selector, self.study)
        found = bound_question(
            self.study, self.evidence.stated, self.evidence.facts, BoundsQuestion(share)
        )
        numbers = {bound.name: (int(bound.low), int(bound.high)) for bound in found.bounds}
        (low, high), (base, most) = numbers["count"], numbers["of"]
        if base != most or not base:
            return False
        item, at = selector.item, selector.place
        return all(self._as_counted(claim, item, at, k, base) is met for k in range(low, high + 1))

    def _as_counted(
        self, claim: Share | Count, item: str, at: tuple[str, str], k: int, base: int
    ) -> bool | None:
        listed = claim.of.code_list or (TOTAL,)
        counted: Counter[tuple[str, str, str]] = Counter({(TOTAL, *at): base})
        counted[str(listed[0]), *at] = k
        return decide(claim, PeopleFacts((), {item: counted}), self.study, self.words).met

    def _by_tables(self, claim: Difference, met: bool) -> bool:
        """Whether all tables of counts of a level against everyone else give the same verdict."""
        if claim.against or claim.level == "all" or claim.readings or claim.size or claim.most:
            return False
        every = []
        for item in claim.items_in(self.study):
            codes = self.study.items[item].codes
            try:
                tables = level_tables(
                    self.study,
                    self.evidence.stated,
                    item,
                    claim.group,
                    claim.level,
                )
            except NotSearchedError:
                return False
            every.append(_verdicts(claim, codes, tables, self.words))
        if not every or any(not len(found) for found in every):
            return False
        if met:
            return all(bool(found.all()) for found in every)
        # one item that never shows it is enough to contradict
        return any(not found.any() for found in every)


def _proof(claim: Claim, verdict: ProvenVerdict, by: str, outcomes: Mapping[bool, str]) -> Proof:
    met, unmet = (outcomes.get(is_met, "") for is_met in (True, False))
    return Proof(key=claim_hash(claim), verdict=verdict, by=by, met=met, unmet=unmet)


def _verdicts(claim: Difference, codes: Sequence[int], tables: Any, words: Words) -> Any:
    """Whether each table (levels, codes) shows a stated difference.

    The most favourable reading decides.
    """
    shown = [codes.index(int(code)) for code in claim.code_list]
    inside = tables[:, :, shown].sum(axis=2)
    bases = tables.sum(axis=2)
    tested = tables
    if claim.test == "codes":
        tested = np.stack([inside, bases - inside], axis=2)
    p = np.atleast_1d(pearson(tested).p)
    verdict = np.ones(len(tables), dtype=bool)
    if claim.says == "significant" or (claim.says == "difference" and claim.direction == "any"):
        verdict &= p < words.weakly
    if claim.direction != "any":
        first, second = inside[:, 0], inside[:, 1]
        own, rest = first * bases[:, 1], second * bases[:, 0]
        ahead = own - rest if claim.direction == "more" else rest - own
        # a tie, or an order that a few respondents could reverse, is not a contradiction
        smaller = bases.min(axis=1)
        close = -ahead * smaller <= words.heads * bases[:, 0] * bases[:, 1]
        verdict &= (ahead > 0) | close
    return verdict & (bases.min(axis=1) > 0)

"""Which statements of the report hold for all data that agree with print, for none, or for some.

A claim that print does not decide outright is tried on data sets that agree with print: the
witness, and the witness with the answers the claim is about given anew so that what is stated is
as large, or as small, as can be. Every such data set is counted through by the verifier. Where the
claim is met by one and not by another it is open: print cannot tell. Otherwise a proof is looked
for that it is met by all, or by none: by outer bounds, or over all tables of counts.
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
from declarations.claims.claim import Claim, selector_items, selectors
from declarations.load import STATUS_ITEM
from declarations.tables.cells import TOTAL
from declarations.tables.models import Models
from replication.predicates import decide, place
from replication.proof.alternatives import Alternatives, level_tables
from replication.proof.bounds import bounds
from replication.proof.marks import NotSearchedError
from replication.proof.people_facts import PeopleFacts
from replication.proof.record import CONTRADICTED, HOLDS, OPEN, Proof
from replication.solver.goals import share_of
from replication.solver.query import BoundsQuestion
from replication.solver.sources import PrintEvidence
from replication.solver.verify import Person, complaints

WITNESSES, BOUNDS, TABLES = "witnesses", "bounds", "tables of counts"


@dataclass
class Prover:
    """Decides claims against one body of evidence; programs over the same items are kept."""

    study: Study
    evidence: PrintEvidence
    words: Mapping[str, Any]
    models: Models = field(default_factory=Models)

    def prove(self, claim: Claim) -> Proof | None:
        """What is proven of a claim; None where nothing is. Claims of invitations are not tried."""
        spoken = {item for s in selectors(claim) for item in selector_items(s, self.study)}
        if claim.kind == "not_testable" or not self.evidence.people or STATUS_ITEM in spoken:
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
                return Proof(claim.id, OPEN, WITNESSES, outcomes[True], outcomes[False])
        by = self.decided(claim, next(iter(outcomes), None))
        if by is None:
            return None
        met = next(iter(outcomes))
        verdict = HOLDS if met else CONTRADICTED
        return Proof(claim.id, verdict, by, outcomes.get(True, ""), outcomes.get(False, ""))

    def agrees(self, people: Sequence[Person]) -> bool:
        """Whether people show everything that is printed."""
        return next(complaints(people, self.evidence.figures), None) is None

    def decided(self, claim: Claim, met: bool | None) -> str | None:
        """How it is proven that all data that agree with print meet a claim (or none does)."""
        if met is None:
            return None
        if claim.kind in ("share", "count"):
            return BOUNDS if self._by_bounds(claim, met) else None
        if claim.kind == "difference":
            return TABLES if self._by_tables(claim, met) else None
        return None

    def _by_bounds(self, claim: Claim, met: bool) -> bool:
        """Every count within the outer bounds gives the same verdict; the base has to be fixed."""
        selector = claim.predicate["of"]
        share = share_of(selector, self.study)
        found = bounds(self.study, self.evidence.stated, self.evidence.facts, BoundsQuestion(share))
        numbers = {bound.name: (int(bound.low), int(bound.high)) for bound in found.bounds}
        (low, high), (base, most) = numbers["count"], numbers["of"]
        if base != most or not base:
            return False
        item, at = str(selector["item"]), place(selector)
        return all(self._as_counted(claim, item, at, k, base) is met for k in range(low, high + 1))

    def _as_counted(
        self, claim: Claim, item: str, at: tuple[str, str], k: int, base: int
    ) -> bool | None:
        codes = claim.predicate["of"].get("codes", TOTAL)
        listed = codes if isinstance(codes, (list, tuple)) else [codes]
        counted: Counter[tuple[str, str, str]] = Counter({(TOTAL, *at): base})
        counted[str(listed[0]), *at] = k
        return decide(claim, PeopleFacts((), {item: counted}), self.study, self.words).met

    def _by_tables(self, claim: Claim, met: bool) -> bool:
        """All tables of counts of a level against everyone else give the same verdict."""
        predicate = claim.predicate
        if isinstance(predicate.get("against"), list) or "level" not in predicate:
            return False
        every = []
        for item in selector_items(predicate, self.study):
            codes = self.study.items[item].codes
            try:
                tables = level_tables(
                    self.study,
                    self.evidence.stated,
                    item,
                    str(predicate["group"]),
                    str(predicate["level"]),
                )
            except NotSearchedError:
                return False
            every.append(_verdicts(predicate, codes, tables))
        if not every or any(not len(found) for found in every):
            return False
        if met:
            return all(bool(found.all()) for found in every)
        # one item that never shows it is enough
        return any(not found.any() for found in every)


def _verdicts(predicate: Mapping[str, Any], codes: Sequence[int], tables: Any) -> Any:
    """Whether each table (levels, codes) shows a stated difference."""
    shown = [codes.index(code) for code in predicate.get("codes") or ()]
    inside = tables[:, :, shown].sum(axis=2)
    bases = tables.sum(axis=2)
    tested = tables
    if predicate.get("test") == "codes":
        tested = np.stack([inside, bases - inside], axis=2)
    p = np.atleast_1d(pearson(tested).p)
    verdict = np.ones(len(tables), dtype=bool)
    if predicate.get("p_below"):
        verdict &= p < float(predicate["p_below"])
    if predicate.get("p_above"):
        verdict &= p >= float(predicate["p_above"])
    direction = predicate.get("direction", "any")
    if direction != "any":
        own, rest = inside[:, 0] * bases[:, 1], inside[:, 1] * bases[:, 0]
        verdict &= own > rest if direction == "more" else own < rest
    return verdict & (bases.min(axis=1) > 0)

"""Where to look up a claim: the tables, unnumbered results and models that it is read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg

from assets.analysis.model_assets import model_key
from assets.step.names import answers, counts, table
from assets.tables.unnumbered_assets import unnumbered_key
from declarations import Study
from declarations.claims.kinds import Adjusted, Claim
from declarations.tables.models import Model
from declarations.tables.unnumbered import Unnumbered, read_unnumbered
from replication.verdicts import items_of, tables_of


@dataclass(frozen=True)
class Places:
    """Everything in which a claim may be looked up."""

    study: Study
    results: tuple[Unnumbered, ...]
    models: tuple[Model, ...]

    def of(self, claim: Claim) -> dict[str, dg.AssetKey]:
        """The assets of a claim by id: tables, unnumbered results, models; or counts or texts."""
        found = {table_id: table(table_id) for table_id in tables_of(claim, self.study)}
        found |= {result.id: unnumbered_key(result.id) for result in self._results_of(claim)}
        if isinstance(claim, Adjusted):
            items = claim.items_in(self.study)
            found |= {m.id: model_key(m.id) for m in self.models if m.item in items}
        if not found:
            counted = {question.id for question in self.study.counted_questions}
            questions = [self.study.items[item].question for item in self._items(claim)]
            found = {f"counts/{q}": counts(q) for q in questions if q in counted}
            found |= {f"answers/{q}": answers(q) for q in questions if q not in counted}
        return found

    def _items(self, claim: Claim) -> list[str]:
        return [item for item in items_of(claim, self.study) if item in self.study.items]

    def of_all(self, claims: Sequence[Claim]) -> dict[str, dg.AssetKey]:
        """The places of several claims, each once."""
        return {name: key for claim in claims for name, key in self.of(claim).items()}

    def _results_of(self, claim: Claim) -> list[Unnumbered]:
        found = []
        for selector in claim.selectors:
            group = selector.breakdown
            items = set(selector.items_in(self.study))
            for result in self.results:
                if items & {item.id for item in result.items} and group in result.groups:
                    found.append(result)
        return found


def read_places(study: Study) -> Places:
    """The places of a study's declarations."""
    return Places(study, read_unnumbered(study), study.models.models)

"""Where one can look a claim up: the tables, unnumbered results and models it is read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg

from assets.analysis.model_assets import model_key
from assets.step.names import counts, table
from assets.tables.unnumbered_assets import unnumbered_key
from declarations import Study
from declarations.claims.claim import Claim, selector_items, selectors
from declarations.tables.models import Model, read_models
from declarations.tables.unnumbered import Unnumbered, read_unnumbered
from replication.verdicts import tables_of


@dataclass(frozen=True)
class Places:
    """Everything a claim may be looked up in."""

    study: Study
    results: tuple[Unnumbered, ...]
    models: tuple[Model, ...]

    def of(self, claim: Claim) -> dict[str, dg.AssetKey]:
        """Asset by id: printed tables, unnumbered results, models; counts where there is none."""
        found = {table_id: table(table_id) for table_id in tables_of(claim, self.study)}
        found |= {result.id: unnumbered_key(result.id) for result in self._results_of(claim)}
        if claim.kind == "adjusted":
            items = selector_items(claim.predicate, self.study)
            found |= {m.id: model_key(m.id) for m in self.models if m.item in items}
        if not found:
            questions = [self.study.items[item].question for item in self._items(claim)]
            found = {f"counts/{question}": counts(question) for question in questions}
        return found

    def _items(self, claim: Claim) -> list[str]:
        items = [i for s in selectors(claim) for i in selector_items(s, self.study)]
        return [item for item in items if item in self.study.items]

    def of_all(self, claims: Sequence[Claim]) -> dict[str, dg.AssetKey]:
        """The places of several claims, each once."""
        return {name: key for claim in claims for name, key in self.of(claim).items()}

    def _results_of(self, claim: Claim) -> list[Unnumbered]:
        found = []
        for selector in selectors(claim):
            group = str(selector.get("group") or selector.get("across") or "all")
            items = set(selector_items(selector, self.study))
            for result in self.results:
                if items & {item.id for item in result.items} and group in result.groups:
                    found.append(result)
        return found


def read_places(study: Study) -> Places:
    """The places of a study's declarations."""
    return Places(study, read_unnumbered(study), read_models(study).models)

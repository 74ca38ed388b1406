"""Facts counted from single people, for data sets on which a claim is tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from assets.analysis.models import model_frame, rules_of
from assets.statistics.regression import Patterns, collect
from declarations.tables.cells import TOTAL
from declarations.tables.models import Model, Models
from replication.deciding.facts import Facts, UndecidableError
from replication.solver.verify import Person


@dataclass
class PeopleFacts(Facts):
    """Counts of people as facts; see deciding.facts.Facts."""

    people: Sequence[Person]
    counted: dict[str, Counter[tuple[str, str, str]]] = field(default_factory=dict)
    models: Models = field(default_factory=Models)

    def count(self, item: str, code: str, group: str, level: str) -> int:
        """Respondents of the level with the code; code "total": who answered the item."""
        if item not in self.counted:
            found: Counter[tuple[str, str, str]] = Counter()
            for person in self.people:
                given = person.answers.get(item)
                for at in person.levels if given is not None else ():
                    found[str(given), *at] += person.weight
                    found[TOTAL, *at] += person.weight
            self.counted[item] = found
        return self.counted[item][str(code), group, level]

    def levels(self, item: str, group: str) -> list[str]:
        """Levels of a group in which somebody answered an item, in order."""
        self.count(item, TOTAL, group, "")
        return sorted({level for _, g, level in self.counted[item] if g == group})

    def numbers(self, item: str, group: str, level: str) -> dict[float, int]:
        """Frequencies of the numbers given within a level."""
        found: Counter[float] = Counter()
        for person in self.people:
            if item in person.answers and (group, level) in person.levels:
                found[float(person.answers[item].replace(",", "."))] += person.weight
        if not found:
            raise UndecidableError(f"no numbers of {item} in {group}={level}")
        return dict(found)

    def adjusted(
        self, item: str, codes: Sequence[int], group: str, level: str
    ) -> tuple[float, float]:
        """Odds ratio and p of a level in the declared model; see deciding.facts.Facts."""
        asked = (item, tuple(codes), (group, level))
        for model in self.models.models:
            if (model.item, model.codes, model.exposure) == asked:
                rules = rules_of(self.models)
                line = model_frame(model, self._patterns(model), rules).iloc[0]
                if not np.isnan(line["adjusted_p"]):
                    return float(line["adjusted_or"]), float(line["adjusted_p"])
        raise UndecidableError(f"no model of {item} by {group}={level} can be estimated")

    def _patterns(self, model: Model) -> Patterns:
        sample = [[(group, level) for level in own] for group, own in model.sample.items()]
        inside = [
            person
            for person in self.people
            if model.item in person.answers
            and all(any(place in person.levels for place in places) for places in sample)
        ]
        terms = [[term in person.levels for term in model.terms] for person in inside]
        outcome = [int(person.answers[model.item]) in model.codes for person in inside]
        design = np.array(terms, dtype=bool).reshape(-1, len(model.terms))
        return collect(design, np.array(outcome, dtype=bool))

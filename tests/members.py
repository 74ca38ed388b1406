"""Covariate patterns of a model from lines per respondent, for comparison with those from SQL."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from assets.statistics.regression import Patterns, collect
from declarations.tables.models import Model, Term


def indicators(memberships: pd.DataFrame, terms: Iterable[Term]) -> pd.DataFrame:
    """One line per respondent, one 0/1 column per term (group, level)."""
    wanted = list(dict.fromkeys(terms))
    people = pd.Index(memberships["respondent"].unique(), name="respondent")
    levels = {
        key: own["respondent"] for key, own in memberships.groupby(["group", "level"], sort=False)
    }
    columns = {term: people.isin(levels.get(term, pd.Series(dtype="object"))) for term in wanted}
    frame = pd.DataFrame(columns, index=people)
    frame.columns = pd.MultiIndex.from_tuples(wanted)
    return frame


def needed_terms(model: Model) -> list[Term]:
    """Terms of the design and levels of the sample."""
    return [*model.terms, *((g, level) for g, levels in model.sample.items() for level in levels)]


def patterns_of(model: Model, members: pd.DataFrame, answers: pd.DataFrame) -> Patterns:
    """Covariate patterns of the respondents in the sample who answered the item."""
    usable = answers[answers["item"] == model.item]
    code = usable.set_index("respondent")["code"].dropna()
    code = code[code.index.isin(members.index)]
    design = members.loc[code.index]
    inside = np.ones(len(design), dtype=bool)
    for group, levels in model.sample.items():
        inside &= design[[(group, level) for level in levels]].any(axis=1).to_numpy()
    chosen = design[list(model.terms)].to_numpy(dtype=bool)
    outcome = code.isin(model.codes).to_numpy(dtype=bool)
    return collect(chosen[inside], outcome[inside])

"""Regression models over the clean relations: the terms and the outcome of each respondent."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd

from assets.clean.coded import coded
from assets.clean.people import NUMBER
from assets.counts.blocks import blocks_of, in_level
from assets.counts.counting import PATTERNS
from assets.statistics.regression import (
    NOT_ESTIMABLE,
    NOTHING,
    OddsRatio,
    Patterns,
    Rules,
    adjusted_odds,
    bivariate,
)
from declarations import Study
from declarations.tables.models import Model, Models, Term
from runtime.store import quote

MODEL_COLUMNS = (
    "model", "term", "group", "level",
    "bivariate_or", "bivariate_low", "bivariate_high", "bivariate_p",
    "adjusted_or", "adjusted_low", "adjusted_high", "adjusted_p",
    "n", "events", "bivariate_status", "status",
)  # fmt: skip
EXPOSURE, COVARIATE, CONSTANT = "exposure", "covariate", "constant"


def rules_of(models: Models) -> Rules:
    """The declared rules, with defaults for absent entries."""
    return Rules(**models.rules.model_dump(exclude_none=True))


def counted_patterns(connection: duckdb.DuckDBPyConnection, model: Model, study: Study) -> Patterns:
    """Covariate patterns of a model, counted by the database from the stored answers.

    Requires the patterns of the respondents (`assets.counts.counting.write_patterns`).
    """
    blocks = blocks_of(study)
    terms = [in_level(blocks, *term) for term in model.terms]
    inside = " AND ".join(
        "(" + " OR ".join(in_level(blocks, group, level) for level in levels) + ")"
        for group, levels in model.sample.items()
    )
    item, codes = quote(model.item), ", ".join(map(str, model.codes))
    lines = connection.execute(
        f"SELECT {', '.join(terms)}, count(*) FILTER (WHERE {item} IN ({codes})), count(*) "
        f"FROM {coded(study.items[model.item].question)} JOIN {PATTERNS} USING ({NUMBER}) "
        f"WHERE {item} IS NOT NULL AND {inside or 'true'} GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    design = np.array([line[:-2] for line in lines], dtype=np.float64).reshape(-1, len(terms))
    events = np.array([line[-2] for line in lines], dtype=np.float64)
    return Patterns(design, events, np.array([line[-1] for line in lines]) - events)


def model_frame(model: Model, patterns: Patterns, rules: Rules) -> pd.DataFrame:
    """The odds ratios of a model, as `fitted_frame`."""
    return fitted_frame(model, patterns, rules, adjusted_odds(patterns, rules))


def fitted_frame(
    model: Model, patterns: Patterns, rules: Rules, fitted: Sequence[OddsRatio]
) -> pd.DataFrame:
    """One line per term, the constant last, in MODEL_COLUMNS; `fitted` are the adjusted ratios.

    `n` and `events` count the level; on the constant's line they count the whole sample. Bivariate
    compares the level with everyone else in the sample. Adjusted includes all other terms.
    """
    constant, *others = fitted
    lines = []
    for place, (term, beside) in enumerate(zip(model.terms, others, strict=True)):
        cells = patterns.cells(place)
        alone = bivariate(cells, rules)
        kind = EXPOSURE if place == 0 else COVARIATE
        counted = (cells[0] + cells[1], cells[0])
        lines.append(_line(model, kind, term, alone, beside, counted))
    total = (patterns.events + patterns.non_events, patterns.events)
    lines.append(_line(model, CONSTANT, ("all", "all"), NOTHING, constant, total))
    frame = pd.DataFrame(lines, columns=list(MODEL_COLUMNS))
    numbers = [n for n in MODEL_COLUMNS if n.startswith(("bivariate_", "adjusted_"))]
    return frame.astype({n: "float64" for n in numbers if n != "bivariate_status"})


def _line(
    model: Model, kind: str, term: Term, alone: OddsRatio, beside: OddsRatio, n: tuple[int, int]
) -> tuple[object, ...]:
    status = "" if kind == CONSTANT else alone.status
    return (
        model.id, kind, *term,
        alone.ratio, alone.low, alone.high, alone.p,
        beside.ratio, beside.low, beside.high, beside.p,
        *n, status, beside.status,
    )  # fmt: skip


def sentence(model: Model, frame: pd.DataFrame) -> str:
    """The exposure's two odds ratios in words, with the report's statement."""
    line = frame.iloc[0]
    said = (
        f"The report: {model.direction} likely; when other variables are controlled the "
        f"difference {WORDS[model.states]}."
    )
    return f"{_ratio(line, 'bivariate')}; {_ratio(line, 'adjusted')}. {said}"


WORDS = {
    "holds": "holds", "vanishes": "vanishes", "weakens": "weakens", "absent": "is not there"
}  # fmt: skip


def _ratio(line: pd.Series, kind: str) -> str:
    status = line["bivariate_status" if kind == "bivariate" else "status"]
    if status == NOT_ESTIMABLE:
        return f"{kind} not estimable"
    numbers = f"{line[f'{kind}_or']:.2f} ({line[f'{kind}_low']:.2f} to {line[f'{kind}_high']:.2f}"
    return f"{kind} odds ratio {numbers}, p = {line[f'{kind}_p']:.3f}, {status})"

"""Reads the files of variables, groups, weights and tables in the short form."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from declarations.documents import read_document
from declarations.errors import SpecError
from declarations.model.files import Files
from declarations.tabulation import groups as g
from declarations.tabulation import variables as v
from declarations.tabulation import weights as w
from declarations.tabulation.crosstab import BannerBook, Crosstab
from declarations.tabulation.tabulation import Tabulation

VARIABLES: Mapping[str, type[v.Variable]] = {
    "recode": v.Recode, "net": v.Net, "bands": v.Bands, "scale": v.Scale, "index": v.Index,
    "count": v.CountVariable, "any": v.CountVariable, "all": v.CountVariable,
    "difference": v.DifferenceVariable,
}  # fmt: skip
GROUPS: Mapping[str, type[g.DerivedGroup]] = {
    "answer": g.AnswerGroup, "bands": g.BandsGroup, "background": g.BackgroundGroup,
    "cross": g.CrossGroup,
}  # fmt: skip
WEIGHTS: Mapping[str, type[w.Weight]] = {
    "column": w.ColumnWeight, "poststratify": w.MadeWeight, "rake": w.MadeWeight,
}  # fmt: skip
BOOK, DESIGN = "crosstabs.yaml", "design.yaml"


def is_short(path: Path) -> bool:
    """Whether a file of `tables/` declares a table in the short form."""
    try:
        data = read_document(path)
    except SpecError:
        return False
    return isinstance(data, dict) and "of" in data and not {"rows", "columns"} & set(data)


def read_tabulation(files: Files) -> Tabulation:
    """Read everything for tabulation below the study folder; mistakes are noted."""
    seen: dict[Any, str] = {}
    variables = files.read("variables", VARIABLES, seen=seen)
    groups = files.read("groups", GROUPS, seen=seen)
    weights = files.read("weights", WEIGHTS, seen=seen)
    tables = files.read("tables", Crosstab, is_short)
    return Tabulation(
        tuple(variables.values()),
        tuple(groups.values()),
        tuple(weights.values()),
        files.one(DESIGN, w.Design),
        tuple(tables.values()),
        files.one(BOOK, BannerBook),
        {**seen, **{table.id: source for source, table in tables.items()}},
    )

"""Reads the files of variables, groups, weights and tables in the short form."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from declarations.documents import line_of, read_document
from declarations.errors import Mistake, Mistakes, SpecError, found_expected, listed, near
from declarations.model import Declared, named_as_its_file, validated
from declarations.tabulation import groups as g
from declarations.tabulation import variables as v
from declarations.tabulation import weights as w
from declarations.tabulation.crosstab import BannerBook, Crosstab
from declarations.tabulation.tabulation import Tabulation

VARIABLES: Mapping[str, type[Declared]] = {
    "recode": v.Recode, "net": v.Net, "bands": v.Bands, "scale": v.Scale, "index": v.Index,
    "count": v.CountVariable, "any": v.CountVariable, "all": v.CountVariable,
    "difference": v.DifferenceVariable,
}  # fmt: skip
GROUPS: Mapping[str, type[Declared]] = {
    "answer": g.AnswerGroup, "bands": g.BandsGroup, "background": g.BackgroundGroup,
    "cross": g.CrossGroup,
}  # fmt: skip
WEIGHTS: Mapping[str, type[Declared]] = {
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


def read_tabulation(folder: Path, mistakes: Mistakes) -> Tabulation:
    """Read everything below the study folder. Each file is checked alone; mistakes are noted."""
    files: dict[str, str] = {}
    variables = _several(folder, "variables", VARIABLES, mistakes, files)
    groups = _several(folder, "groups", GROUPS, mistakes, files)
    weights = _several(folder, "weights", WEIGHTS, mistakes, files)
    tables = []
    for path in sorted((folder / "tables").glob("*.yaml")):
        if is_short(path):
            made = _one(Crosstab, path, f"tables/{path.name}", mistakes)
            if made is not None:
                named_as_its_file(path, f"tables/{path.name}", made.id, mistakes)
                files[made.id] = f"tables/{path.name}"
                tables.append(made)
    design = _at(w.Design, folder / DESIGN, mistakes)
    book = _at(BannerBook, folder / BOOK, mistakes)
    return Tabulation(
        tuple(variables), tuple(groups), tuple(weights), design, tuple(tables), book, files
    )  # fmt: skip


def _several(
    folder: Path,
    name: str,
    kinds: Mapping[str, type[Declared]],
    mistakes: Mistakes,
    files: dict[str, str],
) -> list[Any]:
    found = []
    for path in sorted((folder / name).glob("*.yaml")):
        file = f"{name}/{path.name}"
        with mistakes.collecting():
            data = read_document(path)
            kind = data.get("kind") if isinstance(data, dict) else None
            model = kinds.get(kind) if isinstance(kind, str) else None
            if model is None:
                problem = found_expected(kind, f"one of {listed(kinds)}")
                line = line_of(path, ("kind",))
                mistakes.add(Mistake(file, line, "kind", problem, near(kind, kinds)))
                continue
            made: Any = validated(model, data, path, mistakes, file=file)
            if made is None:
                continue
            if made.id in files:
                problem = f"found {made.id!r}, which {files[made.id]} declares too"
                mistakes.add(Mistake(file, line_of(path, ("id",)), "id", problem))
                continue
            named_as_its_file(path, file, made.id, mistakes)
            files[made.id] = file
            found.append(made)
    return found


def _one(model: type[Any], path: Path, file: str, mistakes: Mistakes) -> Any:
    with mistakes.collecting():
        return validated(model, read_document(path), path, mistakes, file=file)
    return None


def _at(model: type[Any], path: Path, mistakes: Mistakes) -> Any:
    return _one(model, path, path.name, mistakes) if path.exists() else None

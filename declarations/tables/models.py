"""Regression models as declared: outcome, exposure, covariates and what the report says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from declarations.documents import declared_in, read_document
from declarations.errors import SpecError, need, only
from declarations.ids import read_id
from declarations.labels import Label, read_label
from declarations.study import Study

# What the report says of a difference once the other background variables are held constant.
STATES = ("holds", "vanishes", "weakens", "absent")
DIRECTIONS = ("more", "less")
DEFAULTS = "defaults.yaml"
ENTRIES = (
    "id", "section", "title", "outcome", "exposure", "sample", "states", "direction", "covariates",
    "note",
)  # fmt: skip
Term = tuple[str, str]  # group, level


@dataclass(frozen=True)
class Model:
    """Whether a level gives the outcome more often, alone and beside the covariates.

    Outcome 1: one of `codes` of `item`; 0: any other answer to it, don't know included;
    unanswered is outside. `exposure` and `covariates` are 0/1 terms: in the level or not.
    `sample` restricts respondents to levels of groups.
    """

    id: str
    chapter: str
    section: str
    title: Label
    item: str
    codes: tuple[int, ...]
    exposure: Term
    covariates: tuple[Term, ...]
    states: str
    direction: str
    source: str
    sample: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    note: str = ""

    @property
    def terms(self) -> tuple[Term, ...]:
        """The exposure, then the covariates."""
        return (self.exposure, *self.covariates)


@dataclass(frozen=True)
class Models:
    """All models in the order of the report, and the rules they share."""

    models: tuple[Model, ...]
    rules: Mapping[str, Any]


def read_models(study: Study) -> Models:
    """Read `models/*.yaml`; a study without that folder has none.

    `defaults.yaml` declares covariates (group: levels) and rules. A model takes all covariates
    but those that cut what its exposure cuts (the same group, or one with the same source), or
    the groups it lists itself. Raises SpecError for unknown items, codes, groups and levels.
    """
    folder = study.folder / "models"
    if not folder.is_dir():
        return Models((), {})
    defaults = read_document(folder / DEFAULTS)
    covariates = need(defaults, "covariates", f"models/{DEFAULTS}")
    only(defaults, ("covariates", "rules"), f"models/{DEFAULTS}")
    with declared_in(f"models/{DEFAULTS}"):
        for group, levels in covariates.items():
            _check_levels(study, group, levels, f"models/{DEFAULTS}")
    paths = sorted(path for path in folder.glob("*.yaml") if path.name != DEFAULTS)
    models = [_read_file(path, covariates, study) for path in paths]
    seen: dict[str, str] = {}
    for model in models:
        if model.id in seen:
            raise SpecError(model.source, f"model {model.id} is also declared in {seen[model.id]}")
        seen[model.id] = model.source
    ordered = sorted(models, key=lambda model: ([*map(int, model.section.split("."))], model.id))
    return Models(tuple(ordered), defaults.get("rules") or {})


def _read_file(path: Path, covariates: Mapping[str, Any], study: Study) -> Model:
    source = f"models/{path.name}"
    with declared_in(source):
        return _read_model(read_document(path), covariates, study, source)


def _read_model(data: Any, covariates: Mapping[str, Any], study: Study, source: str) -> Model:
    section = str(need(data, "section", source))
    if not all(part.isdigit() for part in section.split(".")):
        raise SpecError(source, f"section is {section!r}, expected numbers as in '3.1'")
    outcome = need(data, "outcome", source)
    item, codes = str(need(outcome, "item", source)), tuple(need(outcome, "codes", source))
    if item not in study.items or not study.items[item].closed:
        raise SpecError(source, f"outcome {item!r} is no closed item")
    known = study.items[item].codes
    if not codes or not set(codes) < set(known):
        raise SpecError(source, f"codes are {codes}, expected some but not all of {known}")
    exposure = need(data, "exposure", source)
    only(outcome, ("item", "codes"), f"{source}: outcome")
    only(exposure, ("group", "level"), f"{source}: exposure")
    group, level = str(need(exposure, "group", source)), str(need(exposure, "level", source))
    _check_levels(study, group, [level], source)
    sample = data.get("sample") or {}
    for name, levels in sample.items():
        _check_levels(study, name, levels, source)
    states, direction = need(data, "states", source), data.get("direction", "more")
    if states not in STATES or direction not in DIRECTIONS:
        raise SpecError(source, f"states/direction: {states!r}, {direction!r}; see {STATES}")
    chosen = data.get("covariates", list(covariates))
    if not set(chosen) <= set(covariates):
        raise SpecError(source, f"covariates {chosen}: declared are {sorted(covariates)}")
    only(data, ENTRIES, source)
    own = study.group[group].source
    return Model(
        id=read_id(need(data, "id", source), source),
        chapter=section.split(".")[0],
        section=section,
        title=read_label(need(data, "title", source), source),
        item=item,
        codes=codes,
        exposure=(group, level),
        covariates=tuple(
            (name, str(x))
            for name in chosen
            if study.group[name].source != own
            for x in covariates[name]
        ),
        states=states,
        direction=direction,
        source=source,
        sample={name: tuple(map(str, levels)) for name, levels in sample.items()},
        note=str(data.get("note", "")),
    )


def _check_levels(study: Study, group: str, levels: Any, where: str) -> None:
    if group not in study.group:
        raise SpecError(where, f"group {group!r} is not declared")
    known = {level.key for level in study.group[group].levels}
    if not set(levels) <= known:
        raise SpecError(where, f"levels {levels} of {group}: declared are {sorted(known)}")

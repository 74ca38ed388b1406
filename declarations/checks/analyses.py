"""Checks of results without a table and of models."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import ValidationError

from declarations.checks.cells import check_cells
from declarations.checks.checked import Checked
from declarations.errors import listed
from declarations.tables.models import DEFAULTS, ModelDefaults, ModelFile
from declarations.tables.unnumbered import UnnumberedFile, made_result


def check_result(checked: Checked, source: str, result: UnnumberedFile) -> None:
    """Check that question, items, groups and all coordinates of the columns are declared."""
    study = checked.study
    place = ["rows", "items_of"]
    right = checked.refers(source, place, result.rows.items_of, study.question, "a question")
    for number, group in enumerate(result.rows.levels_of):
        known = ("all", *study.group)
        where = ["rows", "levels_of", number]
        right &= checked.refers(source, where, group, known, "a group or `all`")
    if not right:
        return
    question = study.question[result.rows.items_of]
    own = {item.id: item for item in question.items}
    for number, name in enumerate(result.rows.items or ()):
        where = ["rows", "items", number]
        right &= checked.refers(source, where, name, own, f"an item of {question.id}")
    chosen = result.rows.items or [item.id for item in question.closed_items]
    if not chosen:
        checked.wrong(source, place, question.id, "a question with closed items")
        return
    if not isinstance(result.columns, tuple):
        if result.columns.codes_of != question.id:
            where = ["columns", "codes_of"]
            checked.wrong(source, where, result.columns.codes_of, f"{question.id}, as in rows")
        elif right and len({(own[name].type, own[name].codes) for name in chosen}) != 1:
            expected = f"columns as a list: the items of {question.id} have not all the same codes"
            checked.wrong(source, ["columns", "codes_of"], question.id, expected)
            right = False
    if not right:
        return
    by = [group for group in result.rows.levels_of if group != "all"]
    if by and question.of_invitations:
        expected = f"`all` alone: {question.id} is asked of all invitations"
        checked.wrong(source, ["rows", "levels_of"], by, expected)
    try:
        # Levels were checked with their groups; the level `all` replaces them here.
        written = made_result(result, source, question, study.group).written_by(["all"])
    except ValidationError as error:
        for one in error.errors():
            facts = one.get("ctx", {})
            at = list(facts.get("at", ()))
            expected = str(facts.get("said", one["msg"]))
            place = at if at and at[0] != "rows" else ["columns"]
            checked.wrong(source, place, facts.get("found"), expected)
        return
    check_cells(checked, source, written, lambda at: ("rows",) if at[0] == "rows" else at)


def check_defaults(checked: Checked, defaults: ModelDefaults) -> bool:
    """Check that the covariates are levels of declared groups."""
    source = f"models/{DEFAULTS}"
    right = True
    for name, levels in defaults.covariates.items():
        if not _check_levels(checked, source, ["covariates"], name, levels):
            right = False
            continue
        group = checked.study.group[name]
        if not group.overlapping and {level.key for level in group.levels} <= set(levels):
            expected = "all levels except the reference"
            checked.wrong(source, ["covariates", name], list(levels), expected)
            right = False
    return right


def _check_levels(
    checked: Checked, source: str, place: list[str], name: str, levels: Iterable[str]
) -> bool:
    if not checked.refers(source, [*place, name], name, checked.study.group, "a group"):
        return False
    known = [level.key for level in checked.study.group[name].levels]
    right = True
    for number, level in enumerate(levels):
        where = [*place, name, number]
        right &= checked.refers(source, where, level, known, f"a level of {name}")
    return right


def check_model(
    checked: Checked, source: str, model: ModelFile, defaults: ModelDefaults | None
) -> bool:
    """Check that outcome, exposure, sample and covariates are declared."""
    study, outcome, exposure = checked.study, model.outcome, model.exposure
    closed = [item.id for item in study.items.values() if item.closed]
    where = ["outcome", "item"]
    right = checked.refers(source, where, outcome.item, closed, "a closed item")
    if right:
        known = study.items[outcome.item].codes
        for number, code in enumerate(outcome.codes):
            place = ["outcome", "codes", number]
            right &= checked.refers(source, place, code, known, f"a code of {outcome.item}")
        if set(outcome.codes) >= set(known):
            expected = f"some but not all of {listed(known)}"
            checked.wrong(source, ["outcome", "codes"], list(outcome.codes), expected)
            right = False
    place = ["exposure", "group"]
    if checked.refers(source, place, exposure.group, study.group, "a group"):
        levels = [level.key for level in study.group[exposure.group].levels]
        place = ["exposure", "level"]
        what = f"a level of {exposure.group}"
        right &= checked.refers(source, place, exposure.level, levels, what)
    else:
        right = False
    for name, chosen in model.sample.items():
        right &= _check_levels(checked, source, ["sample"], name, chosen)
    for number, name in enumerate((defaults and model.covariates) or ()):
        assert defaults is not None
        what = f"a group of models/{DEFAULTS}"
        place = ["covariates", number]
        right &= checked.refers(source, place, name, defaults.covariates, what)
    return right

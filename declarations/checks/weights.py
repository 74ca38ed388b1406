"""Checks of weights and of the design of the sample against the study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from declarations.checks.crosstabs import Checker
from declarations.errors import listed
from declarations.fields.levels import levels_of
from declarations.tabulation.weights import (
    ColumnWeight,
    Design,
    MadeWeight,
    RegisterMargin,
    Weight,
)

# permitted sums of shares, as fractions or percent, rounded
SHARES, NEARLY, ROUNDED = (1.0, 100.0), 0.15, 0.005


def check_weight(checker: Checker, weight: Weight) -> None:
    """Note every mistake in a weight; the checker's current file is that of the weight."""
    if isinstance(weight, ColumnWeight):
        field = checker.fields.get(weight.column)
        if field is None or field.kind != "numeric":
            checker.column(weight.column, ("column",))
        return
    if weight.base is not None:
        if weight.base not in checker.tabulation.weight or weight.base == weight.id:
            known = [name for name in checker.tabulation.weight if name != weight.id]
            checker.wrong(("base",), weight.base, f"another weight: {listed(known)}", known)
        elif isinstance(checker.tabulation.weight[weight.base], MadeWeight):
            checker.wrong(("base",), weight.base, "a weight of kind column")
    sums: dict[str, float] = {}
    for name, margin in weight.margins.items():
        levels = levels_of(name, checker.study, checker.fields)
        if levels is None:
            known = [*checker.study.group, *checker.tabulation.group]
            checker.wrong(("margins", name), name, f"a group: {listed(known)}", known)
            continue
        if isinstance(margin, Mapping):
            _totals(checker, weight, name, margin, [level.key for level in levels])
            sums[name] = sum(margin.values())
        elif isinstance(margin, RegisterMargin):
            _register(checker, name, margin)
    totals = {n: s for n, s in sums.items() if not any(abs(s - w) <= ROUNDED * w for w in SHARES)}
    first = next(iter(totals), None)
    for name, total in totals.items():
        if first is not None and abs(total - totals[first]) > 1e-6 * totals[first]:
            words = f"the sum of {first}, {totals[first]:g}: margins describe one population"
            checker.wrong(("margins", name), f"a sum of {total:g}", words)


def _totals(
    checker: Checker, weight: MadeWeight, name: str, margin: Mapping[str, Any], known: list[str]
) -> None:
    for level in margin:
        if level not in known:
            checker.wrong(("margins", name, level), level, f"a level: {listed(known)}", known)
    for level in known:
        if level not in margin:
            checker.wrong(("margins", name), None, f"a total for the level {level}")
    total = sum(margin.values())
    for whole in SHARES:
        near_it = abs(total - whole) <= NEARLY * whole
        if near_it and abs(total - whole) > ROUNDED * whole and weight.size is None:
            words = f"shares that add up to {whole:g}, or totals of a population"
            checker.wrong(("margins", name), f"a sum of {total:g}", words)


def _register(checker: Checker, name: str, margin: RegisterMargin) -> None:
    group = checker.study.group.get(name)
    if group is None or not group.by_municipality:
        checker.wrong(("margins", name), name, "a group that is read from the register")
    columns = checker.study.register_columns
    if margin.register_ != "units" and margin.register_ not in columns:
        words = f"`units` or a column of the register: {listed(columns)}"
        checker.wrong(("margins", name, "register"), margin.register_, words, columns)


def check_design(checker: Checker, design: Design) -> None:
    """Note every mistake in the design; the checker's current file is that of the design."""
    study = checker.study
    columns = [*study.harmless_columns, *(["municipality"] if study.has_frame else [])]
    strata = design.strata
    if (
        strata is not None
        and strata not in columns
        and not levels_of(strata, study, checker.fields)
    ):
        known = [*columns, *study.group, *checker.tabulation.group]
        checker.wrong(("strata",), strata, f"a group or column: {listed(known)}", known)
    if design.cluster is not None and design.cluster not in columns:
        checker.wrong(("cluster",), design.cluster, f"one of {listed(columns)}", columns)
    if isinstance(design.population, Mapping) and design.strata is None:
        checker.wrong(("population",), dict(design.population), "a number, as there are no strata")

"""Runs the checks of all declarations for tabulation, and finds cycles among their names."""

from __future__ import annotations

from collections.abc import Mapping

from declarations.checks.checked import Checked
from declarations.checks.crosstabs import Checker
from declarations.checks.weights import check_design, check_weight
from declarations.tabulation.groups import AnswerGroup, BandsGroup, CrossGroup


def check_tabulation(checked: Checked) -> None:
    """Note every mistake in a study's declarations for tabulation."""
    checker = Checker(checked)
    tabulation = checked.study.tabulation
    if _circles(checker):
        return
    for variable in tabulation.variables:
        _own_name(checker, variable.id)
        checker.variable(variable)
    for group in tabulation.groups:
        _own_name(checker, group.id)
        checker.group(group)
    for weight in tabulation.weights:
        checker.file = tabulation.files[weight.id]
        check_weight(checker, weight)
    if tabulation.design is not None:
        checker.file = "design.yaml"
        check_design(checker, tabulation.design)
    for table in tabulation.tables:
        checker.table(table)
    if tabulation.book is not None:
        checker.book(tabulation.book)


def _own_name(checker: Checker, name: str) -> None:
    checker.file = checker.tabulation.files[name]
    study = checker.study
    if name in study.items or name in study.question or name == "all":
        checker.wrong(("id",), name, "a name that no item or question has")


def _circles(checker: Checker) -> bool:
    """Note every variable or group that depends on itself."""
    tabulation = checker.tabulation
    rests: dict[str, tuple[str, ...]] = {v.id: v.sources for v in tabulation.variables}
    for group in tabulation.groups:
        if isinstance(group, CrossGroup):
            rests[group.id] = group.of
        elif isinstance(group, AnswerGroup | BandsGroup):
            rests[group.id] = (group.of,)
    found = False
    for name in rests:
        way = _way_back(name, rests)
        if way:
            checker.file = tabulation.files[name]
            checker.wrong(("of",), " > ".join(way), "names that do not depend on this one")
            found = True
    return found


def _way_back(name: str, rests: Mapping[str, tuple[str, ...]]) -> list[str]:
    waiting, seen = [[name]], set()
    while waiting:
        way = waiting.pop()
        for below in rests.get(way[-1], ()):
            if below == name:
                return [*way, below]
            if below not in seen:
                seen.add(below)
                waiting.append([*way, below])
    return []

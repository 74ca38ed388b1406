"""Sorts modules on the path of an answer: those that handle it, and three other groups."""

from __future__ import annotations

from collections.abc import Iterable

ANSWER = "the answer"
INPUTS = "other inputs of the table"
DECLARED = "declarations"
MACHINERY = "machinery"
GROUPS = {
    ANSWER: "read, check, code, move, count or lay out the answers",
    INPUTS: "read what the answers are joined with: the export's description, the register, the "
    "ids of respondents",
    DECLARED: "load and check the declarations",
    MACHINERY: "run a step: files, limits, keys, names, errors, lineage, and the pages of assets",
}
# The group of all modules of a package, or of one module. The longest name decides.
GROUP_OF = {
    "assets": ANSWER,
    "declarations": DECLARED,
    "runtime": MACHINERY,
    "assets.step": MACHINERY,
    "assets.raw.readers.structure_headings": INPUTS,
    "assets.clean.background": INPUTS,
    "assets.clean.pseudonyms": INPUTS,
    "assets.raw.limits": MACHINERY,
    "assets.raw.readers.unchanged": MACHINERY,
    "assets.clean.answer_facts": MACHINERY,
    "assets.clean.stored": MACHINERY,
    "assets.tables.group_rules": MACHINERY,
    "assets.tables.picture": MACHINERY,
    "assets.tables.table_page": MACHINERY,
}


def group_of(module: str) -> str:
    """The group of a module.

    Raises KeyError if neither the module nor a package above it has one.
    """
    name = module
    while name not in GROUP_OF and "." in name:
        name = name.rpartition(".")[0]
    return GROUP_OF[name]


def grouped(modules: Iterable[str]) -> dict[str, list[str]]:
    """The modules by group, in their order; every group is there."""
    found: dict[str, list[str]] = {name: [] for name in GROUPS}
    for module in modules:
        found[group_of(module)].append(module)
    return found

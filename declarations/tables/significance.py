"""How differences are tested: conventions declared for the study, overridable per table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from declarations.errors import SpecError, need, only
from declarations.tables.cells import Table

TESTS = ("pearson_chi_square", "likelihood_ratio", "fisher", "linear_by_linear", "gamma")
DISTRIBUTIONS = ("whole", "shown")
DONT_KNOW = ("in_base", "outside_base", "own_category")
AGAINST = ("others", "levels")
BY = ("cell", "row", "group", "table")
MARKS = ("stars", "bound")
DECLARED = "declared"
CONVENTION = ("test", "distribution", "dont_know")
SETTINGS = (
    *CONVENTION, "against", "stars", "bounds", "confidence", "correction", "alternatives",
    "simulation", "small_expected",
)  # fmt: skip
ORDERED_TESTS = ("linear_by_linear", "gamma")


@dataclass(frozen=True)
class Convention:
    """One way to test a difference.

    `distribution` whole compares all answers, shown the printed one with the rest. `dont_know`
    says what becomes of "don't know": with the rest (in_base), left out (outside_base) or an
    answer apart (own_category). Tests of order leave it out always: it has no place in the order.
    """

    id: str
    test: str
    distribution: str
    dont_know: str

    @property
    def ordered(self) -> bool:
        """Whether the test needs answers (and more than two groups) in an order."""
        return self.test in ORDERED_TESTS


@dataclass(frozen=True)
class Marking:
    """What a table compares and how print marks it.

    `by` says what has a mark: every cell, a row, the group lines of a row, or the whole table.
    `against` others compares every level with everyone not in it, levels compares them with each
    other. `ordered` is false where the answers have no order.
    """

    by: str
    mark: str
    against: str
    ordered: bool
    convention: Convention


@dataclass(frozen=True)
class TestSettings:
    """What holds for all tests of a study."""

    convention: Convention
    alternatives: tuple[Convention, ...]
    against: str
    stars: Mapping[float, str]
    bounds: tuple[float, ...]
    confidence: float
    draws: int
    seed: int
    small_expected: Mapping[str, float]


def read_settings(conventions: Mapping[str, Any], where: str) -> TestSettings:
    """The study's `conventions`; SpecError names the entry that is missing or unknown."""
    place = f"{where}: conventions.significance"
    data = need(conventions, "significance", f"{where}: conventions")
    only(data, SETTINGS, place)
    only(data.get("simulation"), ("draws", "seed"), f"{place}: simulation")
    for entry in data.get("alternatives") or ():
        only(entry, ("id", *CONVENTION), f"{place}: alternatives")
    correction = str(data.get("correction", "none"))
    if correction != "none":
        raise SpecError(place, f"correction is {correction!r}, only 'none' is known")
    convention = _convention(
        data,
        Convention(DECLARED, TESTS[0], "whole", str(conventions.get("dont_know", "in_base"))),
        place,
    )
    alternatives = tuple(
        replace(
            _convention(entry, convention, f"{place}: alternatives"),
            id=str(need(entry, "id", f"{place}: alternatives")),
        )
        for entry in data.get("alternatives") or ()
    )
    ids = [convention.id, *(c.id for c in alternatives)]
    if len(set(ids)) != len(ids):
        raise SpecError(place, f"an id stands twice: {ids}")
    simulation = data.get("simulation") or {}
    return TestSettings(
        convention=convention,
        alternatives=alternatives,
        against=_one_of(data, "against", "others", AGAINST, place),
        stars={float(p): str(mark) for p, mark in need(data, "stars", place).items()},
        bounds=tuple(sorted(float(p) for p in data.get("bounds") or (0.05,))),
        confidence=float(data.get("confidence", 0.95)),
        draws=int(simulation.get("draws", 2000)),
        seed=int(simulation.get("seed", 1)),
        small_expected={k: float(v) for k, v in (data.get("small_expected") or {}).items()},
    )


def read_marking(table: Table, settings: TestSettings) -> Marking | None:
    """What a table compares; None where it declares no significance."""
    data = table.significance
    if not data:
        return None
    where = f"{table.source}: significance"
    only(data, ("by", "mark", "against", "ordered", *CONVENTION), where)
    by = _one_of(data, "by", None, BY, where)
    # the lines of a row are printed to be compared with each other
    against = "levels" if by == "group" else settings.against
    return Marking(
        by=by,
        mark=_one_of(data, "mark", None, MARKS, where),
        against=_one_of(data, "against", against, AGAINST, where),
        ordered=bool(data.get("ordered", True)),
        convention=_convention(data, settings.convention, where),
    )


def _convention(data: Mapping[str, Any], default: Convention, where: str) -> Convention:
    return replace(
        default,
        test=_one_of(data, "test", default.test, TESTS, where),
        distribution=_one_of(data, "distribution", default.distribution, DISTRIBUTIONS, where),
        dont_know=_one_of(data, "dont_know", default.dont_know, DONT_KNOW, where),
    )


def _one_of(
    data: Mapping[str, Any], key: str, default: str | None, known: Iterable[str], where: str
) -> str:
    value = str(need(data, key, where) if default is None else data.get(key, default))
    if value not in known:
        raise SpecError(where, f"{key} is {value!r}, expected one of {', '.join(known)}")
    return value

"""How differences are tested: conventions of the study, which a table may override."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from declarations.errors import SpecError
from declarations.survey.conventions import Conventions
from declarations.survey.marks import DECLARED, MarkConvention
from declarations.tables.cells import Table

ORDERED_TESTS = ("linear_by_linear", "gamma")


@dataclass(frozen=True)
class Convention:
    """One way to test a difference.

    `distribution` is `whole` (compare all answers) or `shown` (compare the printed answer with the
    rest). `dont_know` decides where "don't know" counts: in the base (in_base), outside it
    (outside_base) or as a separate answer (own_category). Tests of order always leave it out,
    because it has no place in the order.
    """

    id: str
    test: str
    distribution: str
    dont_know: str

    @property
    def ordered(self) -> bool:
        """Whether the test needs ordered answers and, for more than two groups, ordered groups."""
        return self.test in ORDERED_TESTS


@dataclass(frozen=True)
class Marking:
    """What a table compares, and how print marks it.

    `by` is the unit of a mark: every cell, a row, the group lines of a row, or the whole table.
    `against` is `others` (a level with everyone not in it) or `levels` (the levels with each
    other). `ordered` is false if the answers have no order.
    """

    by: str
    mark: str
    against: str
    ordered: bool
    convention: Convention


@dataclass(frozen=True)
class TestSettings:
    """The settings of all tests of a study."""

    convention: Convention
    alternatives: tuple[Convention, ...]
    against: str
    stars: Mapping[float, str]
    bounds: tuple[float, ...]
    confidence: float
    draws: int
    seed: int
    small_expected: Mapping[str, float]


def read_test_settings(conventions: Conventions) -> TestSettings:
    """The study's tests. Raises SpecError if it declares none."""
    data = conventions.significance
    if data is None:
        raise SpecError("study.yaml", "conventions: found no `significance`, expected one")
    usual = Convention(DECLARED, "pearson_chi_square", "whole", conventions.dont_know or "in_base")
    convention = _convention(data, usual)
    return TestSettings(
        convention=convention,
        alternatives=tuple(
            replace(_convention(one, convention), id=one.id) for one in data.alternatives
        ),
        against=data.against,
        stars=data.stars,
        bounds=tuple(sorted(data.bounds)),
        confidence=data.confidence,
        draws=data.simulation.draws,
        seed=data.simulation.seed,
        small_expected=data.small_expected.model_dump(exclude_none=True),
    )


def read_marking(table: Table, settings: TestSettings) -> Marking | None:
    """What a table compares; None if it declares no significance."""
    data = table.significance
    if data is None:
        return None
    # readers compare the lines of one row with each other
    against = "levels" if data.by == "group" else settings.against
    return Marking(
        by=data.by,
        mark=data.mark,
        against=data.against or against,
        ordered=data.ordered,
        convention=_convention(data, settings.convention),
    )


def _convention(data: MarkConvention, default: Convention) -> Convention:
    return Convention(
        default.id,
        data.test or default.test,
        data.distribution or default.distribution,
        data.dont_know or default.dont_know,
    )

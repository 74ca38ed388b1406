"""Printed stars as evidence: which statements they settle, and which not."""

from __future__ import annotations

from pathlib import Path

import pytest

from declarations import Study
from declarations.claims.claim import Claim
from replication.printed_marks import Marks, read_marks
from tests.chain import STUDY

SOCIAL = ("actor_self_governing", "area", "social")


@pytest.fixture(scope="module")
def marks(study: Study) -> Marks:
    return read_marks(study, Path(STUDY) / "printed")


def claim(kind: str, **predicate: object) -> Claim:
    common = {"item": "actor_self_governing", "group": "area", "level": "social"}
    return Claim("c0_001", "4", "4.3", "A statement.", kind, {**common, **predicate}, "", "")


def test_a_star_bounds_p_from_both_sides(marks: Marks) -> None:
    # Table 4.3: social, self-governing institutions 38.1*; health, drop-in centres 50.9***
    assert marks.ranges[SOCIAL] == (0.01, 0.05)
    assert marks.ranges[("actor_drop_in", "area", "health")] == (0.0, 0.001)


def test_no_star_in_a_starred_table_says_not_significant(marks: Marks) -> None:
    # Table 4.2: social, housing associations 44.0 without a star
    assert marks.ranges[("actor_housing", "area", "social")] == (0.05, 1.0)


def test_all_figures_of_the_two_starred_tables_are_read(marks: Marks) -> None:
    assert len(marks.ranges) == 48 + 40


@pytest.mark.parametrize(
    ("asked", "settled"),
    [
        (claim("no_difference", p_above=0.05), True),
        (claim("difference", p_below=0.05, direction="any"), True),
        (claim("difference", p_below=0.01, direction="any"), True),
        # p < .02 lies inside what one star leaves open
        (claim("difference", p_below=0.02, direction="any"), False),
        (claim("difference", p_below=0.05, test="codes", codes=[1]), False),
        (claim("difference", p_below=0.05, against=["health"]), False),
        (claim("no_difference", level="social", item="economy"), False),
        (claim("share"), False),
    ],
)
def test_what_a_star_settles(marks: Marks, study: Study, asked: Claim, settled: bool) -> None:
    assert marks.settle(asked, study, 0.05) is settled


def test_every_level_has_to_be_settled(marks: Marks, study: Study) -> None:
    both = claim("no_difference", each=["social", "health"], p_above=0.05)
    assert marks.settle(both, study, 0.05)
    beyond = claim("no_difference", each=["social", "nowhere"], p_above=0.05)
    assert not marks.settle(beyond, study, 0.05)

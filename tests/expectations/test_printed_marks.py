"""Printed stars as evidence: which statements they decide, and which they do not."""

from __future__ import annotations

import pytest

from declarations.claims.kinds import Claim
from replication.consistency.facts import PrintedFacts
from replication.consistency.printed_report import PrintedReport
from replication.consistency.statements import decide_statement
from replication.deciding.facts import CONTRADICTED, HOLDS, P, UndecidableError
from tests.claims import claim_of

SOCIAL = ("actor_self_governing", "area", "social")


def claim(kind: str, **entries: object) -> Claim:
    common = {"item": "actor_self_governing", "group": "area", "level": "social"}
    return claim_of(kind, section="4.3", **{**common, **entries})


def test_a_star_bounds_p_from_both_sides(report: PrintedReport) -> None:
    # Table 4.3: social, self-governing institutions 38.1*; health, drop-in centres 50.9***
    assert PrintedFacts(report).stated_p(*SOCIAL) == P(0.01, 0.05, "*")
    assert PrintedFacts(report).stated_p("actor_drop_in", "area", "health") == P(0, 0.001, "***")


def test_no_star_in_a_starred_table_says_not_significant(report: PrintedReport) -> None:
    # Table 4.2: social, housing associations 44.0 without a star
    assert PrintedFacts(report).stated_p("actor_housing", "area", "social") == P(0.05, 1.0, "")


def test_all_figures_of_the_two_starred_tables_are_read(report: PrintedReport) -> None:
    assert len(report.layout.starred) == 48 + 40


def test_what_a_range_says_of_a_bound() -> None:
    star = P(0.01, 0.05, "*")
    assert star.below(0.05)
    assert star.below(0.1)
    assert not star.below(0.01)
    with pytest.raises(UndecidableError, match="leave the bound open"):
        star.below(0.02)
    assert not P.of(0.05).below(0.05)


@pytest.mark.parametrize(
    ("asked", "grade"),
    [
        (claim("no_difference"), CONTRADICTED),
        (claim("no_difference", p_above=0.01), HOLDS),
        (claim("difference", says="significant"), HOLDS),
        # p < .02 lies inside what one star leaves open
        (claim("no_difference", p_above=0.02), None),
        # who collaborates: 38.1 % of 168 against the others, from the printed shares
        (claim("no_difference", test="codes", codes=[1]), HOLDS),
        (claim("difference", says="significant", against=["health"]), None),
        (claim("no_difference", item="economy"), None),
        (claim("no_difference", level="all", each=["social", "health"]), CONTRADICTED),
    ],
)
def test_what_a_star_decides(report: PrintedReport, asked: Claim, grade: str | None) -> None:
    assert decide_statement(asked, report)[0].grade == grade

"""Statements of the text that say opposite things of the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from declarations import SpecError, Study
from declarations.claims.claim import Claim, _check_references, read_claims
from declarations.claims.predicates import check_predicate
from replication.audit import read_printed_report
from replication.audit.registry import RULES
from replication.audit.rules.contradiction import orders
from replication.consistency.constraints import HIGH, MEDIUM

MORE = {"item": "value_trust", "codes": [1], "group": "area", "level": "culture"}


def claim(name: str, kind: str, **predicate: object) -> Claim:
    return Claim(name, "7", "7", "A statement.", kind, predicate, "", "")


def pairs_of(study: Study, *claims: Claim) -> list[tuple[str, str]]:
    """Ids of the statements that contradict each other, with the severity."""
    layout = read_printed_report(study, claims).layout
    found = RULES["contradiction"].constraints(layout)
    return [(c.key, str(c.severity)) for c in found if not c.holds(layout.rehearsal)]


def test_opposite_differences_of_one_level_contradict_each_other(study: Study) -> None:
    more = claim("a", "difference", **MORE, direction="more", p_below=0.05)
    less = claim("b", "difference", **MORE, direction="less")
    assert pairs_of(study, more, less) == [("a=b", HIGH)]
    # another level, item, answer or none stated is no contradiction
    for other in ({"level": "school"}, {"item": "value_quality"}, {"codes": [1, 2]},
                  {"direction": "any"}):  # fmt: skip
        assert not pairs_of(study, more, claim("b", "difference", **{**less.predicate, **other}))


def test_a_ranking_is_read_as_the_pairs_it_puts_in_order(study: Study) -> None:
    among = {"items": ["value_trust", "value_quality", "value_complex"], "codes": [1]}
    ordered = claim("a", "ranking", among=among, bottom=["value_trust", "value_quality"])
    found = {(above[1], below[1]) for above, below in orders(ordered, study)}
    assert found == {
        ("value_complex", "value_trust"),
        ("value_complex", "value_quality"),
        ("value_quality", "value_trust"),
    }
    either = claim("a", "ranking", among=among, bottom_set=["value_trust", "value_quality"])
    assert len(orders(either, study)) == 2
    sides = {"left": {"item": "value_trust", "codes": [1]},
             "right": {"item": "value_quality", "codes": [1]}}  # fmt: skip
    greater = claim("b", "comparison", **sides, relation="greater")
    assert pairs_of(study, ordered, greater) == [("a=b", HIGH)]
    assert not pairs_of(study, either, greater)
    assert not pairs_of(study, ordered, claim("b", "comparison", **sides, relation="less"))


def test_what_nothing_is_counted_of_is_declared_and_checked(study: Study) -> None:
    first = {"what": "described", "across": "area", "top": ["health", "social"]}
    one = claim("a", "not_testable", ranks=first)
    other = claim("b", "not_testable", ranks={**first, "top": ["social", "health"]})
    assert pairs_of(study, one, other) == [("a=b", MEDIUM)]
    assert not pairs_of(study, one, claim("b", "not_testable", ranks=first))
    with pytest.raises(SpecError, match="level 'nowhere'"):
        _check_references(replace(one, predicate={"ranks": {**first, "top": ["nowhere"]}}), study)
    for wrong in ({"what": "described"}, {**first, "bottom": []}):
        with pytest.raises(SpecError, match="x: ranks"):
            check_predicate("not_testable", {"reason": "-", "ranks": wrong}, {}, "x")


def test_the_report_is_found_to_say_two_things(study: Study) -> None:
    claims = [c for own in read_claims(study).values() for c in own]
    found = {name for name, _ in pairs_of(study, *claims)}
    # culture and trust in 7.7.2; who described most in the Resumé and in 4.5
    assert {"c7_216=c7_221", "r_038=c4_136"} <= found
    assert len(found) <= 6  # nearly all statements agree

"""Statements of the text that say opposite things about the same subject."""

from __future__ import annotations

from typing import Any

from declarations import Study
from declarations.claims.checks import complaints
from declarations.claims.claim import every_claim
from declarations.claims.kinds import Claim
from replication.audit.registry import RULES
from replication.audit.text_rules.contradiction import orders
from replication.consistency.constraints import HIGH, LOW, MEDIUM
from replication.consistency.reading import read_printed_report
from tests.claims import changed, claim_of

MORE = {"item": "value_trust", "codes": [1], "group": "area", "level": "culture"}


def claim(name: str, kind: str, **predicate: Any) -> Claim:
    return claim_of(kind, f"c7_{name}", section="7", **predicate)


def pairs_of(study: Study, *claims: Claim) -> list[tuple[str, str]]:
    """Ids of the statements that contradict each other, with the severity."""
    report = read_printed_report(study, claims)
    found = RULES["contradiction"].constraints(report.layout)
    broken = [c for c in found if not c.holds(report)]
    return [(c.key.replace("c7_", ""), c.severity_in(report)) for c in broken]


def test_opposite_differences_of_one_level_contradict_each_other(study: Study) -> None:
    more = claim("a", "difference", **MORE, direction="more", says="difference")
    less = claim("b", "difference", **MORE, direction="less")
    assert pairs_of(study, more, less) == [("a=b", HIGH)]
    # another level, item, answer or none stated is no contradiction
    for other in ({"level": "school"}, {"item": "value_quality"}, {"codes": [1, 2]},
                  {"direction": "any", "says": "difference"}):  # fmt: skip
        assert not pairs_of(study, more, changed(less, **other))


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


REASON = "Nothing is counted of it."


def test_what_nothing_is_counted_of_is_declared_and_checked(study: Study) -> None:
    first = {"what": "described", "across": "area", "top": ["health", "social"]}
    one = claim("a", "not_testable", reason=REASON, ranks=first)
    turned = {**first, "top": ["social", "health"]}
    assert pairs_of(study, one, claim("b", "not_testable", reason=REASON, ranks=turned)) == [
        ("a=b", MEDIUM)
    ]
    assert not pairs_of(study, one, claim("b", "not_testable", reason=REASON, ranks=first))
    nowhere = claim("a", "not_testable", reason=REASON, ranks={**first, "top": ["nowhere"]})
    assert [c[0] for c in complaints(nowhere, study, None, [])] == [("ranks", "level")]


def test_an_even_spread_and_an_order_of_the_same(study: Study) -> None:
    ranks = {"what": "answers", "across": "region"}
    even = claim("a", "not_testable", reason=REASON, ranks={**ranks, "even": True})
    level = study.group["region"].levels[0].key
    most = claim("b", "not_testable", reason=REASON, ranks={**ranks, "top": [level]})
    assert pairs_of(study, even, most) == [("a=b", LOW)]
    other = {"what": "answers", "across": "size", "top": ["from_75000"]}
    assert not pairs_of(study, even, claim("b", "not_testable", reason=REASON, ranks=other))


def test_controlled_and_not_controlled(study: Study) -> None:
    """A control is a register column, so bands and halves of pressure are the same control."""
    model = {"item": "reason_quality", "codes": [1], "group": "pressure_half", "level": "high"}
    held = claim("a", "adjusted", **model, direction="less", holds=True)
    none = claim("b", "control", group="pressure_band", applied=False)
    assert pairs_of(study, held, none) == [("a=b", MEDIUM)]
    assert not pairs_of(study, held, claim("b", "control", group="size", applied=False))
    assert not pairs_of(study, held, claim("b", "control", group="pressure_band", applied=True))


def test_a_row_of_the_smallest_block_that_is_called_large(study: Study) -> None:
    blocks = {"one": ["value_trust", "value_quality"], "two": ["value_complex", "value_knowledge"]}
    smallest = claim("a", "ranking", among={"blocks": blocks, "codes": [1]}, bottom_set=["two"])
    among = {"question": "value", "codes": [1]}
    assert pairs_of(study, smallest, claim("b", "ranking", among=among, high=["value_complex"]))
    assert not pairs_of(study, smallest, claim("b", "ranking", among=among, high=["value_trust"]))
    assert not pairs_of(study, smallest, claim("b", "ranking", among=among, low=["value_complex"]))


def test_the_report_is_found_to_say_two_things(study: Study) -> None:
    found = {name for name, _ in pairs_of(study, *every_claim(study))}
    # culture and trust in 7.7.2; who described most in the Resumé and in 4.5
    assert {"c7_216=c7_221".replace("c7_", ""), "r_038=c4_136"} <= found
    assert len(found) <= 20  # nearly all statements agree

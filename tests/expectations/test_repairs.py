"""What a figure, a base or a mark explains as the only mistake, with constraints made by hand."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import pytest

from replication.audit.constraint_index import Constraints
from replication.audit.repairs import Repair, Repairs
from replication.audit.rules.no_count import smaller_bases
from replication.consistency.constraints import Constraint
from replication.consistency.printed_report import PrintedReport
from tests.audit_study import report
from tests.expectations.test_audit import SMALL, forty

FIGURE, N = "items:wish:much", "items:wish:N"


@pytest.fixture(scope="module")
def small() -> PrintedReport:
    return replace(report(forty()), layout=SMALL)


def constraint(key: str, ref: str, holds: Callable[[Any], bool]) -> Constraint:
    return Constraint("rule", key, ref, (ref,), holds, str)


def repairs(printed: Any, *own: Constraint) -> dict[str, Repair]:
    every = Constraints(own)
    return Repairs(printed, every, every.broken(printed)).all


def number(key: str, ref: str, *fitting: int) -> Constraint:
    return constraint(key, ref, lambda printed: printed.numbers[ref] in fitting)


def test_a_figure_explains_what_holds_with_another_value(small: PrintedReport) -> None:
    # printed are 50.0 % of 40; 40.0 and 45.0 are 16 and 18
    wrong = number("a", FIGURE, 400, 450)
    found = repairs(small, wrong)
    assert found == {FIGURE: Repair(FIGURE, frozenset({"rule:a"}), {"40.0": 0, "45.0": 0})}
    # a value that breaks another constraint is none
    found = repairs(small, wrong, number("b", FIGURE, 450, 500))
    assert found[FIGURE].values == {"45.0": 0}
    assert repairs(small, wrong, number("b", FIGURE, 500)) == {}
    # 41.0 is no whole number of 40
    assert repairs(small, number("a", FIGURE, 410)) == {}
    # of several values the one that repairs most
    found = repairs(small, wrong, number("b", FIGURE, 450))
    assert found == {FIGURE: Repair(FIGURE, frozenset({"rule:a", "rule:b"}), {"45.0": 0})}


def test_a_base_may_break_fewer_constraints_than_it_repairs(small: PrintedReport) -> None:
    wrong = number("a", N, 20, 30), number("b", N, 20, 30)
    found = repairs(small, *wrong)
    assert found == {N: Repair(N, frozenset({"rule:a", "rule:b"}), {"20": 0, "30": 0})}
    # 30 breaks one more than 20
    kept = number("c", N, 20, 40)
    assert repairs(small, *wrong, kept)[N].values == {"20": 0}
    found = repairs(small, *wrong, number("c", N, 40))
    assert found == {N: Repair(N, frozenset({"rule:a", "rule:b"}), {"20": 0, "30": 0}, breaks=1)}
    # one repaired and one broken explain nothing
    assert repairs(small, wrong[0], number("c", N, 40)) == {}
    # a base is at most the largest printed one
    assert repairs(small, number("a", N, 41)) == {}


class Starred:
    """A report of one mark."""

    numbers: ClassVar[dict[str, int]] = {}
    layout = SimpleNamespace(starred_marks=frozenset({"m"}), bases={}, claim={})

    def __init__(self, mark: str) -> None:
        self.marks = {"m": mark}

    def with_mark(self, _: str, mark: str) -> Starred:
        return Starred(mark)


def mark(key: str, fitting: Collection[str]) -> Constraint:
    return constraint(key, "m", lambda printed: cast("Starred", printed).marks["m"] in fitting)


@pytest.mark.parametrize(
    ("constraints", "explains", "values"),
    [
        ({"a": ("**", "***")}, {"a"}, {"**": 0, "***": 0}),
        ({"a": ("**", "***"), "b": ("*", "***")}, {"a"}, {"***": 0}),
        ({"a": ("**", "***"), "b": ("***",)}, {"a", "b"}, {"***": 0}),
        ({"a": ("",), "b": ("", "*")}, {"a"}, {"": 0}),
        # each mark mends one of two: none explains both
        ({"a": ("**",), "b": ("***",)}, None, {}),
        # no other mark leaves the rest whole, or mends anything
        ({"a": ("**",), "b": ("*",)}, {"a"}, {}),
        ({"a": ()}, {"a"}, {}),
        ({"a": ("*",)}, None, {}),
    ],
)
def test_stars_explain_what_holds_with_others(
    constraints: dict[str, Collection[str]], explains: set[str] | None, values: dict[str, int]
) -> None:
    found = repairs(Starred("*"), *(mark(key, own) for key, own in constraints.items()))
    expected = {} if explains is None else {
        "m": Repair("m", frozenset(f"rule:{key}" for key in explains), values)
    }  # fmt: skip
    assert found == expected


def test_what_no_misprint_explains_is_its_own_cause(constraints: Constraints) -> None:
    apart = {"bound", "citation", "level", "restatement", "stated_base", "unit"}
    assert {one.rule for one in constraints.all if one.apart} == apart
    assert {one.rule for one in constraints.all if not one.apart}.isdisjoint(apart)


def test_a_smaller_base_fits_every_answer_of_a_row(small: PrintedReport) -> None:
    wish = [figure for figure in small.layout.figures if figure.ref.startswith("items:wish:")]
    # 50.0, 25.0 and 25.0 of 40: 36 is the next base of which they are whole numbers
    shares = {figure.ref: small.numbers[figure.ref] for figure in wish}
    (found,) = smaller_bases(wish, small)
    base, parts = found
    assert base < 40
    assert sum(parts) == base
    assert [round(1000 * part / base) for part in parts] == list(shares.values())
    # one answer, of everybody
    whole = small.with_number(wish[0].ref, 1000)
    assert smaller_bases(wish[:1], whole) == [(39, [39])]
    # half of the others is no whole number of any base nearby
    assert smaller_bases(wish[:1], small) == []

"""Facts of a few people, counted by hand, and data sets made from them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from declarations.claims.selector import Selector
from replication.deciding.facts import UndecidableError
from replication.proof import alternatives as module
from replication.proof.alternatives import Alternatives
from replication.proof.people_facts import PeopleFacts
from replication.solver.query import GroupAtom, ItemAtom, ShareTerm
from replication.solver.tables import NotSearchedError
from replication.solver.verify import Person


def person(weight: int, levels: str, **answers: str) -> Person:
    """`levels` as `size:small area:care`."""
    pairs = [level.split(":") for level in levels.split()]
    return Person(weight, frozenset((group, level) for group, level in pairs), answers)


PEOPLE = [
    person(2, "all:all size:small area:care", use="1", hours="4"),
    person(1, "all:all size:large", use="2", hours="2,5"),
    person(3, "all:all size:large area:school", use="1"),
    person(1, "all:all size:tiny area:art", hours="4"),
]


def test_counts_and_levels_of_people() -> None:
    facts = PeopleFacts(PEOPLE)
    assert [facts.count("use", code, "all", "all") for code in ("1", "2", "3", "total")] == [
        5, 1, 0, 6
    ]  # fmt: skip
    assert facts.count("use", "1", "size", "large") == 3
    assert facts.count("use", "total", "size", "large") == 4
    assert facts.levels("use", "size") == ["large", "small"]
    assert facts.levels("use", "area") == ["care", "school"]
    assert facts.levels("hours", "size") == ["large", "small", "tiny"]
    assert facts.levels("use", "none") == []


def test_numbers_of_people() -> None:
    facts = PeopleFacts(PEOPLE)
    assert facts.numbers("hours", "all", "all") == {4.0: 3, 2.5: 1}
    assert facts.numbers("hours", "size", "large") == {2.5: 1}
    assert (facts.mean("hours", "all", "all"), facts.median("hours", "all", "all")) == (3.625, 4)
    assert facts.share_between("hours", "all", "all", 2.5, 3) == 25
    assert facts.share_between("hours", "all", "all", 4, 9) == 75
    with pytest.raises(UndecidableError, match="no numbers of hours in area=school"):
        facts.numbers("hours", "area", "school")


def alternatives(study: Any = None, stated: Any = None) -> Alternatives:
    return Alternatives(study, cast("Any", SimpleNamespace(people=PEOPLE, stated=stated)))


def test_numbers_of_a_level_are_0_much_larger_or_twice_as_large() -> None:
    selector = Selector(item="hours", group="area", level="care")
    found = list(alternatives()._other_numbers([selector]))
    assert [people[0].answers["hours"] for people in found] == ["0", "10000", "9"]
    assert all(people[1:] == PEOPLE[1:] for people in found)
    assert {people[0].answers["use"] for people in found} == {"1"}
    of_all = list(alternatives()._other_numbers([Selector(item="hours")]))
    assert [[p.answers.get("hours") for p in people] for people in of_all] == [
        ["0", "0", None, "0"], ["10000", "10000", None, "10000"], ["9", "6", None, "9"]
    ]  # fmt: skip


def test_one_person_leaves_an_item_empty() -> None:
    (people,) = alternatives()._one_less("hours")
    assert people[0] == Person(2, PEOPLE[0].levels, {"use": "1"})
    assert people[1:] == PEOPLE[1:]
    assert list(alternatives()._one_less("other")) == []


def test_a_level_without_all_tables_is_as_everyone(monkeypatch: pytest.MonkeyPatch) -> None:
    """5 of 6 answered 1; of a level of 3 that is 2.5, and of 12 it is 10."""
    base = SimpleNamespace(fixed=True)
    made = alternatives(
        study=SimpleNamespace(items={"use": SimpleNamespace(codes=[1, 2])}),
        stated=SimpleNamespace(base=lambda *_: base),
    )
    people = [one for person in PEOPLE for one in [person] * person.weight]
    made.evidence.people = people  # type: ignore[misc]
    atoms = (ItemAtom("use", frozenset([1])),), (GroupAtom("size", frozenset(["small"])),)
    share = ShareTerm(*atoms, "")

    def too_many(*_: object) -> Any:
        raise NotSearchedError("too many")

    monkeypatch.setattr(module, "level_tables", too_many)
    assert made._least_different(share, 12) == {1: 10, 2: 2}
    # the table with the largest p: the level as everyone else
    tables = np.array([[[3, 0], [2, 1]], [[5, 1], [5, 1]], [[1, 5], [5, 1]]])
    monkeypatch.setattr(module, "level_tables", lambda *_: tables)
    assert made._least_different(share, 12) == {1: 5, 2: 1}
    # where print does not give the base nothing is searched
    base.fixed = False
    assert made._least_different(share, 6) == {1: 5, 2: 1}

"""The steps of the reconstruction on small inputs worked out by hand."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from reconstruction.drawing import collaborations, pressure, skeleton
from reconstruction.drawing.answers import answer_item
from reconstruction.targets.count_targets import CountTarget, prose_target


def test_answers_meet_overlapping_groups_at_once() -> None:
    """Twelve people; 0-5 are in a, 4-8 in b, so 4 and 5 are in both."""
    groups = {"a": range(6), "b": range(4, 9)}

    def belongs(person: int, group: str, level: str) -> bool:
        return group == "all" or person in groups[level]

    targets = [
        CountTarget("q", (1,), "all", "all", 5, "t"),
        CountTarget("q", (2,), "all", "all", 7, "t"),
        CountTarget("q", (1,), "g", "a", 4, "t"),
        CountTarget("q", (1,), "g", "b", 3, "t"),
    ]
    even = dict.fromkeys(range(12), 0.0)
    answers = answer_item(range(12), (1, 2), targets, belongs, even, even, None, random.Random(1))
    yes = {p for p, code in answers.items() if code == 1}
    assert len(answers) == 12
    assert len(yes) == 5
    assert len(yes & set(groups["a"])) == 4
    assert len(yes & set(groups["b"])) == 3


def test_targets_that_cannot_meet_are_an_error() -> None:
    targets = [
        CountTarget("q", (1,), "all", "all", 1, "t"),
        CountTarget("q", (1,), "g", "a", 2, "t"),
    ]
    even = dict.fromkeys(range(4), 0.0)
    with pytest.raises(ValueError, match="no solution"):
        answer_item(
            range(4), (1, 2), targets, lambda p, g, x: p < 2, even, even, None, random.Random(1)
        )


def test_drop_out_follows_the_ladder_and_the_size_groups() -> None:
    people = skeleton.invited({"1": (2, 3, 1), "2": (1, 4, 0)})
    sizes = {"1": "small", "2": "large"}
    ladder = [10, 8, 6, 5]
    counts = {"small": 4, "large": 2}
    skeleton.drop_out(people, ladder, sizes, 6, counts, random.Random(1))
    assert [len(skeleton.reached(people, n)) for n in ladder] == ladder
    assert Counter(sizes[p.municipality] for p in skeleton.reached(people, 6)) == counts
    assert all(p.reach == 5 for p in people if p.status == skeleton.COMPLETE)
    assert all(p.reach == 0 for p in people if p.status == skeleton.NONE)


def test_area_combinations_keep_the_numbers_of_every_stage() -> None:
    bases = {10: {"x": 7, "y": 6}, 6: {"x": 4, "y": 4}}
    aims = {("x",): 4, ("y",): 3, ("x", "y"): 3}
    stops = skeleton.combine_areas(bases, {10: 10, 6: 6}, aims)
    late = stops[6]
    everybody = late + stops[10]
    for area in "xy":
        assert sum(n for mask, n in everybody.items() if area in mask) == bases[10][area]
        assert sum(n for mask, n in late.items() if area in mask) == bases[6][area]
    assert sum(late.values()) == 6


def test_ranks_meet_every_division_and_values_avoid_the_cuts() -> None:
    codes = list("abcdef")
    weight = {"a": 1, "b": 2, "c": 3, "d": 1, "e": 2, "f": 3}
    divisions = [
        pressure.Division((3,), (4, 8), weight),
        pressure.Division((2, 4), (2, 5, 5), weight),
    ]
    guess = {code: i / 5 for i, code in enumerate(codes)}
    ranked = pressure.rank_municipalities(codes, guess, divisions, random.Random(1))
    assert sorted(ranked) == codes
    assert sum(weight[c] for c in ranked[:3]) == 4
    assert [sum(weight[c] for c in ranked[i : i + 2]) for i in (0, 2, 4)] == [2, 5, 5]
    values = pressure.index_values(ranked, [(0, 90.0), (3, 95.0), (6, 110.0)])
    ordered = [values[c] for c in ranked]
    assert ordered == sorted(set(ordered))
    assert all(v < 95 for v in ordered[:3])
    assert all(v > 95 for v in ordered[3:])


def test_numbers_of_collaborations_add_up() -> None:
    shape = [{"from": 0, "to": 3, "n": 4}, {"from": 4, "to": 5, "n": 2}]
    numbers = collaborations.values(shape, [12, 20], 60)
    assert numbers[:6] == [0, 1, 2, 3, 4, 5]
    assert sum(numbers) == 60
    assert min(numbers[6:]) > 10


def test_group_means_are_reached_or_named() -> None:
    def belongs(person: int, group: str, level: str) -> bool:
        return person < 10

    means = [collaborations.MeanTarget("g", "first", 7.5, 8.5)]
    numbers = list(range(16))
    answers, missed = collaborations.hand_out(
        range(20), numbers, 4, means, belongs, random.Random(1), 10_000
    )
    assert missed == []
    first = [n for p, n in answers.items() if p < 10 and n is not None]
    assert 7.5 <= sum(first) / len(first) < 8.5
    assert sum(n is None for n in answers.values()) == 4
    impossible = [collaborations.MeanTarget("g", "first", 99, 100)]
    _, missed = collaborations.hand_out(
        range(20), numbers, 4, impossible, belongs, random.Random(1), 500
    )
    assert missed == impossible


def test_a_prose_percentage_is_the_range_of_counts_that_round_to_it() -> None:
    """53 % of 49 is 26 people; no count of 50 gives it."""
    entry = {"section": "5.2", "item": "q", "codes": [1], "percent": 53}
    assert prose_target(entry, 49).range == (26, 26)
    assert prose_target(entry, 300).range == (158, 160)
    with pytest.raises(ValueError, match="no such whole number"):
        prose_target(entry, 50)

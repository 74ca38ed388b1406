"""Claims decided from hand-made counts: every kind of predicate, at its boundaries."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast, get_args

import pytest
import yaml

from declarations import SpecError, Study
from declarations.claims.claim import read_claims
from declarations.claims.kinds import Claim
from declarations.claims.words import read_words
from replication.deciding.facts import (
    CONTRADICTED,
    HOLDS,
    IMPRECISE,
    ROUNDS,
    Evaluation,
    Facts,
    P,
    UndecidableError,
)
from replication.deciding.kinds import DECIDES, decide
from replication.judged import ClaimEvidence, judge_claim
from replication.places import read_places
from replication.proof.record import Proof, ProvenVerdict
from replication.stored_facts import StoredFacts
from replication.verdicts import OPEN, PROOF
from tests.claims import STRICT, WORDS, claim_of

SIZES = ("under_35000", "from_35000", "from_50000", "from_75000")
Table = tuple[tuple[int, ...], ...]


@dataclass
class Counted(Facts):
    """Facts in a dictionary: {(item, group, level): {code: n}}; the base is their sum.

    `p` gives the p-value of a table of counts, and `tested` remembers the tables.
    """

    cells: Mapping[tuple[str, str, str], Mapping[int, int]]
    given: Mapping[tuple[str, str, str], Sequence[float]] = field(default_factory=dict)
    odds: Mapping[tuple[str, tuple[int, ...], str, str], tuple[float, float]] = field(
        default_factory=dict
    )
    p: Mapping[Table, float] | float = 0.01
    tested: list[Table] = field(default_factory=list)
    stars: Mapping[tuple[str, str, str], P] = field(default_factory=dict)
    register: Mapping[str, Sequence[str]] = field(default_factory=dict)
    written: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    members: Mapping[int, int] = field(default_factory=dict)

    def count(self, item: str, code: str, group: str, level: str) -> int:
        try:
            own = self.cells[(item, group, level)]
        except KeyError:
            raise UndecidableError(f"{item} is not counted by {group}={level}") from None
        return sum(own.values()) if code == "total" else own.get(int(code), 0)

    def levels(self, item: str, group: str) -> list[str]:
        own = {
            lv: sum(n.values()) for (i, g, lv), n in self.cells.items() if (i, g) == (item, group)
        }
        return [level for level, n in own.items() if n]

    def mean(self, item: str, group: str, level: str) -> float:
        return sum(self.given[(item, group, level)]) / len(self.given[(item, group, level)])

    def median(self, item: str, group: str, level: str) -> float:
        return sorted(self.given[(item, group, level)])[1]

    def share_between(self, item: str, group: str, level: str, low: float, high: float) -> float:
        values = self.given[(item, group, level)]
        return sum(low <= value <= high for value in values) / len(values) * 100

    def chi_square_p(self, table: Sequence[Sequence[int]]) -> float:
        own = tuple(tuple(row) for row in table)
        self.tested.append(own)
        return self.p[own] if isinstance(self.p, Mapping) else self.p

    def stated_p(self, item: str, group: str, level: str) -> P | None:
        return self.stars.get((item, group, level))

    def municipalities(self, group: str, level: str) -> frozenset[str]:
        own = {name for name, levels in self.register.items() if level.lstrip("!") in levels}
        return frozenset(self.register) - own if level.startswith("!") else frozenset(own)

    def texts(self, item: str, group: str, level: str) -> int:
        return self.written[(item, group, level)]

    def memberships(self, group: str) -> dict[int, int]:
        return dict(self.members)

    def adjusted(
        self, item: str, codes: Sequence[int], group: str, level: str
    ) -> tuple[float, float]:
        try:
            return self.odds[(item, tuple(codes), group, level)]
        except KeyError:
            raise UndecidableError("no model") from None


def yes_of(yes: int, base: int, item: str = "new_focus") -> Counted:
    """Facts of one item: this many of the base said yes, the others no."""
    return Counted({(item, "all", "all"): {1: yes, 2: base - yes}})


def run(study: Study, facts: Counted, kind: str, **predicate: Any) -> Evaluation:
    return decide(claim_of(kind, **predicate), facts, study, WORDS)


def share(study: Study, yes: int, base: int, stated: Any) -> Evaluation:
    of = {"item": "new_focus", "codes": [1]}
    return run(study, yes_of(yes, base), "share", **{"of": of, "is": stated})


def by_size(item: str, yes: Sequence[int], base: int = 100) -> dict[Any, Any]:
    """Counts of an item by size: yes and the rest of the base in each of the four levels."""
    cells = {
        (item, "size", level): {1: n, 2: base - n} for level, n in zip(SIZES, yes, strict=True)
    }
    return {**cells, (item, "all", "all"): {1: sum(yes), 2: 4 * base - sum(yes)}}


@pytest.mark.parametrize(
    ("more", "where", "stated", "met", "told"),
    [
        ({}, {"at_least": 100}, 2, True, "size s1, s4"),  # 5 of 5 and 1 of 1; 0 of 0 has no share
        ({}, {"at_least": 100}, 3, False, "size s1, s4"),
        ({"statistic": "count"}, {"at_most": 1}, 1, True, "size s4"),
        ({"statistic": "count"}, {"at_most": 3}, {"at_least": 2}, True, "size s2, s4"),
        ({}, {"more_than": 100}, 0, True, "no size"),
    ],
)
def test_levels_that_are_so_are_counted(
    study: Study, more: dict[str, Any], where: Any, stated: Any, met: bool, told: str
) -> None:
    yes, base = {"s1": 5, "s2": 2, "s3": 0, "s4": 1}, {"s1": 5, "s2": 4, "s3": 0, "s4": 1}
    cells = {("new_focus", "size", s): {1: yes[s], 2: base[s] - yes[s]} for s in yes}
    of = {"item": "new_focus", "codes": [1], "across": "size"}
    outcome = run(study, Counted(cells), "levels", of=of, where=where, **{"is": stated}, **more)
    assert (outcome.met, outcome.note) == (met, told)


def test_every_declared_kind_has_a_function() -> None:
    models = get_args(get_args(Claim)[0])
    assert set(DECIDES) == {get_args(m.model_fields["kind"].annotation)[0] for m in models}


def test_the_committed_words_say_no_less_than_those_tested_here(study: Study) -> None:
    """A claim that holds by the strict words of these tests also holds by the study's words."""
    committed = read_words(study)
    for name, word in WORDS.numbers.items():
        assert committed.numbers[name].holds[0] == pytest.approx(word.holds[0]), name
    assert committed.equal.holds == WORDS.equal.holds
    assert committed.significant == WORDS.significant


@pytest.mark.parametrize(
    ("yes", "base", "stated", "met"),
    [
        (119, 200, 60, True),  # 59.5 rounds up
        (1179, 2000, 60, False),  # 58.95
        (1209, 2000, 60, True),  # 60.45
        (123, 200, 60, False),  # 61.5
        (0, 46, 0, True),
        (603, 1000, 60.3, True),
        (6025, 10000, 60.3, True),  # 60.25 rounds up
        (6014, 10000, 60.3, False),
        (60, 100, 60.0, True),
        (6004, 10000, 60.0, True),
        (6015, 10000, 60.0, False),
    ],
)
def test_a_number_is_met_as_it_rounds(
    study: Study, yes: int, base: int, stated: Any, met: bool
) -> None:
    outcome = share(study, yes, base, stated)
    assert outcome.met is met
    assert outcome.expected == f"{stated}%"
    assert outcome.computed == f"{yes / base * 100:.2f}%"


@pytest.mark.parametrize(
    ("yes", "base", "stated", "grade", "note"),
    [
        (203, 347, 59, HOLDS, ""),
        (203, 347, 58, ROUNDS, "Cut, not rounded."),  # 58.501, printed 58.5
        (51, 330, 16, ROUNDS, "Rounded from 15.5."),  # 15.45
        (140, 346, 41, ROUNDS, "Rounded from 40.5."),  # 40.46
        (134, 329, 40, ROUNDS, "Cut, not rounded."),  # 40.73
        (51, 330, 14, CONTRADICTED, ""),
        (51, 330, 17, CONTRADICTED, ""),
        (134, 329, 42, CONTRADICTED, ""),
        (106, 322, 32, ROUNDS, "Cut, not rounded."),  # 32.9
    ],
)
def test_a_digit_off_or_cut_rounds_and_is_no_contradiction(
    study: Study, yes: int, base: int, stated: int, grade: str, note: str
) -> None:
    outcome = share(study, yes, base, stated)
    assert (outcome.grade, outcome.note) == (grade, note)


def test_a_number_that_is_met_or_has_decimals_gets_no_remark(study: Study) -> None:
    assert share(study, 203, 347, 59).note == ""
    assert share(study, 203, 347, 58.4).note == ""


@pytest.mark.parametrize(
    ("word", "at", "inside", "outside"),
    [
        ("about", 50, (460, 540), (459, 541)),
        ("just_under", 50, (450, 505), (449, 506)),
        ("just_over", 50, (495, 550), (494, 551)),
        ("more_than", 50, (501, 1000), (500, 499)),
        ("less_than", 50, (499, 0), (500, 501)),
        ("at_least", 50, (500, 1000), (499, 0)),
        ("at_most", 50, (500, 0), (501, 1000)),
    ],
)
def test_vague_words_at_their_edges(
    study: Study, word: str, at: int, inside: Sequence[int], outside: Sequence[int]
) -> None:
    """Values in tenths of a percent, of a base of 1000."""
    for yes in inside:
        assert share(study, yes, 1000, {word: at}).grade == HOLDS, yes
    for yes in outside:
        assert share(study, yes, 1000, {word: at}).grade != HOLDS, yes
    assert share(study, 500, 1000, {word: at}).expected == f"{word.replace('_', ' ')} {at}%"


def test_between_includes_its_ends(study: Study) -> None:
    stated = {"between": [10, 12]}
    grades = [share(study, yes, 1000, stated).grade for yes in (94, 99, 100, 110, 120, 124, 126)]
    assert grades == [CONTRADICTED, ROUNDS, HOLDS, HOLDS, HOLDS, ROUNDS, CONTRADICTED]


def test_codes_are_summed_and_others_are_everyone_else(study: Study) -> None:
    facts = Counted(
        {
            ("new_focus", "all", "all"): {1: 60, 2: 30, 3: 10},
            ("new_focus", "area", "technical"): {1: 10, 2: 20, 3: 10},
        }
    )
    own = {"item": "new_focus", "codes": [1, 2], "group": "area"}
    inside = run(study, facts, "share", of={**own, "level": "technical"}, **{"is": 75})
    others = run(study, facts, "share", of={**own, "level": "!technical"}, **{"is": 100.0})
    assert inside.met is True  # (10 + 20) / 40
    assert others.met is True  # (50 + 10) / 60
    assert ("new_focus", "total", "area", "!technical") in others.read


def test_counts_of_codes_and_of_who_answered(study: Study) -> None:
    facts = Counted({("new_focus", "all", "all"): {1: 318, 2: 50, 3: 20}})
    assert run(study, facts, "count", of={"item": "new_focus"}, **{"is": 388}).met is True
    named = {"item": "new_focus", "codes": "total"}
    assert run(study, facts, "count", of=named, **{"is": 387}).met is False
    assert run(study, facts, "count", of={**named, "codes": [2, 3]}, **{"is": 70}).met is True


def test_vague_words_scale_with_a_number_that_is_no_percentage(study: Study) -> None:
    """About 400 is 384 to 416: four percent of 400 in each direction."""
    of = {"item": "new_focus", "codes": [1]}
    met = [
        run(study, yes_of(n, 1000), "count", of=of, **{"is": {"about": 400}}).met
        for n in (383, 384, 416, 417)
    ]
    assert met == [False, True, True, False]


def test_means_medians_and_ranges_of_numbers(study: Study) -> None:
    facts = Counted({}, given={("collaborations", "all", "all"): [0, 5, 31]})
    of = {"item": "collaborations"}
    assert run(study, facts, "mean", of=of, **{"is": 12}).met is True
    assert run(study, facts, "mean", of=of, **{"is": 10}).met is False
    assert run(study, facts, "median", of=of, **{"is": 5}).met is True
    three = {"item": "collaborations", "range": [0, 5]}
    outcome = run(study, facts, "share", of=three, **{"is": 67})
    assert outcome.met is True
    assert outcome.whole == {("collaborations", "all", "all")}


@pytest.mark.parametrize(
    ("left", "right", "relation", "met"),
    [
        (51, 50, "greater", True),
        (50, 50, "greater", True),  # a tie is imprecise, and no contradiction
        (50, 50, "less", True),
        (49, 50, "greater", False),
        (51, 50, "less", False),
        (49, 50, "less", True),
        (55, 50, "about_equal", True),
        (56, 50, "about_equal", False),
        (45, 50, "about_equal", True),
        (32, 20, {"times": 2}, True),  # 1.6, a fifth below 2
        (31, 20, {"times": 2}, False),
        (48, 20, {"times": 2}, True),
        (49, 20, {"times": 2}, False),
        (24, 40, {"times": 0.5}, True),
        (25, 40, {"times": 0.5}, False),
    ],
)
def test_comparisons(study: Study, left: int, right: int, relation: Any, met: bool) -> None:
    cells = {
        ("new_focus", "all", "all"): {1: left, 2: 100 - left},
        ("area_policy", "all", "all"): {1: right, 2: 100 - right},
    }
    outcome = run(
        study,
        Counted(cells),
        "comparison",
        left={"item": "new_focus", "codes": [1]},
        right={"item": "area_policy", "codes": [1]},
        relation=relation,
    )
    assert outcome.met is met
    assert outcome.computed.startswith(f"{left:.2f} and {right:.2f}")


def test_comparison_of_means_and_with_nothing(study: Study) -> None:
    numbers = {("collaborations", "bloc", "blue"): [8], ("collaborations", "bloc", "red"): [18]}
    sides = {s: {"item": "collaborations", "group": "bloc", "level": s} for s in ("blue", "red")}
    means = {"left": sides["blue"], "right": sides["red"], "statistic": "mean"}
    facts = Counted({}, given=numbers)
    assert run(study, facts, "comparison", **means, relation="less").met is True
    cells = yes_of(0, 10)
    own = {"item": "new_focus", "codes": [1]}
    nothing = run(study, cells, "comparison", left=own, right=own, relation={"times": 2})
    assert nothing.met is None
    assert "nothing to compare with" in nothing.note


REASONS = {
    "reason_trust": 75,
    "reason_quality": 68,
    "reason_complex": 68,
    "reason_cut_spending": 34,
}


@pytest.mark.parametrize(
    ("way", "named", "met"),
    [
        ("top", ["reason_trust"], True),
        ("top", ["reason_quality"], False),
        ("high", ["reason_trust", "reason_quality"], True),  # the mean is 61
        ("low", ["reason_cut_spending"], True),
        ("low", ["reason_quality"], False),
        # what is level may be named in either order
        ("top", ["reason_trust", "reason_quality", "reason_complex"], True),
        ("top", ["reason_trust", "reason_complex", "reason_quality"], True),
        ("top", ["reason_quality", "reason_trust"], False),
        ("top", ["reason_trust", "reason_quality"], True),  # level with what is left out
        ("top_set", ["reason_quality", "reason_trust"], True),
        ("top_set", ["reason_trust", "reason_cut_spending"], False),
        ("bottom", ["reason_cut_spending", "reason_quality"], True),
        ("bottom", ["reason_quality", "reason_cut_spending"], False),
        ("bottom_set", ["reason_complex", "reason_cut_spending"], True),
        ("bottom_set", ["reason_trust"], False),
        ("top_set", list(REASONS), True),
    ],
)
def test_rankings_and_ties(study: Study, way: str, named: list[str], met: bool) -> None:
    facts = Counted({(i, "all", "all"): {1: n, 2: 100 - n} for i, n in REASONS.items()})
    among = {"items": list(REASONS), "codes": [1]}
    assert run(study, facts, "ranking", among=among, **{way: named}).met is met


def test_ranking_shows_what_is_named_and_the_next_two(study: Study) -> None:
    facts = Counted({(i, "all", "all"): {1: n, 2: 100 - n} for i, n in REASONS.items()})
    among = {"items": list(REASONS), "codes": [1]}
    outcome = run(study, facts, "ranking", among=among, top=["reason_trust"])
    assert outcome.computed == "reason_trust 75.0, reason_complex 68.0, reason_quality 68.0"
    unknown = run(study, facts, "ranking", among=among, top=["reason_other"])
    assert unknown.met is None
    assert "reason_other" in unknown.note


def test_ranking_of_a_question_takes_its_reported_items(study: Study) -> None:
    items = [i.id for i in study.question["partners"].closed_items if i.reported]
    facts = Counted({(i, "all", "all"): {1: 10 - n, 2: 90 + n} for n, i in enumerate(items)})
    among = {"question": "partners", "codes": [1]}
    assert run(study, facts, "ranking", among=among, top=items).met is True
    assert run(study, facts, "ranking", among=among, bottom=items[::-1]).met is True


def test_ranking_across_the_levels_of_a_group(study: Study) -> None:
    facts = Counted(by_size("new_focus", (10, 20, 30, 40)))
    among = {"item": "new_focus", "codes": [1], "across": "size"}
    assert run(study, facts, "ranking", among=among, top=list(SIZES[::-1])).met is True
    assert run(study, facts, "ranking", among=among, bottom_set=["from_75000"]).met is False
    numbers = {("collaborations", "size", s): [n] for n, s in enumerate(SIZES)}
    means = {"item": "collaborations", "across": "size"}
    outcome = run(
        study, Counted({}, numbers), "ranking", among=means, statistic="mean", top=["from_75000"]
    )
    assert outcome.met is True


def test_ranking_of_how_far_items_fall_short_of_others(study: Study) -> None:
    """80 to 40 falls short by 50 %, 50 to 30 by 40 %.

    The item with the smaller shortfall ranks higher.
    """
    shares = {"value_trust": 40, "value_quality": 30, "reason_trust": 80, "reason_quality": 50}
    facts = Counted({(i, "all", "all"): {1: n, 2: 100 - n} for i, n in shares.items()})
    among = {
        "items": ["value_trust", "value_quality"],
        "relative_to": ["reason_trust", "reason_quality"],
        "codes": [1],
    }
    predicate = {"among": among, "statistic": "relative_difference"}
    outcome = run(study, facts, "ranking", **predicate, top=["value_trust"])
    assert outcome.met is True
    assert outcome.computed == "value_trust 50.0, value_quality 40.0"
    assert run(study, facts, "ranking", **predicate, bottom=["value_trust"]).met is False


BLOCS = {
    ("new_focus", "all", "all"): {1: 50, 2: 50},
    ("new_focus", "bloc", "blue"): {1: 30, 2: 10},
    ("new_focus", "bloc", "red"): {1: 20, 2: 39, 3: 1},
    ("new_focus", "bloc", "local"): {1: 0, 2: 1},
}
BLUE: dict[str, Any] = {"item": "new_focus", "codes": [1], "group": "bloc", "level": "blue"}


def test_difference_with_a_direction_only_tests_nothing(study: Study) -> None:
    facts = Counted(BLOCS)
    assert run(study, facts, "difference", **BLUE, direction="more").met is True
    assert facts.tested == []
    # of the opposite, whether it is more than chance: by the stated answers
    outcome = run(study, facts, "difference", **BLUE, direction="less")
    assert outcome.met is False
    assert outcome.computed == "new_focus, 75.0 against 33.3"  # 20 of 60 others
    assert facts.tested == [((20, 40), (30, 10))]
    assert outcome.whole == set()
    chance = run(study, Counted(BLOCS, p=0.4), "difference", **BLUE, direction="less")
    assert chance.grade == IMPRECISE
    assert chance.computed == "new_focus, 75.0 against 33.3 (p = 0.4000)"


@pytest.mark.parametrize(
    ("p", "says", "grade"),
    [
        (0.049, "significant", HOLDS),
        (0.05, "significant", IMPRECISE),  # weakly, at .1
        (0.0999, "significant", IMPRECISE),
        (0.1, "significant", CONTRADICTED),
        (0.53, "significant", CONTRADICTED),
        (0.049, "difference", HOLDS),
        (0.53, "difference", IMPRECISE),  # the direction is as stated
        (0.53, "more", HOLDS),
    ],
)
def test_a_sentence_claims_a_difference_at_a_level(
    study: Study, p: float, says: str, grade: str
) -> None:
    facts = Counted(BLOCS, p=p)
    words = WORDS.model_copy(update={"weakly": 0.1})

    def said(direction: str) -> Evaluation:
        claim = claim_of("difference", **BLUE, direction=direction, says=says)
        return decide(claim, facts, study, words)

    assert said("more").grade == grade
    # the opposite direction: so little contradicts a direction alone, and a claimed difference
    assert said("less").grade == (IMPRECISE if (says, p) == ("more", 0.53) else CONTRADICTED)
    if says != "more":
        # the whole answers of the level against everyone else's, don't know apart
        assert facts.tested == [((30, 10, 0), (20, 40, 0))] * 2


@pytest.mark.parametrize(("p", "kept"), [(0.0009, True), (0.001, False), (0.0014, False)])
def test_a_printed_bound_is_apart_from_the_sentence(study: Study, p: float, kept: bool) -> None:
    facts = Counted(BLOCS, p=p)
    outcome = run(study, facts, "difference", **BLUE, direction="more", says="significant",
                  p_below=0.001)  # fmt: skip
    assert (outcome.grade, outcome.bound_met) == (HOLDS, kept)
    assert outcome.bound == f"p < 0.001 is printed; p = {p:.4f}"


@pytest.mark.parametrize(("below", "kept"), [(0.001, False), (0.005, None), (0.01, True)])
def test_a_bound_within_the_range_of_a_star_stays_open(
    study: Study, below: float, kept: bool | None
) -> None:
    star = P(0.001, 0.01, "**")
    facts = Counted(BLOCS, stars={("new_focus", "bloc", "blue"): star})
    outcome = run(study, facts, "difference", **BLUE, direction="more", says="significant",
                  p_below=below)  # fmt: skip
    assert (outcome.grade, outcome.bound_met) == (HOLDS, kept)
    assert outcome.bound == ("" if kept is None else f"p < {below:g} is printed; **")


@pytest.mark.parametrize(
    ("p", "proven", "verdict", "basis"),
    [
        (0.049, CONTRADICTED, CONTRADICTED, PROOF),
        (0.049, HOLDS, HOLDS, PROOF),
        # all data that agree with print show the direction; these show the difference imprecisely
        (0.53, HOLDS, IMPRECISE, PROOF),
        (0.53, CONTRADICTED, CONTRADICTED, PROOF),
        (0.049, OPEN, OPEN, PROOF),
    ],
)
def test_a_proof_decides_what_print_leaves_open(
    study: Study, p: float, proven: ProvenVerdict, verdict: str, basis: str
) -> None:
    claim = claim_of("difference", **BLUE, direction="more", says="difference")
    proofs = {claim.id: Proof(key="", verdict=proven, by="search")}
    places = read_places(study)
    evidence = ClaimEvidence(WORDS, None, {}, False, places, proofs)
    judged = judge_claim(claim, cast("StoredFacts", Counted(BLOCS, p=p)), study, evidence)
    assert (judged.verdict, judged.basis) == (verdict, basis)


def test_difference_of_the_codes_alone_against_levels_and_across_all(study: Study) -> None:
    cells = {**BLOCS, ("new_focus", "all", "all"): {1: 50, 2: 49, 3: 1}}
    facts = Counted(cells)
    bound = {"direction": "more", "says": "difference"}
    run(study, facts, "difference", **BLUE, **bound, test="codes")
    run(study, facts, "difference", **{**BLUE, "codes": [1, 3]}, **bound, test="codes")
    assert facts.tested == [((30, 10), (20, 40)), ((30, 10), (21, 39))]
    facts.tested.clear()
    outcome = run(study, facts, "difference", **BLUE, **bound, against=["red", "local"])
    assert facts.tested == [((30, 10, 0), (20, 39, 1), (0, 1, 0))]
    assert outcome.computed.endswith("75.0 against 33.3, 0.0")
    facts.tested.clear()
    run(
        study,
        facts,
        "difference",
        item="new_focus",
        group="bloc",
        direction="any",
        says="difference",
    )
    assert facts.tested == [((30, 10, 0), (20, 39, 1), (0, 1, 0))]


def test_difference_must_hold_against_every_level_and_for_every_item(study: Study) -> None:
    cells = {
        **BLOCS,
        ("new_focus", "bloc", "local"): {1: 8, 2: 2},
        ("area_policy", "bloc", "blue"): {1: 1, 2: 9},
        ("area_policy", "bloc", "red"): {1: 2, 2: 8},
    }
    facts = Counted(cells)
    both = run(study, facts, "difference", **BLUE, direction="more", against=["red", "local"])
    assert both.met is False  # 75 % against 80 % of the local
    items = {k: v for k, v in BLUE.items() if k != "item"} | {"items": ["new_focus", "area_policy"]}
    outcome = run(study, facts, "difference", **items, direction="more", against=["red"])
    assert outcome.met is False
    assert outcome.computed == "new_focus, 75.0 against 33.3; area_policy, 10.0 against 20.0"


def test_p_is_pearsons_on_the_stored_facts(study: Study) -> None:
    """(30, 10), (20, 40): chi-square 100 (30 40 - 10 20)² / (40 60 50 50) = 16.67, 1 df."""
    counts = {
        (item, str(code), group, level): n
        for (item, group, level), own in BLOCS.items()
        for code, n in {**dict.fromkeys((1, 2, 3), 0), **own}.items()
    }
    counts |= {("new_focus", "3", "bloc", "red"): 0, ("new_focus", "2", "bloc", "red"): 40}
    counts |= {("new_focus", "3", "all", "all"): 0, ("new_focus", "2", "all", "all"): 50}
    facts = StoredFacts({"new_focus": counts}, {})
    claim = claim_of("difference", **BLUE, direction="more", says="difference")
    outcome = decide(claim, facts, study, WORDS)
    p = math.erfc(math.sqrt(100 / 6 / 2))
    assert outcome.computed == f"new_focus p = {p:.4f}, 75.0 against 33.3"
    assert facts.chi_square_p([[30, 10], [20, 40]]) == pytest.approx(4.4557e-5, rel=1e-4)


def test_no_difference_over_all_levels_or_some(study: Study) -> None:
    facts = Counted(BLOCS, p=0.05)
    predicate: dict[str, Any] = {"item": "new_focus", "group": "bloc"}
    assert run(study, facts, "no_difference", **predicate).met is True
    assert run(study, facts, "no_difference", **predicate, levels=["blue", "red"]).met is True
    assert run(study, facts, "no_difference", **predicate, level="blue").met is True
    blue, red, local = (30, 10, 0), (20, 39, 1), (0, 1, 0)
    assert facts.tested == [(blue, red, local), (blue, red), (blue, (20, 40, 0))]
    facts.p = 0.0499
    assert run(study, facts, "no_difference", **predicate).met is False
    assert run(study, facts, "no_difference", **predicate, p_above=0.01).met is True


def test_no_difference_of_each_level_fails_on_the_smallest(study: Study) -> None:
    facts = Counted(BLOCS, p={((30, 10, 0), (20, 40, 0)): 0.3, ((20, 39, 1), (30, 11, -1)): 0.04})
    each = {"item": "new_focus", "group": "bloc", "each": ["blue", "red"]}
    outcome = run(study, facts, "no_difference", **each)
    assert outcome.met is False
    assert outcome.computed == "smallest p = 0.0400 (new_focus, red) of 2 tests"
    # one of two tests is below .04 by chance in 8 of 100: no conclusion hangs on it
    assert outcome.minor is True
    clear = replace(facts, p={((30, 10, 0), (20, 40, 0)): 0.3, ((20, 39, 1), (30, 11, -1)): 0.02})
    assert run(study, clear, "no_difference", **each).minor is False


def test_no_difference_of_overlapping_groups_takes_each_against_the_others(study: Study) -> None:
    areas = [level.key for level in study.group["area"].levels]
    cells: dict[Any, Any] = {
        ("new_focus", "area", a): {1: n + 1, 2: 1} for n, a in enumerate(areas)
    }
    cells[("new_focus", "all", "all")] = {1: 20, 2: 10}
    facts = Counted(cells, p=0.2)
    outcome = run(study, facts, "no_difference", item="new_focus", group="area")
    assert outcome.met is True
    assert facts.tested == [((n + 1, 1, 0), (19 - n, 9, 0)) for n in range(len(areas))]
    assert outcome.computed.endswith(f"of {len(areas)} tests")


def test_no_difference_of_a_question_but_some_items(study: Study) -> None:
    items = [i.id for i in study.question["partners"].closed_items if i.reported]
    cells = {key: {1: 5, 2: 5} for item in items for key in by_size(item, (5, 5, 5, 5), 10)}
    facts = Counted(cells, p=0.5)
    predicate = {"question": "partners", "group": "size", "except": items[:1]}
    outcome = run(study, facts, "no_difference", **predicate)
    assert outcome.met is True
    assert {item for item, *_ in outcome.read} == set(items[1:])


@pytest.mark.parametrize(
    ("odds", "direction", "holds", "met"),
    [
        ((2.5, 0.049), "more", True, True),
        ((2.5, 0.05), "more", True, False),
        ((0.4, 0.01), "more", True, False),
        ((0.4, 0.01), "less", True, True),
        ((0.4, 0.01), "any", True, True),
        ((2.5, 0.05), "more", False, True),
        ((0.4, 0.5), "more", False, True),  # vanished, with any remaining difference
        ((2.5, 0.049), "more", False, False),
    ],
)
def test_adjusted(
    study: Study, odds: tuple[float, float], direction: str, holds: bool, met: bool
) -> None:
    facts = Counted({}, odds={("new_focus", (1,), "bloc", "blue"): odds})
    outcome = run(study, facts, "adjusted", **BLUE, direction=direction, holds=holds)
    assert outcome.met is met
    assert outcome.computed == f"new_focus odds ratio {odds[0]:.2f}, p = {odds[1]:.4f}"
    assert outcome.whole == {("new_focus", "model", "all")}


def test_what_cannot_be_decided_says_why(study: Study) -> None:
    nobody = Counted({("new_focus", "all", "all"): {}})
    of = {"item": "new_focus", "codes": [1]}
    cases: list[tuple[Counted, str, dict[str, Any], str]] = [
        (nobody, "share", {"of": of, "is": 5}, "nobody in all=all answered new_focus"),
        (nobody, "share", {"of": {**of, "group": "size", "level": "x"}, "is": 5}, "not counted"),
        (nobody, "adjusted", {**BLUE, "holds": True}, "no model"),
        (nobody, "not_testable", {"reason": "It is a view, not a result."}, "a view"),
    ]
    for facts, kind, predicate, reason in cases:
        outcome = run(study, facts, kind, **predicate)
        assert outcome.met is None
        assert (outcome.expected, outcome.computed) == ("", "")
        assert reason in outcome.note


def test_levels_without_answers_show_no_absence_of_difference(study: Study) -> None:
    empty = {key: ({1: 3} if key[2] in ("blue", "all") else {}) for key in BLOCS}
    facts = Counted(empty, p=1.0)
    outcome = run(study, facts, "no_difference", item="new_focus", group="bloc")
    assert outcome.met is None
    assert "fewer than two levels" in outcome.note
    assert facts.tested == []


def write_claims(folder: Path, *claims: Mapping[str, Any]) -> None:
    (folder / "claims").mkdir()
    text = yaml.safe_dump({"chapter": "3", "claims": [copy.deepcopy(claim) for claim in claims]})
    (folder / "claims" / "chapter_3.yaml").write_text(text, encoding="utf-8")
    (folder / "claims" / "words.yaml").write_text(yaml.safe_dump(STRICT), encoding="utf-8")


GOOD: dict[str, Any] = {
    "id": "c3_001",
    "section": "3.1",
    "statement": "x",
    "kind": "difference",
    "item": "new_focus",
    "codes": [1],
    "group": "bloc",
    "level": "blue",
    "direction": "more",
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "guess"}, "found 'guess'"),
        ({"item": "no_such"}, "item: found 'no_such', expected an item"),
        ({"item": "new_focsu"}, "did you mean `new_focus`?"),
        ({"codes": [9]}, "codes: found 9, expected a code of new_focus"),
        ({"group": "no_such"}, "group: found 'no_such'"),
        ({"level": "green"}, "level: found 'green', expected a level of bloc"),
        ({"against": ["green"]}, "against: found 'green'"),
        ({"kind": "no_difference", "codes": None, "direction": None, "level": None,
          "each": ["green"]}, "each: found 'green'"),
        ({"levels": ["blue", "green"]}, "levels: found 'green'"),
        ({"item": None, "question": "no_such"}, "question: found 'no_such'"),
        ({"size": "hugely"}, "size: found 'hugely', expected a word of words.yaml"),
        ({"restates": "c3_002"}, "restates: found 'c3_002'"),
        ({"cites": ["table_9_9"]}, "found 'table_9_9', expected a table"),
        ({"at": {"paragraph": 0, "sentence": 1, "mark": "00000000"}}, "paragraph"),
        ({"readings": [{"by": "known"}, {"by": "known"}]}, "readings[2].by"),
        ({"readings": [{"by": "codes", "codes": [1]}]}, "a reading other than the claim itself"),
        ({"readings": [{"by": "codes", "codes": [2], "label": "x"},
                       {"by": "codes", "codes": [3], "label": "x"}]}, "no two rows for one"),
        ({"readings": [{"by": "trend"}]}, "a ranking across a group"),
        ({"readings": [{"by": "codes", "codes": [2], "side": "left"}]}, "a comparison, which has"),
        ({"readings": [{"by": "item"}]}, "an entry `item` with the reading"),
    ],
)  # fmt: skip
def test_a_claim_names_only_what_is_declared(
    tmp_path: Path, study: Study, change: Mapping[str, Any], message: str
) -> None:
    claim = {k: v for k, v in {**GOOD, **change}.items() if v is not None}
    write_claims(tmp_path, claim)
    with pytest.raises(SpecError, match=r"claims/chapter_3\.yaml line \d+: claims\[") as error:
        read_claims(replace(study, folder=tmp_path))
    assert message in str(error.value)


SHARE: dict[str, Any] = {"kind": "share", "of": {"item": "new_focus", "codes": [1]}, "is": 5}
COMPARED: dict[str, Any] = {
    "kind": "comparison",
    "left": {"item": "new_focus", "codes": [1]},
    "right": {"item": "new_focus", "codes": [2]},
    "relation": "less",
}
BLOCKS = {"question": None, "blocks": {"one": ["value_trust"], "two": ["value_quality", "x"]}}


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({**SHARE, "si": 5}, "an unknown entry"),
        ({k: v for k, v in SHARE.items() if k != "is"}, "is: found no such entry"),
        ({**SHARE, "is": {"abuot": 5}}, "is: found 'abuot'"),
        ({**SHARE, "is": {"abuot": 5}}, "did you mean `about`?"),
        ({**SHARE, "is": {"times": 5}}, "is: found 'times'"),
        ({**SHARE, "is": {"about": 5, "at_most": 6}}, "one word and its number"),
        ({**SHARE, "is": {"between": [6, 5]}}, "two numbers, the lower first"),
        ({**SHARE, "is": {"between": 5}}, "two numbers"),
        ({**SHARE, "is": "fewest"}, "is: found 'fewest'"),
        ({**SHARE, "of": {**SHARE["of"], "levle": "a"}}, "an unknown entry"),
        ({**SHARE, "of": {"items": ["new_focus"], "codes": [1]}}, "a single one is not a block"),
        ({**COMPARED, "relation": "lesser"}, "relation"),
        ({**COMPARED, "statistic": "average"}, "statistic"),
        ({"kind": "ranking", "among": {"question": "initiation", "codes": [1]}},
         "expected one of top, bottom"),
        ({"kind": "ranking", "among": BLOCKS, "top": ["one"]}, "at least two items in a block"),
        ({"kind": "difference", "item": "new_focus", "group": "bloc", "direction": "mroe"},
         "direction"),
        ({"kind": "difference", "item": "new_focus", "group": "bloc", "direction": "more"},
         "a level and codes with a direction"),
        ({"kind": "difference", "item": "new_focus", "group": "bloc", "p_below": "low"},
         "p_below"),
        ({"kind": "difference", "item": "new_focus", "items": ["new_focus", "economy"],
          "group": "bloc", "says": "difference"}, "one of item, items, question"),
        ({"kind": "not_testable", "reason": "-"}, "reason"),
    ],
)  # fmt: skip
def test_a_claim_says_what_its_kind_says(
    tmp_path: Path, study: Study, said: Mapping[str, Any], message: str
) -> None:
    common = {key: GOOD[key] for key in ("id", "section", "statement")}
    write_claims(tmp_path, {**common, **said})
    with pytest.raises(SpecError, match=r"claims/chapter_3\.yaml line \d+") as error:
        read_claims(replace(study, folder=tmp_path))
    assert message in str(error.value)


def test_all_mistakes_of_a_study_s_claims_are_reported_at_once(
    tmp_path: Path, study: Study
) -> None:
    write_claims(tmp_path, {**GOOD, "item": "no_such"}, {**GOOD, "id": "c3_002", "group": "none"})
    with pytest.raises(SpecError) as error:
        read_claims(replace(study, folder=tmp_path))
    assert len(error.value.mistakes) == 2


@pytest.mark.parametrize(
    ("word", "meaning", "message"),
    [
        ("equal", {"form": [-4, 4]}, "equal.form: found an unknown entry"),
        ("equal", 4, "equal"),
        ("equal", {"holds": [4, -4]}, "the lower bound first"),
        ("equal", {"holds": [-4, 4], "bears": [-1, 9]}, "bounds around those of `holds`"),
        ("significant", "low", "significant"),
        ("significant", None, "significant: found no such entry"),
    ],
)
def test_a_word_means_something(
    tmp_path: Path, study: Study, word: str, meaning: Any, message: str
) -> None:
    words = {k: v for k, v in {**STRICT, word: meaning}.items() if v is not None}
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / "words.yaml").write_text(yaml.safe_dump(words), encoding="utf-8")
    with pytest.raises(SpecError, match=r"claims/words\.yaml line \d+") as error:
        read_words(replace(study, folder=tmp_path))
    assert message in str(error.value)


def test_an_id_is_used_once(tmp_path: Path, study: Study) -> None:
    write_claims(tmp_path, GOOD, GOOD)
    with pytest.raises(SpecError, match="expected an id of its own"):
        read_claims(replace(study, folder=tmp_path))


def test_a_claim_that_holds_is_read_in_other_ways_only_on_request(study: Study) -> None:
    facts, read = yes_of(30, 60), [{"by": "known"}]
    selector = {"item": "new_focus", "codes": [1]}
    holding = claim_of("share", of=selector, readings=read, **{"is": 50})
    alone, every = (decide(holding, facts, study, WORDS, *more) for more in ((), (True,)))
    assert (alone.grade, alone.readings) == (HOLDS, [])
    assert every.grade == HOLDS
    assert [text for text, *_ in every.readings] == ["of those who know"]
    failing = claim_of("share", of=selector, readings=read, **{"is": 90})
    assert len(decide(failing, facts, study, WORDS).readings) == 1

"""The attacker against all possible data, suppression worked by hand, and brute force on both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.analysis.deviations import deviations, summary_text
from assets.step.declaring import FACTS, FIGURES, RESPONDENTS, UNDECLARED
from declarations import Study
from declarations.survey.disclosure import Disclosure
from expectations.disclosure import examine, suppress
from expectations.disclosure.attack import attack
from expectations.disclosure.block import (
    AttackedFigures,
    BlockRespondent,
    Key,
    OutgoingFigure,
    make_block,
)
from expectations.disclosure.outgoing import attack_units, parts, respondents
from expectations.disclosure.release import mask_deviations, sort_relations
from expectations.disclosure.risk import risk_frame, risk_words
from expectations.disclosure.suppress import Proposal, below_threshold, propose
from replication.solver.program import Budget, Optimum, Program
from tests.chain import WAVE, Chain

TOTAL, ALL = "total", ("all", "all")
PLACES = (ALL, ("g", "a"), ("g", "b"), ("g", "!a"))
RULES = Disclosure(policy="suppress", minimum_base=0, unanimous=False)
Answers = Mapping[str, str]


def block(
    people: Sequence[tuple[Iterable[str], Answers]],
    keys: Iterable[Key],
    codes: Mapping[str, Sequence[str]],
    alone: tuple[str, ...] = (),
    knows: bool = False,
) -> AttackedFigures:
    """Everyone is identifiable; how many answered an item is always published."""
    told = {*keys, *((item, TOTAL, *ALL) for item in codes)}
    everyone = [
        BlockRespondent(frozenset(("g", level) for level in levels), (str(n),), answers)
        for n, (levels, answers) in enumerate(people)
    ]
    each = {item: {code: (code,) for code in own} for item, own in codes.items()}
    figures = [OutgoingFigure(key, parts(key, each[key[0]])) for key in sorted(told)]
    identifiable = [True] * len(people)
    items = {item: tuple(own) for item, own in codes.items()}
    return make_block("q", items, figures, everyone, identifiable, alone, knows)


def is_in(levels: Iterable[str], place: tuple[str, str]) -> bool:
    level = place[1]
    inside = {"all", *levels}
    return level[1:] not in inside if level.startswith("!") else level in inside


def counted(people: Sequence[tuple[Iterable[str], Answers]], key: Key) -> object:
    """A figure, counted person by person."""
    item, what, *place = key
    own = [a.get(item) for levels, a in people if is_in(levels, (place[0], place[1]))]
    if what == "distribution":
        return sorted(code for code in own if code)
    return sum(code is not None if what == TOTAL else code == what for code in own)


def possible(
    people: Sequence[tuple[Iterable[str], Answers]], keys: Iterable[Key], choices: Sequence[Answers]
) -> Iterator[list[Answers]]:
    """All answers of these people with the same figures."""
    wanted = {key: counted(people, key) for key in keys}
    for answers in product(choices, repeat=len(people)):
        tried = [(levels, own) for (levels, _), own in zip(people, answers, strict=True)]
        if all(counted(tried, key) == n for key, n in wanted.items()):
            yield list(answers)


def follows(data: Sequence[Sequence[Answers]], item: str) -> set[tuple[int, str]]:
    """All ways in which the answers to an item may be distributed."""
    return {
        (n, str(data[0][n][item]))
        for n in range(len(data[0]))
        if data[0][n].get(item) and len({answers[n].get(item) for answers in data}) == 1
    }


def persons(
    found: AttackedFigures,
    targets: Iterable[tuple[object, tuple[str, str]]],
    people: Sequence[tuple[Iterable[str], Answers]],
    item: str,
) -> set[tuple[int, str]]:
    """`follows` for the signatures that an attack names."""
    own = [frozenset(("g", level) for level in levels) & found.levels for levels, _ in people]
    return {
        (n, code)
        for signature, (of, code) in targets
        for n, mine in enumerate(own)
        if of == item and mine == signature
    }


LEVELS = st.sampled_from(["", "a", "b", "ab"])
KEYS = st.sets(
    st.sampled_from([("i", w, *p) for w in ("1", "2", TOTAL, "distribution") for p in PLACES]),
    max_size=9,
)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(LEVELS, st.sampled_from(["1", "2", None])), min_size=3, max_size=5),
    KEYS,
    st.booleans(),
)
def test_what_follows_is_what_all_possible_data_share(
    drawn: list[tuple[str, str | None]], keys: set[Key], secret: bool
) -> None:
    people = [(levels, {"i": code} if code else {}) for levels, code in drawn]
    found = block(people, keys, {"i": ("1", "2")})
    told = {figure.key for figure in found.figures}
    data = list(possible(people, told, [{"i": "1"}, {"i": "2"}, {}]))
    came = attack(found)
    assert not came.unproven
    assert persons(found, came.determined, people, "i") == follows(data, "i")

    rules = RULES if not secret else Disclosure(policy="suppress", minimum_base=2, minimum_count=2)
    proposal = propose(found, rules)
    hidden = {one.key for one in proposal.hidden}
    assert not hidden & {("i", TOTAL, *ALL)}
    assert set(below_threshold(found, rules)) <= hidden
    assert proposal.fine == (not follows(data, "i") and not below_threshold(found, rules))
    if proposal.fine:
        assert not hidden
    left = list(possible(people, told - hidden, [{"i": "1"}, {"i": "2"}, {}]))
    assert persons(found, proposal.after.determined, people, "i") == follows(left, "i")
    watched = {k for k in proposal.threshold if k[1] != TOTAL and any(found.truth[k])}
    for key in watched:
        values = {str(counted([(x, y) for (x, _), y in zip(people, a, strict=True)], key))
                  for a in left}  # fmt: skip
        assert (len(values) == 1) == (key in proposal.after.revealed)
    if not proposal.after.safe:
        # then hiding everything that may be hidden does not help either
        nothing = list(possible(people, {("i", TOTAL, *ALL)}, [{"i": "1"}, {"i": "2"}, {}]))
        assert follows(nothing, "i") or proposal.after.revealed
    if not secret:
        # every figure is needed
        for key in hidden - {k for k in hidden if k[1] == TOTAL}:
            if (key[0], TOTAL, *key[2:]) in hidden:
                continue
            more = list(possible(people, told - hidden | {key}, [{"i": "1"}, {"i": "2"}, {}]))
            assert follows(more, "i") or not proposal.after.safe


BOXES = [{"x": x, "y": y, "z": z} for x, y, z in
         ("100", "010", "110", "001")]  # fmt: skip


@settings(max_examples=15)
@given(
    st.lists(st.tuples(LEVELS, st.sampled_from([*BOXES, {}])), min_size=3, max_size=4),
    st.sets(
        st.sampled_from([(b, w, *p) for b in "xyz" for w in ("1", TOTAL) for p in PLACES]),
        max_size=8,
    ),
)
def test_boxes_are_answered_together_and_an_exclusive_one_alone(
    drawn: list[tuple[str, dict[str, str]]], keys: set[Key]
) -> None:
    found = block(drawn, keys, dict.fromkeys("xyz", ("1", "0")), alone=("z",))
    data = list(possible(drawn, [figure.key for figure in found.figures], [*BOXES, {}]))
    came = attack(found)
    assert not came.unproven
    for box in "xyz":
        assert persons(found, came.determined, drawn, box) == follows(data, box)


# The worked example of docs/disclosure.md: seven heads, area a has three, area b four.
EXAMPLE: list[tuple[str, Answers]] = [
    ("a", {"i": "1"}), ("a", {"i": "2"}), ("a", {"i": "2"}),
    ("b", {"i": "1"}), ("b", {"i": "1"}), ("b", {"i": "2"}), ("b", {"i": "2"}),
]  # fmt: skip
TABLE = [("i", what, *place) for what in ("1", "2", TOTAL) for place in PLACES[:3]]


def test_a_hidden_cell_follows_from_its_row_until_others_are_hidden() -> None:
    found = block(EXAMPLE, TABLE, {"i": ("1", "2")})
    rules = Disclosure(policy="suppress", minimum_base=0, minimum_count=2, unanimous=False)
    assert below_threshold(found, rules) == {("i", "1", "g", "a"): "small count"}
    alone = attack(found, {("i", "1", "g", "a")}, {("i", "1", "g", "a")})
    assert alone.revealed == (("i", "1", "g", "a"),)  # 3 answered, 2 of them gave the other answer
    row = {("i", "1", "g", "a"), ("i", "2", "g", "a")}
    assert attack(found, row, {("i", "1", "g", "a")}).revealed  # everyone less b
    proposal = propose(found, rules)
    assert [(one.key, one.role) for one in proposal.hidden] == [
        (("i", "1", "g", "a"), "primary"), (("i", "1", "g", "b"), "secondary"),
        (("i", "2", "g", "a"), "secondary"), (("i", "2", "g", "b"), "secondary"),
    ]  # fmt: skip
    assert proposal.after.safe


def test_a_level_that_agrees_tells_its_members_answers() -> None:
    people = [("a", {"i": "1"}), ("a", {"i": "1"}), *EXAMPLE[3:]]
    found = block(people, TABLE, {"i": ("1", "2")})
    came = attack(found)
    assert came.determined == ((frozenset({("g", "a")}), ("i", "1")),)
    proposal = propose(found, RULES)
    assert proposal.before == came
    assert proposal.after.safe
    assert (("i", "1", "g", "a"), "primary") in [(h.key, h.role) for h in proposal.hidden]
    assert below_threshold(found, Disclosure(policy="suppress", minimum_base=0)) == {
        ("i", "1", "g", "a"): "all gave one answer"
    }


def test_what_is_not_needed_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    found = block(EXAMPLE, TABLE, {"i": ("1", "2")})
    rules = Disclosure(policy="suppress", minimum_base=0, minimum_count=2, unanimous=False)
    wanted = propose(found, rules)
    # as where the search for the least gave up: everything is hidden first
    monkeypatch.setattr(suppress, "_least", lambda *_: None)
    assert propose(found, rules) == wanted


def test_who_answers_ticks_a_box() -> None:
    people = [("a", {"x": "0", "y": "1"}), ("b", {"x": "0", "y": "1"}), ("b", {"x": "1", "y": "0"})]
    keys = [("x", "1", "g", "a"), ("x", TOTAL, "g", "a")]
    found = block(people, keys, dict.fromkeys("xy", ("1", "0")))
    in_a = frozenset({("g", "a")})
    # nobody in a ticked x, so everyone who answered there ticked y, on which nothing is published
    assert set(attack(found).determined) == {(in_a, ("x", "0")), (in_a, ("y", "1"))}


def test_who_knows_who_answered_learns_more() -> None:
    people = [("a", {"i": "1"}), ("a", {}), *EXAMPLE[3:]]
    found = block(people, TABLE, {"i": ("1", "2")})
    assert attack(found).safe  # one of the two in a; print does not show which
    knowing = block(people, TABLE, {"i": ("1", "2")}, knows=True)
    assert attack(knowing).determined == ((frozenset({("g", "a")}), ("i", "1")),)


def test_what_could_not_be_decided_counts_as_if_it_followed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def gives_up(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(Program, "best", gives_up)
    found = block(EXAMPLE[:1], TABLE, {"i": ("1", "2")})
    proposal = propose(found, RULES)
    assert proposal.before.unproven
    assert not proposal.fine
    # only the number of answers is published
    assert proposal.whole
    assert {h.key for h in proposal.hidden} == {f.key for f in found.figures} - {("i", TOTAL, *ALL)}
    assert propose(found, RULES) == proposal


def test_where_the_work_does_not_suffice_more_is_hidden_never_less() -> None:
    people = [*EXAMPLE, ("ab", {"i": "1"}), ("", {"i": "2"})]
    found = block(people, [*TABLE, ("i", "1", *PLACES[3])], {"i": ("1", "2")})
    rules = Disclosure(policy="suppress", minimum_base=0, minimum_count=2, unanimous=False)
    enough = propose(found, rules)
    assert not enough.whole
    for work in (0.0, 1e-6, 0.3, 1.0, 30.0):
        budget = Budget(work)
        bounded = propose(found, rules, budget)
        assert bounded.after.safe
        hidden = {h.key for h in bounded.hidden}
        assert attack(found, hidden, {k for k in bounded.threshold if k[1] != TOTAL}).safe
        assert budget.left < work or not work
        if not work:
            assert bounded.whole
    assert bounded == enough


def test_a_solver_without_a_solution_in_time_decides_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nothing = Optimum(Fraction(0), Fraction(0), ())
    monkeypatch.setattr(Program, "best", lambda *_, **__: nothing)
    found = block(EXAMPLE[:1], TABLE, {"i": ("1", "2")})
    assert attack(found).unproven
    assert propose(found, RULES).whole


def test_the_work_of_a_wave_is_bounded_and_progress_is_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blocks = [block(EXAMPLE, TABLE, {"i": ("1", "2")}) for _ in range(3)]
    rules = Disclosure(policy="suppress", minimum_base=0, minimum_count=2, unanimous=False, work=6)
    given = []

    def spend(one: AttackedFigures, settings: Disclosure, work: Budget) -> Proposal:
        given.append(work.left)
        found = propose(one, settings, work)
        work.left = 0.0
        return found

    monkeypatch.setattr(examine, "propose", spend)
    monkeypatch.setattr(examine, "TELL_SECONDS", -1.0)
    told: list[str] = []
    assert len(list(examine._proposals(blocks, rules, told.append))) == 3
    assert given == [6.0, 0.0, 0.0], "what a block spends is gone for those after it"
    assert (
        "2 of 3 items examined (q), 0 of 6 units of work left, 1 items suppressed whole" in told[1]
    )


def test_lines_that_rest_on_hidden_figures_are_masked(study: Study, committed: Chain) -> None:
    frame = deviations(study, committed.index, WAVE)
    key = ("actor_churches", "distribution", "area", "health")
    masked = mask_deviations(frame, {key, ("actor_churches", TOTAL, "area", "health")})
    own = (frame["item"] == "actor_churches") & (frame["group"] == "area")
    gone = masked[own & (frame["level"] == "health")]
    assert gone["direction"].tolist() == ["suppressed"]
    told = ["wave", "group", "level", "item", "question", "code", "code_label_en", "direction"]
    assert set(gone.drop(columns=told).replace("", None).isna().all()) == {True}
    assert masked["q"].isna().all(), "made of all p"
    rest = masked.drop(columns="q")[~masked.index.isin(gone.index)]
    pd.testing.assert_frame_equal(rest, frame.drop(columns="q").loc[rest.index], check_dtype=False)
    assert "actor_churches" not in summary_text(study, masked)
    # hidden for everyone, it is hidden in every level
    everywhere = mask_deviations(frame, {("actor_churches", "distribution", *ALL)})
    assert (everywhere["direction"] == "suppressed").equals(frame["item"] == "actor_churches")


def test_only_what_was_examined_is_released() -> None:
    empty = pd.DataFrame({"value": ["x"]})
    places = [("clean", "respondents"), ("answers", "use"), ("counts", "counts"),
              ("results", "models"), ("results", "claims"), ("results", "significance"),
              ("results", "unnumbered"), ("results", "deviations"), ("some", "thing"),
              ("results", "results"), ("checks", "quarantine"), ("checks", "reproduction"),
              ("clean", "municipalities")]  # fmt: skip
    relations = dict.fromkeys(places, empty)
    holds = dict.fromkeys(places, FIGURES) | {
        ("clean", "municipalities"): FACTS, ("clean", "respondents"): RESPONDENTS,
        ("answers", "use"): RESPONDENTS, ("some", "thing"): UNDECLARED,
    }  # fmt: skip
    released = sort_relations(relations, holds, [], [], RULES, {("i", "1", *ALL)})
    kept, withheld = released.relations, released.withheld
    assert set(kept) == {
        ("results", "results"), ("checks", "quarantine"), ("clean", "municipalities"),
        ("disclosure", "suppression"),
    }  # fmt: skip
    assert kept["checks", "quarantine"]["value"].tolist() == [""]
    assert set(withheld) == {".".join(place) for place in places} - {
        ".".join(place) for place in kept
    }
    # a policy that warns lets figures out; lines of respondents and what declares nothing stay
    warned = sort_relations(relations, holds, [], [], Disclosure(policy="warn"), ())
    assert set(warned.withheld) == {"clean.respondents", "answers.use", "some.thing"}
    assert warned.examined == ["checks.reproduction", "results.results"]
    assert "results.models" in warned.unexamined
    lines = Disclosure(policy="warn", microdata="published", identifying=("municipality",))
    assert sort_relations(relations, holds, [], [], lines, ()).withheld == ["some.thing"]


def test_the_risk_of_lines_is_counted_by_hand() -> None:
    sample = [("1", "a"), ("1", "a"), ("1", "b"), ("2", "a"), ("3", "c")]
    frame = risk_frame(sample, 2, ["town", "sex"], {("1",): 4, ("2",): 1, ("3",): 2}, ["town"],
                       [(town,) for town, _ in sample])  # fmt: skip
    found = dict(zip(frame["measure"], frame["value"], strict=True))
    assert found == {
        "respondents": 5, "smallest_class": 1, "in_small_classes": 3, "sample_uniques": 3,
        "population_uniques": 1,
    }  # fmt: skip
    unknown = risk_frame(sample, 2, ["sex"], None)
    assert unknown["value"].isna().tolist() == [False] * 4 + [True]
    assert "population uniques" not in risk_words(unknown)


def participant(n: int, **answers: str) -> BlockRespondent:
    return BlockRespondent(frozenset(), (str(n),), answers)


@pytest.mark.parametrize(
    ("figures", "codes"),
    [
        # no figure distinguishes the numbers: they are one answer
        ((TOTAL,), ("1",)),
        # a figure of a range, and one of a number
        ((TOTAL, "range 1..4"), ("1", "9")),
        ((TOTAL, "range 3.."), ("1", "4")),
        ((TOTAL, "2"), ("1", "2")),
        (("distribution", "range 1..4"), ("1", "2", "4", "9")),
    ],
)
def test_numbers_that_no_figure_distinguishes_are_one_answer(
    study: Study, figures: tuple[str, ...], codes: tuple[str, ...]
) -> None:
    everyone = [participant(n, collaborations=number) for n, number in enumerate("29414")]
    keys = [("collaborations", what, *ALL) for what in figures]
    (found,) = attack_units(study, keys, everyone, RULES)
    assert found.items == {"collaborations": codes}


def test_what_outsiders_know_of_a_respondent(study: Study) -> None:
    lines = [("a", "area", "social"), ("a", "area", "health"), ("a", "size", "small"),
             ("b", "area", "health")]  # fmt: skip
    found = respondents(
        study,
        Disclosure(policy="suppress", identifying=("area", "collaborations", "municipality")),
        pd.DataFrame({"respondent": ["b", "a"]}),
        # names read from a file are no constants of the code
        pd.DataFrame(
            [tuple("".join(list(text)) for text in line) for line in lines],
            columns=["respondent", "group", "level"], dtype=object,
        ),
        pd.DataFrame({"respondent": ["a", "b"], "municipality": ["Aby", "Bby"]}),
        [
            pd.DataFrame(
                [("a", "collaborations", None, 4.0), ("a", "new_focus", 2, None),
                 ("b", "new_focus", None, None), ("c", "new_focus", 1, None)],
                columns=["respondent", "item", "code", "number"],
            )
        ],
    )  # fmt: skip
    assert [(one.known, one.answers) for one in found] == [
        (("health", "no answer", "Bby"), {}),
        (("health+social", "4", "Aby"), {"collaborations": "4", "new_focus": "2"}),
    ]
    assert found[1].levels == {("area", "social"), ("area", "health"), ("size", "small")}

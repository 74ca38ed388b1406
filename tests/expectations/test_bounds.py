"""Bounds from print: hand-worked publications, brute force on tiny ones, and the report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations_with_replacement, product
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import replication.proof.bounds
import replication.solver.sources
from declarations import Group, Question, Study
from pipelines.cli import samspil
from replication.proof.bounds import Answer, ImpossibleError, as_lines, ask, bound_question
from replication.solver import program
from replication.solver.cells import joint_items
from replication.solver.joint import JointFacts
from replication.solver.outer import is_possible_answer
from replication.solver.query import GroupAtom, ItemAtom, QueryError, parse
from replication.solver.redrawn import Redrawn
from replication.solver.sources import PrintEvidence, read_print_evidence
from replication.solver.stated import Range, Stated
from replication.solver.verify import Person as Witness
from replication.solver.verify import unreproduced
from tests.declared import group_of, question_of

ALL = ("all", "all")
SCALE = [{"code": 1, "key": "yes", "da": "Ja", "en": "Yes"}, {"code": 2, "key": "no", "da": "Nej", "en": "No"}]  # noqa: E501 # fmt: skip
Person = tuple[frozenset[str], Mapping[str, int]]


def question(name: str, items: Sequence[str], kind: str = "grid") -> Question:
    entries = [{"id": i, "variable": i, "da": i, "en": i, "choice": n} for n, i in enumerate(items)]
    return question_of(
        {"id": name, "order": 1, "section": "s", "type": kind,
         "label": {"da": name, "en": name}, "scale": SCALE, "items": entries},
        name,
    )  # fmt: skip


def areas(*keys: str) -> Group:
    return group_of(
        {"id": "area", "label": {"da": "a", "en": "a"}, "kind": "text_rules", "source": "t",
         "levels": [{"key": key, "da": key, "en": key, "phrases": [key]} for key in keys]},
    )  # fmt: skip


@pytest.fixture(scope="module")
def small(study: Study) -> Study:
    """Two items with the answers yes and no, and two areas."""
    return replace(
        study, questions=(question("q", ["i"]), question("r", ["j"])), groups=(areas("a", "b"),),
        tables=(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def evidence(study: Study) -> PrintEvidence:
    return read_print_evidence(study, "2015")


def ends(answer: Answer) -> dict[str, Any]:
    return {bound.name: (bound.low, bound.high) for bound in answer.bounds}


def fixed(numbers: Mapping[Any, int]) -> dict[Any, Range]:
    return {key: Range(n, n) for key, n in numbers.items()}


def people(n: int) -> dict[Any, Range]:
    """The appendix: this many respondents, all complete."""
    return fixed({("status", "complete", *ALL): n, ("status", "partial", *ALL): 0})


def test_a_publication_of_two_rows_by_hand(small: Study) -> None:
    # 10 respondents, all answered i: 6 yes, 4 no. 3 are in a, of whom 2 said yes.
    stated = Stated(
        {**people(10), **fixed({("i", "1", *ALL): 6, ("i", "1", "area", "a"): 2})},
        fixed({("i", *ALL): 10, ("i", "area", "a"): 3}),
    )

    def of(text: str) -> dict[str, Any]:
        return ends(bound_question(small, stated, JointFacts({}), parse(text, small)))

    # 1 of 3 in a said no; all 4 less that one are outside
    assert of("i=no by area=a") == {"count": (1, 1), "of": (3, 3), "percent": (Fraction(100, 3),) * 2}  # noqa: E501 # fmt: skip
    assert of("i=no by area!=a")["count"] == (3, 3)
    # b may be anybody
    assert of("i=yes by area=b")["count"] == (0, 6)
    assert of("area=a and area=b")["count"] == (0, 3)
    # 4/7 - 2/3
    points = 100 * (Fraction(4, 7) - Fraction(2, 3))
    assert of("i=yes by area!=a - i=yes by area=a") == {"difference": (points, points)}


def test_overlap_is_forced_where_two_areas_are_more_than_everybody(small: Study) -> None:
    stated = Stated(people(10), fixed({("i", *ALL): 10, ("i", "area", "a"): 7, ("i", "area", "b"): 6}))  # noqa: E501 # fmt: skip
    found = ends(
        bound_question(
            small, stated, JointFacts({}), parse("area=a and area=b by i=answered", small)
        )
    )
    assert found["count"] == (3, 6)


def test_what_another_item_prints_limits_an_area(small: Study) -> None:
    # j was answered by 8 of 10, 5 of them in a: a has 5 to 7 members, and of the 9 who
    # answered i at least 4
    stated = Stated(people(10), fixed({("j", *ALL): 8, ("j", "area", "a"): 5, ("i", *ALL): 9}))
    found = ends(bound_question(small, stated, JointFacts({}), parse("i=yes by area=a", small)))
    assert found["of"] == (4, 7)


def test_two_items_overlap_as_their_shares_force(small: Study) -> None:
    counts = {**people(10), **fixed({("i", "1", *ALL): 7, ("j", "1", *ALL): 6})}
    stated = Stated(counts, fixed({("i", *ALL): 10, ("j", *ALL): 10}))
    found = ends(bound_question(small, stated, JointFacts({}), parse("i=yes and j=yes", small)))
    assert found["count"] == (3, 6)


def test_facts_of_municipalities_place_respondents(small: Study) -> None:
    size = group_of(
        {"id": "size", "label": {"da": "s", "en": "s"}, "kind": "cuts", "source": "population",
         "levels": [{"key": "low", "da": "l", "en": "l", "below": 9}, {"key": "high", "da": "h", "en": "h", "from": 9}]},  # noqa: E501
    )  # fmt: skip
    town = group_of(
        {"id": "municipality", "label": {"da": "m", "en": "m"}, "kind": "identity",
         "source": "code"},
    )  # fmt: skip
    own = replace(small, groups=(*small.groups, size, town))
    towns = {"1": 4, "2": 3, "3": 3}
    counts = {**people(10)}
    for code, n in towns.items():
        counts |= fixed({("status", "complete", "municipality", code): n, ("status", "partial", "municipality", code): 0})  # noqa: E501 # fmt: skip
    facts = JointFacts({"municipality": {t: t for t in towns}, "size": {"1": "low", "2": "low", "3": "high"}})  # noqa: E501 # fmt: skip
    stated = Stated({**counts, **fixed({("i", "1", *ALL): 5})}, fixed({("i", *ALL): 9}))
    found = ends(bound_question(own, stated, facts, parse("i=yes by size=low", own)))
    # 7 of the 10 live in 1 and 2; one of the 10 did not answer; 5 said yes, at most 3 elsewhere
    assert found["of"] == (6, 7)
    assert found["count"] == (2, 5)
    # 2 of 6 where the one is missing there; 5 of 6 where all who said yes are there
    assert found["percent"] == (Fraction(100 * 2, 6), Fraction(100 * 5, 6))


PERSONS: list[Person] = [
    (frozenset(members), {k: v for k, v in (("i", i), ("j", j)) if v})
    for members in ((), ("a",), ("b",), ("a", "b"))
    for i, j in product((0, 1, 2), repeat=2)
]
CROWDS = list(combinations_with_replacement(PERSONS, 3))
PLACES = [(i, c, a) for i in ("i", "j") for c in (None, 1) for a in ("all", "a", "b")]


def counted(crowd: Sequence[Person], item: str, code: int | None, area: str) -> int:
    return sum(
        (item in given if code is None else given.get(item) == code)
        and (area == "all" or area in members)
        for members, given in crowd
    )


def as_people(crowd: Sequence[Person]) -> list[Witness]:
    return [
        Witness(
            1,
            frozenset({ALL, *(("area", area) for area in members)}),
            {"status": "complete", **{item: str(code) for item, code in given.items()}},
        )
        for members, given in crowd
    ]


# what a person is counted among, and whether counted
RULES: dict[str, Callable[[frozenset[str], Mapping[str, int]], tuple[bool, bool]]] = {
    "i=yes by area=a and area!=b": lambda m, g: ("i" in g and m == {"a"}, g.get("i") == 1),
    "i=yes by area=a": lambda m, g: ("i" in g and "a" in m, g.get("i") == 1),
    "i=yes and j=no by area!=b and area=a": lambda m, g: (
        {"i", "j"} <= set(g) and m == {"a"}, g.get("i") == 1 and g.get("j") == 2
    ),
    "area=a and area=b by j=yes": lambda m, g: (g.get("j") == 1, m == {"a", "b"}),
}  # fmt: skip


@pytest.fixture(scope="module")
def tables() -> npt.NDArray[np.int64]:
    """Every crowd's counts at PLACES."""
    return np.array([[counted(crowd, *place) for place in PLACES] for crowd in CROWDS])


@pytest.fixture(scope="module")
def shares() -> dict[str, list[tuple[int, int]]]:
    """Every crowd's count and base for each of RULES."""
    found = {}
    for text, rule in RULES.items():
        hits = [[rule(m, g) for m, g in crowd] for crowd in CROWDS]
        found[text] = [(sum(of and what for of, what in h), sum(of for of, _ in h)) for h in hits]
    return found


@given(data=st.data())
@settings(max_examples=12)
def test_bounds_are_those_of_all_small_data(
    data: st.DataObject,
    small: Study,
    tables: npt.NDArray[np.int64],
    shares: dict[str, list[tuple[int, int]]],
) -> None:
    """Three respondents, two items, two areas: every crowd of three is tried."""
    number = data.draw(st.integers(0, len(CROWDS) - 1))
    true = tables[number]
    shown = data.draw(st.lists(st.integers(0, len(PLACES) - 1), unique=True, max_size=8))
    counts = people(3)
    bases: dict[Any, Range] = {}
    for place in shown:
        item, code, area = PLACES[place]
        key = (item, *(() if code is None else (str(code),)), "all" if area == "all" else "area", area)  # noqa: E501 # fmt: skip
        (bases if code is None else counts)[key] = Range(int(true[place]), int(true[place]))
    agreeing = np.flatnonzero((tables[:, shown] == true[shown]).all(axis=1))
    crowd = CROWDS[number]
    for text, every in shares.items():
        answer = bound_question(
            small, Stated(counts, bases), JointFacts({}), parse(text, small), as_people(crowd)
        )
        found = ends(answer)
        pairs = [every[i] for i in agreeing]
        percents = [Fraction(100 * k, n) for k, n in pairs if n]
        expected: dict[str, Any] = {
            "count": (min(k for k, _ in pairs), max(k for k, _ in pairs)),
            "of": (min(n for _, n in pairs), max(n for _, n in pairs)),
            **({"percent": (min(percents), max(percents))} if percents else {}),
        }
        for bound in answer.bounds:
            if bound.attained is not None:
                low, high = expected[bound.name]
                assert low <= bound.attained[0] <= bound.attained[1] <= high, text
        if "=b" in text:
            assert found == expected, text
        else:
            # figures of b are left out where the question does not name it: no bound is too narrow
            assert expected.keys() <= found.keys()
            for name, (low, high) in expected.items():
                assert found[name][0] <= low <= high <= found[name][1], text


def test_contradicting_figures_are_refused(small: Study) -> None:
    stated = Stated(fixed({("i", "1", *ALL): 6}), fixed({("i", *ALL): 5}))
    with pytest.raises(ImpossibleError, match="contradict"):
        bound_question(small, stated, JointFacts({}), parse("i=yes", small))


def test_what_is_printed_is_pinned(study: Study, evidence: PrintEvidence) -> None:
    # Table 4.2: 63 of 168 heads of social services work with churches
    answer = ask(study, evidence, "actor_churches=last_year by area=social")
    assert ends(answer) == {"count": (63, 63), "of": (168, 168), "percent": (Fraction(75, 2),) * 2}
    assert all(bound.exact for bound in answer.bounds)


def test_a_sum_of_two_answers_is_exact(study: Study, evidence: PrintEvidence) -> None:
    # everyone: 99 last year, 53 in five years. The 105 others of social services gave one of
    # three answers, and any of them can be all 53.
    answer = ask(study, evidence, "actor_churches=last_year+last_five_years by area=social")
    assert ends(answer)["count"] == (63, 63 + 53)
    assert [bound.exact for bound in answer.bounds] == [True] * 3
    low, high = (answer.witnesses[f"{side} count"][0] for side in ("smallest", "largest"))
    assert (low.counted, high.counted, low.of, high.of) == (63, 116, 168, 168)


@pytest.mark.long
@pytest.mark.parametrize(
    "text",
    [
        "initiation_user_run=never by area=health",
        "measure_goals=yes by area=social",
        "area=health and area=social",
        "cross_cutting=often by size=under_35000 - cross_cutting=often by bloc=blue",
    ],
)
def test_what_is_attained_lies_within_and_says_so(
    text: str, study: Study, evidence: PrintEvidence
) -> None:
    answer = ask(study, evidence, text)
    for bound in answer.bounds:
        assert bound.attained is not None
        assert bound.low <= bound.attained[0] <= bound.attained[1] <= bound.high


@pytest.mark.long
def test_areas_are_redrawn_until_the_ends_are_attained(
    study: Study, evidence: PrintEvidence
) -> None:
    # print gives no figure of heads of both areas, so none or all of the smaller one may be
    pair = {("area", "culture"), ("area", "technical")}
    answer = ask(study, evidence, "area=culture and area=technical")
    assert [bound.exact for bound in answer.bounds] == [True]
    asked = parse("area=culture and area=technical", study)
    redrawn = list(Redrawn(study, evidence.stated, asked, evidence.people).data_sets())
    for people in redrawn:
        assert not list(unreproduced(people, evidence.figures))
        assert [p.answers["status"] for p in people] == [
            p.answers["status"] for p in evidence.people
        ]
    both = {sum(pair <= p.levels for p in people) for people in redrawn}
    assert both == {int(end) for end in ends(answer)["count"]}


@pytest.mark.long
def test_the_same_question_has_the_same_answer(study: Study, evidence: PrintEvidence) -> None:
    text = "actor_churches=dont_know by area=social - actor_churches=dont_know by area=school"
    lines = as_lines(ask(study, evidence, text))
    assert lines[1] == "  difference -58.8 to 56.0      exact"
    assert lines == as_lines(ask(study, evidence, text))


def test_without_the_solvers_work_a_bound_is_not_called_exact(
    study: Study, evidence: PrintEvidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The true bounds are 63 to 116 of 168."""
    monkeypatch.setattr(program, "WORK", 1e-9)
    answer = ask(study, evidence, "actor_churches=last_year+last_five_years by area=social")
    assert not any(bound.exact for bound in answer.bounds)
    low, high = ends(answer)["count"]
    assert low <= 63
    assert high >= 116
    low, high = ends(answer)["percent"]
    assert low <= Fraction(6300, 168)
    assert high >= Fraction(11600, 168)


def test_a_spent_budget_ends_a_question_soon(
    study: Study, evidence: PrintEvidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed: list[float] = []
    own = program.Program.best

    def best(self: program.Program, *given: Any, **named: Any) -> Any:
        assert self.budget is not None
        allowed.append(self.budget.left)
        return own(self, *given, **named)

    monkeypatch.setattr(program.Program, "best", best)
    monkeypatch.setattr(replication.proof.bounds, "QUESTION_WORK", 0.001)
    answer = ask(study, evidence, "area=culture and area=technical")
    # every optimum of every model takes from the one budget, which is soon overdrawn
    assert allowed == sorted(allowed, reverse=True)
    assert allowed[0] == 0.001
    assert allowed[-1] < 0
    assert all(bound.low <= bound.high for bound in answer.bounds)


@pytest.mark.parametrize(("code", "n"), [("269", 1), ("101", 20)])
def test_heads_of_one_municipality(
    code: str, n: int, study: Study, evidence: PrintEvidence
) -> None:
    """The appendix prints how many answered; a box of a question is at most all of them."""
    answer = ask(study, evidence, f"measure_none=yes by municipality={code}")
    low, high = ends(answer)["of"]
    assert (low, high) == (0, n) if n == 1 else high <= n
    assert ends(answer)["percent"] == (0, 100)


@pytest.mark.parametrize("value", ["999", "Solrød"])
def test_a_municipality_that_does_not_exist(
    value: str, study: Study, evidence: PrintEvidence
) -> None:
    with pytest.raises(QueryError, match=f"no level '{value}'; it has the codes of the register"):
        ask(study, evidence, f"measure_none=yes by municipality={value}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("actor_churches", "is not NAME=VALUE"),
        ("actor_churches=often", "has no answer 'often'; it has last_year (1)"),
        ("area=sport", "area has no level 'sport'"),
        ("nothing=1", "is neither an item nor a group"),
        ("responsibilities=1", "is open"),
        ("area=health by area=social by area=school", "occurs twice"),
        ("area=health - area=social - area=school", "one share, or two"),
    ],
)
def test_questions_that_cannot_be_read(text: str, message: str, study: Study) -> None:
    with pytest.raises(QueryError, match=message.replace("(", r"\(").replace(")", r"\)")):
        parse(text, study)


def test_a_question_is_read_as_it_is_written(study: Study) -> None:
    found = parse("actor_churches != last_year + 2 and area=health by size!=under_35000", study)
    assert found.first.what == (
        ItemAtom("actor_churches", frozenset({3, 4})),
        GroupAtom("area", frozenset({"health"})),
    )
    assert found.first.of == (GroupAtom("size", frozenset({"under_35000"}), outside=True),)
    ticked = parse("measure_none=yes", study).first.what[0]
    assert ticked == ItemAtom("measure_none", frozenset({1}))


@pytest.mark.parametrize(
    ("question", "blocks"),
    [
        # a box with the box that excludes it, and that box alone
        ("measure_other=yes", [("measure_other", "measure_none")]),
        ("measure_none=yes", [("measure_none",)]),
        # an item that is no box stands alone, whatever else its question asks
        ("collaborations_dont_know=dont_know", [("collaborations_dont_know",)]),
        ("municipal_policy=no", [("municipal_policy",)]),
        # both shares, as the box that excludes is in each
        (
            "measure_other=yes - measure_cost=yes",
            [("measure_other", "measure_none", "measure_cost")],
        ),
    ],
)
def test_items_are_combined_with_the_box_that_excludes_them(
    question: str, blocks: list[tuple[str, ...]], study: Study
) -> None:
    assert joint_items(parse(question, study).shares, study) == blocks


def test_the_command_prints_all_lines_of_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = object()
    asked: list[tuple[str, str]] = []

    def ask(given: Study, evidence: object, question: str) -> object:
        asked.append((str(evidence), question))
        return answer

    def as_lines(given: object) -> list[str]:
        assert given is answer
        return ["a question", "  count      32", "  percent    9.1"]

    monkeypatch.setattr(
        replication.solver.sources, "read_print_evidence", lambda _, wave: f"of {wave}"
    )
    monkeypatch.setattr(replication.proof.bounds, "ask", ask)
    monkeypatch.setattr(replication.proof.bounds, "as_lines", as_lines)
    done = CliRunner().invoke(samspil, ["bounds", "municipal_policy=no"])
    assert (done.exit_code, asked) == (0, [("of 2015", "municipal_policy=no")])
    assert done.output == "a question\n  count      32\n  percent    9.1\n"


@pytest.mark.long
def test_the_command_answers_and_refuses_plainly() -> None:
    done = CliRunner().invoke(samspil, ["bounds", "municipal_policy=no"])
    assert done.exit_code == 0, done.output
    assert "count      32" in done.output
    wrong = CliRunner().invoke(samspil, ["bounds", "municipal_policy=maybe"])
    assert wrong.exit_code == 1
    assert "has no answer 'maybe'" in wrong.output


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({"one": 1, "two": 0, "none": 0}, True),
        ({"one": 1, "two": 1, "none": 0}, True),
        ({"one": 0, "two": 0, "none": 1}, True),
        # answered by all boxes or by none
        ({"one": None, "two": None, "none": None}, True),
        ({"one": 1, "two": None, "none": 0}, False),
        # the box that excludes the others is alone
        ({"one": 1, "two": 0, "none": 1}, False),
        # other questions are answered on their own
        ({"one": 1, "two": 0, "i": None}, True),
        ({"i": 1, "j": None}, True),
    ],
)
def test_boxes_of_a_question_are_answered_together(
    study: Study, small: Study, given: dict[str, int | None], answer: bool
) -> None:
    entries = [
        {"id": name, "variable": name, "da": name, "en": name, "choice": place}
        for place, name in enumerate(("one", "two", "none"), start=1)
    ]
    entries[2]["exclusive"] = True
    boxes = question_of(
        {"id": "boxes", "order": 2, "section": "s", "type": "multiple",
         "label": {"da": "b", "en": "b"}, "items": entries},
        "boxes",
    )  # fmt: skip
    assert is_possible_answer(replace(small, questions=(*small.questions, boxes)), given) == answer

"""How a draft classifies one column: scales, codes, numbers, dates, identifiers; exact results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from assets.raw.delimited import RawTable
from pipelines.draft.columns.answers import (
    DraftCode,
    JudgedColumn,
    is_special,
    judge_column,
    like_numbers_of_people,
    number_settings,
    ordered,
)
from pipelines.draft.columns.identity import (
    RespondentColumn,
    passed_over,
    repeated_lines,
    repeated_text,
    respondent_column,
)
from pipelines.draft.columns.kinds import (
    few_codes,
    mostly_dates,
    no_dates,
    numbers_with_words,
    suspicious,
)
from pipelines.draft.columns.scales import known_scale, numbered_scale
from pipelines.draft.columns.variables import DraftVariable


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        # two places are enough, one is not
        (["Nej", "Ja"], ["Ja", "Nej"]),
        (["Ja", "Ved ikke"], []),
        (["ved ikke", "nej", "ja", "ikke relevant"], ["ja", "nej", "ved ikke", "ikke relevant"]),
        # two words of one place
        (["ja", "yes", "nej"], []),
        (["ja", "nej", "blue"], []),
        (["never", "daily", "weekly"], ["daily", "weekly", "never"]),
    ],
)
def test_texts_of_a_known_scale_have_its_order(texts: list[str], order: list[str]) -> None:
    assert known_scale(texts) == order


def test_texts_with_numbers_have_their_order() -> None:
    assert numbered_scale(["10 - most", "2", "1 - least"]) == ["1 - least", "2", "10 - most"]
    assert numbered_scale(["a2", "a1"]) == ["a1", "a2"]
    assert numbered_scale(["a2", "b1"]) == []
    assert numbered_scale(["1 x", "1 y"]) == []
    assert numbered_scale(["1", "none"]) == []
    assert numbered_scale(["12345", "1"]) == []


CODES = {"1": "a lot", "2": "a little", "9": "don't know"}


@pytest.mark.parametrize(
    ("cells", "labels", "codes"),
    [
        (["1", "2"], CODES, [(1, "a lot", None, False), (2, "a little", None, False),
                             (9, "don't know", None, True)]),
        # a code of the data alone comes in the order of the codes
        (["1", "3"], CODES, [(1, "a lot", None, False), (2, "a little", None, False),
                             (3, None, None, False), (9, "don't know", None, True)]),
        # labels in an order of their own keep it
        (["1", "5"], {"2": "low", "1": "high"}, [(2, "low", None, False), (1, "high", None, False),
                                                 (5, None, None, False)]),
        # codes that are words: by their digits, else the first that is free
        (["A2"], {"A2": "second", "B": "other"}, [(2, "second", "A2", False),
                                                  (1, "other", "B", False)]),
        # no labels: codes if all cells are
        (["4", "0", "-1"], {}, [(-1, None, None, False), (0, None, None, False),
                                (4, None, None, False)]),
    ],
)  # fmt: skip
def test_a_closed_column_has_these_codes(
    cells: list[str], labels: Mapping[str, str], codes: list[tuple[Any, ...]]
) -> None:
    assert judge_column(cells, labels).codes == tuple(DraftCode(*one) for one in codes)


def test_a_scale_with_labels_at_its_ends_is_said_to_be_one() -> None:
    found = judge_column(["1", "2", "3"], {"1": "worst", "5": "best"})
    assert [(c.code, c.text) for c in found.codes] == [
        (1, "worst"), (2, None), (3, None), (5, "best")
    ]  # fmt: skip
    assert found.comments == (
        "guess: a scale with labels at its ends only, in the order of its codes",
    )
    assert judge_column(["1", "6"], {"1": "worst", "5": "best"}).comments == ()


def test_many_or_spread_answers_without_a_label_are_a_number() -> None:
    labels = {"-9": "refused", "1": "one only"}
    found = judge_column(["1", *(str(n) for n in range(4, 26))], labels)
    assert found == JudgedColumn(
        special=(DraftCode(-9, "refused", missing=True),), numeric=True, numbers={},
        comments=("guess: a number, because 22 of its values have no label",
                  "guess: its labelled values are not numbers and never enter a mean",
                  "labels of these numbers are not shown: 1"),
    )  # fmt: skip
    # 12 within 20 are a scale, 12 within 21 and 13 are a number
    assert not judge_column([str(n) for n in (*range(2, 13), 21)], {"1": "one"}).numeric
    assert judge_column([str(n) for n in (*range(2, 13), 22)], {"1": "one"}).numeric
    assert judge_column([str(n) for n in range(2, 15)], {"1": "one"}).numeric
    assert judge_column(["2,5"], {"1": "one"}).numeric
    # two labels for each number without one are a number, more are a list of codes
    assert judge_column(["2.5", "1"], {"1": "a", "4": "b", "5": "c"}).numeric
    far = {str(n): "x" for n in range(1, 6)}
    assert not judge_column(["100", "200"], far).numeric
    assert judge_column(["100", "200"], {n: far[n] for n in "1234"}).numeric


@pytest.mark.parametrize(
    ("code", "text", "known", "special"),
    [
        (-1, "refused", (1, 2), True), (9, "don't know", (1, 2), True), (9, "a lot", (1, 2), False),
        (97, "97 or older", (1,), False), (7, "ved ikke", (1, 2, 3, 4, 5, 6), True),
        (7, "ved ikke", (1, 2, 20), True), (10, "ved ikke", (1, 9, 11), False),
        (6, "ved ikke", (1, 2), False), (12, "ved ikke", (1, 2, 11), False),
        (13, "ved ikke", (1, 2, 11), True),
    ],
)  # fmt: skip
def test_a_code_of_no_answer_has_words_for_it_and_is_apart(
    code: int, text: str, known: tuple[int, ...], special: bool
) -> None:
    assert is_special(code, text, known) == special


def test_codes_with_values_of_their_own_keep_their_order() -> None:
    valued = [DraftCode(2, "two", "II"), DraftCode(1, "one", "I"), DraftCode(3, None)]
    assert ordered(valued) == tuple(valued)
    plain = [DraftCode(2, "two"), DraftCode(1, None), DraftCode(-1, None), DraftCode(4, "four")]
    assert [one.code for one in ordered(plain)] == [1, 2, 4, -1]
    among = [DraftCode(4, "four"), DraftCode(2, "two"), DraftCode(3, None)]
    assert [one.code for one in ordered(among)] == [2, 3, 4]
    beside = [DraftCode(4, "four"), DraftCode(2, "two"), DraftCode(5, None)]
    assert ordered(beside) == tuple(beside)


@pytest.mark.parametrize(
    ("cells", "declared"),
    [
        (["1", "25"], {}), (["-1"], {"negative": True}), (["123456"], {}),
        (["1234567"], {"digits": 7}), (["1.000", "2,5"], None), (["1.000"], None),
        (["1,000", "2.5"], None), (["1.000", "2.5"], {"decimal": "point"}),
        (["1,000", "2,25"], {"decimal": "comma"}), (["1", "x"], None), ([], None),
    ],
)  # fmt: skip
def test_the_declaration_of_numbers(cells: list[str], declared: dict[str, Any] | None) -> None:
    assert number_settings(cells) == declared


def test_long_numbers_that_all_differ_are_like_numbers_of_people() -> None:
    assert like_numbers_of_people(["1234567", "12"])
    assert not like_numbers_of_people(["123456", "12"])
    assert not like_numbers_of_people(["1234567", "1234567"])
    assert not like_numbers_of_people(["1234567", "12-3"])


def test_dates_are_most_answers_from_four_fifths_on() -> None:
    dates = ["2015-01-31", "31.1.2015", "1/31/2015 10:15 PM", "10:15"]
    assert no_dates(dates) == 0
    assert no_dates([*dates, "today", "today"]) == 2
    assert mostly_dates([*dates, "today"])
    assert not mostly_dates([*dates[:3], "today"])
    assert not mostly_dates([])


def test_a_few_small_numbers_that_are_often_given_are_codes() -> None:
    assert few_codes(["2", "1"] * 3) == (DraftCode(1, None), DraftCode(2, None))
    assert few_codes(["2", "1"] * 2 + ["1"]) == ()
    assert few_codes(["1"] * 9) == ()
    assert few_codes(["1", "11"] * 9) == ()
    assert len(few_codes([str(n) for n in range(11)] * 3)) == 11


def test_numbers_with_a_few_words_of_no_answer() -> None:
    numbers = ["7", "12", "30"]
    assert numbers_with_words([*numbers, "refused", "ved ikke"]) == (
        {},
        (DraftCode(-1, "refused", "refused", missing=True),
         DraftCode(-2, "ved ikke", "ved ikke", missing=True)),
    )  # fmt: skip
    # a word that means something else counts if it occurs twice
    assert numbers_with_words([*numbers, "many"]) is None
    assert numbers_with_words([*numbers, "many", "many"]) is not None
    assert numbers_with_words(numbers) is None
    assert numbers_with_words([*numbers[:2], "refused"]) is None
    assert numbers_with_words([*numbers * 3, *(f"refused {w}" for w in "abc")]) is not None
    assert numbers_with_words([*numbers * 3, *(f"refused {w}" for w in "abcd")]) is None
    # at least half are numbers
    assert numbers_with_words([*numbers, *["refused"] * 3]) is not None
    assert numbers_with_words([*numbers, *["refused"] * 4]) is None


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["1", "2", "3", "4", "1", "2", "99", "99"], {"99": 2}),
        (["1", "2", "3", "4", "1", "2", "-9", "-9"], {"-9": 2}),
        # once, too often, too near
        (["1", "2", "3", "4", "1", "2", "3", "99"], {}),
        (["1", "2", "3", "4", "1", "99", "99"], {}),
        (["1", "2", "94", "4", "1", "2", "99", "99"], {}),
        (["1", "2", "93", "4", "1", "2", "99", "99"], {"99": 2}),
        (["-1", "2", "3", "4", "1", "2", "-9", "-9"], {}),
        (["99", "99"], {}),
    ],
)
def test_numbers_that_may_mean_no_answer(cells: Sequence[str], found: dict[str, int]) -> None:
    assert suspicious(cells) == found


def variable(name: str, cells: Sequence[str], closed: bool = False) -> DraftVariable:
    return DraftVariable(name, name, closed, False, "", "", "", "", (), tuple(cells), False)


def test_the_identifier_is_a_column_of_its_name_that_differs_on_every_line() -> None:
    ids = variable("Response ID", ["a", "b"])
    key = variable("key", ["k", "l"])
    assert respondent_column([key, ids]) == RespondentColumn("Response ID")
    assert respondent_column([key, variable("Response ID", ["a", "a"])]) == RespondentColumn("key")
    assert respondent_column([variable("key", ["a", ""])]) is None
    assert respondent_column([variable("key", ["1", "2"], closed=True)]) is None
    assert respondent_column([variable("keys", ["1", "2"])]) is None


def test_columns_that_nearly_identify_are_named_with_the_reason() -> None:
    cells = [str(n) for n in range(18)]
    stray = variable("respondent", [*cells, "1", ""])
    mail = variable("e-mail", [*cells, "1", ""])
    worse = variable("email", [*cells[:-1], "1", "1", ""])
    found = passed_over([stray, mail, worse])
    assert found == [RespondentColumn("respondent", 1, 1), RespondentColumn("e-mail", 1, 1)]
    assert found[0].amiss == "repeats another line's on 1 and is empty on 1"
    assert RespondentColumn("key", 2).amiss == "repeats another line's on 2"
    assert RespondentColumn("key", 0, 3).amiss == "is empty on 3"
    assert RespondentColumn("key").amiss == ""


def test_lines_with_the_same_answers_are_named_up_to_five() -> None:
    rows = (("1", "x"), ("1", "x"), ("0", ""), ("0", ""), ("2", "y"), ("1", "x"))
    data = RawTable("a.csv", "", 0, ("s_1", "s_2"), rows, tuple(range(2, 8)), "csv")
    assert repeated_lines(data) == [(3, 2), (7, 2)]
    assert repeated_text([]) == ""
    assert "(row 3 as row 2, row 7 as row 2) and" in repeated_text([(3, 2), (7, 2)])
    many = [(line, 2) for line in range(3, 8)]
    assert repeated_text(many).startswith("5 lines with answers are the same")
    assert "row 7 as row 2) and" in repeated_text(many)
    assert "row 7 as row 2, ...) and" in repeated_text([*many, (8, 2)])

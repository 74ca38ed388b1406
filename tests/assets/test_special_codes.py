"""Codes that are not whole numbers, special values of numbers, and texts that only look alike."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from assets.raw.cells.reading import read_cell
from declarations import Item, SpecError
from expectations.scales import check_suites
from runtime.plain_text import plain
from tests.declared import question_of


def item(**entries: Any) -> Item:
    data = {
        "id": "q",
        "order": 1,
        "section": "a",
        "label": "Q",
        "items": [{"id": "q", "variable": "q"}],
    }
    return question_of(data | entries, "questions/q.yaml").items[0]


CODED = item(
    type="single",
    scale=[
        {"code": 1, "value": "A1", "text": "Yes"},
        {"code": 2, "value": "01", "text": "No"},
        {"code": 3, "value": "-oth-", "text": "Other"},
        {"code": 4, "value": "Søren på 2", "text": "Søren"},
        {"code": 9, "text": "Refused", "missing": True},
    ],
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("A1", 1), ("01", 2), ("1", None), ("-oth-", 3), ("a1", None), ("9", 9), ("9.0", 9),
        (unicodedata.normalize("NFD", "Søren på 2"), 4), ("Søren\u00a0på  2", 4),
        ("Søren\npå\u00ad 2", 4),
    ],
)  # fmt: skip
def test_a_cell_is_the_code_whose_value_it_holds(text: str, code: int | None) -> None:
    assert read_cell(CODED, text).code == code
    assert (read_cell(CODED, text).rule is None) == (code is not None)


def test_a_special_value_is_a_code_and_no_number() -> None:
    age = item(type="numeric", codes=[{"code": 999, "text": "Will not say", "missing": True}])
    assert read_cell(age, "999")[:2] == (999, None)
    assert read_cell(age, "99")[:2] == (None, 99.0)


@pytest.mark.parametrize(
    ("numbers", "text", "number"),
    [
        ({}, "-3", None), ({"negative": True}, "-3", -3.0), ({}, "52.375", None),
        ({"decimal": "point"}, "52.375", 52.375), ({"decimal": "point"}, "52,375", None),
        ({"decimal": "comma"}, "1,5", 1.5), ({}, "1250000", None),
        ({"digits": 7}, "1250000", 1250000.0),
        ({"negative": True}, "-1.000", None),
    ],
)  # fmt: skip
def test_numbers_are_read_as_declared(numbers: Any, text: str, number: float | None) -> None:
    assert read_cell(item(type="numeric", numbers=numbers), text).number == number


@pytest.mark.parametrize(
    "entries",
    [
        {"type": "numeric", "codes": [{"code": 999, "text": "Valid"}]},
        {"type": "open", "codes": [{"code": 999, "text": "x", "missing": True}]},
        {"type": "numeric", "numbers": {"decimals": "point"}},
        {"type": "numeric", "numbers": {"digits": 40}},
        {"type": "single", "scale": [{"code": 1, "value": 1, "text": "x"}]},
        {"type": "single", "scale": [{"code": 1, "text": "x"}, {"code": 2, "value": "1"}]},
        {"type": "single", "scale": [{"code": 1, "text": "x", "missing": "yes"}]},
    ],
)  # fmt: skip
def test_a_mistake_in_codes_or_numbers_is_reported(entries: dict[str, Any]) -> None:
    with pytest.raises(SpecError):
        item(**entries)


def test_the_suite_reads_the_same_cells_as_the_cleaning() -> None:
    import pandas as pd

    data = {"id": "q", "order": 1, "section": "a", "label": "Q", "type": "single",
            "scale": [{"code": 1, "value": "A1"}, {"code": 2, "value": "01", "text": "y"}],
            "items": [{"id": "q", "variable": "q"},
                      {"id": "n", "variable": "n", "type": "numeric", "numbers": {"negative": True},
                       "codes": [{"code": 99, "text": "z", "missing": True}]}]}  # fmt: skip
    question = question_of(data, "questions/q.yaml")
    cells = [("q", "A1"), ("q", "01"), ("q", "1"), ("n", "-5"), ("n", "99.0"), ("n", "x")]
    frame = pd.DataFrame(cells, columns=["item", "value"])
    frame["variable"], frame["cells"] = frame["item"], 1
    frame["rows"] = [[row] for row in range(2, 8)]
    (result,) = check_suites([question], {question.id: frame}, "dataset.csv")
    items = {i.id: i for i in question.items}
    broken = [n for n, (i, text) in enumerate(cells, 2) if read_cell(items[i], text).rule]
    assert sorted(f.row or 0 for f in result.findings) == broken == [4, 7]


def test_texts_that_look_alike_are_plainly_equal() -> None:
    assert plain("  Å\u00adr\u200bhus\u00a0 Ø\n") == plain(unicodedata.normalize("NFD", "Århus Ø"))
    assert plain("Århus") != plain("århus")

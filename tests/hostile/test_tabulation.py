"""Declarations of tables that cannot be right, each reported with file, line and expectation."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from declarations.errors import SpecError
from declarations.tabulation.tabulation import TabulationError
from tests.poll import WAVE, people, put, write_poll
from tests.tabulated import computed, table

ADULT = {
    "id": "adult", "kind": "bands", "of": "age",
    "levels": [{"key": "young", "below": 40}, {"key": "old", "from": 40}],
}  # fmt: skip
SEX = {
    "id": "sex", "kind": "answer", "of": "gender",
    "levels": [{"key": "w", "codes": [1]}, {"key": "m", "codes": [2]}],
}  # fmt: skip


def recode(*codes: Any) -> dict[str, Any]:
    return {"id": "v", "kind": "recode", "of": "trust_1", "codes": list(codes)}


# files, and the words that every message has: the file with its line, what was found and expected
MISTAKES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "groups in a circle": (
        {"groups/a.yaml": {"id": "a", "kind": "cross", "of": ["b", "sex"]}, "groups/sex.yaml": SEX,
         "groups/b.yaml": {"id": "b", "kind": "cross", "of": ["a", "sex"]}},
        ["groups/a.yaml line 3: of: found 'a > b > a'", "groups/b.yaml line 3: of"],
    ),
    "variables in a circle": (
        {"variables/v.yaml": {"id": "v", "kind": "net", "of": "u", "codes": [1]},
         "variables/u.yaml": {"id": "u", "kind": "net", "of": "v", "codes": [1]}},
        ["variables/v.yaml line 3: of: found 'v > u > v'"],
    ),
    "an empty group": (
        {"groups/a.yaml": {"id": "a", "kind": "bands", "of": "age", "levels": []}},
        ["groups/a.yaml line 4: levels: found [], expected at least 1 in the list"],
    ),
    "an empty level": (
        {"groups/a.yaml": {"id": "a", "kind": "answer", "of": "gender", "levels": [{"key": "x"}]}},
        ["groups/a.yaml line 5", "expected a level with `codes` or `boxes`"],
    ),
    "a level claimed by two codes": (
        {"groups/a.yaml": {"id": "a", "kind": "answer", "of": "gender", "levels": [
            {"key": "x", "codes": [1]}, {"key": "y", "codes": [2, 1]}]}},
        ["groups/a.yaml line", "found '1'", "each code in one level only; level x has it too"],
    ),
    "a code in two new codes": (
        {"variables/v.yaml": recode({"key": "x", "codes": [1]}, {"key": "y", "codes": ["a1"]})},
        ["variables/v.yaml line", "codes in one new code each; it is in x as well"],
    ),
    "a code there is not": (
        {"variables/v.yaml": recode({"key": "x", "codes": [7]})},
        ["variables/v.yaml line", "found '7', expected a code of trust_1: 1, a1, 2"],
    ),
    "bands that overlap": (
        {"groups/a.yaml": ADULT | {"levels": [{"key": "x", "below": 40},
                                              {"key": "y", "from": 30}]}},
        ["groups/a.yaml line", "expected a number not yet in x: bands overlap"],
    ),
    "an item there is not": (
        {"tables/t.yaml": {"id": "t", "of": "trust_9", "by": ["gender"]}},
        ["tables/t.yaml line 2: of", "found 'trust_9'", "(did you mean `trust_"],
    ),
    "a group there is not": (
        {"tables/t.yaml": {"id": "t", "of": "trust", "by": ["gendr > party"]}},
        ["tables/t.yaml line 4: by", "found 'gendr'", "(did you mean `gender`?)"],
    ),
    "an index over different codes": (
        {"variables/v.yaml": {"id": "v", "kind": "index", "of": ["trust_1", "liking"],
                              "scores": "codes"}},
        ["variables/v.yaml line 3: of", "liking with the codes 0, 1, 2",
         "expected the codes of trust_1: 1, 2, 3, 4, 5"],
    ),
    "a mean without numbers": (
        {"tables/t.yaml": {"id": "t", "of": "party", "show": ["mean"]}},
        ["tables/t.yaml line 3: show", "party has no numbers: add `score` to its codes"],
    ),
    "a column that is personal or not there": (
        {"groups/a.yaml": {"id": "a", "kind": "background", "column": "regin",
                           "levels": [{"key": "North"}]}},
        ["groups/a.yaml line 3: column: found 'regin'", "(did you mean `region`?)"],
    ),
    "margins that do not add up": (
        {"groups/sex.yaml": SEX,
         "weights/w.yaml": {"id": "w", "kind": "rake", "margins": {"sex": {"w": 50, "m": 47}}}},
        ["weights/w.yaml line", "found 'a sum of 97', expected shares that add up to 100"],
    ),
    "margins of two populations": (
        {"groups/sex.yaml": SEX, "groups/adult.yaml": ADULT,
         "weights/w.yaml": {"id": "w", "kind": "rake", "margins": {
             "sex": {"w": 510, "m": 490}, "adult": {"young": 500, "old": 600}}}},
        ["weights/w.yaml line", "'a sum of 1100', expected the sum of sex, 1000"],
    ),
    "a margin without a level": (
        {"groups/sex.yaml": SEX,
         "weights/w.yaml": {"id": "w", "kind": "rake", "margins": {"sex": {"w": 1}}}},
        ["weights/w.yaml line", "expected a total for the level m"],
    ),
    "a weight there is not": (
        {"tables/t.yaml": {"id": "t", "of": "trust", "weight": "w"}},
        ["tables/t.yaml line 3: weight: found 'w', expected a weight: none"],
    ),
    "a filter on what there is not": (
        {"tables/t.yaml": {"id": "t", "of": "trust", "filter": {"item": "gender", "codes": [3]}}},
        ["tables/t.yaml line", "found '3', expected a code of gender"],
    ),
    "an unknown entry": (
        {"crosstabs.yaml": {"by": ["gender"], "wieght": "w"}},
        ["crosstabs.yaml line 3: wieght: found an unknown entry", "(did you mean `weight`?)"],
    ),
    "an unknown kind": (
        {"variables/v.yaml": {"id": "v", "kind": "recod", "of": "trust_1"}},
        ["variables/v.yaml line 2: kind: found 'recod'", "(did you mean `recode`?)"],
    ),
    "a name that is an item's": (
        {"variables/v.yaml": {"id": "trust_1", "kind": "net", "of": "trust_2", "codes": [1]}},
        ["variables/v.yaml line 1: id", "expected a name that no item or question has"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_reported_before_anything_is_computed(name: str, tmp_path: Path) -> None:
    files, told = MISTAKES[name]
    with pytest.raises(SpecError) as raised:
        write_poll(tmp_path, copy.deepcopy(files))
    for words in told:
        assert words in str(raised.value)


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    several = ("a code there is not", "bands that overlap", "an unknown entry")
    files = {k: v for name in several for k, v in MISTAKES[name][0].items()}
    with pytest.raises(SpecError) as raised:
        write_poll(tmp_path, files)
    text = str(raised.value)
    assert "groups/a.yaml" in text
    assert "crosstabs.yaml" in text


def refused(tmp_path: Path, files: dict[str, Any], asked: dict[str, Any], **cells: Any) -> str:
    """The message for a table that the data do not allow."""
    frame = people()
    for column, value in cells.items():
        frame[column] = value(frame[column]) if callable(value) else value
    study = write_poll(tmp_path, files, frame)
    with computed(study, WAVE) as connection, pytest.raises(TabulationError) as raised:
        table(connection, study, WAVE, asked)
    return str(raised.value)


def first(text: str) -> Any:
    def changed(column: pd.Series) -> pd.Series:
        return pd.Series([text, *column[1:]], index=column.index)

    return changed


W = {"weights/w.yaml": {"id": "w", "kind": "column", "column": "weight"}}


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (first(""), "found no number for 1 of 400 respondents"),
        (first("heavy"), "found no number for 1 of 400 respondents"),
        (first("0"), "found 0 (1 respondents have 0 or less), expected weights above 0"),
        (first("-1.5"), "found -1.5 (1 respondents have 0 or less)"),
        (lambda column: "2.0", "found the same weight 2 for everyone"),
    ],
)
def test_a_weight_that_is_none(tmp_path: Path, cells: Any, words: str) -> None:
    said = refused(tmp_path, W, {"of": "trust", "weight": "w"}, weight=cells)
    assert said.startswith("weights/w.yaml line 3: column: ")
    assert words in said


def test_a_filter_that_leaves_nobody(tmp_path: Path) -> None:
    filter_ = {"and": [{"item": "gender", "codes": [1]}, {"item": "gender", "codes": [2]}]}
    said = refused(tmp_path, {}, {"of": "trust", "filter": filter_})
    assert "found a filter that excludes everyone ((gender=1) and (gender=2))" in said


def test_margins_that_cannot_be_met_are_named(tmp_path: Path) -> None:
    files = {
        "groups/adult.yaml": ADULT,
        "groups/again.yaml": ADULT | {"id": "again"},
        "weights/w.yaml": {
            "id": "w", "kind": "rake", "rounds": 50,
            "margins": {"adult": {"young": 60, "old": 40}, "again": {"young": 30, "old": 70}},
        },
    }  # fmt: skip
    said = refused(tmp_path, files, {"of": "trust", "weight": "w"})
    assert "weights/w.yaml line" in said
    assert "margins.adult: found no weights that meet all margins: margin adult is off by" in said


def test_respondents_in_no_level_of_a_margin(tmp_path: Path) -> None:
    files = {
        "groups/sex.yaml": SEX,
        "weights/w.yaml": {"id": "w", "kind": "rake", "margins": {"sex": {"w": 50, "m": 50}}},
    }
    said = refused(tmp_path, files, {"of": "trust", "weight": "w"})
    assert "respondents in no level of sex, or in several; expected everyone in one" in said


def test_a_stratum_with_one_unit(tmp_path: Path) -> None:
    said = refused(
        tmp_path, {"design.yaml": {"strata": "stratum"}}, {"of": "trust"}, stratum=first("alone")
    )
    assert "design.yaml" in said
    assert "single unit" in said


def test_a_margins_file(tmp_path: Path) -> None:
    files = {
        "groups/adult.yaml": ADULT,
        "weights/w.yaml": {"id": "w", "kind": "rake", "margins": {"adult": "known.csv"}},
    }
    study = write_poll(tmp_path, files)
    with computed(study, WAVE) as connection:
        for content, words in (
            (None, "known.csv cannot be read"),
            ("group,level,n\nadult,young,3\n", "expected group, level, total"),
            ("group,level,total\nadult,young,many\n", "known.csv line 2: total is 'many'"),
            ("group,level,total\nadult,young,3\n", "found no total for the level old"),
        ):
            if content is not None:
                put(study.folder / "waves" / WAVE / "known.csv", content)
            with pytest.raises(TabulationError, match=r"weights/w\.yaml line") as raised:
                table(connection, study, WAVE, {"of": "trust", "weight": "w"})
            assert words in str(raised.value)
        put(
            study.folder / "waves" / WAVE / "known.csv",
            "group,level,total\nadult,young,300\nadult,old,700\n",
        )
        asked = {"of": "reads", "by": ["adult"], "weight": "w", "base": "all"}
        frame = table(connection, study, WAVE, asked)
    base = frame[(frame["statistic"] == "base") & (frame["row"] == "read_1")].set_index("level")
    assert base["weighted_base"]["young"] == pytest.approx(0.3 * 400)

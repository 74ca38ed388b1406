"""Groups from register columns and from open answers."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.clean.background import (
    areas_of,
    cut_level,
    mapped_level,
    municipality_levels,
    quantile_levels,
)
from tests.chain import declared_study
from tests.declared import group_of

AREA = declared_study().group["area"]
PHRASES = [(level.key, text) for level in AREA.levels for text in level.phrases]


def group(kind: str, *rules: dict[str, Any], source: str = "value") -> Any:
    levels = [{"text": "L", **rule} for rule in rules]
    declared = {"id": "g", "label": "G", "kind": kind, "source": source, "levels": levels}
    return group_of(declared)


@pytest.mark.parametrize(("area", "phrase"), PHRASES, ids=[f"{a}:{p}" for a, p in PHRASES])
def test_a_phrase_fires_its_own_area_only(area: str, phrase: str) -> None:
    assert areas_of(phrase, AREA) == (area,)
    assert areas_of(phrase.upper(), AREA) == (area,)
    assert areas_of(f"  {phrase}.\n", AREA) == (area,)


def test_two_phrases_fire_their_two_areas() -> None:
    order = [level.key for level in AREA.levels]
    wrong = []
    for (one, first), (other, second) in combinations(PHRASES, 2):
        expected = tuple(sorted({one, other}, key=order.index))
        for text in (f"{first}, {second}", f"{second}, {first}"):
            if areas_of(text, AREA) != expected:
                wrong.append(f"{text!r}: {areas_of(text, AREA)} instead of {expected}")
    assert not wrong, "\n".join(wrong[:20])


@given(st.lists(st.sampled_from(PHRASES), max_size=5, unique=True))
def test_any_list_of_phrases_fires_the_areas_of_its_phrases(chosen: list[tuple[str, str]]) -> None:
    fired = areas_of(", ".join(text for _, text in chosen), AREA)
    named = {area for area, _ in chosen}
    assert fired == tuple(level.key for level in AREA.levels if level.key in named)


@given(st.text())
def test_any_text_fires_known_areas_in_declared_order(text: str) -> None:
    fired = areas_of(text, AREA)
    order = [level.key for level in AREA.levels]
    assert list(fired) == sorted(set(fired), key=order.index)


@pytest.mark.parametrize(
    ("text", "areas"),
    [
        ("", ()),
        ("Ved ikke", ()),
        ("Børn og unge", ()),
        ("Social- og sundhedsuddannelser", ("school",)),
        ("Sundhed og ældre", ("health",)),
        ("Ældre", ("social",)),
        ("Skolebibliotek", ("school",)),
    ],
)
def test_texts_that_could_be_misread(text: str, areas: tuple[str, ...]) -> None:
    assert areas_of(text, AREA) == areas


def test_a_pattern_that_excludes_wins() -> None:
    own = group("text_rules", {"key": "a", "rules": {"any": ["skole"], "none": ["musikskole"]}})
    assert areas_of("Skole", own) == ("a",)
    assert areas_of("Musikskole og skole", own) == ()


CUTS = group(
    "cuts",
    {"key": "low", "below": 35000},
    {"key": "mid", "from": 35000, "below": 50000},
    {"key": "high", "from": 50000},
)


@pytest.mark.parametrize(
    ("value", "level"),
    [(0, "low"), (34999, "low"), (35000, "mid"), (49999, "mid"), (50000, "high"), (1e9, "high")],
)
def test_a_cut_holds_its_lower_bound(value: float, level: str) -> None:
    assert cut_level(value, CUTS) == level


def test_a_value_between_cuts_is_named() -> None:
    gap = group("cuts", {"key": "low", "below": 10}, {"key": "high", "from": 20})
    with pytest.raises(ValueError, match="no level of g contains 15"):
        cut_level(15, gap)


def test_a_value_without_level_is_named_with_those_that_have_one() -> None:
    bloc = group("map", {"key": "blue", "values": ["V", "C"]}, {"key": "red", "value": "A"})
    assert mapped_level("C", bloc) == "blue"
    assert mapped_level("A", bloc) == "red"
    with pytest.raises(ValueError, match=r"'Z' is in no level of g.*\['V', 'C', 'A'\]"):
        mapped_level("Z", bloc)


def halves(count: int) -> Any:
    return group("quantile", *({"key": f"q{n}"} for n in range(count)))


def test_quantiles_by_hand() -> None:
    # five units in two halves: ranks 0..4, floor(rank * 2 / 5) = 0, 0, 0, 1, 1
    values = {"d": 4.0, "a": 1.0, "b": 2.0, "e": 5.0, "c": 3.0}
    assert quantile_levels(values, halves(2)) == {
        "a": "q0", "b": "q0", "c": "q0", "d": "q1", "e": "q1",
    }  # fmt: skip
    # ties go by key
    assert quantile_levels({"b": 1.0, "a": 1.0}, halves(2)) == {"a": "q0", "b": "q1"}


@given(
    st.dictionaries(st.text(min_size=1, max_size=4), st.floats(80, 120), min_size=1, max_size=40),
    st.integers(1, 6),
)
def test_quantiles_are_ordered_and_of_even_size(values: dict[str, float], parts: int) -> None:
    levels = quantile_levels(values, halves(parts))
    assert levels.keys() == values.keys()
    ordered = [levels[unit] for unit in sorted(values, key=lambda unit: (values[unit], unit))]
    assert ordered == sorted(ordered)
    sizes = [ordered.count(f"q{n}") for n in range(parts)]
    assert max(sizes) - min(sizes) <= 1


COLUMNS = {"code": "kode", "value": "tal"}


@pytest.mark.parametrize("bad", ["", "mange", "1.000,5", "nan", "inf", "-inf", "1_0", "58.000"])
@pytest.mark.parametrize("kind", ["cuts", "quantile"])
def test_a_register_value_that_is_no_number_is_named(kind: str, bad: str) -> None:
    own = CUTS if kind == "cuts" else halves(2)
    rows = [{"kode": "101", "tal": "5"}, {"kode": "147", "tal": bad}]
    with pytest.raises(ValueError, match="municipality 147, column tal") as caught:
        municipality_levels(rows, own, COLUMNS)
    assert repr(bad) in str(caught.value)


def test_levels_of_municipalities() -> None:
    rows = [{"kode": "101", "tal": "34999"}, {"kode": "147", "tal": "50000"}]
    assert municipality_levels(rows, CUTS, COLUMNS) == {"101": "low", "147": "high"}
    same = group("identity", source="code")
    assert municipality_levels(rows, same, COLUMNS) == {"101": "101", "147": "147"}
    mapped = group("map", {"key": "a", "values": ["34999"]})
    with pytest.raises(ValueError, match="municipality 147, column tal: '50000'"):
        municipality_levels(rows, mapped, COLUMNS)

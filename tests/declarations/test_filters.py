"""The syntax of `--filter`: which filter a text gives, and which message a mistake gives."""

from __future__ import annotations

from typing import Any

import pytest

from declarations.errors import SpecError, listed
from declarations.tabulation.filters import Filter, parse_filter

GROUPS = ("size", "area")
SMALL: dict[str, Any] = {"group": "size", "levels": ("small",)}
YES: dict[str, Any] = {"item": "q1", "codes": ("1", "2")}
CARE: dict[str, Any] = {"group": "area", "levels": ("care",)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("size=small", SMALL),
        ("q1 = 1,2", YES),
        ("q1!=1,2", {"not": YES}),
        ("not q1=1,2", {"not": YES}),
        ("!q1=1,2", {"not": YES}),
        ("not not q1=1,2", {"not": {"not": YES}}),
        ("size=small and q1=1,2", {"and": (SMALL, YES)}),
        ("size=small & q1=1,2 and area=care", {"and": (SMALL, YES, CARE)}),
        ("size=small or q1=1,2 | area=care", {"or": (SMALL, YES, CARE)}),
        # `and` binds before `or`
        ("size=small or q1=1,2 and area=care", {"or": (SMALL, {"and": (YES, CARE)})}),
        ("size=small and q1=1,2 or area=care", {"or": ({"and": (SMALL, YES)}, CARE)}),
        ("(size=small or q1=1,2) and area=care", {"and": ({"or": (SMALL, YES)}, CARE)}),
        ("not (size=small or q1=1,2)", {"not": {"or": (SMALL, YES)}}),
        # `not` binds before `and`
        ("not size=small and area=care", {"and": ({"not": SMALL}, CARE)}),
    ],
)
def test_a_text_is_this_filter(text: str, found: dict[str, Any]) -> None:
    assert parse_filter(text, GROUPS) == Filter.model_validate(found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("size=small", "size=small"),
        ("q1!=1 and size=a,b", "(not (q1=1)) and (size=a,b)"),
        ("q1=1 or area=care", "(q1=1) or (area=care)"),
    ],
)
def test_a_filter_has_words(text: str, words: str) -> None:
    assert parse_filter(text, GROUPS).words == words


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "found the end, expected name=value"),
        ("size=small and", "found the end, expected name=value"),
        ("size", "found 'size', expected name=value"),
        ("size=small area=care", "found 'area=care', expected `and`, `or` or the end"),
        ("(size=small", "found no `)`, expected one"),
        ("(size=small area=care)", "found no `)`, expected one"),
        ("size=small)", "found ')', expected `and`, `or` or the end"),
        ("= small", "found '= small', expected name=value"),
        ("and size=small", "found 'and', expected name=value"),
    ],
)
def test_a_mistake_is_told_with_what_was_found(text: str, told: str) -> None:
    with pytest.raises(SpecError) as error:
        parse_filter(text, GROUPS)
    assert str(error.value) == f"--filter: {told}"


def test_a_list_of_names_in_a_message_ends_after_thirty() -> None:
    names = [f"n{n}" for n in range(32)]
    assert listed(names[:30]) == ", ".join(names[:30])
    assert listed(names[:31]) == f"{', '.join(names[:30])} and 1 more"
    assert listed(names) == f"{', '.join(names[:30])} and 2 more"
    assert listed([]) == ""

"""Ids of questions and items, safe as names of files, relations and assets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from itertools import takewhile

from runtime.masking import column_shown

LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ß": "ss"})
# reserved names: the counted invitations, everyone
RESERVED = frozenset({"status", "all", "total"})
# the id of a column whose name is not shown
NO_NAME = "column"
STUDY_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
# Windows cannot check out folders with these names
DEVICE = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")


def safe_id(text: str, taken: Collection[str] = ()) -> str:
    """Lower-case letters, digits and underscores, at most 40, and none of `taken`.

    A name that may be a person's address or number leaves no trace, because ids are shown
    everywhere.
    """
    result = text if column_shown(text) == text else NO_NAME
    plain = unicodedata.normalize("NFKD", result.lower().translate(LETTERS))
    base = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40] or "x"
    base = base if base[0].isalpha() else f"x_{base}"
    used, found, number = {*taken, *RESERVED}, base, 2
    while found in used:
        found, number = f"{base}_{number}", number + 1
    return found


def stem(names: Sequence[str]) -> str:
    """The shared beginning of the names of a grid's variables, without the number."""
    first, last = min(names), max(names)
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    # in s_83 and s_84 the 8 belongs to the numbers; in b_6_1 and b_6_2 the 6 does not
    return re.sub(r"(?:[0-9]+|[_.\s]+)?$", "", "".join(x for x, _ in pairs), count=1).rstrip("_. ")

"""Classifies a column without labels: dates, numbers with words among them, suspicious numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from pipelines.draft.columns.answers import (
    NINES,
    SPECIAL_WORDS,
    Codes,
    DraftCode,
    as_number,
    number_settings,
)
from runtime.plain_text import plain
from runtime.private.persons import names_somebody

DATE = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[T ][0-9]{1,2}:[0-9]{2}(?::[0-9.]+)?(?:Z|[+-][0-9:]+)?)?|"
    r"[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}(?:,? [0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2})?"
    r"(?: ?[AaPp][Mm])?)?|"
    r"[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}(?: [0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2})?(?: ?[AaPp][Mm])?"
    r"(?: [A-Z]{2,4}(?:[+-][0-9]{1,2})?)?)?|[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?"
)


MOSTLY = 0.8


def are_dates(filled: Sequence[str]) -> bool:
    """Whether all answers are dates, moments or times."""
    return bool(filled) and not no_dates(filled)


def no_dates(filled: Sequence[str]) -> int:
    """The number of answers that are not dates."""
    return sum(n for cell, n in Counter(filled).items() if not DATE.fullmatch(plain(cell)))


def mostly_dates(filled: Sequence[str]) -> bool:
    """Whether nearly all answers are dates."""
    return bool(filled) and len(filled) - no_dates(filled) >= MOSTLY * len(filled)


FEW_CODES, HIGHEST_CODE, OFTEN = 11, 10, 3


def few_codes(filled: Sequence[str]) -> Codes:
    """Codes for answers that are a few small whole numbers, each given often; otherwise empty."""
    texts = {plain(cell) for cell in filled}
    codes = sorted(int(text) for text in texts if re.fullmatch(r"[0-9]|10", text))
    few = 1 < len(codes) == len(texts) <= FEW_CODES and codes[-1] <= HIGHEST_CODE
    return (
        tuple(DraftCode(c, None) for c in codes)
        if few and len(filled) >= OFTEN * len(codes)
        else ()
    )


# A numeric column has only few words that mean "no answer".
MOST_WORDS, LONGEST_WORDS, FEWEST_NUMBERS = 3, 60, 3


def numbers_with_words(filled: Sequence[str]) -> tuple[dict[str, Any], Codes] | None:
    """Settings and special values of numbers if a few words among them mean "no answer".

    None if there are no such words, if there are too many, or if a word has another meaning, even
    once.
    """
    counted = Counter(plain(cell) for cell in filled)
    words = {text: n for text, n in counted.items() if as_number(text) is None}
    numbers = [cell for cell in filled if plain(cell) not in words]
    if not 0 < len(words) <= MOST_WORDS or len(set(numbers)) < FEWEST_NUMBERS:
        return None
    if 2 * len(numbers) < len(filled) or not all(map(_special, words, words.values())):
        return None
    found = number_settings(numbers)
    if found is None:
        return None
    codes = [DraftCode(-at, text, text, missing=True) for at, text in enumerate(words, start=1)]
    return found, tuple(codes)


def _special(text: str, n: int) -> bool:
    usual = len(text) <= LONGEST_WORDS and not names_somebody(text) and not re.search("[0-9]", text)
    return usual and (n > 1 or SPECIAL_WORDS.search(text) is not None)


FEWEST, FAR, MOST_SHARE = 2, 5, 0.25


def suspicious(filled: Sequence[str]) -> dict[str, int]:
    """Numbers without a label that may mean "no answer", with the number of lines of each.

    They look like such a code (-9, 99, 999, 8888), are on a few lines, and are far from the others.
    """
    counted = Counter(plain(cell) for cell in filled)
    coded = {text: n for text, n in counted.items() if NINES.fullmatch(text) and n >= FEWEST}
    others = [value for text in counted if text not in coded if (value := as_number(text))]
    if not others or not coded:
        return {}
    if sum(coded.values()) > MOST_SHARE * len(filled):
        return {}
    low, high = min([0.0, *others]), max(others)
    return {
        text: n
        for text, n in coded.items()
        if (int(text) < 0 <= low) or (int(text) > 9 and int(text) > high + FAR)
    }

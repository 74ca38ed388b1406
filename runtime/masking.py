"""What of a cell may be told: its value where that identifies nobody, else only its shape.

Messages, the event log and the quarantine are read by people who may not read answers. They name
file, row and column, so whoever may open the raw file finds the value there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

SHORT = 4
SHAPE = 20
NAME = 60
# a code or a count; longer numbers may be telephone, payroll or person numbers
PLAIN_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,6}(?:[.,][0-9]{1,2})?|[0-9]{1,3}[.,][0-9]{3})")
# what is no digit of a number, and decimals too few for a separator of thousands
PLAIN_WHOLE = re.compile(r"[.,][0-9]{1,2}$|[^0-9]")
VARIABLE = re.compile(r"[^\W\d]\w*")
LONG_NUMBER = re.compile(r"[0-9]{6}")
# the status flags of a line are told together
FLAGS = re.compile(r"[01]?(?:,[01]?){1,9}")
# what spreadsheets and programs write in place of an answer, and the shortest answers
WORDS = frozenset({
    "true", "false", "sand", "falsk", "na", "n/a", "#n/a", "nan", "null", "nil", "none", "ja",
    "nej", "nei", "nein", "yes", "no",
})  # fmt: skip
# day, month and year as a person number begins with; a number has lost the zero before the day
BIRTH_DATE = re.compile(r"(?:0?[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])[0-9]{2}")
PUNCTUATION = frozenset(" .,:;-_/@()+%")
OTHER = "?"


def is_harmless(text: str) -> bool:
    """Whether a cell cannot identify anybody.

    One character, at most 4 without a letter, a number of at most 6 digits (and two decimals, or
    with a separator of thousands) that is no date of birth, 0/1 flags separated by commas, or one
    of WORDS. Names can be as short as Bo or Lone.
    """
    if len(text) <= 1 or text.casefold() in WORDS or FLAGS.fullmatch(text):
        return True
    if PLAIN_NUMBER.fullmatch(text):
        return not BIRTH_DATE.fullmatch(PLAIN_WHOLE.sub("", text))
    return len(text) <= SHORT and not any(map(str.isalpha, text))


def masked(text: str) -> str:
    """The text, quoted, where it is harmless, else its `shape`. Blanks around it are left out."""
    stripped = text.strip()
    return repr(stripped) if is_harmless(stripped) else shape(stripped)


def cell_shown(text: str) -> str:
    """The text itself where it is harmless, else its `shape`: a cell of a relation."""
    return text if is_harmless(text) else shape(text)


def shape(text: str) -> str:
    """The first 20 characters as a/A for letters and 9 for digits, and the text's length.

    Harmless punctuation stays, anything else is a question mark.
    """
    drawn = "".join(map(_drawn, text[:SHAPE])) + ("…" if len(text) > SHAPE else "")
    return f"'{drawn}' ({len(text)} character{'' if len(text) == 1 else 's'})"


def column_shown(name: str) -> str:
    """A column's name where it can be one, else its shape: a file may lack its header line."""
    return name if len(name) <= NAME and not names_somebody(name) else shape(name)


def text_shown(text: str) -> str:
    """A label's text; its shape where it holds what addresses or numbers of persons have."""
    return shape(text) if names_somebody(text) else text


def names_somebody(text: str) -> bool:
    """Whether a text that should be a name or a label has an `@` or six digits in a row."""
    return "@" in text or LONG_NUMBER.search(text) is not None


def header_shown(columns: Sequence[str]) -> list[str]:
    """The names of a header line, or their places where most are none: it may be a line of data."""
    if 2 * sum(bool(VARIABLE.fullmatch(name)) for name in columns) >= len(columns):
        return [column_shown(name) for name in columns]
    return [str(place) for place in range(1, len(columns) + 1)]


def _drawn(character: str) -> str:
    if character.isalpha():
        return "A" if character.isupper() else "a"
    if character.isdigit():
        return "9"
    return character if character in PUNCTUATION else OTHER

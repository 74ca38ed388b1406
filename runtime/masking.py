"""What a message may show of a cell: the value if it identifies nobody, otherwise its shape.

People who may not read answers read messages, the event log and the quarantine. These name file,
row and column, so a person who may open the raw file finds the value there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from runtime.private.persons import names_somebody

SHORT = 4
SHAPE = 20
NAME = 60
# A code or a count. Longer numbers may be phone, payroll or person numbers.
PLAIN_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,6}(?:[.,][0-9]{1,2})?|[0-9]{1,3}[.,][0-9]{3})")
# Punctuation that belongs to a number, followed by fewer decimals than after a thousands separator.
PLAIN_WHOLE = re.compile(r"[.,][0-9]{1,2}$|[^0-9]")
VARIABLE = re.compile(r"[^\W\d]\w*")
# A message shows the status flags of a line together.
FLAGS = re.compile(r"[01]?(?:,[01]?){1,9}")
# What spreadsheets and programs write instead of an answer, and the shortest answers.
WORDS = frozenset({
    "true", "false", "sand", "falsk", "na", "n/a", "#n/a", "nan", "null", "nil", "none", "ja",
    "nej", "nei", "nein", "yes", "no",
})  # fmt: skip
# Day, month and year at the start of a person number. A number has lost its leading zero.
BIRTH_DATE = re.compile(r"(?:0?[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])[0-9]{2}")
PUNCTUATION = frozenset(" .,:;-_/@()+%")
OTHER = "?"


def is_harmless(text: str) -> bool:
    """Whether a cell cannot identify anybody.

    True for one character, at most 4 characters without a letter, a number of at most 6 digits
    (with two decimals or a thousands separator) that is not a date of birth, 0/1 flags separated by
    commas, and the entries of WORDS. Names can be as short as Bo or Lone.
    """
    if len(text) <= 1 or text.casefold() in WORDS or FLAGS.fullmatch(text):
        return True
    if PLAIN_NUMBER.fullmatch(text):
        return not BIRTH_DATE.fullmatch(PLAIN_WHOLE.sub("", text))
    return len(text) <= SHORT and not any(map(str.isalpha, text))


def masked(text: str) -> str:
    """The text in quotes if it is harmless, else its `shape`; blanks around it are removed."""
    stripped = text.strip()
    return repr(stripped) if is_harmless(stripped) else shape(stripped)


def cell_shown(text: str) -> str:
    """The text if it is harmless, else its `shape`; for a cell of a relation."""
    return text if is_harmless(text) else shape(text)


def shape(text: str) -> str:
    """The first 20 characters, with a/A for letters and 9 for digits, and the text's length.

    Harmless punctuation stays. A question mark replaces any other character.
    """
    drawn = "".join(map(_drawn, text[:SHAPE])) + ("…" if len(text) > SHAPE else "")
    return f"'{drawn}' ({len(text)} character{'' if len(text) == 1 else 's'})"


def column_shown(name: str) -> str:
    """A column's name, or its shape if it does not look like a name.

    The first line may be data if the file lacks its header line.
    """
    return name if len(name) <= NAME and not names_somebody(name) else shape(name)


def text_shown(text: str) -> str:
    """A label's text; its shape if it contains parts of an address or a person number."""
    return shape(text) if names_somebody(text) else text


def header_shown(columns: Sequence[str]) -> list[str]:
    """The names of a header line; their positions if most look like data."""
    if 2 * sum(bool(VARIABLE.fullmatch(name)) for name in columns) >= len(columns):
        return [column_shown(name) for name in columns]
    return [str(place) for place in range(1, len(columns) + 1)]


def _drawn(character: str) -> str:
    if character.isalpha():
        return "A" if character.isupper() else "a"
    if character.isdigit():
        return "9"
    return character if character in PUNCTUATION else OTHER

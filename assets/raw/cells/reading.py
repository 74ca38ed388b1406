"""Reads the text of one cell by its item's declaration."""

from __future__ import annotations

import re
from typing import NamedTuple

from declarations import Item
from declarations.survey.questions import NOT_TICKED, TICKED, USUAL, Numbers
from runtime.plain_text import plain

SCALE = "scale"
# Platforms and spreadsheets write the code 3 as 3 or 3.0, but not as 03, +3 or 3.000, which may
# be three thousand.
WHOLE_NUMBER = re.compile(r"(?:0|-?[1-9][0-9]{0,8})(?:\.0{1,2})?")
# A longer number may be a phone or person number, and numbers are counted and shown.
NUMBER = re.compile(r"(-?)([0-9]+)(?:([.,])[0-9]+)?")
# 1.000 is a thousand in Denmark and one elsewhere; for 1,000 it is the reverse.
THOUSANDS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
UNTICKED = re.compile(r"(?:0(?:\.0{1,2})?)?")
A_NUMBER = "a number from 0 to 999999 without a thousands separator"


class CellReading(NamedTuple):
    """The result of reading a cell: a code or a number, or the rule that the text breaks."""

    code: int | None = None
    number: float | None = None
    rule: str | None = None
    expected: str | None = None

    def answers(self, item: Item) -> bool:
        """Whether the cell can be counted: it is a code, a number or a tick."""
        if item.type == "multiple":
            return self.code == TICKED
        return self.code is not None or self.number is not None


# Maximum number of codes in a message.
MOST_LISTED, LONGEST_LISTED = 12, 40


def read_cell(item: Item, text: str) -> CellReading:
    """Read a cell that holds an answer, blanks around it removed, by the item's declaration.

    Kinds of blanks and normal forms make no difference. A number that is declared as a special
    value is a code.

    An empty tick box is read as not ticked if its line has a ticked box of the question: platforms
    and SPSS write 0 or nothing for boxes that are not ticked.
    """
    text = plain(text)
    if item.type == "multiple" and not text:
        return CellReading(code=NOT_TICKED)
    if item.closed:
        code = read_code(item, text)
        if code is not None:
            return CellReading(code=code)
        return CellReading(rule=SCALE, expected=f"one of the codes {codes_listed(item)}")
    if item.type == "numeric":
        code = read_code(item, text) if item.special else None
        if code is not None:
            return CellReading(code=code)
        number = read_number(text, item.numbers)
        if number is not None:
            return CellReading(number=number)
        return CellReading(rule=SCALE, expected=a_number(item.numbers))
    return CellReading()


def read_code(item: Item, text: str) -> int | None:
    """The declared code of a plain text: the code with this `value`, or with this number."""
    known = item.by_value.get(text)
    if known is not None:
        return known
    code = int(float(text)) if WHOLE_NUMBER.fullmatch(text) else None
    return code if code in item.by_number else None


def codes_listed(item: Item) -> str:
    """The declared codes for a message, as cells hold them."""
    if not item.by_value:
        return ", ".join(map(str, item.codes))
    cells = [plain(code.cell) for code in item.scale]
    lines = [
        c if len(c) <= LONGEST_LISTED else f"{c[:LONGEST_LISTED]}…" for c in cells[:MOST_LISTED]
    ]
    more = f" and {len(cells) - MOST_LISTED} more" if len(cells) > MOST_LISTED else ""
    return ", ".join(lines) + more


def a_number(numbers: Numbers = USUAL) -> str:
    """The expected content of a numeric cell."""
    if numbers == USUAL:
        return A_NUMBER
    least = "a number of either sign" if numbers.negative else "a number from 0"
    decimal = f", decimal sign {numbers.sign!r}" if numbers.sign else ""
    return f"{least} of at most {numbers.digits} digits before the decimal sign{decimal}"


def read_number(text: str, numbers: Numbers = USUAL) -> float | None:
    """A number with a decimal comma or point; None if it is not a number or ambiguous."""
    found = NUMBER.fullmatch(text)
    if found is None or not text.isascii():
        return None
    sign, whole, decimal = found.groups()
    if len(whole) > numbers.digits or (sign and not numbers.negative):
        return None
    if numbers.sign is None:
        if THOUSANDS.fullmatch(text.removeprefix("-")):
            return None
    elif decimal and decimal != numbers.sign:
        return None
    return float(text.replace(",", "."))

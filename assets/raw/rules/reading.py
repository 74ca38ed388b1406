"""What the text of one cell says by its item's declaration."""

from __future__ import annotations

import re
from typing import NamedTuple

from declarations import Item
from declarations.survey.questions import NOT_TICKED, TICKED

SCALE = "scale"
# Platforms and spreadsheets write the code 3 as 3 or 3.0, but not as 03, +3 or 3.000, which may
# be three thousand.
WHOLE_NUMBER = re.compile(r"(?:0|-?[1-9][0-9]{0,8})(?:\.0{1,2})?")
# A longer number may be a telephone or person number, and numbers are counted and shown.
NUMBER = re.compile(r"[0-9]{1,6}(?:[.,][0-9]+)?")
# 1.000 is a thousand in Denmark and one elsewhere, 1,000 the other way round. Nobody can know.
THOUSANDS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
UNTICKED = re.compile(r"(?:0(?:\.0{1,2})?)?")
A_NUMBER = "a number from 0 to 999999 without a separator of thousands"


class Reading(NamedTuple):
    """What a cell's text says: a code or a number, or the rule it breaks."""

    code: int | None = None
    number: float | None = None
    rule: str | None = None
    expected: str | None = None

    def answers(self, item: Item) -> bool:
        """Whether it is an answer that can be counted: a code, a number, a tick."""
        if item.type == "multiple":
            return self.code == TICKED
        return self.code is not None or self.number is not None


def read_cell(item: Item, text: str) -> Reading:
    """Read a cell that holds an answer, blanks around it removed, by the item's declaration.

    Of tick boxes also an empty one does where its line has a box of the question ticked: platforms
    and SPSS write what is not ticked as 0 or as nothing.
    """
    if item.type == "multiple" and not text:
        return Reading(code=NOT_TICKED)
    if item.closed:
        code = int(float(text)) if WHOLE_NUMBER.fullmatch(text) else None
        if code in item.codes:
            return Reading(code=code)
        known = ", ".join(map(str, item.codes))
        return Reading(rule=SCALE, expected=f"one of the codes {known}")
    if item.type == "numeric":
        number = read_number(text)
        if number is not None:
            return Reading(number=number)
        return Reading(rule=SCALE, expected=A_NUMBER)
    return Reading()


def read_number(text: str) -> float | None:
    """A number with a decimal comma or point; None for no number, and for one of two meanings."""
    if not NUMBER.fullmatch(text) or THOUSANDS.fullmatch(text):
        return None
    return float(text.replace(",", "."))

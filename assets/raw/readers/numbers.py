"""Numbers and texts of workbooks and SPSS files as the delimited export writes them."""

from __future__ import annotations

import datetime
import re
from typing import Any

WHOLE = re.compile(r"(-?[0-9]+)\.0{1,2}")
# as a text it could be a number of thousands
THREE_DECIMALS = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
# How a workbook writes a character that XML has no place for, most often a carriage return.
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
# beyond this a double no longer tells neighbouring whole numbers apart
EXACT = 2**53


def cell_text(value: Any) -> str:
    """The text of a cell: 1 and 1.0 are "1", nothing is "", a date is in ISO form.

    True and false are "TRUE" and "FALSE", which are no codes.

    A number like 1.125 has a fourth decimal, 0: of a text 1.125 nobody knows whether it means
    thousands, of a number in a cell that is known.
    """
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        # which code it stands for nobody can know
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        if value.is_integer() and abs(value) < EXACT:
            return str(int(value))
        text = repr(value)
        return f"{text}0" if THREE_DECIMALS.fullmatch(text) else text
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    return str(value)


def code_text(text: str) -> str:
    """A code written as 1.0 as "1"; other texts unchanged."""
    found = WHOLE.fullmatch(text.strip())
    return found.group(1) if found else text


def plain_text(text: str) -> str:
    """A workbook's text with `_x000D_` and its like as the characters they stand for.

    A NUL and half of a pair of surrogates stay written out: no text file can hold them.
    """
    return ESCAPED.sub(_character, text) if "_x" in text else text


def _character(found: re.Match[str]) -> str:
    number = int(found.group(1), 16)
    return found.group() if number == 0 or 0xD800 <= number < 0xE000 else chr(number)

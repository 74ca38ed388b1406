"""Numbers and texts of workbooks and SPSS files, written as in a delimited export."""

from __future__ import annotations

import datetime
import re
from typing import Any

WHOLE = re.compile(r"(-?[0-9]+)\.0{1,2}")
# as text, such a number could be thousands
THREE_DECIMALS = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
# How a workbook writes characters that XML does not allow, most often a carriage return.
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
# above this, doubles do not distinguish neighbouring whole numbers
EXACT = 2**53


def cell_text(value: Any) -> str:
    """The text of a cell: 1 and 1.0 are "1", an empty cell is "", a date is in ISO form.

    True and false become "TRUE" and "FALSE", which are not codes.

    A number like 1.125 gets a fourth decimal, 0. As text 1.125 might mean thousands; as a number in
    a cell it does not.
    """
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        # it is unknown which code it means
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
    """A workbook's text with escapes such as `_x000D_` decoded.

    A NUL and lone surrogates stay escaped, because no text file can contain them.
    """
    return ESCAPED.sub(_character, text) if "_x" in text else text


def _character(found: re.Match[str]) -> str:
    number = int(found.group(1), 16)
    return found.group() if number == 0 or 0xD800 <= number < 0xE000 else chr(number)

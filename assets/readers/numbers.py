"""Numbers of workbooks and SPSS files as the delimited export writes them."""

from __future__ import annotations

import datetime
import re
from typing import Any

WHOLE = re.compile(r"(-?[0-9]+)\.0+")
# beyond this a double no longer tells neighbouring whole numbers apart
EXACT = 2**53


def cell_text(value: Any) -> str:
    """The text of a cell: 1 and 1.0 are "1", nothing is "", a date is in ISO form."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < EXACT else repr(value)
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    return str(value)


def code_text(text: str) -> str:
    """A code written as 1.0 as "1"; other texts unchanged."""
    found = WHOLE.fullmatch(text.strip())
    return found.group(1) if found else text

"""Elements of all pages: Markdown tables, and the banner for constructed data."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from runtime.safe_text import markdown_text

BANNER = {
    "constructed": "KONSTRUEREDE DATA / CONSTRUCTED DATA",
    "demonstration": "DEMONSTRATION, KONSTRUEREDE DATA / DEMONSTRATION, CONSTRUCTED DATA",
    "real": "",
}


def markdown(frame: pd.DataFrame, sides: Sequence[str] = ()) -> str:
    """The layout as a Markdown table; cell text is escaped.

    `sides` is the alignment of each column, left or right.
    """
    rules = ["---:" if side == "right" else "---" for side in sides or [""] * len(frame.columns)]
    lines = [_line(list(frame.columns)), "|" + "".join(f"{rule}|" for rule in rules)]
    lines += [_line(row) for row in frame.to_numpy(dtype=object).tolist()]
    return "\n".join(lines)


def _line(cells: object) -> str:
    assert isinstance(cells, (list, tuple))
    return "| " + " | ".join(markdown_text(str(cell)) for cell in cells) + " |"

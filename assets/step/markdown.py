"""What every page shows: tables as Markdown, and the banner that says whether data are real."""

from __future__ import annotations

import pandas as pd

from runtime.safe_text import markdown_text

BANNER = {
    "constructed": "KONSTRUEREDE DATA / CONSTRUCTED DATA",
    "demonstration": "DEMONSTRATION, KONSTRUEREDE DATA / DEMONSTRATION, CONSTRUCTED DATA",
    "real": "",
}


def markdown(frame: pd.DataFrame) -> str:
    """The layout as a Markdown table; cell text cannot break out of its cell."""
    lines = [_line(list(frame.columns)), "|" + "---|" * len(frame.columns)]
    lines += [_line(row) for row in frame.itertuples(index=False)]
    return "\n".join(lines)


def _line(cells: object) -> str:
    assert isinstance(cells, (list, tuple))
    return "| " + " | ".join(markdown_text(str(cell)) for cell in cells) + " |"

"""Elements of all pages: Markdown tables, and the label of constructed data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from declarations.labels import Label
from runtime.safe_text import markdown_text

DATA_LABELS: Mapping[str, Label] = {
    "constructed": Label("KONSTRUEREDE DATA", "CONSTRUCTED DATA"),
    "demonstration": Label("DEMONSTRATION, KONSTRUEREDE DATA", "DEMONSTRATION, CONSTRUCTED DATA"),
    "real": Label("", ""),
}
"""What is written wherever the data of a wave are shown, by `SourceSheet.shown_as`."""

DATA_LABEL: Mapping[str, str] = {origin: label.both for origin, label in DATA_LABELS.items()}
"""The same in both languages at once."""


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

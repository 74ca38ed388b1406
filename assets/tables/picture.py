"""A table's figures as a small picture: SVG text for the page of its asset. No libraries."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from assets.tables.layout import danish
from declarations import Table

# From light to dark: readable in grey and with colour-vision deficiencies.
SHADES = ("#deebf7", "#9ecae1", "#6baed6", "#4292c6", "#2171b5", "#08519c", "#08306b")
DARK_FROM = 3
ONLY = 4
WIDTH, LABEL_WIDTH, BAR_HEIGHT, GAP, TEXT = 760, 270, 18, 6, 32
MOST_ROWS = 16
SHARE = "percent"
WHOLE = (99.0, 101.0)
LABEL_LENGTH = 42


@dataclass(frozen=True)
class PictureRow:
    """A line of the picture: its label and one value per column (None: no value)."""

    label: str
    values: tuple[float | None, ...]
    texts: tuple[str, ...]


def table_picture(table: Table, results: pd.DataFrame) -> str | None:
    """The percentages of a table as SVG, or None for a table without any.

    Percentages are stacked if their rows add up to 100; otherwise there is one bar per figure. At
    most MOST_ROWS rows are drawn, and the picture shows the number of rows.
    """
    shares = results[results["statistic"] == SHARE]
    rows = _rows(shares)
    if not rows:
        return None
    drawn = set(shares["column"])
    legend = list({c.column: c.column_label.da for c in table.cells if c.column in drawn}.values())
    stacked = all(
        all(v is not None for v in row.values)
        and WHOLE[0] <= sum(v or 0.0 for v in row.values) <= WHOLE[1]
        for row in rows
    )
    lines, height = (_stacked if stacked else _single)(rows[:MOST_ROWS])
    names = legend if len(legend) > 1 else []
    more = f"{MOST_ROWS} af {len(rows)} rækker / {MOST_ROWS} of {len(rows)} rows"
    return _svg(
        lines, height + GAP, names, f"Tabel {table.number}", more if len(rows) > MOST_ROWS else ""
    )


def data_address(svg: str) -> str:
    """The picture as an address for a Markdown image."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _rows(results: pd.DataFrame) -> list[PictureRow]:
    found: dict[tuple[str, str], tuple[str, list[float | None], list[str]]] = {}
    names = ("row", "group", "row_label_da", "group_label_da", "value", "formatted")
    for row, group, label, group_label, value, text in zip(
        *(results[name] for name in names), strict=True
    ):
        words = f"{label} {group_label}".strip()
        entry = found.setdefault((row, group), (words, [], []))
        entry[1].append(None if pd.isna(value) else float(value))
        entry[2].append(danish(text))
    return [
        PictureRow(label, tuple(values), tuple(texts)) for label, values, texts in found.values()
    ]


def _stacked(rows: Sequence[PictureRow]) -> tuple[list[str], int]:
    lines: list[str] = []
    y = GAP
    for row in rows:
        lines.append(_label(row.label, y))
        x = float(LABEL_WIDTH)
        for place, (value, text) in enumerate(zip(row.values, row.texts, strict=True)):
            width = (value or 0.0) / 100 * (WIDTH - LABEL_WIDTH)
            lines.append(_bar(x, y, width, _shade(place, len(row.values))))
            if width > TEXT:
                lines.append(
                    f'<text x="{x + width / 2:.1f}" y="{y + 13}" text-anchor="middle" '
                    f'fill="{_ink(place)}">{escape(text)}</text>'
                )
            x += width
        y += BAR_HEIGHT + GAP
    return lines, y


def _single(rows: Sequence[PictureRow]) -> tuple[list[str], int]:
    lines: list[str] = []
    y = GAP
    for row in rows:
        lines.append(_label(row.label, y))
        for place, (value, text) in enumerate(zip(row.values, row.texts, strict=True)):
            # space for the figure after the longest bar
            width = (value or 0.0) / 100 * (WIDTH - LABEL_WIDTH - TEXT)
            lines.append(_bar(LABEL_WIDTH, y, width, _shade(place, len(row.values))))
            shown = text if value is not None else "–"
            x = LABEL_WIDTH + width + 4
            lines.append(f'<text x="{x:.1f}" y="{y + 13}">{escape(shown)}</text>')
            y += BAR_HEIGHT
        y += GAP
    return lines, y


def _shade(place: int, of: int) -> str:
    return SHADES[ONLY if of == 1 else place % len(SHADES)]


def _ink(place: int) -> str:
    return "#fff" if place % len(SHADES) >= DARK_FROM else "#000"


def _label(text: str, y: int) -> str:
    shown = text if len(text) <= LABEL_LENGTH else text[: LABEL_LENGTH - 1] + "…"
    return f'<text x="{LABEL_WIDTH - 6}" y="{y + 13}" text-anchor="end">{escape(shown)}</text>'


def _bar(x: float, y: int, width: float, fill: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{BAR_HEIGHT - 2}" fill="{fill}"/>'
    )


def _svg(body: list[str], y: int, legend: list[str], title: str, more: str) -> str:
    lines = list(body)
    for place, name in enumerate(legend):
        lines.append(_bar(LABEL_WIDTH, y, 12, _shade(place, len(legend))))
        lines.append(f'<text x="{LABEL_WIDTH + 18}" y="{y + 13}">{escape(name)}</text>')
        y += BAR_HEIGHT
    if more:
        lines.append(f'<text x="{LABEL_WIDTH}" y="{y + 13}">{escape(more)}</text>')
        y += BAR_HEIGHT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" '
        f'viewBox="0 0 {WIDTH} {y}" font-family="sans-serif" font-size="12" role="img">'
        f'<title>{escape(title)}</title><rect width="{WIDTH}" height="{y}" fill="#fff"/>'
        f"{''.join(lines)}</svg>"
    )

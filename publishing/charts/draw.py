"""Charts of a table as Vega-Lite specifications; this module computes all positions.

For slides: title, N, whole labels (wrapped, never cut), figures on the bars, don't know in grey,
colours for colour-blind readers, and few categories per picture.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from publishing.charts.kinds import (
    BARS,
    DIVERGING,
    MOST_LINES,
    MULTIPLES,
    NONE,
    STACKED,
    ChartKind,
)
from publishing.charts.shapes import (
    BAR,
    GREY,
    INK,
    QUIET,
    Bar,
    Spec,
    bar_layers,
    bar_places,
    one_segment,
)
from publishing.layout.model import LayoutLine, TableLayout, in_notation, said
from publishing.layout.plain import marks_of
from runtime.safe_text import visible

BLUES = ("#0b4f8a", "#3b82bd", "#8dbbe0")
ORANGES = ("#e5ab62", "#c77a1c", "#8a4b00")
# Okabe and Ito
APART = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#5b5b9e")
FONT = "Liberation Sans, Arial, DejaVu Sans, sans-serif"
WIDTH, PANEL, LABEL_CHARS, PANEL_CHARS, TITLE_CHARS = 620, 150, 44, 26, 92
LEGEND_WIDTH, CHAR = 880, 6.4
MOST_CATEGORIES, MOST_PANELS, GAP, ROOM = 8, 6, 4.0, 4.5


def chart_specs(layout: TableLayout, kind: ChartKind, language: str) -> list[Spec]:
    """The pictures of a table: none without percentages, several for a large table."""
    if kind.kind == NONE or not kind.lines:
        return []
    names = [wrapped(said(layout.columns[c].label, language), PANEL_CHARS) for c in kind.columns]
    categories = len(kind.columns) - len(kind.apart)
    own = kind.kind
    if own in (DIVERGING, STACKED) and categories > MOST_CATEGORIES:
        own = MULTIPLES
    chars = LABEL_CHARS if own != MULTIPLES else PANEL_CHARS
    bars = [_bar(layout.lines[n], n, kind, language, chars) for n in kind.lines]
    pieces = [bars[i : i + MOST_LINES] for i in range(0, len(bars), MOST_LINES)]
    bodies: list[Spec] = []
    for piece in pieces:
        if own == MULTIPLES:
            panels = list(range(len(names)))
            for i in range(0, len(panels), MOST_PANELS):
                bodies.append(_multiples(piece, names, panels[i : i + MOST_PANELS], _most(bars)))
        elif own == BARS:
            bodies.append(_bars(piece, 0, WIDTH, _most(bars)))
        else:
            bodies.append(_stacked(piece, names, kind, own == DIVERGING))
    whole = len(bodies)
    return [
        _framed(body, layout, language, f"{n} / {whole}" if whole > 1 else "")
        for n, body in enumerate(bodies, start=1)
    ]


def wrapped(text: str, width: int) -> str:
    """The whole text on lines of at most `width` characters."""
    shown = visible(" ".join(text.split()))
    return "\n".join(textwrap.wrap(shown, width)) or " "


def _bar(line: LayoutLine, place: int, kind: ChartKind, language: str, chars: int) -> Bar:
    label = said(line.label, language)
    if said(line.group_label, language):
        label = f"{label} – {said(line.group_label, language)}"
    figures = [line.figures[c] for c in kind.columns]
    return Bar(
        wrapped(label, chars),
        tuple(figure.value for figure in figures),
        tuple(f"{in_notation(f.text, language)}{marks_of(f)}" for f in figures),
        kind.kind == BARS and place in kind.apart,
    )


def _bars(bars: Sequence[Bar], column: int, width: float, most: float) -> Spec:
    places, _ = bar_places(bars)
    segments = []
    for bar, place in zip(bars, places, strict=True):
        colour = GREY if bar.apart else BAR
        value = bar.values[column] or 0.0
        own = one_segment(0, value, place, bar.texts[column], colour)
        # the figure is written to the right of the bar
        own |= {"at": value + most * 0.02, "ink": INK}
        segments.append(own)
    own_colour: Spec = {"field": "colour", "type": "nominal", "scale": None}
    body = bar_layers(bars, segments, most * 1.16, width, own_colour)
    body["layer"][1]["mark"]["align"] = "left"
    return body


def _most(bars: Sequence[Bar]) -> float:
    """The largest value, so that all panels have the same scale."""
    return max([value or 0.0 for bar in bars for value in bar.values] + [1.0])


def _multiples(
    bars: Sequence[Bar], names: Sequence[str], panels: Sequence[int], most: float
) -> Spec:
    charts = []
    for panel in panels:
        chart = _bars(bars, panel, PANEL, most)
        title = {"text": names[panel].split("\n"), "fontSize": 12, "anchor": "start"}
        charts.append({**chart, "title": title})
    return {"concat": charts, "columns": 3, "spacing": 24}


def _stacked(bars: Sequence[Bar], names: Sequence[str], kind: ChartKind, diverging: bool) -> Spec:
    apart = [kind.columns.index(c) for c in kind.apart]
    scale = [n for n in range(len(kind.columns)) if n not in apart]
    colours = _ramp(len(scale)) if diverging else list(APART[: len(scale)])
    half = (len(scale) + 1) // 2 if diverging else len(scale)
    left, right = scale[:half], scale[half:]

    def total(bar: Bar, columns: Sequence[int]) -> float:
        return sum(bar.values[c] or 0.0 for c in columns)

    most_left = max(total(bar, left) for bar in bars)
    most_right = max(total(bar, right) for bar in bars)
    most_apart = max(total(bar, apart) for bar in bars)
    places, _ = bar_places(bars)
    most = most_left + most_right + (GAP + most_apart + ROOM if apart else 0.0) or 1.0
    segments: list[Spec] = []
    for bar, place in zip(bars, places, strict=True):
        x = most_left - total(bar, left) if diverging else 0.0
        for n, column in enumerate(scale):
            value = bar.values[column] or 0.0
            # a figure wider than its segment would overlap the next one
            fits = value / most * WIDTH >= len(bar.texts[column]) * CHAR
            text = bar.texts[column] if fits else ""
            segments.append(one_segment(x, value, place, text, colours[n]))
            x += value
        x = most_left + most_right + GAP
        for column in apart:
            value = bar.values[column] or 0.0
            own = one_segment(x, value, place, bar.texts[column], GREY)
            # narrow segments have their figure next to them
            wide = len(bar.texts[column]) * CHAR
            fits = value / most * WIDTH >= wide
            own |= {} if fits else {"at": x + value + (wide / 2 + 3) * most / WIDTH}
            segments.append(own)
            x += max(value, ROOM)
    domain = [*colours, *[GREY for _ in apart]]
    labels = [names[c].replace("\n", " ") for c in (*scale, *apart)]
    longest = max(map(len, labels))
    columns = max(1, min(len(labels), int(LEGEND_WIDTH // (longest * CHAR + 34))))
    named = dict(zip(domain, labels, strict=True))
    for segment in segments:
        segment["name"] = named[segment["colour"]]
    colour = {
        "field": "name", "type": "nominal",
        "scale": {"domain": list(named.values()), "range": list(named)},
        "legend": {
            "title": None, "orient": "top", "columns": columns, "labelLimit": 0,
            "symbolType": "square", "symbolSize": 160, "labelFontSize": 12,
            "direction": "horizontal", "columnPadding": 18,
        },
    }  # fmt: skip
    return bar_layers(bars, segments, most, WIDTH, colour, most_left if diverging else None)


def _ramp(count: int) -> list[str]:
    """Blues up to the middle, oranges from there; the darkest at the ends."""
    left = (count + 1) // 2
    return [*_shades(BLUES, left), *reversed(_shades(tuple(reversed(ORANGES)), count - left))]


def _shades(ramp: Sequence[str], count: int) -> list[str]:
    if count <= 0:
        return []
    if count == 1:
        return [ramp[1]]
    if count <= len(ramp):
        return [ramp[round(i * (len(ramp) - 1) / (count - 1))] for i in range(count)]
    return [ramp[min(i, len(ramp) - 1)] for i in range(count)]


def _framed(body: Spec, layout: TableLayout, language: str, part: str) -> Spec:
    heading = layout.heading(language) + (f" ({part})" if part else "")
    lines = [bases_text(layout), said(layout.data_label, language), said(layout.source, language)]
    below = [line for text in lines if text for line in wrapped(text, TITLE_CHARS + 14).split("\n")]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "background": "white",
        "padding": 16,
        "title": {
            "text": wrapped(heading, TITLE_CHARS).split("\n"), "subtitle": below,
            "anchor": "start", "fontSize": 16, "subtitleFontSize": 12, "subtitleColor": QUIET,
            "offset": 14, "subtitlePadding": 6, "frame": "bounds",
        },
        "config": {"font": FONT, "view": {"stroke": None}, "concat": {"spacing": 24}},
        **body,
    }  # fmt: skip


def bases_text(layout: TableLayout) -> str:
    """N as one number, or the smallest and the largest."""
    found = [int(line.base) for line in layout.lines if line.base.isdigit()]
    if not found:
        return ""
    low, high = min(found), max(found)
    return f"N = {low}" if low == high else f"N = {low}–{high}"

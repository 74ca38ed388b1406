"""The shapes of a chart: bars with their labels and figures, as layers of Vega-Lite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

GREY, BAR, INK, QUIET = "#b4b8bb", "#3b82bd", "#1b1b1b", "#545454"
DARK = {"#0b4f8a", "#8a4b00", "#0072b2", "#5b5b9e", "#d55e00", "#009e73"}
LINE_HEIGHT = 15
Spec = dict[str, Any]


@dataclass(frozen=True)
class Bar:
    """A line of the table for a chart: wrapped label, shares and their texts by column."""

    label: str
    values: tuple[float | None, ...]
    texts: tuple[str, ...]
    apart: bool = False


def _heights(bars: Sequence[Bar]) -> list[float]:
    return [LINE_HEIGHT * max(bar.label.count("\n") + 1, 1) + 9 for bar in bars]


def bar_places(bars: Sequence[Bar]) -> tuple[list[tuple[float, float]], float]:
    """Top and bottom of each bar, and the height of all of them."""
    found, y = [], 0.0
    for height in _heights(bars):
        middle = y + height / 2
        found.append((middle - 9, middle + 9))
        y += height
    return found, y


def _labels(bars: Sequence[Bar], most: float, height: float) -> Spec:
    """The labels left of the bars, whole."""
    places, _ = bar_places(bars)
    return {
        "data": {
            "values": [
                {"y": (top + bottom) / 2 - _rise(bar), "label": bar.label.split("\n")}
                for bar, (top, bottom) in zip(bars, places, strict=True)
            ]
        },
        "mark": {
            "type": "text", "align": "right", "baseline": "middle", "dx": -8, "limit": 0,
            "fontSize": 12, "lineHeight": LINE_HEIGHT, "color": INK,
        },
        "encoding": {
            "x": _x(most, datum=0),
            "y": _y(height),
            "text": {"field": "label", "type": "nominal"},
        },
    }  # fmt: skip


def _rise(bar: Bar) -> float:
    """The distance from the first line of a label up to the middle of its bar."""
    return LINE_HEIGHT * bar.label.count("\n") / 2


def _y(height: float, field: str = "y") -> Spec:
    return {
        "field": field, "type": "quantitative", "axis": None,
        "scale": {"domain": [0, height], "reverse": True, "nice": False, "zero": False},
    }  # fmt: skip


def _x(most: float, **at: Any) -> Spec:
    return {
        **at, "type": "quantitative", "axis": None,
        "scale": {"domain": [0, most], "nice": False},
    }  # fmt: skip


def bar_layers(
    bars: Sequence[Bar], segments: list[Spec], most: float, width: float,
    colour: Spec, zero: float | None = None,
) -> Spec:  # fmt: skip
    """Segments (x, x2, y, y2) with their texts, next to the labels of the lines."""
    _, height = bar_places(bars)
    x, y = _x(most, field="x"), _y(height)
    layers: list[Spec] = [
        {
            "data": {"values": segments},
            "mark": {"type": "rect"},
            "encoding": {
                "x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}, "color": colour,
            },
        },
        {
            "data": {"values": [s for s in segments if s["text"]]},
            "mark": {"type": "text", "baseline": "middle", "fontSize": 11, "limit": 0},
            "encoding": {
                "x": _x(most, field="at"), "y": _y(height, "middle"),
                "text": {"field": "text", "type": "nominal"},
                "color": {"field": "ink", "type": "nominal", "scale": None},
            },
        },
        _labels(bars, most, height),
    ]  # fmt: skip
    if zero is not None:
        layers.append({"mark": {"type": "rule", "color": INK}, "data": {"values": [{}]},
                       "encoding": {"x": _x(most, datum=zero)}})  # fmt: skip
    return {"width": width, "height": height, "layer": layers}


def one_segment(x: float, value: float, place: tuple[float, float], text: str, colour: str) -> Spec:
    """A segment of a bar with its figure in the middle.

    The text colour is readable on the segment.
    """
    return {
        "x": x, "x2": x + value, "y": place[0], "y2": place[1], "at": x + value / 2,
        "middle": (place[0] + place[1]) / 2, "text": text,
        "ink": "#ffffff" if colour in DARK else INK, "colour": colour,
    }  # fmt: skip

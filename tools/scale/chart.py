"""The growth of a run as a chart: CPU seconds by lines, of the run, the floor and pandas."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.scale.measure import Measured

VEGA_LITE = "6.1"
RUN, FLOOR = "the whole run", "DuckDB reads the file as text (floor)"
OWN, PANDAS = "all counts", "the same counts by pandas.crosstab"


def write_chart(found: Sequence[Measured], path: Path) -> None:
    """Write the chart as SVG; both axes are logarithmic."""
    import vl_convert

    spec = json.dumps(specification(found))
    path.write_text(vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE) + "\n", "utf-8")


def specification(found: Sequence[Measured]) -> dict[str, Any]:
    """The chart in Vega-Lite."""
    values = [
        {"lines": one.rows, "seconds": round(seconds, 2), "what": what}
        for one in found
        for what, seconds in (
            (RUN, one.run.cpu),
            (FLOOR, one.floor.cpu),
            (OWN, one.counted[0]),
            (PANDAS, one.counted[1]),
        )
        if seconds > 0
    ]

    def axis(field: str, title: str, form: str) -> dict[str, Any]:
        scale = {"type": "log", "nice": True}
        return {"field": field, "type": "quantitative", "scale": scale, "title": title,
                "axis": {"format": form}}  # fmt: skip

    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": 460,
        "height": 300,
        "background": "white",
        "data": {"values": values},
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": axis("lines", "lines of the export", "~s"),
            "y": axis("seconds", "CPU seconds", "~g"),
            "color": {
                "field": "what", "type": "nominal", "title": None,
                "sort": [RUN, FLOOR, OWN, PANDAS],
                "legend": {"orient": "bottom", "columns": 1, "labelLimit": 400},
            },
        },
    }  # fmt: skip

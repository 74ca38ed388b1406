"""Charts as SVG and PNG with vl-convert, without a browser or network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from publishing.charts.draw import chart_specs
from publishing.charts.kinds import chart_kind
from publishing.charts.shapes import Spec
from publishing.charts.tabulated import tabulated_chart
from publishing.published import PublishedWave

FOLDER = "charts"
VEGA_LITE = "6.1"
SCALE = 2.0


def wave_charts(wave: PublishedWave, language: str) -> Iterator[tuple[str, str, Spec]]:
    """Table, name of the file without ending, and specification of every picture of a wave."""
    asked = wave.study.in_wave(wave.wave)
    for table in wave.tables:
        if table.entries:
            continue
        layout = wave.layouts[table.id]
        specs = chart_specs(layout, chart_kind(table, layout, asked), language)
        yield from _named(table.id, specs, language)
    for name, tabulated in wave.tabulated.items():
        found = tabulated_chart(tabulated, asked)
        if found is not None:
            yield from _named(name, chart_specs(*found, language), language)


def _named(name: str, specs: list[Spec], language: str) -> Iterator[tuple[str, str, Spec]]:
    for n, spec in enumerate(specs, start=1):
        part = f"-{n}" if len(specs) > 1 else ""
        yield name, f"{name}{part}.{language}", spec


def write_charts(wave: PublishedWave, folder: Path, language: str) -> dict[str, list[Path]]:
    """Write `charts/TABLE.LANGUAGE.svg` and `.png`. Returns the PNG files by table."""
    import vl_convert

    target = folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    found: dict[str, list[Path]] = {}
    for table, name, spec in wave_charts(wave, language):
        text = json.dumps(spec, ensure_ascii=False)
        svg = vl_convert.vegalite_to_svg(text, vl_version=VEGA_LITE)
        (target / f"{name}.svg").write_text(svg, encoding="utf-8")
        path = target / f"{name}.png"
        path.write_bytes(vl_convert.svg_to_png(svg, scale=SCALE))
        found.setdefault(table, []).append(path)
    return found

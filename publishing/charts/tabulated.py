"""Charts of tabulated tables: the layout is transposed, so that each line of it is a bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from assets.analysis.comparisons import DONT_KNOW_KEY
from declarations import Study
from declarations.fields.fields import Field
from declarations.labels import Label
from publishing.charts.kinds import BARS, DIVERGING, STACKED, ChartKind
from publishing.layout.model import NO_LABEL, Figure, LayoutColumn, LayoutLine, TableLayout
from publishing.layout.tabulated import TabulatedTable

ORDERED = ("grid",)
MOST_BARS = 100
EMPTY = Figure("", None)


def tabulated_chart(table: TabulatedTable, study: Study) -> tuple[TableLayout, ChartKind] | None:
    """The transposed layout and its kind of chart; None for tables that no picture fits.

    One question: a bar per level of the banner, with the answers along it. Several questions with
    one scale: a bar per question, for all respondents. Boxes: a bar per box, for all respondents.
    """
    layout, fields = table.layout, table.request.fields
    if not layout.columns or table.request.percent != "column":
        return None
    places = {line.row: n for n, line in enumerate(layout.lines)}
    if fields and all(f.kind == "box" for f in fields):
        rows = [places[name] for f in fields if (name := f"{f.id}:ticked:percent") in places]
        lines = tuple(_plain(layout, n) for n in rows)
        turned = replace(layout, columns=layout.columns[:1], lines=lines)
        return (turned, ChartKind(BARS, (0,), tuple(range(len(lines))))) if lines else None
    closed = [f for f in fields if f.kind == "closed"]
    scales = {tuple((c.code, c.key) for c in f.codes) for f in closed}
    if not closed or len(closed) != len(fields) or len(scales) != 1:
        return None
    shown = [c for c in closed[0].codes if f"{closed[0].id}:{c.key}:percent" in places]
    if not shown:
        return None
    columns = tuple(LayoutColumn(code.key, code.label) for code in shown)
    keys = [code.key for code in shown]
    lines = (
        tuple(_of_level(layout, places, closed[0], keys, c) for c in range(len(layout.columns)))
        if len(closed) == 1
        else tuple(_of_field(layout, places, field, keys) for field in closed)
    )[:MOST_BARS]
    apart = tuple(n for n, code in enumerate(shown) if code.key == DONT_KNOW_KEY or code.missing)
    kind = DIVERGING if _ordered(closed[0], study) and len(shown) > 2 else STACKED
    turned = replace(layout, columns=columns, lines=lines)
    return turned, ChartKind(kind, tuple(range(len(columns))), tuple(range(len(lines))), apart)


def _ordered(field: Field, study: Study) -> bool:
    if field.item is None:
        return field.variable is not None and field.variable.kind == "bands"
    return study.question[field.item.question].type in ORDERED


def _figures(
    layout: TableLayout, places: Mapping[str, int], field: Field, keys: Sequence[str], column: int
) -> tuple[Figure, ...]:
    rows = [places.get(f"{field.id}:{key}:percent") for key in keys]
    return tuple(
        EMPTY if n is None else replace(layout.lines[n].figures[column], letters="") for n in rows
    )


def _base(layout: TableLayout, places: Mapping[str, int], field: Field, column: int) -> str:
    n = places.get(f"{field.id}::base")
    return "" if n is None else layout.lines[n].figures[column].text


def _of_level(
    layout: TableLayout, places: Mapping[str, int], field: Field, keys: Sequence[str], column: int
) -> LayoutLine:
    one = layout.columns[column]
    of, own = one.spanner, one.label
    label = Label(f"{of.da}: {own.da}", f"{of.en}: {own.en}") if of.da else own
    return LayoutLine(
        row=one.key, group="", label=label, group_label=NO_LABEL,
        figures=_figures(layout, places, field, keys, column),
        base=_base(layout, places, field, column), heading=one.spanner,
    )  # fmt: skip


def _of_field(
    layout: TableLayout, places: Mapping[str, int], field: Field, keys: Sequence[str]
) -> LayoutLine:
    return LayoutLine(
        row=field.id, group="", label=field.label, group_label=NO_LABEL,
        figures=_figures(layout, places, field, keys, 0), base=_base(layout, places, field, 0),
    )  # fmt: skip


def _plain(layout: TableLayout, place: int) -> LayoutLine:
    """The line with its first column only, and the next base below it in the layout."""
    line, *below = layout.lines[place:]
    base = next((one.figures[0].text for one in below if one.row.endswith("::base")), "")
    figures = (replace(line.figures[0], letters=""),)
    return replace(line, figures=figures, heading=NO_LABEL, base=base)

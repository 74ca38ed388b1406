"""The lineage of a table as a drawing: raw columns, questions, counts, groups, the table."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from assets.step.lineage import group_source, table_lineage
from assets.tabulate.request import Request
from assets.tabulate.sources import Sources
from declarations import Study, Table
from declarations.tables.cells import OTHERS
from runtime.masking import column_shown
from runtime.safe_text import visible

BOX, LINE, GAP, ACROSS, LONGEST, MOST = 178, 18, 14, 46, 22, 6
Box = tuple[str, Sequence[str]]


def lineage_picture(table: Table, study: Study, title: str) -> str:
    """SVG with a title for screen readers; boxes from left to right, joined by lines."""
    found = table_lineage(table, study)
    files: Box = ("raw/dataset", [])
    steps: list[list[Box]] = [[files], [], [], [], [(f"tables/{table.id}", [table.number])]]
    for question in study.questions_of(table):
        columns = [column_shown(i.variable) for i in found.items if i.question == question.id]
        steps[1].append((question.id, columns))
        steps[2].append((f"answers/{question.id}", []))
        steps[3].append((f"counts/{question.id}", []))
    if table.unit == "invitations":
        steps[1].append(("status", [column_shown(name) for name in found.columns]))
        steps[2].append(("clean/invitations", []))
        steps[3].append(("counts/status", []))
    register = []
    for group in found.groups:
        export, column = group_source(group, study)
        source = column_shown(export) if column is None else column
        levels = {c.level.removeprefix(OTHERS) for c in table.cells if c.group == group.id}
        steps[2].append((f"{group.id} ({group.kind})", [source, f"{len(levels)} levels"]))
        register += [column] if column is not None else []
    if register:
        steps[0].append(("raw/municipalities", register))
    return _svg(steps, title)


def tabulated_picture(
    request: Request, found: Sources, study: Study, asset: str, title: str
) -> str:
    """The lineage of a tabulated table as SVG, through its variables and weight."""
    steps: list[list[Box]] = [[("raw/dataset", list(map(column_shown, found.columns)))]]
    steps += [[], [], [], [(asset, [])]]
    for name in found.questions:
        own = [item for item in found.items.values() if item.question == name]
        steps[1].append((name, [column_shown(item.variable) for item in own]))
        steps[2].append((f"answers/{name}", []))
    register = []
    for name, group in found.registered.items():
        export, column = group_source(group, study)
        steps[2].append((f"{name} ({group.kind})", [column_shown(column or export)]))
        register += [column] if column is not None else []
    if register:
        steps[0].append(("raw/municipalities", register))
    steps[3] += [(f"variables/{n}", [one.kind]) for n, one in found.variables.items()]
    steps[3] += [(f"groups/{n}", [one.kind]) for n, one in found.groups.items()]
    steps[3] += [(f"weights/{n}", [one.kind]) for n, one in found.weights.items()]
    if request.filter.words:
        steps[3].append(("filter", [request.filter.words]))
    return _svg([step for step in steps if step], title)


def _svg(steps: Sequence[Sequence[Box]], title: str) -> str:
    heights = [sum(_height(box) + GAP for box in step) for step in steps]
    height, width = max(heights) + GAP, len(steps) * (BOX + ACROSS) - ACROSS + 2
    parts: list[str] = []
    before: list[float] = []
    for place, step in enumerate(steps):
        x, y, now = place * (BOX + ACROSS) + 1, GAP + (height - GAP - heights[place]) / 2, []
        for box in step:
            tall = _height(box)
            parts.append(_box(box, x, y, tall))
            now.append(y + tall / 2)
            y += tall + GAP
        for start in before:
            for end in now:
                parts.append(_join(x - ACROSS, start, x, end))
        before = now or before
    return (
        f'<svg role="img" xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height:.0f}" '
        f'viewBox="0 0 {width} {height:.0f}" font-size="12"><title>{escape(visible(title))}</title>'
        f"{''.join(parts)}</svg>"
    )


def _height(box: Box) -> int:
    return LINE * (1 + min(len(box[1]), MOST)) + 8


def _box(box: Box, x: float, y: float, tall: int) -> str:
    head, lines = box
    shown = list(lines[:MOST])
    if len(lines) > MOST:
        shown[-1] = f"+ {len(lines) - MOST + 1}"
    texts = [
        f'<text x="{x + 8}" y="{y + 17:.1f}" font-weight="600">{escape(_short(head))}</text>',
        *(
            f'<text x="{x + 8}" y="{y + 17 + LINE * n:.1f}">{escape(_short(line))}</text>'
            for n, line in enumerate(shown, start=1)
        ),
    ]
    return (
        f'<rect x="{x}" y="{y:.1f}" width="{BOX}" height="{tall}" rx="3" fill="#eef4f9" '
        f'stroke="#0b4f8a"/>{"".join(texts)}'
    )


def _join(x1: float, y1: float, x2: float, y2: float) -> str:
    middle = (x1 + x2) / 2
    return (
        f'<path d="M{x1} {y1:.1f}C{middle} {y1:.1f} {middle} {y2:.1f} {x2} {y2:.1f}" fill="none" '
        'stroke="#6b7680"/>'
    )


def _short(text: str) -> str:
    shown = visible(text)
    return shown if len(shown) <= LONGEST + 3 else f"{shown[:LONGEST]}..."

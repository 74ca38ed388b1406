"""The page of the data flow, from the definitions and a traced run."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import dagster as dg

from assets.step.factory import Asset, Step
from assets.step.names import raw_files
from declarations import Study
from pipelines.steps import wave_steps
from publishing.chapters import PUBLISHED
from publishing.trend_files import steps_of_trends
from runtime.paths import ROOT
from tools.data_flow.groups import ANSWER, GROUPS, group_of, grouped
from tools.data_flow.way import CODE, Way, way_to

TARGET = ROOT / "docs" / "data-flow.md"
TABLE = "table_5_2"
# several relations of one schema and step are drawn as one box
MOST_BOXES = 5
MOST_NAMED = 3
INTRODUCTION = """Made by `make docs` from the Dagster definitions of the committed study; change
the code, not this file. [terminology.md](terminology.md) explains the terms.

An arrow leads from a relation to one that is computed from it; a frame is a step. A name such as
`answers/* (27)` stands for that number of relations; the list at the end names them. The last step
publishes every relation of a wave, by chapter; an arrow leads to it only from those that nothing
else reads."""
WAY = """This list comes from a traced run of everything upstream of Table {number}. It has our
modules that are entered while a step computes, {modules} in all:

{groups}

`tools/data_flow/groups.py` assigns the groups, by package and for some modules by name. The
drawing shows the modules that handle the answer, each at the first step that enters it."""
DECLARED, PRINT = "declarations", "declarations and print"


@dataclass(frozen=True)
class Box:
    """Relations drawn as one: their keys, and the step that makes them."""

    name: str
    step: str
    keys: tuple[dg.AssetKey, ...]


def steps_in_order(steps: Sequence[Step]) -> list[Step]:
    """The steps that have assets, each after the steps that it reads; otherwise in their order."""
    left, found = [one for one in steps if one.assets], list[Step]()
    while left:
        made = {asset.key for one in left for asset in one.assets}
        for one in left:
            own = {asset.key for asset in one.assets}
            if not (made - own) & {dep for asset in one.assets for dep in asset.deps}:
                break
        found.append(one)
        left.remove(one)
    return found


def boxes(steps: Sequence[Step]) -> list[Box]:
    """The boxes, in the order of the steps."""
    found = []
    for one in steps:
        by_schema: dict[str, list[Asset]] = {}
        for asset in one.assets:
            by_schema.setdefault(asset.key.path[0], []).append(asset)
        for schema, own in by_schema.items():
            many = len(own) > MOST_BOXES
            for group in [own] if many else [[asset] for asset in own]:
                name = f"{schema}/* ({len(own)})" if many else "/".join(group[0].key.path)
                found.append(Box(name, one.name, tuple(asset.key for asset in group)))
    return found


def diagram(study: Study, steps: Sequence[Step], drawn: Sequence[Box]) -> str:
    """The flow as Mermaid: a box per relation or family, a frame per step."""
    number = {key: at for at, box in enumerate(drawn) for key in box.keys}
    last = number[PUBLISHED]
    lines = ["```mermaid", "flowchart TD"]
    lines.append(f'  export[("export: {", ".join(raw_files(study))}")]')
    for one in steps:
        own = [(at, box) for at, box in enumerate(drawn) if box.step == one.name]
        if own:
            lines.append(f"  subgraph {one.name}")
            lines += [f'    r{at}["{box.name}"]' for at, box in own]
            lines.append("  end")
    arrows = dict.fromkeys(
        (number[dep], number[asset.key])
        for one in steps
        for asset in one.assets
        for dep in asset.deps
        if number[dep] != number[asset.key]
    )
    read = {start for start, end in arrows if end != last}
    arrows = {(start, end): None for start, end in arrows if end != last or start not in read}
    fed = {end for _, end in arrows}
    roots = [at for at, box in enumerate(drawn) if at not in fed and box.name.startswith("raw/")]
    lines += [f"  export --> r{at}" for at in roots]
    lines += [f"  r{start} --> r{end}" for start, end in arrows]
    return "\n".join([*lines, "```"])


def relation_lines(steps: Sequence[Step], drawn: Sequence[Box]) -> str:
    """Every relation: its step, its inputs, and its place for readers."""
    sizes = {key: (box.name, len(box.keys)) for box in drawn for key in box.keys}
    rows = []
    for one in steps:
        for asset in one.assets:
            found = dict.fromkeys(_place(place.schema, place.name, place.csv)
                                  for place in asset.published)  # fmt: skip
            sources = ", ".join(_sources(asset.deps, sizes)) or _folder(one)
            if asset.key.path[0] == "raw":
                sources = "the export"
            elif asset.key == PUBLISHED:
                sources = "every relation above"
            name = "/".join(asset.key.path)
            rows.append((f"`{name}`", f"`{one.name}`", sources, ", ".join(found)))
    return _table(("relation", "step", "computed from", "published as"), rows)


def _sources(
    deps: Iterable[dg.AssetKey], sizes: Mapping[dg.AssetKey, tuple[str, int]]
) -> list[str]:
    counted: dict[str, list[dg.AssetKey]] = {}
    for key in deps:
        counted.setdefault(sizes[key][0], []).append(key)
    found = []
    for name, keys in counted.items():
        whole = sizes[keys[0]][1]
        if len(keys) == whole:
            found.append(f"`{name}`")
        elif len(keys) <= MOST_NAMED:
            found += [f"`{'/'.join(key.path)}`" for key in keys]
        else:
            found.append(f"{len(keys)} of `{name}`")
    return found


def _folder(one: Step) -> str:
    """What a step reads that has no upstream asset. `assets` cannot import what reads print."""
    return DECLARED if one.module.split(".")[0] == "assets" else PRINT


def _place(schema: str, name: str, csv: bool) -> str:
    return f"`{name}.csv`, `{schema}.{name}`" if csv else f"`{schema}.{name}`"


def way_of_an_answer(way: Way, number: str) -> list[str]:
    """The modules between the export and a table: counts by group, a drawing, and lists."""
    own = grouped(way.modules)
    counts = _table(
        ("group", "modules", "they"),
        [(name, str(len(own[name])), what) for name, what in GROUPS.items()],
    )
    blocks = [
        WAY.format(number=number, modules=len(way.modules), groups=counts),
        drawing(way, number),
    ]
    seen = set[str]()
    for step, names in way.steps.items():
        blocks.append(f"### `{step}`")
        new = [name for name in names if name not in seen]
        seen.update(new)
        by_group = grouped(new)
        if own_lines := by_group.pop(ANSWER):
            lines = enumerate(own_lines, start=1)
            blocks.append("\n".join(f"{at}. `{name}`: {says(name)}" for at, name in lines))
        blocks += [
            f"{group.capitalize()}: {', '.join(f'`{name}`' for name in others)}."
            for group, others in by_group.items()
            if others
        ]
        again = [name for name in names if name not in new and group_of(name) == ANSWER]
        if again:
            blocks.append(f"Again: {', '.join(f'`{name}`' for name in again)}.")
    return blocks


def drawing(way: Way, number: str) -> str:
    """The modules that handle the answer as Mermaid: a frame per step, in the order of entry."""
    lines = ["```mermaid", "flowchart LR", '  export[("export")]']
    boxes, seen = ["export"], set[str]()
    for step, names in way.steps.items():
        new = [name for name in names if group_of(name) == ANSWER and name not in seen]
        seen.update(new)
        lines.append(f"  subgraph {step}")
        for name in new:
            boxes.append(f"m{len(boxes)}")
            lines.append(f'    {boxes[-1]}["{name.removeprefix("assets.")}"]')
        lines.append("  end")
    lines.append(f'  table[("Table {number}")]')
    boxes.append("table")
    lines += [f"  {start} --> {end}" for start, end in pairwise(boxes)]
    return "\n".join([*lines, "```"])


def says(module: str) -> str:
    """The first line of a module's docstring."""
    path = CODE.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    found = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return found.partition("\n\n")[0].replace("\n", " ").rstrip(".") + "."


def data_flow(study: Study) -> str:
    """The page as Markdown."""
    steps = steps_in_order([*wave_steps(study), *steps_of_trends(study)])
    drawn = boxes(steps)
    count = sum(len(box.keys) for box in drawn)
    number = study.table[TABLE].number
    blocks = [
        "# The data flow",
        INTRODUCTION,
        diagram(study, steps, drawn),
        f"## The way of one answer to Table {number}",
        *way_of_an_answer(way_to(study, str(study.printed_wave), TABLE), number),
        f"## Every relation ({count})",
        relation_lines(steps, drawn),
    ]
    return "\n\n".join(blocks) + "\n"


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [names, ("---",) * len(names), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)

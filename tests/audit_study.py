"""A small survey and its printed report, made from respondents, for tests of the audit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.tables.results import table_results
from declarations import Study, Table
from declarations.labels import Label
from declarations.tables.cells import TOTAL
from replication.consistency.printed_report import PrintedReport
from replication.consistency.reading import make_printed_report
from replication.printed import Printed
from tests.declared import group_of, question_of, table_of


@dataclass(frozen=True)
class Person:
    """Answers to the items (None: left empty), size of municipality, areas, ticked boxes."""

    answers: tuple[int | None, ...]
    size: str
    areas: frozenset[str]
    ticks: frozenset[str] = frozenset({"box_none"})


ITEMS = ("wish", "value")
SIZES = ("small", "large")
AREAS = ("health", "school", "culture")
BOXES = ("box_none", "box_goals", "box_cost")
SCALE = [
    {"code": code, "key": key, "da": key.title(), "en": key.title()}
    for code, key in ((1, "much"), (2, "some"), (3, "little"))
]
COLUMNS = [{**entry} for entry in SCALE]


def _label(text: str) -> dict[str, str]:
    return {"da": text, "en": text}


def _levels(group: str, keys: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{"key": k, **_label(k.title()), "group": group, "level": k} for k in keys]


EVERYONE = {"key": "all", **_label("Everyone"), "group": "all", "level": "all"}
N_LAST = {**_label("N"), "position": "last"}


def _table(table_id: str, **rest: Any) -> Table:
    data = {"id": table_id, "number": "1.1", "chapter": 1, "title": _label("T"), **rest}
    return table_of({"unit": "respondents", **data}, f"{table_id}.yaml")


TABLES = (
    _table(
        "items",
        base_column=N_LAST,
        rows=[{"key": i, **_label(i.title()), "item": i} for i in ITEMS],
        columns=COLUMNS,
    ),
    _table(
        "sizes",
        base_column=N_LAST,
        cell={"item": "wish"},
        rows=[*_levels("size", SIZES), EVERYONE],
        columns=COLUMNS,
    ),
    _table(
        "areas",
        base_column={**_label("N"), "position": "first"},
        cell={"code": 1},
        rows=_levels("area", AREAS),
        columns=[{"key": i, **_label(i.title()), "item": i} for i in ITEMS],
    ),
    _table(
        "counted",
        cell={"item": "value"},
        rows=[*({**c} for c in SCALE), {"key": "total", **_label("Total"), "code": TOTAL}],
        columns=[
            {"key": "n", **_label("N"), "statistic": "count"},
            {"key": "pct", **_label("Percent")},
        ],
    ),
    _table(
        "gap",
        rows=[{"key": "pair", **_label("Pair"), "items": {"a": "wish", "b": "value"}}],
        columns=[
            {"key": "a", **_label("a) Wish"), "item_role": "a", "code": 1},
            {"key": "b", **_label("b) Value"), "item_role": "b", "code": 1},
            {"key": "c", **_label("a - b"), "statistic": "difference", "of": ["a", "b"]},
            {
                "key": "r",
                **_label("c*100/a"),
                "statistic": "relative_difference",
                "of": ["a", "b"],
                "decimals": 0,
            },
        ],
    ),
    _table(
        "ticks",
        base_column={**_label("N"), "position": "title"},
        cell={"code": 1},
        rows=[{"key": b, **_label(b.title()), "item": b} for b in BOXES],
        columns=[{"key": "pct", **_label("Percent")}],
    ),
)


def small_study(tables: tuple[Table, ...] = TABLES) -> Study:
    """Two closed items, tick boxes, sizes that divide and areas that overlap."""
    grid = {
        "id": "views", "order": 1, "section": "s", "type": "grid", "label": _label("Views"),
        "scale": SCALE,
        "items": [{"id": i, "variable": i, **_label(i.title())} for i in ITEMS],
    }  # fmt: skip
    boxes = {
        "id": "measures", "order": 2, "section": "s", "type": "multiple",
        "label": _label("Measures"),
        "items": [
            {"id": b, "variable": b, "choice": n, "exclusive": b == "box_none", **_label(b.title())}
            for n, b in enumerate(BOXES, start=1)
        ],
    }  # fmt: skip
    size = {
        "id": "size", "label": _label("Size"), "kind": "cuts", "source": "population",
        "levels": [
            {"key": key, **_label(key.title()), bound: 10}
            for key, bound in zip(SIZES, ("below", "from"), strict=True)
        ],
    }  # fmt: skip
    area = {
        "id": "area", "label": _label("Area"), "kind": "text_rules", "source": "tasks",
        "levels": [{"key": k, **_label(k.title()), "phrases": [k]} for k in AREAS],
    }  # fmt: skip
    return Study(
        id="small",
        title=Label("Small", "Small"),
        folder=Path("nowhere"),
        policies={},
        questions=(question_of(grid, "q1"), question_of(boxes, "q2")),
        groups=(group_of(size), group_of(area)),
        tables=tables,
    )


def counted(people: list[Person]) -> dict[tuple[str, str, str, str], int]:
    """Counts by item, code, group and level, as the chain has them."""
    places = [("all", "all"), *(("size", s) for s in SIZES), *(("area", a) for a in AREAS)]

    def inside(person: Person, group: str, level: str) -> bool:
        return group == "all" or person.size == level or (group == "area" and level in person.areas)

    counts = {}
    for group, level in places:
        own = [p for p in people if inside(p, group, level)]
        for number, item in enumerate(ITEMS):
            for entry in SCALE:
                n = sum(p.answers[number] == entry["code"] for p in own)
                counts[item, str(entry["code"]), group, level] = n
        for box in BOXES:
            ticked = sum(box in p.ticks for p in own)
            counts[box, "1", group, level] = ticked
            counts[box, "0", group, level] = len([p for p in own if p.ticks]) - ticked
    return counts


def printed(study: Study, people: list[Person]) -> dict[str, list[Printed]]:
    """The report as it would be printed: figures rounded, Ns as they are."""
    counts = counted(people)
    found = {}
    for table in study.tables:
        results = table_results(table, counts, "1", study).to_dict("records")
        lines = []
        for number, (cell, line) in enumerate(zip(table.cells, results, strict=True), start=2):
            bare = cell.of or (table.base_column is None and table.id == "gap")
            n = "" if bare else str(line["base"])
            labels = (cell.row_label.da, cell.group_label.da, cell.column_label.da)
            lines.append(
                Printed(table.id, number, cell.row_number, *labels, line["formatted"], n, "")
            )
        found[table.id] = lines
    return found


def report(people: list[Person], study: Study | None = None) -> PrintedReport:
    """The printed report of some people."""
    own = study or small_study()
    return make_printed_report(own, printed(own, people))

"""The differences the report states, as tests the answers should show."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

from reconstruction.drawing.differences import Wanted
from reconstruction.targets.plan import STARS, Plan


def wanted_differences(plan: Plan) -> list[Wanted]:
    """The stars of the tables that have them, and the wishes from prose."""
    return [*_stars(plan), *_prose(plan)]


def _stars(plan: Plan) -> list[Wanted]:
    starred = {t.id for t in plan.study.tables if t.mark == "stars"}
    return [
        Wanted(
            item=f.cell.item or "",
            group=f.cell.group,
            levels=(f.cell.level,),
            above=STARS[f.note][0],
            below=STARS[f.note][1],
            source=f"{f.cell.table} {f.note or 'no star'}",
        )
        for f in plan.figures
        if f.cell.table in starred
    ]


def _prose(plan: Plan) -> list[Wanted]:
    result = []
    beside = tuple(
        (group, level) for group, levels in plan.wishes["covariates"].items() for level in levels
    )
    for entry in plan.wishes["differences"]:
        for item, levels in product(_items(plan, entry), _levels(plan, entry)):
            wanted = Wanted(
                item=item,
                group=entry["group"],
                levels=levels,
                codes=tuple(entry.get("codes", ())),
                above=entry.get("above"),
                below=entry.get("below"),
                more=tuple(entry.get("more", ())),
                less=tuple(entry.get("less", ())),
                beside=beside if entry.get("adjusted") else (),
                source=f"section {entry['section']}",
            )
            result.append(wanted)
            if wanted.below is not None and wanted.direction and not wanted.codes:
                result.append(replace(wanted, codes=wanted.direction, above=None))
    return result


def _items(plan: Plan, entry: dict[str, Any]) -> list[str]:
    if "items" in entry:
        return list(entry["items"])
    question = plan.study.question[entry["question"]]
    left_out = set(entry.get("except", ()))
    reported = [i.id for i in question.closed_items if i.reported]
    return [item for item in reported if item not in left_out]


def _levels(plan: Plan, entry: dict[str, Any]) -> list[tuple[str, ...]]:
    """The levels to compare: one set for each test that the entry declares."""
    if "each" in entry:
        return [(level,) for level in entry["each"]]
    if "level" in entry:
        return [(entry["level"],)]
    if "levels" in entry:
        return [tuple(entry["levels"])]
    return [tuple(level.key for level in plan.study.group[entry["group"]].levels)]

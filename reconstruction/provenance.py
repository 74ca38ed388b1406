"""Per item: what print determines, which stated differences shape it, and what is free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from declarations import Item
from reconstruction.drawing.differences import Wanted
from reconstruction.targets.count_targets import ALL
from reconstruction.targets.plan import Plan

FREE = {
    "open": "the whole text; constructed phrases",
    "unprinted": "every answer; print gives nothing",
    "whole": "who gave which answer; only the distribution among all is printed",
    "groups": "the answers inside the printed groups, and every other breakdown",
    "prose": "the answers beyond the figures of the prose",
    "areas": "the words; the areas read from it have the printed numbers",
}


def provenance(plan: Plan, wanted: Sequence[Wanted]) -> dict[str, Any]:
    """`{items: {item: {pinned_by, shaped_by, free}}}` in the order of the questionnaire.

    `pinned_by`: tables and sections whose figures the answers meet exactly. `shaped_by`: tables and
    sections that state a difference without figures. The answers show the difference; its size is
    free. `made_for`: the breakdowns (`group:level`) that those statements are about.
    """
    return {
        "note": (
            "pinned_by: figures met exactly. shaped_by: differences stated without figures, "
            "shown by the answers in a constructed size. made_for: the breakdowns (group:level) "
            "those statements are about. free: what print leaves open."
        ),
        "items": {item.id: _item(plan, wanted, item) for item in plan.study.items.values()},
    }


def _item(plan: Plan, wanted: Sequence[Wanted], item: Item) -> dict[str, Any]:
    counts = [t for t in plan.counts if t.item == item.id]
    prose = [entry for entry in plan.wishes["percentages"] if entry["item"] == item.id]
    pinned = sorted({t.pinned_by for t in counts})
    pinned += sorted({f"section {e['section']}" for e in prose if not e.get("chosen")})
    if item.question == "responsibilities":
        pinned = sorted({t.pinned_by for t in plan.bases if t.group == "area"})
        free = "areas"
    elif item.question == "collaborations":
        pinned, free = ["section 4.2"], "prose"
    elif item.type == "open":
        free = "open"
    elif any((t.group, t.level) != ALL for t in counts):
        free = "groups"
    elif counts:
        free = "whole"
    else:
        free = "prose" if prose else "unprinted"
    stated = {w.source.split(" *")[0].removesuffix(" no star") for w in wanted if w.item == item.id}
    shaped = sorted(stated | {f"section {e['section']}" for e in prose if e.get("chosen")})
    entry: dict[str, Any] = {"pinned_by": pinned, "free": FREE[free]}
    if shaped:
        entry = {"pinned_by": pinned, "shaped_by": shaped, "free": FREE[free]}
    made_for = _made_for(plan, wanted, item, prose)
    return entry | ({"made_for": made_for} if made_for else {})


def _made_for(
    plan: Plan, wanted: Sequence[Wanted], item: Item, prose: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Breakdowns (`group:level`) of the item that the answers show because the prose does."""
    compared = [(w.group, level) for w in wanted if w.item == item.id for level in w.levels]
    stated = [(e.get("group", "all"), e.get("level", "all")) for e in prose]
    if item.id == "collaborations":
        means = plan.wishes["collaborations"]["means"]
        stated += [ALL, *((m["group"], m["level"]) for m in means)]
    found = {f"{group}:{level.removeprefix('!')}" for group, level in (*compared, *stated)}
    return sorted(found)

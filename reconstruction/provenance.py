"""Per item: which tables and sections pin its answers, and what is left free."""

from __future__ import annotations

from typing import Any

from assets.specs import Item
from reconstruction.plan import Plan
from reconstruction.targets import ALL

FREE = {
    "open": "the whole text; constructed phrases",
    "unprinted": "every answer; print gives nothing",
    "whole": "who gave which answer; only the distribution among all is printed",
    "groups": "the answers inside the printed groups, and every other breakdown",
    "prose": "the answers beyond the percentages of the prose",
    "areas": "the words; the areas read from it have the printed numbers",
}


def provenance(plan: Plan) -> dict[str, Any]:
    """`{items: {item: {pinned_by: [...], free: ...}}}` in the order of the questionnaire."""
    return {"items": {item.id: _item(plan, item) for item in plan.study.items.values()}}


def _item(plan: Plan, item: Item) -> dict[str, Any]:
    counts = [t for t in plan.counts if t.item == item.id]
    tables = sorted({t.pinned_by for t in counts})
    prose = [entry for entry in plan.wishes["percentages"] if entry["item"] == item.id]
    sections = sorted({f"section {entry['section']}" for entry in prose})
    if item.question == "responsibilities":
        tables = sorted({t.pinned_by for t in plan.bases if t.group == "area"})
        return {"pinned_by": tables, "free": FREE["areas"]}
    if item.question == "collaborations":
        return {"pinned_by": ["section 4.2"], "free": FREE["prose"]}
    if item.type == "open":
        free = FREE["open"]
    elif any((t.group, t.level) != ALL for t in counts):
        free = FREE["groups"]
    elif counts:
        free = FREE["whole"]
    else:
        free = FREE["prose"] if prose else FREE["unprinted"]
    return {"pinned_by": [*tables, *sections], "free": free}

"""What of a claim to make as large and as small as can be: signed sums of shares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from declarations import Study
from declarations.claims.claim import Claim, selector_items
from declarations.tables.cells import OTHERS, TOTAL
from replication.predicates import place
from replication.solver.query import GroupAtom, ItemAtom, ShareTerm

Term = tuple[int, ShareTerm]


def goals(claim: Claim, study: Study) -> Iterator[list[list[Term]]]:
    """What to make large and small, each goal a signed sum of shares, by item."""
    predicate = claim.predicate
    if claim.kind in ("share", "count"):
        yield [[(1, share_of(predicate["of"], study))]]
    elif claim.kind == "comparison":
        left, right = (share_of(predicate[side], study) for side in ("left", "right"))
        if predicate.get("statistic", "share") == "share":
            yield [[(1, left), (-1, right)]]
    elif claim.kind == "ranking":
        yield from _ranked(predicate, study)
    else:
        yield from _contrasts(claim, study)


def _contrasts(claim: Claim, study: Study) -> Iterator[list[list[Term]]]:
    """A level's share less that of those it is compared with, item by item, then all items."""
    predicate, group = claim.predicate, str(claim.predicate["group"])
    levels = [lv.key for lv in study.group[group].levels]
    named = [str(predicate["level"])] if "level" in predicate else []
    named = named or [str(lv) for lv in predicate.get("each") or predicate.get("levels") or ()]
    items = selector_items(predicate, study)
    chosen = (named or levels)[: 1 if claim.kind == "difference" else 3]
    every = []
    for item in items:
        codes = predicate.get("codes") or [study.items[item].codes[0]]
        for level in chosen:
            own = {"item": item, "codes": codes, "group": group, "level": level}
            rest = {**own, "level": f"{OTHERS}{level}"}
            goal = [(1, share_of(own, study)), (-1, share_of(rest, study))]
            yield [goal]
        every.append(goal)
    if len(items) > 1 and claim.kind in ("difference", "adjusted"):
        yield every


def _ranked(predicate: Mapping[str, Any], study: Study) -> Iterator[list[list[Term]]]:
    among = predicate["among"]
    if among.get("statistic", predicate.get("statistic", "share")) != "share":
        return
    if "across" in among:
        group = str(among["across"])
        keys = [level.key for level in study.group[group].levels]
        chosen = {key: {**among, "group": group, "level": key} for key in keys}
    else:
        chosen = {i: {**among, "item": i} for i in selector_items(among, study)}
    way = next(k for k in ("top", "top_set", "bottom", "bottom_set") if k in predicate)
    first, named = str(predicate[way][0]), {str(key) for key in predicate[way]}
    if first not in chosen:
        return
    for key in chosen:
        if key != first:
            yield [[(1, share_of(chosen[first], study)), (-1, share_of(chosen[key], study))]]
    ranked = [(1 if k in named else -1, share_of(s, study)) for k, s in chosen.items()]
    yield [ranked]


def share_of(selector: Mapping[str, Any], study: Study) -> ShareTerm:
    """The share a selector speaks of."""
    item, (group, level) = str(selector["item"]), place(selector)
    codes = selector.get("codes", TOTAL)
    listed = codes if isinstance(codes, (list, tuple)) else [codes]
    known = study.items[item].codes
    wanted = frozenset(known if TOTAL in listed else map(int, listed))
    inside = frozenset([level.removeprefix(OTHERS)])
    of = (GroupAtom(group, inside, level.startswith(OTHERS)),)
    return ShareTerm((ItemAtom(item, wanted),), () if group == "all" else of, item)


def is_number(selector: Mapping[str, Any], study: Study) -> bool:
    """Whether a selector speaks of a numeric item."""
    item = str(selector.get("item", ""))
    return item in study.items and study.items[item].type == "numeric"


def selectors_of(claim: Claim, study: Study) -> list[Mapping[str, Any]]:
    """The places a share, count, mean or ranking is taken of, levels of a ranking one by one."""
    named = [claim.predicate[k] for k in ("of", "left", "right") if k in claim.predicate]
    among = claim.predicate.get("among", {})
    if "across" in among and "item" in among:
        group = str(among["across"])
        named += [{**among, "group": group, "level": lv.key} for lv in study.group[group].levels]
    return named

"""Do two statements of the text say opposite things of the same?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from declarations import Study
from declarations.claims.claim import Claim, selector_items
from declarations.labels import Label
from declarations.tables.cells import OTHERS
from replication.audit.registry import AuditRule, register
from replication.consistency.constraints import HIGH, MEDIUM, Constraint
from replication.consistency.printed_report import Layout
from replication.consistency.references import CLAIM
from replication.predicates import place

# What is ranked: the statistic, the item or what is declared to be ranked, codes, group and level.
Node = tuple[str, str, str, str, str]
Order = tuple[Node, Node]


def constraints(layout: Layout) -> Iterator[Constraint]:
    """One for each pair of statements that order the same; broken where they do so oppositely."""
    said: dict[Order, list[Claim]] = {}
    pairs: dict[tuple[str, str], tuple[Claim, Claim, Order | None]] = {}
    for claim in layout.claims:
        own = orders(claim, layout.study)
        for above, below in own:
            for other in said.get((above, below), ()):
                pairs.setdefault((other.id, claim.id), (other, claim, None))
        for above, below in own:
            for other in said.get((below, above), ()):
                known = pairs.get((other.id, claim.id))
                opposite = known[2] if known and known[2] else (above, below)
                pairs[other.id, claim.id] = (other, claim, opposite)
        for order in own:
            said.setdefault(order, []).append(claim)
    for first, second, reversed_order in pairs.values():
        yield _agree(first, second, reversed_order, layout)


def _agree(first: Claim, second: Claim, opposite: Order | None, layout: Layout) -> Constraint:
    refs = tuple(f"{CLAIM}:{claim.id}" for claim in (first, second))
    stated = order_text(opposite, layout.study) if opposite else ""
    declared = "not_testable" in (first.kind, second.kind)
    return Constraint(
        "contradiction",
        f"{first.id}={second.id}",
        refs[1],
        refs,
        lambda _: opposite is None,
        lambda _: f"{stated}; the opposite in section {first.section}, “{first.statement}”",
        arithmetic=False,
        severity=MEDIUM if declared else HIGH,
    )


def orders(claim: Claim, study: Study) -> list[Order]:
    """What a statement puts above what: pairs of the larger and the smaller."""
    predicate = claim.predicate
    if "ranks" in predicate:
        return _ranked(predicate["ranks"], _declared(predicate["ranks"], study))
    if claim.kind == "difference":
        return _difference(predicate, study)
    if claim.kind == "comparison" and predicate["relation"] in ("greater", "less"):
        statistic = str(predicate.get("statistic", "share"))
        left, right = (_node(predicate[side], statistic) for side in ("left", "right"))
        return [(left, right) if predicate["relation"] == "greater" else (right, left)]
    if claim.kind == "ranking":
        return _ranked(predicate, _among(predicate, study))
    return []


def _difference(predicate: Mapping[str, Any], study: Study) -> list[Order]:
    direction, against = predicate.get("direction", "any"), predicate.get("against")
    if direction == "any" or "level" not in predicate:
        return []
    others = against if isinstance(against, list) else [f"{OTHERS}{predicate['level']}"]
    found = []
    for item in selector_items(predicate, study):
        for other in others:
            own = _node({**predicate, "item": item})
            rest = _node({**predicate, "item": item, "level": other})
            found.append((own, rest) if direction == "more" else (rest, own))
    return found


def _ranked(predicate: Mapping[str, Any], nodes: Mapping[str, Node]) -> list[Order]:
    """Named before unnamed; in a list whose order counts also each before the next."""
    way = next(k for k in ("top", "top_set", "bottom", "bottom_set") if k in predicate)
    named = [str(key) for key in predicate[way]]
    pairs = [(key, rest) for key in named for rest in nodes if rest not in named]
    if not way.endswith("set"):
        pairs += [(key, later) for n, key in enumerate(named) for later in named[n + 1 :]]
    known = [(nodes[a], nodes[b]) for a, b in pairs if a in nodes and b in nodes]
    return known if way.startswith("top") else [(b, a) for a, b in known]


def _among(predicate: Mapping[str, Any], study: Study) -> dict[str, Node]:
    among = predicate["among"]
    statistic = str(predicate.get("statistic", among.get("statistic", "share")))
    if "across" in among:
        group = str(among["across"])
        return {
            level.key: _node({**among, "group": group, "level": level.key}, statistic)
            for level in study.group[group].levels
        }
    return {i: _node({**among, "item": i}, statistic) for i in selector_items(among, study)}


def _declared(ranks: Mapping[str, Any], study: Study) -> dict[str, Node]:
    group = str(ranks["across"])
    return {
        level.key: ("", str(ranks["what"]), "", group, level.key)
        for level in study.group[group].levels
    }


def _node(selector: Mapping[str, Any], statistic: str = "share") -> Node:
    codes = selector.get("codes") or selector.get("range") or ()
    return (statistic, str(selector["item"]), str(codes), *place(selector))


def order_text(order: Order, study: Study) -> str:
    """What is put above what, by labels; the item once where both are about one."""
    (_, item, _, *first), (_, other, _, *second) = order
    names = [_item_text(name, study) for name in (item, other)]
    levels = [_level_text(group, level, study) for group, level in (first, second)]
    if item == other:
        return f"{names[0]}: {levels[0]} above {levels[1]}"
    sides = [", ".join(filter(None, pair)) for pair in zip(names, levels, strict=True)]
    return " above ".join(sides)


def _item_text(item: str, study: Study) -> str:
    return study.items[item].label.both if item in study.items else item.replace("_", " ")


def _level_text(group: str, level: str, study: Study) -> str:
    if group == "all":
        return ""
    if level.startswith(OTHERS):
        return "øvrige / others"
    return study.group[group].level(level).label.both


RULE = register(
    AuditRule(
        "contradiction",
        Label(
            "Siger teksten det modsatte andetsteds?", "Does the text say the opposite elsewhere?"
        ),
        "No two statements put the same items or groups in opposite order, as they are read in "
        "claims/. Holds also where no printed figure decides between them.",
        constraints,
    )
)

"""Whether two statements of the text say opposite things about the same subject."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from declarations import Study
from declarations.claims.kinds import (
    Adjusted,
    Claim,
    Comparison,
    Control,
    Difference,
    NotTestable,
    Ranking,
    Ranks,
)
from declarations.claims.selector import Selector
from declarations.labels import Label
from declarations.tables.cells import OTHERS
from replication.consistency.constraints import HIGH, LOW, MEDIUM, AuditRule, Constraint
from replication.consistency.printed_report import Layout, PrintedReport
from replication.consistency.references import CLAIM
from replication.consistency.statements import decide_statement
from replication.deciding.facts import CONTRADICTED

# The subject of a ranking: the statistic, the item or the declared subject, codes, group and level.
Node = tuple[str, str, str, str, str]
Order = tuple[Node, Node]
# the middle of a ranking: "relatively large" is above it, "smallest" below
MIDDLE = "middle"


def constraints(layout: Layout) -> Iterator[Constraint]:
    """One per pair of statements on the same order; broken if they state opposite orders."""
    yield from _orders(layout)
    yield from _controls(layout)
    yield from _evenness(layout)


def _orders(layout: Layout) -> Iterator[Constraint]:
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
    stated = order_text(opposite, layout.study) if opposite else ""
    mild = any(map(_uncounted, (first, second))) or (opposite and MIDDLE in str(opposite))
    severity = MEDIUM if mild else HIGH
    return _pair(first, second, opposite is None, severity, f"{stated}; " if stated else "")


def _uncounted(claim: Claim) -> bool:
    """Whether a statement is about something that no closed question counts."""
    texts = isinstance(claim, Ranking) and claim.statistic == "texts"
    return texts or isinstance(claim, NotTestable)


def _pair(
    first: Claim,
    second: Claim,
    agree: bool,
    weight: str,
    stated: str = "",
    other: str = "says the opposite",
) -> Constraint:
    refs = tuple(f"{CLAIM}:{claim.id}" for claim in (first, second))

    def severity(report: PrintedReport) -> str:
        """Low if print supports both statements, each in one of its usual readings."""
        grades = [decide_statement(claim, report)[0].grade for claim in (first, second)]
        return weight if None in grades or CONTRADICTED in grades else LOW

    return Constraint(
        "contradiction",
        f"{first.id}={second.id}",
        refs[1],
        refs,
        lambda _: agree,
        lambda _: f"{stated}section {first.section} {other}: {first.statement.en}",
        arithmetic=False,
        severity=severity,
    )


def _controls(layout: Layout) -> Iterator[Constraint]:
    """A statement that a relation holds with controls, and a text that says none were used."""
    controls = [claim for claim in layout.claims if isinstance(claim, Control)]
    sources = {group.id: group.source for group in layout.study.groups}
    for control in controls:
        for claim in layout.claims:
            same = isinstance(claim, Adjusted) and sources[claim.group] == sources[control.group]
            if same:
                other = "controls for other variables"
                yield _pair(claim, control, control.applied, MEDIUM, other=other)


def _evenness(layout: Layout) -> Iterator[Constraint]:
    """A statement that says "evenly" where another statement gives an order."""
    ranked = [c for c in layout.claims if isinstance(c, NotTestable | Ranking) and c.ranks]
    for even in ranked:
        for other in ranked:
            first, second = even.ranks, other.ranks
            if first is None or second is None or other is even or not first.even:
                continue
            if (first.what, first.across) == (second.what, second.across):
                yield _pair(even, other, second.even, LOW)


def orders(claim: Claim, study: Study) -> list[Order]:
    """The order in a statement: pairs of the larger and the smaller."""
    if isinstance(claim, NotTestable):
        return _uncounted_order(claim.ranks, study)
    if isinstance(claim, Difference):
        return _difference(claim, study)
    if isinstance(claim, Comparison) and claim.relation in ("greater", "less"):
        if not (claim.left.item and claim.right.item):
            return []
        left = node_of(claim.left, claim.statistic)
        right = node_of(claim.right, claim.right_statistic or claim.statistic)
        return [(left, right) if claim.relation == "greater" else (right, left)]
    if isinstance(claim, Ranking):
        return _ranking(claim, study) + _uncounted_order(claim.ranks, study)
    return []


def _uncounted_order(ranks: Ranks | None, study: Study) -> list[Order]:
    return _ranked("top", ranks.top, _declared(ranks, study)) if ranks else []


def _difference(claim: Difference, study: Study) -> list[Order]:
    if claim.direction == "any" or claim.level == "all" or claim.most:
        return []
    found = []
    for item in claim.items_in(study):
        for other in claim.against or [f"{OTHERS}{claim.level}"]:
            own, rest = node_of(claim.one(item)), node_of(claim.one(item, other))
            found.append((own, rest) if claim.direction == "more" else (rest, own))
    return found


def _ranking(claim: Ranking, study: Study) -> list[Order]:
    """Pairs of named and unnamed subjects. For a block, its items below or above the middle."""
    among = claim.among
    if among.blocks:
        middle = node_of(Selector.of_item(MIDDLE))
        items = [item for name in claim.named for item in among.blocks[name]]
        nodes = [node_of(Selector.of_item(item)) for item in items]
        low = claim.way in ("bottom", "bottom_set", "low")
        return [(middle, node) if low else (node, middle) for node in nodes]
    nodes_by = _among(claim, study)
    if claim.way in ("high", "low"):
        middle = node_of(Selector.of_item(MIDDLE))
        own = [node_of(Selector.of_item(key)) for key in claim.named]
        return [(n, middle) if claim.way == "high" else (middle, n) for n in own]
    return _ranked(claim.way, claim.named, nodes_by)


def _ranked(way: str, named: Sequence[str], nodes: dict[str, Node]) -> list[Order]:
    """Named subjects come before unnamed ones.

    In a list whose order counts, each also comes before the next.
    """
    pairs = [(key, rest) for key in named for rest in nodes if rest not in named]
    if not way.endswith("set"):
        pairs += [(key, later) for n, key in enumerate(named) for later in named[n + 1 :]]
    known = [(nodes[a], nodes[b]) for a, b in pairs if a in nodes and b in nodes]
    return known if way.startswith("top") else [(b, a) for a, b in known]


def _among(claim: Ranking, study: Study) -> dict[str, Node]:
    among, items = claim.among, claim.among.items_in(study)
    if not among.across:
        return {i: node_of(among.one(i), claim.statistic) for i in items}
    name = "+".join(items)
    return {
        key: node_of(among.one(name, key, among.across), claim.statistic)
        for key in among.levels_in(study)
    }


def _declared(ranks: Ranks, study: Study) -> dict[str, Node]:
    group = str(ranks.across)
    return {
        level.key: ("", ranks.what, "", group, level.key) for level in study.group[group].levels
    }


def node_of(selector: Selector, statistic: str = "share") -> Node:
    """The subject of a statement, from its selector."""
    codes = selector.code_list or selector.span or ()
    return (statistic, str(selector.item), str(list(codes)), *selector.place)


def order_text(order: Order, study: Study) -> str:
    """The stated order, in labels. The item is named once if both subjects share it."""
    (_, item, _, *first), (_, other, _, *second) = order
    names = [_item_text(name, study) for name in (item, other)]
    levels = [_level_text(group, level, study) for group, level in (first, second)]
    if MIDDLE in (item, other):
        return (
            f"{names[1]}: below the average" if item == MIDDLE else f"{names[0]}: above the average"
        )
    if item == other:
        return f"{names[0]}: {levels[0]} above {levels[1]}"
    sides = [", ".join(filter(None, pair)) for pair in zip(names, levels, strict=True)]
    return " above ".join(sides)


def _item_text(item: str, study: Study) -> str:
    if "+" in item:
        first = study.items[item.partition("+")[0]]
        return study.question[first.question].label.en
    return study.items[item].label.en if item in study.items else item.replace("_", " ")


def _level_text(group: str, level: str, study: Study) -> str:
    if group == "all":
        return ""
    if level.startswith(OTHERS):
        return "the others"
    return study.group[group].level(level).label.en


RULE = AuditRule(
    "contradiction",
    Label("Siger teksten det modsatte andetsteds?", "Does the text say the opposite elsewhere?"),
    "No two statements put the same items or groups in opposite order. No two statements "
    "disagree on whether a relation was controlled for other variables. The rule also reports "
    "contradictions that no printed figure can decide.",
    constraints,
)

"""Whether the text's numbers for groups are consistent with the number for everyone.

The share or mean of everyone is the average of the groups' shares or means, weighted by their
sizes. Print gives the number of answers for some questions only. For other questions the sizes are
assumed to be similar.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite

from declarations.claims.kinds import Mean, Share
from declarations.labels import Label
from declarations.tables.cells import OTHERS
from replication.audit.text_rules.group_sizes import sizes_of
from replication.consistency.arithmetic import Interval
from replication.consistency.constraints import AuditRule, Constraint
from replication.consistency.printed_report import Layout, PrintedReport
from replication.consistency.quotations import interval as words_interval
from replication.consistency.quotations import stated_text, with_printed_number
from replication.consistency.references import ALL, CLAIM, PrintedFigure

RULE_ID = "mixture"
WHOLE = 100.0
# if few levels have no number in the text, they count as lying among the others
FEW = 0.05
Stated = Share | Mean
Places = dict[tuple[str, str], Stated]


@dataclass(frozen=True)
class StatedQuantity:
    """The quantity of a statement, without the level."""

    kind: str
    item: str
    codes: frozenset[str]
    span: tuple[float, float] | None
    base: str
    chapter: str


def constraints(layout: Layout) -> Iterator[Constraint]:
    """One constraint for each quantity with numbers for levels that divide everyone."""
    stated = stated_shares(layout)
    for own in stated.values():
        whole = everyone_of(next(iter(own.values())), stated, layout)
        if whole is not None:
            for group, parts in _divisions(own, layout):
                yield from _mixed(group, parts, whole, layout)


def stated_shares(layout: Layout) -> dict[StatedQuantity, Places]:
    """Shares and means of the text with two bounds, by quantity and level."""
    found: dict[StatedQuantity, Places] = {}
    for claim in layout.claims:
        if isinstance(claim, Share | Mean) and claim.of.item and _range_of(claim, layout):
            found.setdefault(_quantity(claim), {}).setdefault(claim.of.place, claim)
    return found


def _quantity(claim: Stated) -> StatedQuantity:
    of = claim.of
    codes = frozenset(map(str, of.code_list))
    return StatedQuantity(claim.kind, str(of.item), codes, of.span, of.base, claim.chapter)


def _range_of(
    claim: Stated, layout: Layout, report: PrintedReport | None = None
) -> Interval | None:
    """The numbers that a statement allows, within the possible range of the quantity.

    None if it has no bound.
    """
    found = words_interval(with_printed_number(claim, report) if report else claim, layout.words)
    if found is None:
        return None
    low = max(found[0], 0.0)
    high = min(found[1], WHOLE) if isinstance(claim, Share) else found[1]
    return (low, high) if isfinite(high) and low <= high else None


@dataclass(frozen=True)
class EveryonesShare:
    """Where everyone's share or mean is given: by figures or statements that add up to it."""

    figures: tuple[PrintedFigure, ...]
    claims: tuple[Stated, ...]

    @property
    def refs(self) -> tuple[str, ...]:
        """References of them."""
        figures = tuple(figure.ref for figure in self.figures)
        return (*figures, *(f"{CLAIM}:{claim.id}" for claim in self.claims))

    def interval(self, report: PrintedReport) -> Interval:
        """Within rounding."""
        ends = [_printed(figure, report) for figure in self.figures]
        ends += [_range_of(c, report.layout, report) or (0.0, WHOLE) for c in self.claims]
        return sum(low for low, _ in ends), sum(high for _, high in ends)


def _printed(figure: PrintedFigure, report: PrintedReport) -> Interval:
    half = 0.5 / 10**figure.decimals
    value = report.numbers[figure.ref] / 10**figure.decimals
    return value - half, value + half


def everyone_of(
    claim: Stated, stated: Mapping[StatedQuantity, Places], layout: Layout
) -> EveryonesShare | None:
    """Everyone's share or mean.

    It is printed in percent, code by code. Otherwise it is stated, preferably in the same chapter,
    in one number or code by code.
    """
    key = _quantity(claim)
    own = stated.get(key, {})
    if key.codes and key.base == "answered":
        found = [_percent(key.item, code, layout) for code in sorted(key.codes)]
        figures = [figure for figure in found if figure is not None]
        if len(figures) == len(found):
            return EveryonesShare(tuple(figures), ())
    if ALL in own:
        return EveryonesShare((), (own[ALL],))
    same = [places[ALL] for other, places in stated.items()
            if replace(other, chapter=key.chapter) == key and ALL in places]  # fmt: skip
    if same:
        return EveryonesShare((), (same[0],))
    single = [replace(key, codes=frozenset({code})) for code in sorted(key.codes)]
    parts = [stated[one][ALL] for one in single if ALL in stated.get(one, {})]
    return EveryonesShare((), tuple(parts)) if parts and len(parts) == len(single) else None


def _percent(item: str, code: str, layout: Layout) -> PrintedFigure | None:
    printed = layout.printings.get((item, code, *ALL), ())
    return next((f for f in printed if f.cell.statistic == "percent"), None)


def _divisions(own: Places, layout: Layout) -> Iterator[tuple[str, Places]]:
    """Levels with numbers that divide everyone: a level and its complement, or a whole group."""
    by_group: dict[str, Places] = {}
    for (group, level), claim in own.items():
        if group != "all":
            by_group.setdefault(group, {})[group, level] = claim
    for group, parts in by_group.items():
        for (_, level), claim in parts.items():
            if others := parts.get((group, f"{OTHERS}{level}")):
                yield group, {(group, level): claim, (group, f"{OTHERS}{level}"): others}
        levels = {place: c for place, c in parts.items() if not place[1].startswith(OTHERS)}
        if not layout.study.group[group].overlapping and _whole_group(group, levels, layout):
            yield group, levels


def _whole_group(group: str, levels: Places, layout: Layout) -> bool:
    """Whether all levels have numbers, except one with hardly any municipality."""
    missing = [level.key for level in layout.study.group[group].levels
               if (group, level.key) not in levels]  # fmt: skip
    municipalities = list(layout.register.get(group, {}).values())
    few = sum(municipalities.count(level) for level in missing)
    return not missing or 0 < few <= FEW * len(municipalities)


def _mixed(
    group: str, parts: Places, whole: EveryonesShare, layout: Layout
) -> Iterator[Constraint]:
    claims, places = list(parts.values()), {level: claim for (_, level), claim in parts.items()}
    (item,) = {str(claim.of.item) for claim in claims}
    groups = sizes_of(item, group, parts, layout)
    if groups is None:
        return

    def bounds(report: PrintedReport) -> Interval:
        ends = {
            key: _range_of(claim, layout, report) or (0.0, WHOLE) for key, claim in places.items()
        }
        among = min(low for low, _ in ends.values()), max(high for _, high in ends.values())
        return mixture([(*groups.interval(key, report), *ends.get(key, among))
                        for key in groups.numbers])  # fmt: skip

    def holds(report: PrintedReport) -> bool:
        found, (low, high) = bounds(report), whole.interval(report)
        return found[0] <= high and low <= found[1]

    def gives(report: PrintedReport) -> str:
        low, high = bounds(report)
        least, most = whole.interval(report)
        text = " and ".join(
            stated_text(with_printed_number(claim, report).stated) for claim in claims
        )
        return (
            f"groups with {text} make {low:.1f} to {high:.1f} together, "
            f"everyone has {least:g} to {most:g}"
        )

    refs = tuple(f"{CLAIM}:{claim.id}" for claim in claims)
    yield Constraint(
        RULE_ID,
        ":".join(claim.id for claim in claims),
        refs[0],
        tuple(dict.fromkeys((*refs, *whole.refs, *groups.refs))),
        holds,
        gives,
        arithmetic=False,
        assumes=""
        if groups.slack == 1
        else f"a group's part of those who answer differs by at "
        f"most {groups.slack - 1:.0%} from one question to another",
    )


def mixture(parts: Sequence[tuple[float, float, float, float]]) -> Interval:
    """The smallest and largest weighted mean of parts (fewest, most, lowest, highest).

    For the smallest mean, low parts get their largest weights and high parts their smallest.
    """

    def largest(ends: Sequence[tuple[float, float, float]]) -> float:
        ranked = sorted(ends, key=lambda end: -end[2])
        best = -float("inf")
        for cut in range(len(ranked) + 1):
            weights = [most if n < cut else least for n, (least, most, _) in enumerate(ranked)]
            if total := sum(weights):
                mean = sum(w * end[2] for w, end in zip(weights, ranked, strict=True)) / total
                best = max(best, mean)
        return best

    high = largest([(least, most, top) for least, most, _, top in parts])
    low = -largest([(least, most, -bottom) for least, most, bottom, _ in parts])
    return low, high


RULE = AuditRule(
    RULE_ID,
    Label("Giver gruppernes tal alles?", "Do the groups' numbers make up everyone's?"),
    "If the text gives a share or mean for all levels of a group (or for a level and everyone "
    "else), the average weighted by the sizes of the levels is the figure of everyone, "
    "within rounding.",
    constraints,
)

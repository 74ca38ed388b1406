"""Decide a claim from counts. Pure: a predicate and facts in, an outcome out.

What is computed is returned with the claim's expectation in words, and with every coordinate
(item, code, group, level) it was read from, so that others can say what decides it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from assets.statistics.descriptive import percent, relative_difference, round_half_up
from declarations import Study
from declarations.claims.claim import Claim, selector_items
from declarations.load import STATUS_CODES, STATUS_ITEM
from declarations.tables.cells import OTHERS, TOTAL

ALL = ("all", "all")
Coordinate = tuple[str, str, str, str]
EXACT = 9  # decimals within which a double lies on the bound of a vague word: 0.55 * 100 is 55


class UndecidableError(ValueError):
    """The facts do not hold what the claim needs; the message says what is missing."""


class Facts(Protocol):
    """What a claim may be decided by."""

    def count(self, item: str, code: str, group: str, level: str) -> float:
        """Respondents of the level with the code; code "total": who answered the item.

        Facts taken from print have a share of the base where no whole number gives the share.
        """

    def levels(self, item: str, group: str) -> Sequence[str]:
        """Levels of a group in which somebody answered an item, in order."""

    def mean(self, item: str, group: str, level: str) -> float:
        """Mean of a numeric item; UndecidableError where nobody answered."""

    def median(self, item: str, group: str, level: str) -> float:
        """Median of a numeric item."""

    def share_between(self, item: str, group: str, level: str, low: float, high: float) -> float:
        """Percent of the numbers given that lie in low..high, both included."""

    def chi_square_p(self, table: Sequence[Sequence[int]]) -> float:
        """p-value of Pearson's chi-square without correction."""

    def adjusted(
        self, item: str, codes: Sequence[int], group: str, level: str
    ) -> tuple[float, float]:
        """Odds ratio and p of level in the declared model; UndecidableError where there is none."""


@dataclass
class Evaluation:
    """What a claim expected, what was computed, and whether it is met (None: undecidable)."""

    expected: str
    computed: str
    met: bool | None
    note: str = ""
    read: set[Coordinate] = field(default_factory=set)
    whole: set[tuple[str, str, str]] = field(default_factory=set)
    """Whole distributions (item, group, level) the outcome rests on."""


@dataclass
class Reader:
    """Facts with a memory of what was read."""

    facts: Facts
    study: Study
    words: Mapping[str, Any]
    read: set[Coordinate] = field(default_factory=set)
    whole: set[tuple[str, str, str]] = field(default_factory=set)

    def count(self, item: str, code: int | str, group: str, level: str) -> float:
        """Count with "!level" resolved as everyone not in the level."""
        self.read.add((item, str(code), group, level))
        if level.startswith(OTHERS):
            inside = self.facts.count(item, str(code), group, level.removeprefix(OTHERS))
            return self.facts.count(item, str(code), *ALL) - inside
        return self.facts.count(item, str(code), group, level)

    def share(self, selector: Mapping[str, Any]) -> float:
        """Percent of those who answered the item that gave one of the codes."""
        item, group, level = str(selector["item"]), *place(selector)
        if "range" in selector:
            self.whole.add((item, group, level))
            return self.facts.share_between(item, group, level, *map(float, selector["range"]))
        base = self.count(item, TOTAL, group, level)
        if base == 0:
            raise UndecidableError(f"nobody in {group}={level} answered {item}")
        return percent(sum(self.count(item, c, group, level) for c in selector["codes"]), base)

    def number(self, selector: Mapping[str, Any], statistic: str) -> float:
        """A share, or the mean or median of a numeric item."""
        if statistic == "share":
            return self.share(selector)
        item, group, level = str(selector["item"]), *place(selector)
        self.whole.add((item, group, level))
        return (self.facts.mean if statistic == "mean" else self.facts.median)(item, group, level)

    def distribution(self, item: str, group: str, level: str) -> list[int]:
        """Counts of all codes of an item in a level; UndecidableError where one is no count."""
        self.whole.add((item, group, level))
        codes = STATUS_CODES if item == STATUS_ITEM else self.study.items[item].codes
        counts = [self.count(item, code, group, level) for code in codes]
        if any(count != int(count) for count in counts):
            raise UndecidableError(f"no whole number gives a share of {item} in {group}={level}")
        return [int(count) for count in counts]


def place(selector: Mapping[str, Any]) -> tuple[str, str]:
    """Group and level of a selector; everyone where it names none."""
    return str(selector.get("group", "all")), str(selector.get("level", "all"))


def decide(claim: Claim, facts: Facts, study: Study, words: Mapping[str, Any]) -> Evaluation:
    """Evaluate a claim. Undecidable claims come back with met = None and the reason."""
    reader = Reader(facts, study, words)
    try:
        outcome = PREDICATES[claim.kind](claim.predicate, reader)
    except UndecidableError as reason:
        outcome = Evaluation("", "", None, str(reason))
    outcome.read, outcome.whole = reader.read, reader.whole
    return outcome


def _share(predicate: Mapping[str, Any], reader: Reader) -> Evaluation:
    value = reader.share(predicate["of"])
    return _judged(value, predicate["is"], reader.words, "%")


def _count(predicate: Mapping[str, Any], reader: Reader) -> Evaluation:
    of = predicate["of"]
    codes = of.get("codes", TOTAL)
    group, level = place(of)
    listed = codes if isinstance(codes, (list, tuple)) else (codes,)
    value = sum(reader.count(str(of["item"]), code, group, level) for code in listed)
    return _judged(float(value), predicate["is"], reader.words, "", relative=True)


def _levels(predicate: Mapping[str, Any], reader: Reader) -> Evaluation:
    """How many levels of a group have a share or count as said, of those with somebody in them."""
    of, where = predicate["of"], predicate["where"]
    item, group = str(of["item"]), str(of["across"])
    found = []
    for level in reader.facts.levels(item, group):
        base = reader.count(item, TOTAL, group, level)
        hits = sum(reader.count(item, code, group, level) for code in of["codes"])
        value = hits if of.get("statistic") == "count" else percent(hits, base)
        if _judged(float(value), where, reader.words, "").met:
            found.append(level)
    outcome = _judged(float(len(found)), predicate["is"], reader.words, "", relative=True)
    outcome.note = f"{group} {', '.join(found)}" if found else f"no {group}"
    return outcome


def _mean(predicate: Mapping[str, Any], reader: Reader) -> Evaluation:
    value = reader.number(predicate["of"], "mean")
    return _judged(value, predicate["is"], reader.words, "", relative=True)


def _median(predicate: Mapping[str, Any], reader: Reader) -> Evaluation:
    value = reader.number(predicate["of"], "median")
    return _judged(value, predicate["is"], reader.words, "", relative=True)


def _judged(
    value: float, stated: Any, words: Mapping[str, Any], unit: str, relative: bool = False
) -> Evaluation:
    """Whether a value is what is stated: a number as rounded, or a vague word."""
    if not isinstance(stated, Mapping):
        decimals = len(str(stated).split(".")[1]) if "." in str(stated) else 0
        met = round_half_up(value, decimals) == float(stated)
        note = "" if met or decimals or unit != "%" else _rounded_twice(value, int(stated))
        return Evaluation(f"{stated}{unit}", f"{value:.2f}{unit}", met, note)
    (word, at), *_ = stated.items()
    if word == "between":
        return Evaluation(f"between {at[0]} and {at[1]}{unit}", f"{value:.2f}{unit}",
                       at[0] <= value <= at[1])  # fmt: skip
    bounds = words[word]
    value = round(value, EXACT)
    scale = float(at) / 100 if relative else 1.0
    met = (
        value >= at + bounds.get("from", float("-inf")) * scale
        and value <= at + bounds.get("to", float("inf")) * scale
        and value > at + bounds.get("above", float("-inf")) * scale
        and value < at + bounds.get("below", float("inf")) * scale
    )
    return Evaluation(f"{word.replace('_', ' ')} {at}{unit}", f"{value:.2f}{unit}", met)


def _rounded_twice(value: float, stated: int) -> str:
    """Says where a whole number follows from the figure with one decimal, not from the counts.

    58.501 is 59, but 58.5 may be taken for 58; 15.45 is 15, but 15.5 is 16.
    """
    shown = round_half_up(value, 1)
    if abs(shown - stated) == 0.5:
        return f"Rounds to {stated} from the figure as printed, {shown:.1f}."
    return ""


def _comparison(predicate: Mapping[str, Any], reader: Reader) -> Evaluation:
    statistic = str(predicate.get("statistic", "share"))
    left = reader.number(predicate["left"], statistic)
    right = reader.number(predicate["right"], statistic)
    relation = predicate["relation"]
    computed = f"{left:.2f} and {right:.2f}"
    if isinstance(relation, Mapping):
        times = float(relation["times"])
        if right == 0:
            raise UndecidableError("the right side of the comparison is 0")
        within = float(reader.words["times"]["within"]) * times
        met = round(abs(left / right - times), EXACT) <= round(within, EXACT)
        return Evaluation(f"left is {times:g} times right", f"{computed}: {left / right:.2f}", met)
    met = {
        "greater": left > right,
        "less": left < right,
        "about_equal": round(abs(left - right), EXACT) <= reader.words["about_equal"]["within"],
    }[str(relation)]
    return Evaluation(f"left {str(relation).replace('_', ' ')} right", computed, met)


def _ranking(predicate: Mapping[str, Any], reader: Reader) -> Evaluation:
    among = predicate["among"]
    statistic = str(predicate.get("statistic", among.get("statistic", "share")))
    statistic = "share" if "relative_to" in among else statistic
    if "across" in among:
        group = str(among["across"])
        keys = [level.key for level in reader.study.group[group].levels]
        chosen = {key: {**among, "group": group, "level": key} for key in keys}
    else:
        items = selector_items(among, reader.study)
        chosen = {item: {**among, "item": item} for item in items}
    values = {key: reader.number(selector, statistic) for key, selector in chosen.items()}
    for key, first in zip(values, among.get("relative_to") or (), strict=False):
        # As Table 6.5: how far an item falls short of another, in percent, from rounded shares.
        a = round_half_up(reader.share({**among, "item": first}), 1)
        values[key] = relative_difference(a, round_half_up(values[key], 1))
    way = next(k for k in ("top", "top_set", "bottom", "bottom_set") if k in predicate)
    named = [str(key) for key in predicate[way]]
    missing = set(named) - set(values)
    if missing:
        raise UndecidableError(f"not among what is ranked: {', '.join(sorted(missing))}")
    sign = -1 if way.startswith("top") else 1
    rest = [sign * value for key, value in values.items() if key not in named]
    own = [sign * values[key] for key in named]
    apart = not rest or max(own) <= min(rest)
    met = apart if way.endswith("set") else apart and own == sorted(own)
    ranked = sorted(values, key=lambda key: (sign * values[key], key))
    shown = ", ".join(f"{key} {values[key]:.1f}" for key in ranked[: len(named) + 2])
    return Evaluation(f"{way.replace('_', ' ')}: {', '.join(named)}", shown, met)


def _difference(predicate: Mapping[str, Any], reader: Reader) -> Evaluation:
    results = [_one_difference(item, predicate, reader)
               for item in selector_items(predicate, reader.study)]  # fmt: skip
    met = all(result.met for result in results)
    shown = "; ".join(result.computed for result in results)
    return Evaluation(results[0].expected, shown, met)


def _one_difference(item: str, predicate: Mapping[str, Any], reader: Reader) -> Evaluation:
    group = str(predicate["group"])
    direction = str(predicate.get("direction", "any"))
    below, above = predicate.get("p_below"), predicate.get("p_above")
    # Where the text gives a direction only, the shares decide and no distribution is needed.
    tested = below or above or direction == "any"
    p = _p_value(item, predicate, group, reader) if tested else float("nan")
    expected = [direction] if direction != "any" else ["different"]
    expected += [f"p < {below}"] if below else []
    expected += [f"p >= {above}"] if above else []
    met = (not below or p < float(below)) and (not above or p >= float(above))
    computed = f"{item} p = {p:.4f}" if tested else item
    if direction != "any":
        level = str(predicate["level"])
        codes = predicate["codes"]
        own = reader.share({"item": item, "codes": codes, "group": group, "level": level})
        against = predicate.get("against")
        others = against if isinstance(against, list) else [f"{OTHERS}{level}"]
        rest = [
            reader.share({"item": item, "codes": codes, "group": group, "level": other})
            for other in others
        ]
        met = met and all(own > r if direction == "more" else own < r for r in rest)
        computed += f", {own:.1f} against {', '.join(f'{r:.1f}' for r in rest)}"
    return Evaluation(", ".join(expected), computed, met)


def _p_value(item: str, predicate: Mapping[str, Any], group: str, reader: Reader) -> float:
    against = predicate.get("against")
    if "level" in predicate:
        level = str(predicate["level"])
        others = against if isinstance(against, list) else [f"{OTHERS}{level}"]
        levels = [level, *others]
    else:
        levels = predicate.get("levels") or [lv.key for lv in reader.study.group[group].levels]
    table = [reader.distribution(item, group, str(level)) for level in levels]
    if sum(any(row) for row in table) < 2:
        raise UndecidableError(f"{item}: fewer than two levels of {group} have answers")
    if predicate.get("test") == "codes":
        known = reader.study.items[item].codes
        inside = [known.index(code) for code in predicate["codes"]]
        table = [[sum(r[i] for i in inside), sum(r) - sum(r[i] for i in inside)] for r in table]
    return reader.facts.chi_square_p(table)


def _no_difference(predicate: Mapping[str, Any], reader: Reader) -> Evaluation:
    above = float(predicate.get("p_above", reader.words["significant"]))
    group = str(predicate["group"])
    compared: list[dict[str, Any]] = [{}]
    if "each" in predicate:
        compared = [{"level": level} for level in predicate["each"]]
    elif "level" in predicate:
        compared = [{"level": predicate["level"]}]
    elif "levels" in predicate:
        compared = [{"levels": predicate["levels"]}]
    elif reader.study.group[group].overlapping:
        compared = [{"level": level.key} for level in reader.study.group[group].levels]
    found = [
        (_p_value(item, way, group, reader), item, str(way.get("level", "")))
        for item in selector_items(predicate, reader.study)
        for way in compared
    ]
    p, item, level = min(found)
    shown = f"smallest p = {p:.4f} ({item}{f', {level}' if level else ''}) of {len(found)} tests"
    return Evaluation(f"p >= {above:g} throughout", shown, p >= above)


def _adjusted(predicate: Mapping[str, Any], reader: Reader) -> Evaluation:
    group, level = str(predicate["group"]), str(predicate["level"])
    direction = str(predicate.get("direction", "any"))
    holds = bool(predicate["holds"])
    bound = float(reader.words["significant"])
    shown, met = [], True
    for item in selector_items(predicate, reader.study):
        reader.whole.add((item, "model", "all"))
        ratio, p = reader.facts.adjusted(item, predicate["codes"], group, level)
        significant = p < bound
        right = direction == "any" or (ratio > 1 if direction == "more" else ratio < 1)
        met = met and (significant and right if holds else not significant)
        shown.append(f"{item} odds ratio {ratio:.2f}, p = {p:.4f}")
    expected = f"{direction}, p < {bound:g} controlled" if holds else f"p >= {bound:g} controlled"
    return Evaluation(expected, "; ".join(shown), met)


def _not_testable(predicate: Mapping[str, Any], reader: Reader) -> Evaluation:
    raise UndecidableError(str(predicate.get("reason", "no reason given")))


PREDICATES: Mapping[str, Callable[[Mapping[str, Any], Reader], Evaluation]] = {
    "share": _share,
    "count": _count,
    "levels": _levels,
    "mean": _mean,
    "median": _median,
    "comparison": _comparison,
    "ranking": _ranking,
    "difference": _difference,
    "no_difference": _no_difference,
    "adjusted": _adjusted,
    "not_testable": _not_testable,
}

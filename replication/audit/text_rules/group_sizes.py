"""The sizes of the levels of a group, from the nearest question that prints them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from declarations.tables.cells import OTHERS, STATUS_ITEM
from replication.consistency.arithmetic import Interval
from replication.consistency.printed_report import Layout, PrintedReport
from replication.consistency.references import ALL, PrintedBase

Numbers = Callable[[PrintedReport], float]


@dataclass(frozen=True)
class WeighedLevels:
    """The size of each level of a group, from one printed source.

    `slack` is the factor by which a level's share may differ at another question.
    """

    numbers: Mapping[str, Numbers]
    refs: tuple[str, ...]
    slack: float

    def interval(self, level: str, report: PrintedReport) -> Interval:
        """Smallest and largest size, relative to the source."""
        number = self.numbers[level](report)
        return number / self.slack, number * self.slack


def sizes_of(
    item: str, group: str, places: Collection[tuple[str, str]], layout: Layout
) -> WeighedLevels | None:
    """Sizes of the levels: from the nearest question that prints them, or from all respondents."""
    levels = [level.key for level in layout.study.group[group].levels]
    pair = next((key for _, key in places if (group, f"{OTHERS}{key}") in places), None)
    wanted = [pair] if pair else levels
    order = {q.id: q.order for q in layout.study.questions}
    items = layout.study.items
    here = order[items[item].question]

    def away(name: str) -> tuple[int, int]:
        at = order[items[name].question]
        return abs(at - here), at

    names = {name for name, g, level in layout.bases_of if g == group and name != STATUS_ITEM}
    for name in sorted(names, key=lambda name: (*away(name), name)):
        bases = {level: layout.bases_of.get((name, group, level)) for level in wanted}
        everyone = layout.bases_of.get((name, *ALL))
        if all(bases.values()) and (everyone or not pair):
            same = items[name].question == items[item].question
            slack = 1.0 if same else layout.settings.answering
            found = {level: base[0] for level, base in bases.items() if base}
            return _of_bases(found, everyone[0] if everyone and pair else None, slack)
    return None if pair else _of_answers(group, levels, layout)


def _of_bases(
    bases: Mapping[str, PrintedBase], everyone: PrintedBase | None, slack: float
) -> WeighedLevels:
    numbers: dict[str, Numbers] = {
        level: lambda report, ref=base.ref: float(report.numbers[ref])  # type: ignore[misc]
        for level, base in bases.items()
    }
    refs = [base.ref for base in bases.values()]
    if everyone is not None:
        (level,) = bases
        own, every = bases[level].ref, everyone.ref
        numbers[f"{OTHERS}{level}"] = lambda report: float(
            max(report.numbers[every] - report.numbers[own], 0)
        )
        refs.append(every)
    return WeighedLevels(numbers, tuple(dict.fromkeys(refs)), slack)


def _of_answers(group: str, levels: Sequence[str], layout: Layout) -> WeighedLevels | None:
    """Sizes of the levels among all respondents, summed over municipalities as printed."""
    summed = {
        level: [f for code in ("complete", "partial")
                for f in layout.summands.get((STATUS_ITEM, code, group, level), ())]
        for level in levels
    }  # fmt: skip
    if not any(summed.values()):
        return None
    numbers: dict[str, Numbers] = {
        level: lambda report, own=figures: float(sum(report.numbers[f.ref] for f in own))  # type: ignore[misc]
        for level, figures in summed.items()
    }
    return WeighedLevels(numbers, (), layout.settings.answering)

"""All printed figures as whole numbers of people: can they all be right, and if not, why?

The model contains only conditions that hold for any respondents. Figures that it cannot satisfy are
therefore impossible:

- The answers of a level add up to the number in the level who answered.
- A level and everyone not in it add up to everyone. So do the levels of a group that divides the
  municipalities. A level is never larger than everyone.
- The boxes of a multiple-choice question share their base, an exclusive box excludes the others,
  and everybody in the base ticked one.
- Those who answered are among the respondents of the appendix, in total and by size, region and
  mayor.
- Two questions may have different numbers of respondents in an area. The difference is at most the
  number of respondents missing at either question.

The model leaves out which heads answered which questions, and how areas overlap head by head. These
could only exclude more. A witness of respondents, not this model, shows that figures are possible.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from declarations import Study
from declarations.tables.cells import OTHERS, STATUS_CODES, STATUS_ITEM, TOTAL
from replication.deciding.facts import Coordinate
from replication.printed import printed_tables
from replication.solver.stated import EVERYONE, StatedFigure, range_of_figure

MOST = 100_000
WORK = 20.0
RESPONDENTS: Coordinate = ("", "", "", "")


class UndecidedError(RuntimeError):
    """The solver reached its limit of work without an answer."""


@dataclass(frozen=True)
class JointFacts:
    """Facts in addition to print: the level of every municipality by group (register)."""

    level_of: Mapping[str, Mapping[str, str]]


@dataclass
class _Model:
    study: Study
    facts: JointFacts
    cp: Any = None
    counts: dict[Coordinate, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        from ortools.sat.python import cp_model

        self.cp = cp_model.CpModel()

    def count(self, item: str, code: int | str, group: str, level: str) -> Any:
        """The variable of a count; with code "total" of a base."""
        key = (item, str(code), group, level)
        if key not in self.counts:
            self.counts[key] = self.cp.new_int_var(0, MOST, "/".join(key))
        return self.counts[key]

    def codes(self, item: str) -> Sequence[int | str]:
        return STATUS_CODES if item == STATUS_ITEM else self.study.items[item].codes

    def structure(self) -> None:
        """Constraints that hold for any respondents, over the items and levels used so far."""
        spoken: dict[str, dict[tuple[str, str], None]] = {}
        for item, _, group, level in self.counts:
            found = spoken.setdefault(item, {EVERYONE: None})
            if (group, level) == EVERYONE:
                continue
            if self.study.group[group].overlapping:
                found[group, level.removeprefix(OTHERS)] = None
                found[group, level] = None
            else:
                found |= dict.fromkeys((group, name) for name in self.levels(group))
        for item, places in spoken.items():
            for group, level in places:
                answers = [self.count(item, code, group, level) for code in self.codes(item)]
                self.cp.add(sum(answers) == self.count(item, TOTAL, group, level))
            self._levels(item, list(places))
        self._boxes(spoken)
        self._bases(spoken)
        if STATUS_ITEM in spoken:
            self._respondents(spoken)

    def levels(self, group: str) -> list[str]:
        """The levels of a group of municipalities; for municipalities those in a printed table."""
        if self.study.group[group].kind != "identity":
            return [level.key for level in self.study.group[group].levels]
        cells = (cell for table in printed_tables(self.study) for cell in table.cells)
        return list(dict.fromkeys(cell.level for cell in cells if cell.group == group))

    def _levels(self, item: str, places: Sequence[tuple[str, str]]) -> None:
        for code in (*self.codes(item), TOTAL):
            whole = self.count(item, code, *EVERYONE)
            divided: dict[str, list[Any]] = {}
            for group, level in places:
                if (group, level) == EVERYONE:
                    continue
                own = self.count(item, code, group, level)
                self.cp.add(own <= whole)
                if level.startswith(OTHERS):
                    inside = self.count(item, code, group, level.removeprefix(OTHERS))
                    self.cp.add(own + inside == whole)
                elif not self.study.group[group].overlapping:
                    divided.setdefault(group, []).append(own)
            for parts in divided.values():
                self.cp.add(sum(parts) == whole)

    def _boxes(self, spoken: Mapping[str, Iterable[tuple[str, str]]]) -> None:
        """The boxes of a multiple-choice question share a base.

        Everybody in it ticked something.
        """
        boxes: dict[tuple[str, str, str], list[str]] = {}
        for item, places in spoken.items():
            if item != STATUS_ITEM and self.study.items[item].type == "multiple":
                for place in places:
                    boxes.setdefault((self.study.items[item].question, *place), []).append(item)
        for (question, group, level), items in boxes.items():
            first = self.count(items[0], TOTAL, group, level)
            for item in items[1:]:
                self.cp.add(self.count(item, TOTAL, group, level) == first)
            every = [i for i in self.study.question[question].closed_items if i.type == "multiple"]
            for alone in (i.id for i in every if i.exclusive and i.id in items):
                for item in items:
                    if item != alone:
                        both = [self.count(i, 1, group, level) for i in (alone, item)]
                        self.cp.add(sum(both) <= first)
            if len(items) == len(every):
                self.cp.add(sum(self.count(item, 1, group, level) for item in items) >= first)

    def _bases(self, spoken: Mapping[str, Iterable[tuple[str, str]]]) -> None:
        """Those who answered are respondents; a level lacks no more answers than everyone."""
        whole = self.cp.new_int_var(0, MOST, "respondents")
        self.counts[RESPONDENTS] = whole
        by_level: dict[tuple[str, str], list[str]] = {}
        for item, places in spoken.items():
            if item != STATUS_ITEM:
                self.cp.add(self.count(item, TOTAL, *EVERYONE) <= whole)
                for place in places:
                    by_level.setdefault(place, []).append(item)
        for place, items in by_level.items():
            # a respondent counted in the level at one question may have skipped the other
            most = self.cp.new_int_var(0, MOST, f"{place}")
            for item in items if place != EVERYONE else ():
                own = self.count(item, TOTAL, *place)
                self.cp.add(own <= most)
                self.cp.add(most - own <= whole - self.count(item, TOTAL, *EVERYONE))

    def _respondents(self, spoken: Mapping[str, Iterable[tuple[str, str]]]) -> None:
        """Those who answered a question are among those who answered any, by the appendix."""
        answered = [code for code in STATUS_CODES if code != "none"]
        whole = sum(self.count(STATUS_ITEM, code, *EVERYONE) for code in answered)
        self.cp.add(self.counts[RESPONDENTS] == whole)
        for item, places in spoken.items():
            for group, level in places if item != STATUS_ITEM else ():
                towns = self.facts.level_of.get(group, {})
                inside = [t for t in self.levels("municipality") if towns.get(t) == level]
                if inside:
                    most = sum(
                        self.count(STATUS_ITEM, code, "municipality", town)
                        for town in inside
                        for code in answered
                    )
                    self.cp.add(self.count(item, TOTAL, group, level) <= most)

    def figure(
        self, figure: StatedFigure, of: Mapping[str, StatedFigure], holds: Any = None
    ) -> bool:
        """Require a figure and its base (if `holds`); False if no whole number gives it."""
        cell = figure.cell
        if cell.of:
            return self._difference(figure, of)
        item, group, level = str(cell.item), cell.group, cell.level
        if figure.n is not None:
            self.cp.add(self.count(item, TOTAL, group, level) == figure.n)
        own = self.count(item, str(cell.code), group, level)
        found = range_of_figure(figure, figure.n)
        if found is None:
            return True
        if found.low > found.high:
            return holds is not None and self.cp.add(holds == 0) is not None
        limit = self.cp.add_linear_constraint(own, found.low, found.high)
        if holds is not None:
            limit.only_enforce_if(holds)
        return True

    def _difference(self, figure: StatedFigure, of: Mapping[str, StatedFigure]) -> bool:
        """A difference of two figures of the row, as printed."""
        if any(name not in of for name in figure.cell.of):
            return True
        first, second = (Decimal(of[name].printed) for name in figure.cell.of)
        value = first - second
        if figure.cell.statistic == "relative_difference":
            value = 100 * value / first
        unit = Decimal(1).scaleb(-figure.cell.decimals)
        return value.quantize(unit, ROUND_HALF_UP) == Decimal(figure.printed)


def feasible(study: Study, figures: Iterable[StatedFigure], facts: JointFacts) -> bool:
    """Whether whole numbers satisfy the figures and everything that holds for respondents.

    Raises UndecidedError if the solver reached its limit of work.
    """
    from ortools.sat.python import cp_model

    model, figures = _Model(study, facts), list(figures)
    rows: dict[tuple[str, str, str], dict[str, StatedFigure]] = {}
    for f in figures:
        rows.setdefault((f.cell.table, f.cell.row, f.cell.group_key), {})[f.cell.column] = f
    literals: dict[object, list[Any]] = {}
    for f in figures:
        holds = None
        if f.conflict:
            holds = model.cp.new_bool_var(f.name)
            literals.setdefault(f.line, []).append(holds)
        row = rows[f.cell.table, f.cell.row, f.cell.group_key]
        if not f.void and not model.figure(f, row, holds):
            return False
    for own in literals.values():
        model.cp.add(sum(own) >= len(own) - 1)
    model.structure()
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = WORK
    status = solver.solve(model.cp)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return True
    if status == cp_model.INFEASIBLE:
        return False
    raise UndecidedError(f"{len(figures)} figures: {solver.status_name(status)} after {WORK} units")


def conflict(
    study: Study,
    figures: Sequence[StatedFigure],
    facts: JointFacts,
    suspected: Sequence[StatedFigure] = (),
) -> list[StatedFigure]:
    """A set of figures that cannot all be right, as small as possible; empty without any.

    The search tries figures of one item first, then all figures. A conflict of a part is a conflict
    of the whole, because a part has no constraint that the whole lacks. Of several conflicts, the
    one whose figures come first is found; `suspected` figures come before all others.
    """
    figures = [*suspected, *(f for f in figures if f not in suspected)]
    by_item: dict[str, list[StatedFigure]] = {}
    for f in figures:
        for item in _items(f, figures):
            by_item.setdefault(item, []).append(f)
    for own in by_item.values():
        if not feasible(study, own, facts):
            return _smallest(study, [], own, facts, False)
    if feasible(study, figures, facts):
        return []
    return _smallest(study, [], list(figures), facts, False)


def _items(figure: StatedFigure, figures: Sequence[StatedFigure]) -> list[str]:
    """The items of a figure, or of the two figures of a difference."""
    if figure.cell.item is not None:
        return [figure.cell.item]
    row = (figure.cell.table, figure.cell.row)
    return [
        str(f.cell.item)
        for f in figures
        if (f.cell.table, f.cell.row) == row and f.cell.column in figure.cell.of
    ]


def _smallest(
    study: Study,
    kept: list[StatedFigure],
    rest: list[StatedFigure],
    facts: JointFacts,
    changed: bool,
) -> list[StatedFigure]:
    """Junker's QuickXplain: the figures of `rest` that form a minimal conflict with `kept`."""
    if changed and not feasible(study, kept, facts):
        return []
    if len(rest) == 1:
        return rest
    half = len(rest) // 2
    second = _smallest(study, kept + rest[:half], rest[half:], facts, True)
    first = _smallest(study, kept + second, rest[:half], facts, bool(second))
    return first + second

"""Verifies that a witness reproduces print: reads it, sorts people into groups and counts.

A witness consists of lines of an export, or of counts. Uses only the standard library.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # declarations and print are passed in as read; no other code of samspil is used
    from declarations import Group, Study
    from replication.solver.stated import StatedFigure

Row = Mapping[str, str]
ALL = ("all", "all")
FILLED = ("single", "grid", "numeric")  # items in which any filled text is an answer
NUMBER = re.compile(r"[0-9]{1,6}([.,][0-9]+)?")


@dataclass(frozen=True)
class Person:
    """One invited head, or `weight` heads: (group, level) pairs, and codes as text by item."""

    weight: int
    levels: frozenset[tuple[str, str]]
    answers: Mapping[str, str]


def people_of(
    study: Study, dataset: Sequence[Row], register: Sequence[Row]
) -> tuple[list[Person], list[str]]:
    """Everybody invited, from the export's cells, and everything invalid about them."""
    own, place = str(study.respondent_column), str(study.municipality_column)
    names = Counter(row[own] for row in dataset)
    wrong = [f"{name}: this respondent occurs twice" for name, k in names.items() if k > 1]
    wrong += ["a line names no respondent" for name in names if not name.strip()]
    columns = study.register_columns
    for column in (columns["name"], columns["code"]):
        towns = Counter(row[column] for row in register)
        wrong += [f"{town}: this municipality occurs twice" for town, k in towns.items() if k > 1]
    codes = {row[columns["name"]]: row[columns["code"]] for row in register}
    placed = {g.id: levels_of(g, columns, register) for g in study.groups if g.kind != "text_rules"}
    people = []
    for row in dataset:
        name = row[own]
        answers = {item.id: row[item.variable] for item in study.items.values()}
        for question in study.questions:
            boxes = [i for i in question.items if i.type == "multiple"]
            given = [i for i in boxes if answers[i.id] == "1"]
            answers |= {} if given else dict.fromkeys((i.id for i in boxes), "")
            given += [i for i in question.items if answers[i.id] and i.type in FILLED]
            if len(given) > 1 and any(i.exclusive for i in given):
                wrong.append(f"{name}: {question.id} has an exclusive answer and another one")
        answers = {item: code for item, code in answers.items() if code != ""}
        for item, code in answers.items():
            if study.items[item].closed and code not in map(str, study.items[item].codes):
                wrong.append(f"{name}: {item} is {code!r}, not a declared code")
            if study.items[item].type == "numeric" and not NUMBER.fullmatch(code):
                wrong.append(f"{name}: {item} is {code!r}, not a number of 0 or more")
        status = _status(row, study.status_flags, bool(answers))
        if status is None or (status == "none") is bool(answers):
            wrong.append(f"{name}: flags and answers do not fit together")
        home = codes.get(row[place])
        if home is None:
            wrong.append(f"{name}: {row[place]!r} is not a municipality")
            continue
        levels = {ALL, *((group, of[home]) for group, of in placed.items())}
        for group in (g for g in study.groups if g.kind == "text_rules"):
            text = answers.get(group.source, "").lower()
            for level in group.levels:
                if _any(level.rules.any, text) and not _any(level.rules.none, text):
                    levels.add((group.id, level.key))
        people.append(Person(1, frozenset(levels), {**answers, "status": status or "none"}))
    return people, wrong


@cache
def _any(patterns: tuple[str, ...], text: str) -> bool:
    return any(re.search(pattern, text) for pattern in patterns)


def _status(row: Row, flags: Mapping[str, Sequence[str]], answered: bool) -> str | None:
    raised = [name for name in row if re.fullmatch(r"stato_\d+", name) and row[name] == "1"]
    for level in ("complete", "partial"):
        if len(raised) == 1 and raised[0] in flags[level]:
            return level
    dropped = answered and tuple(raised[:1]) == flags["partial_if_answered"][:1]
    return None if len(raised) != 1 else "partial" if dropped else "none"


def levels_of(group: Group, columns: Mapping[str, str], register: Sequence[Row]) -> dict[str, str]:
    """Level of every municipality (by code) in a group that is read from the register."""
    code, column = columns["code"], columns[group.source]
    if group.kind == "identity":
        return {row[code]: row[code] for row in register}
    if group.kind == "quantile":
        ranked = sorted(register, key=lambda row: (float(row[column]), row[code]))
        k, n = len(group.levels), len(ranked)
        return {row[code]: group.levels[r * k // n].key for r, row in enumerate(ranked)}
    return {r[code]: v.key for r in register for v in group.levels if _takes(v, r[column])}


def _takes(level: Any, value: str) -> bool:
    if hasattr(level, "accepted"):
        return value in level.accepted
    low = -math.inf if level.from_ is None else level.from_
    return bool(low <= float(value) < (math.inf if level.below is None else level.below))


def tally(
    people: Iterable[Person], asked: Iterable[tuple[str, str, str]]
) -> Counter[tuple[str, str, str, str]]:
    """Number who gave a code, by (item, code, group, level) for the requested places."""
    counted: Counter[tuple[str, str, str, str]] = Counter()
    places: dict[str, set[tuple[str, str]]] = {}
    for item, group, level in asked:
        places.setdefault(item, {ALL}).add((group, level.removeprefix("!")))
    for person in people:
        for item in places.keys() & person.answers.keys():
            for place in places[item] & person.levels:
                counted[item, person.answers[item], *place] += person.weight
                counted[item, "total", *place] += person.weight
    return counted


def unreproduced(people: Iterable[Person], figures: Iterable[StatedFigure]) -> Iterator[str]:
    """Every printed figure and base that is not reproduced, less one in each conflict."""
    figures, shown = list(figures), dict[tuple[object, ...], float]()
    counted = tally(people, {(str(f.cell.item), f.cell.group, f.cell.level) for f in figures})
    spared = {f.line for f in figures if f.conflict}

    def count(item: str, code: str, group: str, level: str) -> int:
        inside = counted[item, code, group, level.removeprefix("!")]
        return counted[item, code, *ALL] - inside if level.startswith("!") else inside

    for figure in figures:
        cell, line = figure.cell, (figure.cell.table, figure.cell.row, figure.cell.group_key)
        if cell.of:
            first, second = (shown[*line, name] for name in cell.of)
            value = round(first - second, 1)
            value = 100 * value / first if cell.statistic == "relative_difference" else value
        else:
            place = (str(cell.item), str(cell.code), cell.group, cell.level)
            hits, base = count(*place), count(place[0], "total", *place[2:])
            if figure.n is not None and figure.n != base:
                yield f"{figure.name}: base {base}, printed {figure.n}"
            value = hits if cell.statistic == "count" else hits / base * 100 if base else 0.0
        shown[*line, cell.column] = math.floor(value * 10**cell.decimals + 0.5) / 10**cell.decimals
        text = f"{shown[*line, cell.column]:.{cell.decimals}f}"
        if text != figure.printed and not figure.void:
            if not figure.conflict or figure.line not in spared:
                yield f"{figure.name}: {text}, printed {figure.printed}"
            spared.discard(figure.line)

"""An attacker of what is out: joins every file of every version, and solves for single answers.

The attacker knows who took part and in which groups each is, as colleagues do, and what the
declarations say of each cell, as the site shows it. Figures are read from the published files
alone: CSV, snapshot, and the data of the site. A linear program then looks, item by item, for
answers that are the same in all data with these figures. It knows nothing of the gate: masks, what
was examined and what was suppressed are seen in the files only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import coo_array

from assets.counts.counting import number_text
from declarations import Study, Table
from declarations.load import STATUS_ITEM
from declarations.tables.unnumbered import read_unnumbered

TOTAL, ALL = "total", ("all", "all")
Figure = tuple[str, str, str, str]  # item, code or total, group, level
Learned = tuple[int, str, str]  # place of the respondent, item, code
# relations and files that hold no figures about answers of this wave's respondents
OF_PRINT = {"audit", "marks_under_rounding", "bounds_of_claims", "pages", "municipalities",
            "about", "suppression", "disclosure", "quarantine", "checked"}  # fmt: skip
SOLVED = 1e-6


@dataclass
class Found:
    """Counts read from files, lines of respondents, and files nobody knows how to read."""

    figures: dict[Figure, int] = field(default_factory=dict)
    lines: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)

    def add(self, figure: Figure, count: Any, base: Any = None) -> None:
        """A count, and the base below it where there is one."""
        if _number(count) is not None:
            self.figures[figure] = int(_number(count) or 0)
        if _number(base) is not None:
            self.figures[figure[0], TOTAL, *figure[2:]] = int(_number(base) or 0)

    def small(self, least: int) -> set[Figure]:
        """Bases of answers below the least one; who took part is known, and no answer."""
        known = {f for f in self.figures if f[0] == STATUS_ITEM}
        bases = {f: n for f, n in self.figures.items() if f[1] == TOTAL and f not in known}
        return {f for f, n in bases.items() if 0 < n < least}


def read_all(study: Study, places: Iterable[Path]) -> Found:
    """Everything in these folders and in all versions kept of them."""
    found = Found()
    for place in places:
        versions = place.parent / ".published" / place.name
        for folder in {place.resolve(), *(versions.iterdir() if versions.is_dir() else ())}:
            if folder.is_dir():
                _read_version(study, folder, found)
    return found


def _read_version(study: Study, folder: Path, found: Found) -> None:
    for path in sorted(folder.glob("*.csv")):
        _read_frame(study, path.stem, pd.read_csv(path, dtype=str, keep_default_na=False), found)
    snapshot = folder / "samspil.duckdb"
    if snapshot.is_file():
        with closing(duckdb.connect(str(snapshot), read_only=True)) as connection:
            places = connection.execute(
                "SELECT table_schema, table_name FROM information_schema.tables"
            ).fetchall()
            for schema, name in places:
                if schema != "coded":
                    frame = connection.execute(f'FROM "{schema}"."{name}"').df()
                    _read_frame(study, f"{schema}.{name}", frame, found)
    for path in sorted((folder / "report" / "data").glob("*.js")):
        text = path.read_text(encoding="utf-8").rstrip().rstrip(";")
        if path.stem in ("files", "release"):
            continue
        value = text[text.index("=") + 1 :]
        value = value.partition("]=")[2] if value.startswith("window.") else value
        _read_pages(path.stem, json.loads(value), found)
    for path in folder.glob("*.sav"):
        found.lines[path.name, ""] = {"there"}


def _read_frame(study: Study, name: str, frame: pd.DataFrame, found: Found) -> None:
    schema, _, short = name.rpartition(".")
    columns = set(frame.columns)
    if {"respondent", "item", "code"} <= columns:
        for one, item, code in frame[["respondent", "item", "code"]].itertuples(index=False):
            if not pd.isna(code):
                found.lines.setdefault((str(one), str(item)), set()).add(str(int(code)))
    elif "respondent" in columns:
        found.lines[name, ""] = set(map(str, frame["respondent"]))
    elif {"numerator", "base", "table"} <= columns:
        tables = {t.id: t for t in study.tables} | {
            r.table.id: r.table for r in read_unnumbered(study)
        }
        for table, own in frame.groupby("table", sort=False):
            _read_table(tables[str(table)], own, found)
    elif {"item", "code", "group", "level", "n"} <= columns and "share" not in columns:
        for line in frame[["item", "code", "group", "level", "n"]].itertuples(index=False):
            item, code, group, level, n = map(str, line)
            found.add((item, code, group, level), n)
    elif {"share", "n", "share_others", "n_others", "item"} <= columns:
        _read_deviations(frame, found)
    elif {"item", "answered"} <= columns:
        for item, n in frame[["item", "answered"]].itertuples(index=False):
            found.add((str(item), TOTAL, *ALL), n)
    elif schema == "tables" or short in OF_PRINT or name in OF_PRINT or short == "reproduction":
        # words, print, and what repeats the results
        return
    elif len(frame):
        found.unread.add(short)


def _read_table(table: Table, frame: pd.DataFrame, found: Found) -> None:
    """Results in the order of the declared cells."""
    assert len(table.cells) == len(frame), table.id
    for cell, n, base in zip(table.cells, frame["numerator"], frame["base"], strict=True):
        if cell.of or cell.item is None or cell.unit == "invited" or cell.range is not None:
            continue
        if cell.statistic in ("count", "percent") and cell.base in ((), (cell.item,)):
            found.add((cell.item, str(cell.code), cell.group, cell.level), n, base)


def _read_deviations(frame: pd.DataFrame, found: Found) -> None:
    for line in frame.to_dict("records"):
        for level, share, n in (
            (line["level"], line["share"], line["n"]),
            (f"!{line['level']}", line["share_others"], line["n_others"]),
        ):
            place = (str(line["group"]), str(level))
            code, base = _number(line["code"]), _number(n)
            if base is None:
                continue
            found.figures[str(line["item"]), TOTAL, *place] = int(base)
            if code is not None and _number(share) is not None:
                count = round((_number(share) or 0) * base / 100)
                found.figures[str(line["item"]), str(int(code)), *place] = count


def _read_pages(name: str, value: Any, found: Found) -> None:
    """Figures on the pages: of a table with item, code and group; of the explorer by item."""
    if name == "counts":
        for item, own in value["items"].items():
            codes = [code[0] for code in own["codes"]]
            for group, levels in own["counts"].items():
                for level, counts in levels.items():
                    for code, n in zip(codes, counts, strict=True):
                        found.add((item, code, group, level), n)
        return
    for each in _dicts(value):
        if {"i", "k", "g", "n"} <= set(each) and each.get("st") in ("count", "percent"):
            group, _, level = str(each["g"]).partition(":")
            if each["i"] and re.fullmatch(r"\d+", str(each["k"])):
                found.add((each["i"], str(each["k"]), group, level), each["n"], each.get("b"))


def _dicts(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _dicts(each)


def _number(value: Any) -> float | None:
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


@dataclass(frozen=True)
class People:
    """Who took part: the groups each is in, and, to judge what was learned, the true answers."""

    levels: Sequence[frozenset[tuple[str, str]]]
    answers: Sequence[Mapping[str, str]]


def people_of(working: Path, questions: Iterable[str]) -> People:
    """From the working file of a wave, which the attacker does not have."""
    with closing(duckdb.connect(str(working), read_only=True)) as connection:
        ids = [r for (r,) in connection.execute(
            "SELECT respondent FROM clean.respondents ORDER BY 1").fetchall()]  # fmt: skip
        at = {one: n for n, one in enumerate(ids)}
        levels: list[set[tuple[str, str]]] = [set() for _ in ids]
        for one, group, level in connection.execute(
            'SELECT respondent, "group", level FROM clean.memberships'
        ).fetchall():
            levels[at[one]].add((group, level))
        answers: list[dict[str, str]] = [{} for _ in ids]
        for name in questions:
            for one, item, code, number in connection.execute(
                f'SELECT respondent, item, code, number FROM answers."{name}"'
            ).fetchall():
                if code is not None or number is not None:
                    answers[at[one]][item] = str(code) if code is not None else number_text(number)
    return People([frozenset(own) for own in levels], answers)


def learned(found: Found, people: People, codes: Mapping[str, Sequence[str]]) -> set[Learned]:
    """Answers that follow from the figures by linear programs, item by item."""
    by_item: dict[str, dict[Figure, int]] = {}
    for figure, n in found.figures.items():
        by_item.setdefault(figure[0], {})[figure] = n
    result: set[Learned] = set()
    for item, figures in sorted(by_item.items()):
        if codes.get(item):
            result |= _solve(item, figures, people, list(codes[item]))
    return result


def _solve(
    item: str, figures: Mapping[Figure, int], people: People, codes: Sequence[str]
) -> set[Learned]:
    told = {(f[2], f[3].removeprefix("!")) for f in figures} - {ALL}
    signature = [levels & told for levels in people.levels]
    kinds = sorted(set(signature), key=sorted)
    place = {kind: n for n, kind in enumerate(kinds)}
    sizes = np.bincount([place[own] for own in signature], minlength=len(kinds))
    width = len(codes) + 1  # the last is no answer
    rows, columns, right = list[int](), list[int](), list[float](sizes)
    for kind in range(len(kinds)):
        rows += [kind] * width
        columns += range(kind * width, (kind + 1) * width)
    for figure, n in figures.items():
        inside = [k for k, kind in enumerate(kinds) if _covers(figure, kind)]
        wanted = [i for i, code in enumerate(codes) if figure[1] in (TOTAL, code)]
        if not wanted:
            continue
        own = [k * width + i for k in inside for i in wanted]
        rows += [len(right)] * len(own)
        columns += own
        right.append(n)
    shape = (len(right), len(kinds) * width)
    equal = coo_array((np.ones(len(rows)), (rows, columns)), shape=shape).tocsr()
    # what a kind may all have answered: a count that reaches its size in the true data
    true = np.zeros(shape[1])
    for mine, answers in zip(signature, people.answers, strict=True):
        code = answers.get(item)
        at = codes.index(code) if code in codes else width - 1
        true[place[mine] * width + at] += 1
    assert np.allclose(equal @ true, right), f"{item}: figures that the answers do not give"
    full = np.repeat(sizes, width)
    left = [v for v in range(shape[1]) if true[v] == full[v] and v % width < len(codes)]
    while left:
        # data in which these counts are least: what stays full in all of them follows
        goal = np.zeros(shape[1])
        goal[left] = 1
        best = linprog(goal, A_eq=equal, b_eq=right, bounds=(0, None), method="highs")
        assert best.status == 0, best.message
        still = [v for v in left if best.x[v] > full[v] - SOLVED]
        if len(still) == len(left):
            break
        left = still
    follows = {(v // width, codes[v % width]) for v in left}
    return {
        (n, item, code)
        for n, mine in enumerate(signature)
        for code in codes
        if (place[mine], code) in follows
    }


def _covers(figure: Figure, kind: frozenset[tuple[str, str]]) -> bool:
    group, level = figure[2:]
    if (group, level) == ALL:
        return True
    if level.startswith("!"):
        return (group, level[1:]) not in kind
    return (group, level) in kind


def codes_of(study: Study, wave: str) -> dict[str, list[str]]:
    """The codes of each closed item."""
    asked = study.in_wave(wave)
    return {
        item.id: [str(code) for code in item.codes]
        for item in asked.items.values()
        if item.type not in ("open", "numeric")
    }

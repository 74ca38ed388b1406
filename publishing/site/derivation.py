"""The derivation of every figure of a table, as data for the panel of its page."""

from __future__ import annotations

from typing import Any

import pandas as pd

from assets.analysis.comparisons import DONT_KNOW_KEY
from assets.tables.group_rules import level_rule, level_size
from declarations import Cell, Study, Table
from declarations.labels import Label
from declarations.tables.cells import OTHERS, STATUS_ITEM
from publishing.charts.kinds import chart_kind
from publishing.published import PublishedWave
from publishing.site.statements import Cited
from runtime.masking import column_shown

Pair = list[str]
ALL = Label("alle", "everyone")


def table_data(wave: PublishedWave, table: Table, cited: list[Cited]) -> dict[str, Any]:
    """The figures of a table with numerators, bases, tests, print and statements.

    Labels are pairs [Danish, English]. `t` of a figure is its index in `tests`, `s` are indexes in
    `statements`. Unknown or withheld values are left out.
    """
    layout, results = wave.layouts[table.id], wave.results[table.id]
    study = wave.study.in_wave(wave.wave)
    tests, by_place = _tests(wave, table)
    rounding = _rounding(wave, table)
    printed = wave.printed.get(table.id)
    marks = dict(enumerate(printed.figures)) if printed else {}
    lines = {(line.row, line.group): place for place, line in enumerate(layout.lines)}
    columns = {column.key: place for place, column in enumerate(layout.columns)}
    figures: list[dict[str, Any]] = []
    used: dict[str, int] = {}
    read = (results[name] for name in ("value", "numerator", "base", "note"))
    for n, (cell, value, numerator, base, note) in enumerate(zip(table.cells, *read, strict=True)):
        line, column = lines[cell.row, cell.group_key], columns[cell.column]
        figure = layout.lines[line].figures[column]
        entry: dict[str, Any] = {"l": line, "c": column, "x": figure.text, "m": figure.mark}
        entry |= {"v": round(float(value), 6)} if not pd.isna(value) else {}
        entry |= {"n": int(numerator)} if not pd.isna(numerator) else {}
        entry |= {"b": int(base)} if not pd.isna(base) else {}
        entry |= {"i": cell.item} if cell.item else {}
        entry |= {"k": str(cell.code)} if cell.code is not None else {}
        entry |= {"g": f"{cell.group}:{cell.level}", "st": cell.statistic}
        entry |= {"of": list(cell.of)} if cell.of else {}
        entry |= {"r": list(figure.refs)} if figure.refs else {}
        entry |= {"w": str(note)} if note else {}
        place = (cell.row, cell.group_key, cell.column)
        if place in by_place:
            entry["t"] = by_place[place]
        if n in marks and len(marks) == len(table.cells):
            entry["p"] = [marks[n].printed, marks[n].n, marks[n].note]
        for key in (place, (*place[:2], ""), (place[0], "", ""), ("", "", "")):
            if key in rounding:
                entry["u"] = rounding[key]
                break
        statements = [one.id for one in cited if one.cites(cell)]
        if statements:
            entry["s"] = [used.setdefault(name, len(used)) for name in statements]
        figures.append(entry)
    return {
        "wave": wave.wave,
        "banner": both_languages(layout.data_label),
        "columns": [[*both_languages(c.label), c.statistic, c.decimals] for c in layout.columns],
        "lines": [
            [
                *both_languages(ln.label),
                *both_languages(ln.group_label),
                ln.base,
                ln.mark,
                list(ln.refs),
            ]
            for ln in layout.lines
        ],
        "figures": figures,
        "tests": tests,
        "items": _items(table, study),
        "levels": _levels(wave, table),
        "statements": [list(wave.statements[name]) for name in used],
        "notes": [
            [note.number or 0, note.kind, *both_languages(note.text)] for note in layout.notes
        ],
        "chart": chart_kind(table, layout, study).as_data(),
    }


def both_languages(label: Label) -> Pair:
    """A label as [Danish, English]."""
    return [label.da, label.en]


def _tests(
    wave: PublishedWave, table: Table
) -> tuple[list[dict[str, Any]], dict[tuple[str, str, str], int]]:
    """Each test of a table once, and the test of each figure."""
    frame = wave.of_table("results", "significance", table.id)
    if frame is None:
        return [], {}
    tests: list[dict[str, Any]] = []
    places: dict[tuple[str, str, str], int] = {}
    seen: dict[tuple[Any, ...], int] = {}
    for line in frame[frame["p"].notna()].to_dict("records"):
        levels = frozenset([line["level"], *str(line["against"]).split()])
        key = (line["item"], line["by"], levels, line["p"])
        if key not in seen:
            seen[key] = len(tests)
            tests.append(
                {
                    "method": line["method"],
                    "p": line["p"],
                    "q": line["q"],
                    "chi": None if pd.isna(line["statistic"]) else round(line["statistic"], 4),
                    "df": None if pd.isna(line["df"]) else int(line["df"]),
                    "v": None if pd.isna(line["cramers_v"]) else round(line["cramers_v"], 4),
                    "stars": line["stars"],
                    "bound": line["bound"],
                    "small": not pd.isna(line["small_expected"]) and bool(line["small_expected"]),
                    "family": 0,
                }
            )
        places[line["row"], line["group"], line["column"]] = seen[key]
    for test in tests:
        test["family"] = len(tests)
    return tests, places


def _rounding(wave: PublishedWave, table: Table) -> dict[tuple[str, str, str], list[Any]]:
    """The verdict on a printed mark over all counts that round to the printed figures."""
    frame = wave.of_table("proof", "marks_under_rounding", table.id)
    if frame is None or table.id not in wave.printed:
        return {}
    columns = (frame[n] for n in ("row", "group", "column", "verdict", "mark", "p_min", "p_max"))
    return {
        (row, group, column): [verdict, mark, low, high]
        for row, group, column, verdict, mark, low, high in zip(*columns, strict=True)
    }


def _items(table: Table, study: Study) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in table.items:
        if name == STATUS_ITEM or name not in study.items:
            continue
        item = study.items[name]
        question = study.question[item.question]
        found[name] = {
            "label": both_languages(item.label),
            "column": column_shown(item.variable),
            "question": [question.id, *both_languages(question.label)],
            "wording": item.questionnaire or "",
            "codes": {str(code.code): both_languages(code.label) for code in item.scale}
            or ({"1": ["valgt", "ticked"]} if item.type == "multiple" else {}),
            "dk": [str(code.code) for code in item.scale if code.key == DONT_KNOW_KEY],
        }
    return found


def _levels(wave: PublishedWave, table: Table) -> dict[str, Any]:
    found: dict[str, Any] = {
        "all:all": {"label": both_languages(ALL), "rule": ["", ""], "size": ["", ""]}
    }
    for cell in table.cells:
        key = f"{cell.group}:{cell.level}"
        if key not in found:
            found[key] = _level(wave, cell)
    return found


def _level(wave: PublishedWave, cell: Cell) -> dict[str, Any]:
    group, level = wave.study.group[cell.group], cell.level
    own = level.removeprefix(OTHERS)
    known = next((one.label for one in group.levels if one.key == own), Label(own, own))
    rule, size = level_rule(group, own, wave.sizes), level_size(group.id, own, wave.sizes)
    if level.startswith(OTHERS):
        known = Label(f"alle andre end {known.da}", f"everyone but {known.en}")
    return {
        "group": [group.id, *both_languages(group.label)],
        "label": both_languages(known),
        "rule": both_languages(rule),
        "size": both_languages(size),
    }

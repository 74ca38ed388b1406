"""The report's study and its committed wave for damage, recounted by pandas."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from declarations import Study, load_study
from tests.conftest import copy_study
from tests.fuzz.study import Lines, Names, Wave

COMMITTED = Path(__file__).resolve().parents[2] / "studies" / "samspil" / "waves" / "2015"
# entries of the source sheet that the fuzz writes itself
OWN = ("files", "format", "wave", "study")


def report_study(folder: Path) -> Study:
    """A copy of the study's declarations, without its waves."""
    return load_study(copy_study(folder))


def report_wave() -> Wave:
    """The committed wave, read again at each call."""
    return deepcopy(_committed())


@cache
def _committed() -> Wave:
    study = load_study(COMMITTED.parents[1]).in_wave("2015")
    (header, *rows), structure, labels = (
        _lines(f"{name}.csv", ";", "cp1252") for name in ("dataset", "structure", "labels")
    )
    register = _lines("municipalities.csv", ",", "utf-8")
    items = [item for item in study.items.values() if item.variable in header]
    columns = study.register_columns
    names = Names(
        study=study.id,
        wave="2015",
        identifier=str(study.respondent_column),
        place=str(study.municipality_column),
        codes={item.variable: tuple(map(str, item.codes)) for item in items if item.closed},
        # the last excludes the others
        boxes=tuple(
            item.variable
            for excluding in (False, True)
            for item in items
            if item.type == "multiple" and item.exclusive is excluding
        ),
        numbers=tuple(item.variable for item in items if item.type == "numeric"),
        opens=tuple(item.variable for item in items if item.type == "open"),
        scaled=tuple(item.variable for item in items if len(item.scale) > 1),
        places=tuple(line[register[0].index("name")] for line in register[1:]),
        register={
            name: register[0].index(columns[name])
            for name in ("code", "name", "population", "region")
        },
        invited=len(rows),
    )
    wave = Wave(header, rows, structure, labels, register, names)
    sheet: dict[str, Any] = yaml.safe_load((COMMITTED / "source.yaml").read_text(encoding="utf-8"))
    wave.entries = {name: entry for name, entry in sheet.items() if name not in OWN}
    return wave


def _lines(name: str, delimiter: str, encoding: str) -> Lines:
    text = (COMMITTED / name).read_bytes().decode(encoding)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def filled_by_pandas(study: Study, raw: pd.DataFrame) -> int:
    """Cells that hold an answer, and all filled boxes of a question with a ticked one."""
    raw = raw.apply(lambda column: column.str.strip())
    found = 0
    for question in study.questions:
        boxes = [item.variable for item in question.items if item.type == "multiple"]
        ticked = raw[boxes].isin(_written("1")).any(axis=1)
        for item in question.items:
            filled = raw[item.variable] != ""
            if item.type == "multiple":
                filled &= ticked | ~raw[item.variable].isin(_written("0"))
            found += int(filled.sum())
    return found


def counts_by_pandas(study: Study, raw: pd.DataFrame, broken: pd.DataFrame) -> Counter[str]:
    """`item=code` -> the number of cells that hold the code, without quarantined ones.

    Boxes count on lines on which a box of their question is ticked.
    """
    raw = raw.apply(lambda column: column.str.strip())
    lost = Counter(zip(broken["item"], broken["value"].str.strip(), strict=True))
    found: Counter[str] = Counter()
    for question in study.questions:
        boxes = [item.variable for item in question.items if item.type == "multiple"]
        ticked = raw[boxes].isin(_written("1")).any(axis=1)
        for item in question.closed_items:
            column = raw[item.variable][ticked] if item.type == "multiple" else raw[item.variable]
            for code in map(str, item.codes):
                spelled = _written(code)
                n = int(column.isin(spelled).sum())
                found[f"{item.id}={code}"] = n - sum(lost[(item.id, text)] for text in spelled)
    return found


def _written(code: str) -> list[str]:
    return [code, f"{code}.0", f"{code}.00"]


def published_counts(tables: dict[str, pd.DataFrame], study: Study) -> Iterator[tuple[str, int]]:
    """`item=code` and the count behind every figure for everyone."""
    for spec in study.tables:
        if spec.id not in tables:
            continue
        for cell, n in zip(spec.cells, tables[spec.id]["numerator"], strict=True):
            plain = cell.group == "all" and not cell.of and cell.unit == "respondents"
            if plain and isinstance(cell.code, int) and not pd.isna(n):
                yield f"{cell.item}={cell.code}", int(n)

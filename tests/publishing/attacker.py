"""An attacker of the published results: joins every file of every version and reads the figures.

Figures are read from the published files alone: CSV, snapshot, data and pages of the site,
workbook, document, and the changes between waves. The attacker knows what the declarations say
about each cell, as the site shows it, and nothing about the gate. Masks, examination and
suppression are visible only through the files. `solving` looks for answers that follow from the
figures.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from declarations import Study, Table
from declarations.tables.cells import STATUS_ITEM, Cell
from declarations.tables.unnumbered import read_unnumbered
from tests.publishing import rendered

TOTAL, ALL = "total", ("all", "all")
Figure = tuple[str, str, str, str]  # item, code or total, group, level
# relations and files that hold no figures about answers of this wave's respondents
KINDS = {".csv", ".duckdb", ".html", ".js", ".css", ".json", ".ndjson", ".xml", ".txt", ".md",
         ".xlsx", ".docx", ".svg", ".png", ".sav", ".parquet"}  # fmt: skip
OF_PRINT = {"audit", "marks_under_rounding", "bounds_of_claims", "pages", "municipalities",
            "about", "suppression", "disclosure", "quarantine", "checked"}  # fmt: skip


@dataclass
class Found:
    """Counts read from files, lines of respondents, and files that the attacker cannot read.

    `shares` are percentages with half the unit of their last digit. `changed` are figures with two
    counts. Their difference is the answers of those who changed theirs or came later.
    """

    figures: dict[Figure, int] = field(default_factory=dict)
    shares: dict[Figure, tuple[float, float]] = field(default_factory=dict)
    lines: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    changed: set[Figure] = field(default_factory=set)
    wave: str = ""

    def add(self, figure: Figure, count: Any, base: Any = None) -> None:
        """Add a count, and its base if there is one."""
        for key, value in ((figure, count), ((figure[0], TOTAL, *figure[2:]), base)):
            if _number(value) is not None:
                n = int(_number(value) or 0)
                # two versions differ: by those whose answers are others
                if self.figures.setdefault(key, n) != n:
                    self.changed.add(key)

    def add_share(self, figure: Figure, text: str) -> None:
        """Add a percentage as shown. Of two, the one with more digits stays."""
        decimals = len(text.replace(",", ".").partition(".")[2])
        half = 0.5 * 10.0**-decimals
        if half < self.shares.get(figure, (0.0, 1.0))[1]:
            self.shares[figure] = float(text.replace(",", ".")), half

    def small(self, least: int) -> set[Figure]:
        """Bases of answers below the minimum. Who took part is known and is not an answer."""
        known = {f for f in self.figures if f[0] == STATUS_ITEM}
        bases = {f: n for f, n in self.figures.items() if f[1] == TOTAL and f not in known}
        return {f for f, n in bases.items() if 0 < n < least}


def read_all(study: Study, places: Iterable[Path], wave: str = "") -> Found:
    """Everything in these folders and in all their versions; of the changes, those of one wave."""
    found = Found(wave=wave)
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
    for path in (p for kind in ("*.sav", "*.parquet") for p in folder.glob(kind)):
        found.lines[path.name, ""] = {"there"}
    _read_rendered(study, folder, found)
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix not in KINDS:
            found.unread.add(str(path.relative_to(folder)))


def _read_rendered(study: Study, folder: Path, found: Found) -> None:
    """Tables as pages, workbook and document show them. Charts must show nothing else."""
    shown: dict[str, set[str]] = {}
    for table, name, grid in rendered.grids(study.tables, folder):
        try:
            read = list(rendered.cells(table, grid))
        except ValueError:
            found.unread.add(f"{name} {table.id}")
            continue
        shown.setdefault(table.id, set()).update(text for _, text in read)
        for place, text in read:
            if text != rendered.HIDDEN:
                _add_cell(table, place, text, found)
    for path in sorted(folder.glob("charts/*.svg")):
        known = shown.get(path.name.partition(".")[0], set())
        numbers = {n for n in rendered.texts_of_chart(path) if "." in n or "," in n}
        if not numbers <= known:
            found.unread.add(f"{path.name}: {sorted(numbers - known)[:3]}")


def _add_cell(table: Table, place: int, text: str, found: Found) -> None:
    """A figure of a declared cell, or the base of a row (a negative place)."""
    cell = table.cells[place if place >= 0 else -1 - place]
    if not _of_item(cell) or cell.item is None:
        return
    at: tuple[str, str] = (cell.group, cell.level)
    if place < 0:
        # the base of a row of several items is that of the item with most answers
        own = {c.item for c in table.cells if (c.row, c.group_key) == (cell.row, cell.group_key)}
        if len(own) == 1:
            found.add((cell.item, TOTAL, *at), text)
    elif cell.statistic == "count":
        found.add((cell.item, str(cell.code), *at), text)
    elif cell.statistic == "percent":
        found.add_share((cell.item, str(cell.code), *at), text)


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
    elif {"from_wave", "from_numerator", "from_base"} <= columns:
        for change in frame.to_dict("records"):
            for side in ("from", "to"):
                if str(change[f"{side}_wave"]) == found.wave and change["statistic"] == "percent":
                    figure = (str(change["item"]), str(change["code"]), *ALL)
                    found.add(figure, change[f"{side}_numerator"], change[f"{side}_base"])
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
        if _of_item(cell) and cell.item and cell.statistic in ("count", "percent"):
            found.add((cell.item, str(cell.code), cell.group, cell.level), n, base)


def _of_item(cell: Cell) -> bool:
    """Whether a cell counts answers to one item, by the name of the item."""
    if cell.of or cell.item is None or cell.unit == "invited" or cell.range is not None:
        return False
    return cell.base in ((), (cell.item,))


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


def codes_of(study: Study, wave: str) -> dict[str, list[str]]:
    """The codes of each closed item."""
    asked = study.in_wave(wave)
    return {
        item.id: [str(code) for code in item.codes]
        for item in asked.items.values()
        if item.type not in ("open", "numeric")
    }

"""Tables of any question by any groups as layouts: banner columns, a block of lines per question.

    tabulated_layouts(study, sheet, results.crosstabs)

The lines come from the relation `crosstabs`; labels, which it has in one language, come from the
declarations. A table of the banner book is called `banner_QUESTION`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from assets.step.markdown import DATA_LABELS
from assets.tables.group_rules import GroupSizes
from assets.tables.results import SUPPRESSED
from assets.tabulate.request import Request, book_requests, request_of
from declarations import SourceSheet, Study
from declarations.fields.fields import Field, fields_of
from declarations.fields.levels import levels_of
from declarations.labels import Label
from declarations.tabulation.crosstab import NEST
from publishing.layout.build import ABSENT, figure_number
from publishing.layout.groups import group_notes, joined_labels, label_of
from publishing.layout.model import (
    HIDDEN,
    NO_LABEL,
    Figure,
    LayoutColumn,
    LayoutLine,
    Note,
    TableLayout,
)
from publishing.layout.tabulated_words import (
    ALL,
    BASE_LINES,
    HIDDEN_HERE,
    NOT_ASKED,
    STATISTICS,
    request_notes,
    test_text,
)

BOOK, TABLES = "banner", "crosstabs"
BOOK_CHAPTER = "banner_book"
BETWEEN = f" {NEST} "
Place = tuple[str, str]
Cells = Mapping[tuple[str, str, str], Mapping[Place, Mapping[str, Any]]]


@dataclass(frozen=True)
class TabulatedTable:
    """A tabulated table: its request, layout, and the results behind every figure.

    `asset` is the path of its asset; `results` are lines of `crosstabs` by the places of a
    figure's line and column in the layout.
    """

    request: Request
    layout: TableLayout
    asset: str
    declared_in: str
    results: Mapping[tuple[int, int], Mapping[str, Any]] = field(default_factory=dict)


def tabulated_layouts(
    study: Study, sheet: SourceSheet, crosstabs: pd.DataFrame | None, sizes: GroupSizes
) -> dict[str, TabulatedTable]:
    """Every tabulated table of a wave by its id, in the short form first; empty without any."""
    study = study.in_wave(sheet.wave)
    if crosstabs is None or crosstabs.empty:
        return {}
    by_table = dict(tuple(crosstabs.groupby("table", sort=False)))
    fields = fields_of(study)
    found: dict[str, TabulatedTable] = {}
    for table in study.tabulation.tables:
        if table.id in by_table:
            title = table.title or joined_labels(
                [label_of(n, study, fields) for n in table.of], ", "
            )
            head = {
                "id": table.id, "number": table.number or "", "chapter": table.chapter,
                "section": table.section, "title": title,
            }  # fmt: skip
            request = request_of(table, study, fields)
            file = study.tabulation.files.get(table.id, "")
            found[table.id] = _tabulated(
                sheet, study, fields, request, by_table[table.id], head,
                f"{TABLES}/{table.id}", file, sizes,
            )  # fmt: skip
    for request in book_requests(study, fields):
        name = f"{BOOK}_{request.id}"
        if request.id in by_table and name not in found:
            head = {
                "id": name, "number": "", "chapter": BOOK_CHAPTER, "section": "",
                "title": study.question[request.id].label,
            }  # fmt: skip
            found[name] = _tabulated(
                sheet, study, fields, request, by_table[request.id], head,
                f"{BOOK}/{request.id}", "crosstabs.yaml", sizes,
            )  # fmt: skip
    return found


def _tabulated(
    sheet: SourceSheet, study: Study, fields: Mapping[str, Field], request: Request,
    frame: pd.DataFrame, head: Mapping[str, Any], asset: str, file: str, sizes: GroupSizes,
) -> TabulatedTable:  # fmt: skip
    records = [{str(k): v for k, v in line.items()} for line in frame.to_dict("records")]
    places = _places(records)
    columns = tuple(_columns(places, records, study, fields, request.decimals))
    cells = _by_line(records)
    lines: list[LayoutLine] = []
    results: dict[tuple[int, int], Mapping[str, Any]] = {}
    for line, own in _lines(request, records, cells, places, head["title"]):
        results |= {(len(lines), c): cell for c, cell in own.items()}
        lines.append(line)
    notes = [*request_notes(request), *_tests(records, request, study, fields)]
    if any(record["note"] == SUPPRESSED for record in records):
        notes.append(Note(HIDDEN, HIDDEN_HERE))
    notes += group_notes(_groups(request), study, fields, sizes)
    layout = TableLayout(
        **head,
        wave=sheet.wave,
        columns=columns,
        lines=tuple(lines),
        notes=tuple(notes),
        # the report has no printed form of it
        source=Label(f"Bølge {sheet.wave}.", f"Wave {sheet.wave}."),
        data_label=DATA_LABELS[sheet.shown_as],
        statement=sheet.statement if sheet.constructed else NO_LABEL,
    )
    return TabulatedTable(request, layout, asset, file, results)


def _groups(request: Request) -> list[str]:
    return list(dict.fromkeys(name for entry in request.by for name in entry))


def _places(records: Sequence[Mapping[str, Any]]) -> list[Place]:
    """The columns of the banner, in order."""
    own = (r for r in records if r["statistic"] == "base")
    return list(dict.fromkeys((str(r["group"]), str(r["level"])) for r in own))


def _by_line(records: Sequence[Mapping[str, Any]]) -> Cells:
    found: dict[tuple[str, str, str], dict[Place, Mapping[str, Any]]] = {}
    for record in records:
        key = (str(record["row"]), str(record["column"]), str(record["statistic"]))
        found.setdefault(key, {})[str(record["group"]), str(record["level"])] = record
    return found


def _columns(
    places: Sequence[Place], records: Sequence[Mapping[str, Any]], study: Study,
    fields: Mapping[str, Field], decimals: int,
) -> Iterator[LayoutColumn]:  # fmt: skip
    letters = {
        (str(r["group"]), str(r["level"])): str(r["formatted"])
        for r in records if r["statistic"] == "letter"
    }  # fmt: skip
    labels: dict[str, dict[str, Label]] = {}
    for group, level in places:
        key = f"{group}:{level}"
        if group == "all":
            yield LayoutColumn(key, ALL, decimals=decimals)
            continue
        parts = []
        for name, one in zip(group.split(BETWEEN), level.split(BETWEEN), strict=False):
            own = labels.setdefault(
                name, {lv.key: lv.label for lv in levels_of(name, study, fields) or ()}
            )
            parts.append(own.get(one, Label(one, one)))
        spanner = joined_labels([label_of(n, study, fields) for n in group.split(BETWEEN)], BETWEEN)
        yield LayoutColumn(
            key, joined_labels(parts, BETWEEN), decimals=decimals, spanner=spanner,
            letter=letters.get((group, level), ""),
        )  # fmt: skip


def _lines(
    request: Request, records: Sequence[Mapping[str, Any]], cells: Cells,
    places: Sequence[Place], title: Label,
) -> Iterator[tuple[LayoutLine, dict[int, Mapping[str, Any]]]]:  # fmt: skip
    """Every line with the results behind its figures.

    Boxes that share a base also share its line.
    """
    known = {one.id: one for one in request.fields}
    rows = list(dict.fromkeys(str(r["row"]) for r in records if r["row"]))
    for lost in (r for r in records if r["note"] == NOT_ASKED[0]):
        name = str(lost["row"])
        figures = tuple(Figure(ABSENT, None) for _ in places)
        yield LayoutLine(name, "", Label(name, name), NO_LABEL, figures), {}
    present = [row for row in rows if row in known and (row, "", "base") in cells]
    boxes = [row for row in present if _ticked(row, cells)]
    for n, row in enumerate(present):
        of = known[row]
        below = NO_LABEL if row in boxes else of.label
        heading = NO_LABEL if len(present) == 1 and of.label == title else below
        for key, statistic in _kinds(row, records, cells):
            label = of.label if row in boxes else _line_label(of, request, key, statistic)
            yield _line(f"{row}:{key}:{statistic}", label, heading, cells[row, key, statistic],
                        places, cells.get((row, key, "letters"), {}))  # fmt: skip
            heading = NO_LABEL
        after = present[n + 1] if n + 1 < len(present) else ""
        if row in boxes and after in boxes and _bases(row, cells) == _bases(after, cells):
            continue
        yield from _base_lines(row, heading, cells, places)


def _ticked(row: str, cells: Cells) -> bool:
    return {key for one, key, _ in cells if one == row} == {"", "ticked"}


def _kinds(
    row: str, records: Sequence[Mapping[str, Any]], cells: Cells
) -> Iterator[tuple[str, str]]:
    """The lines of a question: codes and statistics. Counts appear only without percentages."""
    percent = any(one == row and statistic == "percent" for one, _, statistic in cells)
    kinds = dict.fromkeys(
        (str(r["column"]), str(r["statistic"])) for r in records if str(r["row"]) == row
    )
    for key, statistic in kinds:
        if statistic in STATISTICS and not (statistic == "n" and key and percent):
            yield key, statistic


def _line_label(of: Field, request: Request, key: str, statistic: str) -> Label:
    if not key:
        return STATISTICS[statistic]
    nets = {net.key: net.own_label or Label(net.key, net.key) for net in request.nets}
    codes = {code.key: code.label for code in of.codes}
    label = nets.get(key) or codes.get(key) or Label(key, key)
    if statistic == "percent":
        return label
    more = STATISTICS[statistic]
    return Label(f"{label.da}, {more.da}", f"{label.en}, {more.en}")


def _line(
    row: str, label: Label, heading: Label, own: Mapping[Place, Mapping[str, Any]],
    places: Sequence[Place], letters: Mapping[Place, Mapping[str, Any]],
) -> tuple[LayoutLine, dict[int, Mapping[str, Any]]]:  # fmt: skip
    figures = []
    for place in places:
        cell = own.get(place)
        text = ABSENT if cell is None or not cell["formatted"] else str(cell["formatted"])
        marks = letters.get(place)
        figures.append(
            Figure(
                text, figure_number(text), letters="" if marks is None else str(marks["formatted"])
            )
        )
    behind = {n: own[place] for n, place in enumerate(places) if place in own}
    return LayoutLine(row, "", label, NO_LABEL, tuple(figures), heading=heading), behind


def _bases(row: str, cells: Cells) -> list[Any]:
    return [cell["base"] for cell in cells[row, "", "base"].values()]


def _base_lines(
    row: str, heading: Label, cells: Cells, places: Sequence[Place]
) -> Iterator[tuple[LayoutLine, dict[int, Mapping[str, Any]]]]:
    """The unweighted base. With a weight, also the weighted and the effective base."""
    own = cells[row, "", "base"]
    weighted = any(cell["base"] != cell["weighted_base"] for cell in own.values())
    for name, (label, decimals) in BASE_LINES.items():
        if name != "base" and not weighted:
            continue
        shown = {place: {**cell, "formatted": _base_text(cell, name, decimals)}
                 for place, cell in own.items()}  # fmt: skip
        yield _line(f"{row}::{name}", label, heading, shown, places, {})
        heading = NO_LABEL


def _base_text(cell: Mapping[str, Any], name: str, decimals: int) -> str:
    """A base as shown; the suppression mark if the disclosure policy hides it."""
    if pd.isna(cell[name]):
        return str(cell["formatted"])
    return f"{float(cell[name]):.{decimals}f}"


def _tests(
    records: Sequence[Mapping[str, Any]], request: Request, study: Study,
    fields: Mapping[str, Field],
) -> Iterator[Note]:  # fmt: skip
    known = {one.id: one.label for one in request.fields}
    for record in records:
        if record["statistic"] != "test":
            continue
        of = known.get(str(record["row"]), NO_LABEL)
        names = [label_of(n, study, fields) for n in str(record["group"]).split(BETWEEN)]
        yield test_text(of if len(known) > 1 else NO_LABEL, joined_labels(names, BETWEEN), record)

"""Every printed figure of the report, one test each, from the committed wave.

`5_2:highest:never` is table 5.2, row `highest`, column `never`, as the table's file declares them;
a row group comes between. A figure that cannot be right in print is an expected erratum.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd
import pytest

from assets.tables.results import counts_index, table_results
from declarations import Cell, Table
from replication.printed import Erratum, Printed, printed_tables, read_errata, read_printed_table
from tests.chain import STUDY, WAVE, Chain, declared_study

DECLARED = declared_study().in_wave("2015")
PRINTED = {
    spec.id: read_printed_table(STUDY / "printed", spec.id) for spec in printed_tables(DECLARED)
}
ERRATA = {(e.table, e.row, e.group, e.column, e.printed): e for e in read_errata(STUDY / "printed")}
CASES = [
    pytest.param(spec.id, position, id=":".join(
        filter(None, (spec.id.removeprefix("table_"), cell.row, cell.group_key, cell.column))
    ))
    for spec in printed_tables(DECLARED)
    for position, cell in enumerate(spec.cells)
]  # fmt: skip


def erratum(figure: Printed) -> Erratum | None:
    return ERRATA.get((figure.table, figure.row, figure.group, figure.column, figure.printed))


@pytest.fixture(scope="module")
def records(committed: Chain) -> dict[str, list[dict[Hashable, Any]]]:
    """Results by table, as plain records in reading order."""
    return {name: frame.to_dict("records") for name, frame in committed.tables.items()}


@pytest.mark.parametrize(("table", "position"), CASES)
def test_figure(records: dict[str, list[dict[Hashable, Any]]], table: str, position: int) -> None:
    cell: Cell = DECLARED.table[table].cells[position]
    figure = PRINTED[table][position]
    result = records[table][position]
    where = f"Table {DECLARED.table[table].number}, {figure.row_label!r} {figure.group!r}, column"
    where += f" {figure.column!r} (printed/{table}.csv line {figure.line})"
    assert (figure.row, figure.row_label, figure.group, figure.column) == (
        cell.row_number, cell.row_label.da, cell.group_label.da, cell.column_label.da,
    ), where  # fmt: skip
    assert (result["row"], result["group"], result["column"]) == (
        cell.row, cell.group_key, cell.column,
    ), where  # fmt: skip
    found = erratum(figure)
    if found is None:
        assert result["formatted"] == figure.printed, where
    elif found.likely is not None:
        assert result["formatted"] == found.likely, where
    else:
        assert result["formatted"] != figure.printed, where


def test_there_are_as_many_figures_as_the_report_prints() -> None:
    assert len(CASES) == 1474
    assert {name: len(figures) for name, figures in PRINTED.items()} == {
        spec.id: len(spec.cells) for spec in printed_tables(DECLARED)
    }
    assert len({case.id for case in CASES}) == len(CASES)


def test_a_printed_base_is_the_computed_one_or_one_gap_off(committed: Chain) -> None:
    # Print repeats the base of the question where an item has a few empty cells more.
    gaps = {}
    for name, figures in PRINTED.items():
        for figure, result in zip(figures, committed.tables[name].to_dict("records"), strict=True):
            if figure.n and result["base"] != int(figure.n):
                gaps[(name, figure.row, figure.group)] = int(figure.n) - int(result["base"])
    assert gaps
    assert all(1 <= gap <= 8 for gap in gaps.values()), gaps


@pytest.mark.parametrize("spec", printed_tables(DECLARED), ids=lambda s: s.id)
def test_a_result_states_what_it_was_computed_from(committed: Chain, spec: Table) -> None:
    frame = committed.tables[spec.id]
    assert set(frame["wave"]) == {WAVE}
    for line in frame.to_dict("records"):
        where = f"{line['row']} {line['group']} {line['column']}"
        if line["statistic"] in ("count", "percent"):
            assert 0 <= line["numerator"] <= line["base"], where
        if line["statistic"] == "count":
            assert line["value"] == line["numerator"], where
            assert line["formatted"] == str(line["numerator"]), where
        elif line["statistic"] == "percent":
            assert line["value"] == line["numerator"] / line["base"] * 100, where
            assert abs(float(line["formatted"]) - line["value"]) <= 0.05 + 1e-9, where
        else:
            assert pd.isna(line["numerator"]), where
            assert pd.isna(line["base"]), where


def test_percentages_of_a_row_over_all_codes_make_a_hundred(committed: Chain) -> None:
    # where a table shows every code of an item, its unrounded percentages are 100 together
    checked = 0
    for spec in DECLARED.tables:
        rows: dict[tuple[str, str], list[tuple[Cell, float]]] = {}
        if not spec.cells:
            continue
        for cell, value in zip(spec.cells, committed.tables[spec.id]["value"], strict=True):
            if cell.statistic == "percent" and cell.code != "total":
                rows.setdefault((cell.row, cell.group_key), []).append((cell, value))
        for cells in rows.values():
            item = DECLARED.items.get(str(cells[0][0].item))
            if item is not None and {c.code for c, _ in cells} == set(item.codes):
                assert sum(value for _, value in cells) == pytest.approx(100)
                checked += 1
    assert checked > 50


def test_a_table_with_a_missing_count_is_no_zero(committed: Chain) -> None:
    counts = pd.concat(committed.counts.values())
    spec = DECLARED.table["table_3_1"]
    gone = counts[counts["item"] != spec.items[0]]
    with pytest.raises(KeyError):
        table_results(spec, counts_index(gone), WAVE, DECLARED)

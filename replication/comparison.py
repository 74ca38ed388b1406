"""Compares results with print, cell by cell. Pure: declared layout, results and printed figures."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from declarations import Table
from replication.printed import Erratum, Printed, check_places

COLUMNS = (
    "table", "row_label", "group", "column", "printed", "computed", "n_printed", "n_computed",
    "status",
)  # fmt: skip
EXACT, ERRATUM, DIFFERS = "exact", "erratum", "differs"


def compare(
    table: Table, results: pd.DataFrame, printed: list[Printed], errata: Iterable[Erratum]
) -> pd.DataFrame:
    """One line per printed figure, in reading order.

    `exact`: the computed figure, rounded like print, equals the printed one. `erratum`: the figures
    differ, errata.yaml shows that the printed one cannot be right, and the computed figure is the
    likely one (any figure, if errata.yaml names none). `differs`: anything else.

    Raises SpecError if the printed cells differ from the declared cells or have another order, and
    ValueError if the results do.
    """
    check_places(table, printed)
    if len(table.cells) != len(results):
        raise ValueError(f"{table.id}: {len(table.cells)} cells, {len(results)} results")
    known = {(e.row, e.group, e.column, e.printed): e for e in errata if e.table == table.id}
    records = []
    computed = (results[n] for n in ("row", "group", "column", "formatted", "base"))
    for cell, figure, row, group, column, formatted, base in zip(
        table.cells, printed, *computed, strict=True
    ):
        if (row, group, column) != (cell.row, cell.group_key, cell.column):
            raise ValueError(
                f"{table.id}: result {(row, group, column)} is in the place of "
                f"{(cell.row, cell.group_key, cell.column)}"
            )
        misprint = known.get((figure.row, figure.group, figure.column, figure.printed))
        status = _status(formatted, figure, misprint)
        records.append(
            (
                table.id,
                figure.row_label,
                figure.group,
                figure.column,
                figure.printed,
                formatted,
                figure.n,
                "" if pd.isna(base) or not figure.n else str(base),
                status,
            )
        )
    return pd.DataFrame(records, columns=list(COLUMNS), dtype="object")


def _status(formatted: str, figure: Printed, misprint: Erratum | None) -> str:
    if formatted == figure.printed:
        return EXACT
    if misprint is not None and misprint.likely in (None, formatted):
        return ERRATUM
    return DIFFERS


def message(comparison: pd.DataFrame, most: int = 10) -> str:
    """The differing figures, one per line."""
    differing = comparison[comparison["status"] == DIFFERS]
    lines = [
        f"{f'{line.row_label} {line.group}'.strip()} / {line.column}: "
        f"printed {line.printed} (N {line.n_printed}), "
        f"computed {line.computed} (N {line.n_computed})"
        for line in differing.head(most).itertuples()
    ]
    if len(differing) > most:
        lines.append(f"... and {len(differing) - most} more")
    return "\n".join(lines)

"""Frequencies of a drafted study against counts by pandas on the raw file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from declarations import Study


def disagreements(study: Study, raw: pd.DataFrame, output: Path) -> list[str]:
    """Every closed item and code whose published count differs from the raw column's.

    A missing count differs too.
    """
    results = pd.read_csv(output / "results.csv", dtype=str, keep_default_na=False)
    counts = results[results["statistic"] == "count"]
    published = {
        (table, row, column): value
        for table, row, column, value in zip(
            counts["table"], counts["row"], counts["column"], counts["formatted"], strict=True
        )
    }
    wrong = []
    seen: set[str] = set()
    for table in study.tables:
        for cell in table.cells:
            if cell.statistic != "count" or not isinstance(cell.code, int):
                continue
            item = study.items[str(cell.item)]
            counted = (raw[item.variable].str.strip() == str(cell.code)).sum()
            told = published.get((table.id, cell.row, cell.column))
            seen.add(item.id)
            if told != str(counted):
                wrong.append(f"{table.id} {item.variable} {cell.code}: {told}, pandas {counted}")
    missing = [i.id for i in study.items.values() if i.closed and i.id not in seen]
    return wrong + [f"{item} is in no table" for item in missing]

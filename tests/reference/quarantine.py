"""The quarantine and the balances over frames, cell by cell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pandas as pd

from declarations import Study
from declarations.survey.rules import ANSWER, ROW
from runtime.masking import cell_shown
from tests.reference.case import WITHHELD
from tests.reference.cleaning import rule_by_rule

COLUMNS = ("file", "file_row", "unit", "variable", "item", "value", "rule", "expected")
ROWS, CELLS = "rows_in_equal_rows_out", "cells_in_equal_cells_out"


@dataclass(frozen=True)
class Balance:
    """A balance with its counts; `unequal` is the number of things not seen exactly once."""

    name: str
    counted: dict[str, int]
    unequal: int

    @property
    def passed(self) -> bool:
        """Whether every input appears in the output exactly once."""
        return self.unequal == 0

    @property
    def text(self) -> str:
        """The numbers in words."""
        numbers = ", ".join(f"{name} {n}" for name, n in self.counted.items())
        return f"{numbers}; missing or duplicated {self.unequal}"


def quarantine(
    read: pd.DataFrame, rejected_rows: pd.DataFrame, file: str, study: Study
) -> pd.DataFrame:
    """The quarantine for all readers. `rejected_rows` gives its values in this form already."""
    frame = full_quarantine(read, rejected_rows, file)
    answers, opened = (
        frame["unit"] == ANSWER,
        {i.id for i in study.items.values() if i.type == "open"},
    )
    told = frame.loc[answers, "value"].map(cell_shown)
    # What somebody wrote goes nowhere but the restricted part.
    frame.loc[answers, "value"] = told.mask(frame["item"].isin(opened), WITHHELD)
    return frame


def full_quarantine(read: pd.DataFrame, rejected_rows: pd.DataFrame, file: str) -> pd.DataFrame:
    """Rejected rows and answers with their values, a line per rule broken; see COLUMNS."""
    rows = rejected_rows.assign(unit=ROW, item=None)
    cells = rule_by_rule(read[read["rule"].notna()]).assign(file=file, unit=ANSWER)
    parts = [part[list(COLUMNS)] for part in (rows, cells) if len(part)]
    frame = pd.concat(parts) if parts else pd.DataFrame(columns=list(COLUMNS), dtype="object")
    frame = frame.astype({"file_row": "int64"})
    return frame.sort_values(["file_row", "unit", "variable"], kind="stable", ignore_index=True)


def rows_balance(dataset: pd.DataFrame, placed: pd.DataFrame, quarantined: pd.DataFrame) -> Balance:
    """Lines in the file, clean lines and quarantined lines; each must be in one of the last two.

    `placed` has the lines of invitations.
    """
    came = list(dataset["file_row"])
    clean = list(placed["file_row"])
    aside = list(set(quarantined.loc[quarantined["unit"] == ROW, "file_row"]))
    counted = {"lines": len(came), "clean": len(clean), "quarantined": len(aside)}
    return Balance(ROWS, counted, _unequal(came, [*clean, *aside]))


def cells_balance(
    dataset: pd.DataFrame, read: pd.DataFrame, quarantined: pd.DataFrame, study: Study
) -> Balance:
    """The balance of filled cells. The cells of quarantined rows are counted from the file."""
    unit = quarantined["unit"]
    aside = set(quarantined.loc[unit == ROW, "file_row"])
    came = filled_cells(dataset, study)
    usable = _places(read[read["rule"].isna()])
    rejected = list(set(_places(quarantined[unit == ANSWER])))
    of_rows = [place for place in came if place[0] in aside]
    counted = {
        "filled": len(came),
        "usable": len(usable),
        "quarantined": len(rejected),
        "of_quarantined_rows": len(of_rows),
    }
    return Balance(CELLS, counted, _unequal(came, [*usable, *rejected, *of_rows]))


def filled_cells(dataset: pd.DataFrame, study: Study) -> list[tuple[int, str]]:
    """The row and column of every cell that holds an answer, found without the cleaning code.

    If a line has a ticked box of a question, all boxes of that question count, also empty ones.
    Otherwise a box counts only if it is neither empty nor 0.
    """
    places: list[tuple[int, str]] = []
    rows = [int(row) for row in dataset["file_row"]]
    for question in study.questions:
        boxes = [item.variable for item in question.items if item.type == "multiple"]
        for item in question.items:
            if item.type != "multiple":
                column = zip(rows, dataset[item.variable], strict=True)
                places += [(row, item.variable) for row, cell in column if cell.strip()]
        for row, line in zip(rows, dataset[boxes].itertuples(index=False), strict=True):
            cells = [cell.strip() for cell in line]
            ticked = any(_is_whole(cell, "1") for cell in cells)
            places += [
                (row, box)
                for box, cell in zip(boxes, cells, strict=True)
                if ticked or (cell and not _is_whole(cell, "0"))
            ]
    return places


def _is_whole(cell: str, digit: str) -> bool:
    return cell == digit or (cell.startswith(f"{digit}.") and set(cell[2:]) == {"0"})


def _places(frame: pd.DataFrame) -> list[tuple[int, str]]:
    return list(zip(frame["file_row"], frame["variable"], strict=True))


def _unequal(came: list[Any], went: list[Any]) -> int:
    """The number of things that did not go in and out exactly once."""
    before, after = Counter(came), Counter(went)
    return ((before - after) + (after - before)).total()

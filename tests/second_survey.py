"""The poll next to the checkout: real answers with published crosstabs.

The poll is by FiveThirtyEight (CC BY 4.0). Its files are not part of the repository; the
declarations in tests/data/second_survey are.
"""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from declarations import Study, load_study

CHECKOUT = Path(__file__).resolve().parents[1]
DECLARED = Path(__file__).parent / "data" / "second_survey"
PLACES = [parent / "shared" / "second-survey" for parent in CHECKOUT.parents]
FOLDER = next((place for place in PLACES if place.is_dir()), None)
WAVE = "2018"
# the columns of the published tables: group and level
COLUMNS = (
    ("all", "all"), ("age", "18 - 34"), ("age", "35 - 64"), ("age", "65 and up"),
    ("race", "White"), ("race", "Non-white"), ("children", "Has children"),
    ("children", "No children"), ("orientation", "Straight"), ("orientation", "Gay/Bisexual"),
)  # fmt: skip
# The questions in published order.
QUESTIONS = (
    "q0001", "q0002", "q0004", "q0005", *(f"q0007_{n:04}" for n in range(1, 12)), "q0008", "q0009",
    "q0010", "q0011", "q0012", "q0013", "q0014", "q0015", "q0017", "q0018", "q0019", "q0020",
    "q0021", "q0022", "q0024", "q0025", "q0026", "q0028", "q0029", "age3",
)  # fmt: skip


@dataclass(frozen=True)
class Published:
    """One published figure: a whole percentage, or none if it was left blank."""

    question: str
    answer: str
    group: str
    level: str
    shown: str


def published() -> Iterator[Published]:
    """Every published figure and blank."""
    assert FOLDER is not None
    text = (FOLDER / "published-crosstabs.csv").read_text(encoding="utf-8", errors="replace")
    number = -1
    for line in list(csv.reader(text.splitlines()))[2:]:
        if line[0].strip():
            number += 1
        if len(line) > 1 and line[1].strip():
            for (group, level), shown in zip(COLUMNS, line[2:12], strict=True):
                yield Published(
                    QUESTIONS[number], line[1].strip(), group, level, shown.removesuffix("%")
                )


def alike(text: str) -> str:
    """The text of an answer without apostrophes and dots, which the two files write differently."""
    return re.sub(r"[^a-z0-9 ,/+$-]", "", text.lower()).strip()


def make_study(root: Path) -> Study:
    """A study folder with the declarations and the poll's file as it was published."""
    assert FOLDER is not None
    folder = root / "studies" / "second"
    shutil.copytree(DECLARED, folder)
    shutil.copy(FOLDER / "raw-responses.csv", folder / "waves" / WAVE)
    return load_study(folder)

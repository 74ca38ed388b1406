"""Marks of a table's figures, from the published tests under the declared convention."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from declarations import Study, Table
from declarations.labels import Label
from declarations.tables.significance import Marking, TestSettings, read_marking, read_test_settings
from publishing.layout.model import MARK, TEST, Note, Place
from publishing.layout.words import AGAINST, COMPARED, DONT_KNOW, TESTS

LinePlace = tuple[str, str]


@dataclass(frozen=True)
class Marks:
    """Stars by figure, bounds of p by line, and notes that explain them."""

    stars: Mapping[Place, str] = field(default_factory=dict)
    lines: Mapping[LinePlace, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()


def table_marks(table: Table, study: Study, tests: pd.DataFrame | None) -> Marks:
    """The marks of a table; `tests` are its lines of the relation `significance` (MARK_COLUMNS).

    Without tests (none declared, or withheld) there are no marks.
    """
    if not table.significance or tests is None or tests.empty:
        return Marks()
    settings = read_test_settings(study.conventions)
    marking = read_marking(table, settings)
    assert marking is not None
    own = tests[tests["p"].notna()]
    if marking.mark == "stars":
        names = (own[name] for name in ("row", "group", "column", "stars"))
        stars = {(r, g, c): s for r, g, c, s in zip(*names, strict=True) if s}
        return Marks(stars=stars, notes=(_test_note(marking), _stars_note(settings)))
    return _bounds(own, marking)


def _bounds(own: pd.DataFrame, marking: Marking) -> Marks:
    """The bound of p of each line; a single bound below the table if all lines share a test."""
    columns = (own[name] for name in ("row", "group", "bound", "p"))
    found: dict[LinePlace, tuple[str, float]] = {}
    for row, group, bound, p in zip(*columns, strict=True):
        if marking.by == "group" and any(place[0] == row for place in found):
            # the lines of a row share a test, so its mark is on the first
            continue
        found.setdefault((row, group), (bound or "n.s.", p))
    if marking.by == "table" and marking.against == "levels":
        bound = next((bound for bound, _ in found.values()), "n.s.")
        text = Label(f"Signifikans: {danish_bound(bound)}", f"Significance: {bound}")
        return Marks(notes=(_test_note(marking), Note(MARK, text)))
    lines = {place: bound for place, (bound, _) in found.items()}
    return Marks(lines=lines, notes=(_test_note(marking), _bounds_note()))


def danish_bound(text: str) -> str:
    """A bound of p with a decimal comma."""
    return text.replace(".", ",") if text.startswith("p") else text


def _test_note(marking: Marking) -> Note:
    convention = marking.convention
    parts = [
        TESTS[convention.test],
        AGAINST[marking.against],
        COMPARED[convention.distribution],
        DONT_KNOW[convention.dont_know],
    ]
    text = Label("; ".join(p.da for p in parts), "; ".join(p.en for p in parts))
    return Note(TEST, Label(f"Test: {text.da}.", f"Test: {text.en}."))


def _stars_note(settings: TestSettings) -> Note:
    steps = sorted(settings.stars.items(), reverse=True)
    text = ", ".join(f"{mark} p < {level:g}" for level, mark in steps)
    return Note(MARK, Label(text.replace("0.", "0,"), text))


def _bounds_note() -> Note:
    return Note(
        MARK,
        Label(
            "Signifikans: den mindste af undersøgelsens grænser, som p er under; n.s.: ingen.",
            "Significance: the smallest of the study's bounds that p is below; n.s.: none.",
        ),
    )

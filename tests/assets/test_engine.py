"""The rules in SQL find what the reference reader finds, cell by cell, in the same words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.raw.cells import wide
from assets.raw.cells.ingest import Ingested, ingest_delimited
from assets.raw.cells.kept import DATASET, judged_wave
from assets.raw.cells.wide import is_filled
from assets.raw.delimited import RawTable
from assets.raw.rules.judge import judge
from assets.raw.structure import RawWave
from assets.raw.wave_files import read_wave
from declarations import SourceSheet, Study
from runtime.store import database_in_memory
from tests.chain import declared_study
from tests.reference import judge as reference
from tests.small import HEADER, Small, line

QUARANTINE_ALL = {
    rule: {"policy": "quarantine", "threshold": 1.0}
    for rule in (
        "unique_respondent", "unknown_municipality", "one_status", "complete_but_empty",
        "repeated_line", "scale", "status_says_unanswered", "exclusive", "routing",
        "drop_out_order",
    )
}  # fmt: skip
CELLS = st.sampled_from(
    ["", " ", "0", "1", "2", "3", "9", "1.0", "0.0", "x", "P1", "P2", "Aby", "Xby", "\u00a01",
     "1 ", "4,5", "1.000", "-1", "'", '"', "\n"]
)  # fmt: skip
EDITS = st.dictionaries(st.tuples(st.integers(0, 9), st.sampled_from(HEADER)), CELLS, max_size=20)


def same(raw: RawWave, study: Study, sheet: SourceSheet) -> None:
    found = judge(raw, study, sheet)
    expected = reference.judge(raw, study, sheet)
    for one, other in zip(found, expected, strict=True):
        assert one.rule == other.rule
        told = [(p.name, p.checked, list(p.offences), p.found) for p in one.parts]
        wanted = [
            (p.name, p.checked, [_plain(o) for o in p.offences], len(p.offences))
            for p in other.parts
        ]
        assert [(n, c, [_plain(o) for o in f], x) for n, c, f, x in told] == wanted, one.rule.name
        assert one.outcome == other.outcome


def _plain(offence: object) -> tuple[object, ...]:
    return (offence.finding, offence.variables)  # type: ignore[attr-defined]


@pytest.mark.parametrize("wave", ["2015", "2018"])
def test_the_committed_waves(wave: str) -> None:
    study = declared_study()
    sheet = study.source_sheet(wave)
    same(read_wave(sheet), study.in_wave(wave), sheet)


DAMAGE = given(
    edits=EDITS,
    repeats=st.lists(st.integers(0, 9), max_size=3),
    respondent=st.sampled_from(["id", None]),
    left_out=st.none() | st.sampled_from(HEADER[1:]),
)


@settings(max_examples=12)
@DAMAGE
def test_any_damage(tmp_path_factory: pytest.TempPathFactory, **damage: Any) -> None:
    check_damage(tmp_path_factory.mktemp("small"), **damage)


@pytest.mark.long
@settings(max_examples=150)
@DAMAGE
def test_much_damage(tmp_path_factory: pytest.TempPathFactory, **damage: Any) -> None:
    check_damage(tmp_path_factory.mktemp("small"), **damage)


def check_damage(
    folder: Path, edits: dict[tuple[int, str], str], repeats: list[int], respondent: str | None,
    left_out: str | None,
) -> None:  # fmt: skip
    checks = {k: v for k, v in QUARANTINE_ALL.items() if respondent or k != "unique_respondent"}
    small = Small(folder, checks=checks, respondent=respondent)
    small.lines = [line(n, (4, 4, 3, 2)[n % 4]) for n in range(1, 11)]
    for (row, name), text in edits.items():
        small.lines[row][name] = text
    small.lines += [dict(small.lines[row]) for row in repeats]
    if left_out is not None:
        small.header = tuple(name for name in HEADER if name != left_out)
    study = small.write()
    sheet = study.source_sheet("1")
    same(read_wave(sheet), study, sheet)


def test_a_cell_is_judged_once_also_of_a_file_that_was_streamed(tmp_path: Path) -> None:
    """The facts about a file are the same while it is read and afterwards."""
    small = Small(tmp_path)
    study = small.write()
    path = study.source_sheet("1").files["dataset"].path
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA restricted")
        known = ingest_delimited(connection, path, ";", "utf-8", DATASET, tmp_path / "plain")
        assert known.read_as == (";", "utf-8")
        first = judged_wave(connection, known, study, anew=True)
        assert not first.complete
        # as the working file has it
        stored = Ingested(known.file, known.sha256, known.size, known.columns, known.count,
                          known.form)  # fmt: skip
        assert judged_wave(connection, stored, study).complete
        assert not judged_wave(connection, replace(stored, sha256="0"), study).complete


@given(
    st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5))
)
def test_a_cell_is_filled_if_something_remains_without_blanks(texts: list[str]) -> None:
    cells = [*texts, *(chr(n) for n in range(1, 0x3002) if chr(n).isspace()), " x ", "", "\n1"]
    with database_in_memory() as connection:
        connection.execute("CREATE TABLE cells (cell VARCHAR)")
        connection.execute("INSERT INTO cells SELECT unnest(?)", [cells])
        found = connection.execute(f"SELECT cell, {is_filled('cell')} FROM cells").fetchall()
    assert found == [(cell, bool(cell.strip())) for cell in cells]


def test_texts_of_many_columns_are_counted_as_those_of_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wide, "AT_ONCE", 2)
    rows = (("b", "", "x"), ("a", "", "x"), ("b", " ", "y"))
    table = RawTable("dataset.csv", "", 0, ("one", "Two", 'th"ree'), rows, (2, 3, 4))
    with wide.in_memory(table) as made:
        found = made.frequencies_of([*table.columns, "one"])
        assert found == {column: made.frequencies(column) for column in table.columns}
    # in the order of the file
    assert found["one"] == [("b", 2), ("a", 1)]
    assert found["Two"] == [("", 2), (" ", 1)]

"""What Dagster shows of a raw file and of a table, without a run."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from assets.raw.assets import _metadata, column_descriptions
from assets.raw.delimited import RawTable
from assets.step.declaring import Given
from assets.step.names import table
from assets.tables.assets import tabulate
from declarations import Study
from tests.chain import WAVE, Chain


def raw(columns: tuple[str, ...]) -> RawTable:
    return RawTable("labels.csv", "digest", 7, columns, (("1",) * len(columns),), (1,), "csv")


@pytest.mark.parametrize("notes", [{}, {"municipality": "drawn", "weight": "even"}])
def test_the_notes_of_the_source_are_shown_if_there_are_any(
    study: Study, notes: dict[str, str]
) -> None:
    sheet = replace(study.source_sheet(WAVE), notes=notes)
    found = _metadata("labels", raw(("a", "b")), sheet, study)
    assert ("source_notes" in found) == bool(notes)
    if notes:
        assert found["source_notes"].value == "- municipality: drawn\n- weight: even"
    assert (found["dagster/row_count"], found["sha256"], found["bytes"]) == (1, "digest", 7)
    assert found["sha256_as_declared"] is False


def test_the_columns_of_the_data_set_and_the_register_are_described(study: Study) -> None:
    described = column_descriptions("dataset", study)
    item = study.items["economy"]
    assert described[item.variable].startswith(f"{item.label.both} (item economy, ")
    assert described["stato_1"] == "Status flag of the platform (0 or 1)"
    assert all(described[name] for name in study.background_columns)
    register = column_descriptions("municipalities", study)
    assert list(register) == list(study.register_columns.values())
    assert all(register.values())
    assert column_descriptions("labels", study) == {}


@pytest.mark.parametrize("gathered", [False, True])
def test_a_table_has_pages_of_its_own_unless_a_section_is_shown_as_one(
    study: Study, committed: Chain, gathered: bool
) -> None:
    spec = next(one for one in study.tables if one.chapter == "3" and not one.groups)
    store = SimpleNamespace(read_all=lambda _, names: {n: committed.counts[n] for n in names})
    given: Any = SimpleNamespace(
        study=study, chosen={table(spec.id)}, store=store, wave=WAVE, gathered=gathered,
        sheet=study.source_sheet(WAVE),
    )  # fmt: skip
    (made,) = tabulate(cast("Given", given))
    assert made.frame is not None
    assert len(made.frame) == len(spec.cells)
    assert ("preview" in (made.metadata or {})) != gathered

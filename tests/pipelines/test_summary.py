"""What is told of a step that failed for a reason nobody foresaw."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from declarations import SpecError
from pipelines.run.summary import summarize_run


def told(folder: Path, error: Exception) -> str:
    @dg.asset
    def broken() -> None:
        raise error

    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([broken], instance=instance, raise_on_error=False)
    return str(summarize_run([result], folder / "1", folder / "page.html")["summary"])


def test_an_unexpected_error_is_told_by_kind_and_place_without_its_words(tmp_path: Path) -> None:
    said = told(tmp_path, KeyError("somebody's answer"))
    assert "step broken failed:\n    unexpected KeyError in tests/pipelines/test_summary.py" in said
    assert "(broken)" in said
    assert "event log" in said
    assert "Stack Trace" not in said
    assert "answer" not in said
    assert len(said.splitlines()) < 7


def test_what_we_miss_ourselves_is_named(tmp_path: Path) -> None:
    said = told(tmp_path, LookupError("raw.x has not been materialized for this wave"))
    assert "raw.x has not been materialized for this wave" in said


def test_a_wrong_declaration_is_told_in_its_words(tmp_path: Path) -> None:
    said = told(tmp_path, SpecError("printed/table_5_2.csv line 2", "is 'a', expected 'b'"))
    assert "step broken failed:\n    printed/table_5_2.csv line 2: is 'a', expected 'b'" in said
    assert "unexpected" not in said

"""The report of a step that failed with an unexpected error."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from declarations import SpecError
from pipelines.records.summary import newly_contradicted, summarize_run
from runtime.output_versions import new_version


def told(folder: Path, error: Exception) -> str:
    @dg.asset
    def broken() -> None:
        raise error

    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([broken], instance=instance, raise_on_error=False)
    return str(summarize_run([result], folder / "1", folder / "page.html")["summary"])


def test_an_unexpected_error_is_reported_by_kind_and_place_without_its_words(
    tmp_path: Path,
) -> None:
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


def test_a_wrong_declaration_is_reported_in_its_words(tmp_path: Path) -> None:
    said = told(tmp_path, SpecError("printed/table_5_2.csv line 2", "is 'a', expected 'b'"))
    assert "step broken failed:\n    printed/table_5_2.csv line 2: is 'a', expected 'b'" in said
    assert "unexpected" not in said


HEAD = "id,section,statement,expected,computed,verdict\n"


def publish(link: Path, **verdicts: str) -> list[str]:
    """Publish a ledger with these verdicts. Returns what the summary of the run names."""
    lines = [f"{name},5.1,Most do.,more,4 and 5,{verdict}\n" for name, verdict in verdicts.items()]
    with new_version(link) as folder:
        (folder / "claims.csv").write_text(HEAD + "".join(lines), encoding="utf-8")
    return newly_contradicted(link)


def test_claims_that_were_not_contradicted_before_are_named(tmp_path: Path) -> None:
    link = tmp_path / "2015"
    assert publish(link, a="contradicted", b="holds") == []  # nothing to compare with
    assert publish(link, a="contradicted", b="contradicted", c="contradicted", d="open") == [
        f"newly contradicted: {name} (section 5.1): Most do. Expected more, computed 4 and 5."
        for name in "bc"
    ]
    assert publish(link, a="contradicted", b="contradicted", c="holds") == []
    # what held in between is new again
    assert len(publish(link, a="contradicted", b="contradicted", c="contradicted")) == 1


def test_a_wave_without_claims_names_none(tmp_path: Path) -> None:
    for _ in range(2):
        with new_version(tmp_path / "2015") as folder:
            (folder / "results.csv").touch()
    assert newly_contradicted(tmp_path / "2015") == []

"""The demonstration wave through Dagster, and the trends over the published waves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest

from assets.step.markdown import DATA_LABEL, DATA_LABELS
from declarations import load_study
from pipelines.chain import build_definitions
from pipelines.operate.after_runs import TRENDS_JOB
from pipelines.records.standing_runs import WAVE_JOB
from publishing.chapters import PUBLISHED
from publishing.trend_files import COMPLETE, FILES, trends_key
from replication.printed import printed_tables
from runtime.output_versions import new_version
from runtime.snapshot import write_snapshot
from runtime.store import Store
from tests.chain import WAVE, Chain
from tests.checkout import Checkout, collector_off

LATER = "2018"
SECTIONS = ("role", "reasons", "actors", "forms", "outcome")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return Checkout.create(tmp_path_factory.mktemp("trends"))


@pytest.fixture(scope="module")
def later(checkout: Checkout) -> dg.ExecuteInProcessResult:
    """A run of the demonstration wave."""
    return checkout.execute(wave=LATER)


@pytest.fixture
def both(checkout: Checkout, later: object, committed: Chain) -> Iterator[None]:
    """The printed wave, also published, from the pure functions."""
    about = {"origin": "constructed", "statement_da": "Konstrueret.", "statement_en": "Made."}
    answers = {("answers", n): f[f["rule"].isna()] for n, f in committed.answers.items()}
    with new_version(checkout.root / "output" / WAVE) as folder:
        write_snapshot(
            folder / "samspil.duckdb",
            {("clean", "invitations"): committed.invitations, **answers},
            about,
        )
    yield
    (checkout.root / "output" / WAVE).unlink()


def compare(checkout: Checkout) -> dg.ExecuteInProcessResult:
    """The job of trends in this process."""
    definitions = build_definitions(load_study(checkout.study), str(checkout.root))
    with dg.DagsterInstance.ephemeral() as instance, collector_off():
        return definitions.resolve_job_def(TRENDS_JOB).execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"progress": {}}},
        )


def output(checkout: Checkout, wave: str = "trends") -> Path:
    return checkout.root / "output" / wave


@pytest.mark.long
def test_the_demonstration_wave_runs_and_every_check_passes(
    later: dg.ExecuteInProcessResult, checkout: Checkout
) -> None:
    assert later.success
    assert all(check.passed for check in later.get_asset_check_evaluations())
    results = pd.read_csv(output(checkout, LATER) / "results.csv", dtype=str, keep_default_na=False)
    printed = {spec.id for spec in printed_tables(load_study(checkout.study))}
    results = results[results["table"].isin(printed)]
    assert len(results) == 1474
    assert set(results.loc[results["formatted"] == "", "row"]) == {"knowledge"}
    assert results["note"].value_counts().to_dict()["not asked"] == 7
    claims = pd.read_csv(output(checkout, LATER) / "claims.csv", dtype=str, keep_default_na=False)
    assert set(claims["verdict"]) == {"not about this wave"}
    assert (pd.read_csv(output(checkout, LATER) / "reproduction.csv")).empty


@pytest.mark.long
def test_whatever_shows_the_demonstration_says_so(
    later: dg.ExecuteInProcessResult, checkout: Checkout
) -> None:
    banner = DATA_LABEL["demonstration"]
    tables = sorted((output(checkout, LATER) / "tables").glob("*.csv"))
    known = [spec.id for spec in load_study(checkout.study).tables]
    named = [f"{name}{kind}.csv" for name in known for kind in ("", ".da", ".en")]
    assert [path.name for path in tables] == sorted(named)
    said = DATA_LABELS["demonstration"]
    for table in tables:
        language = table.suffixes[0].removeprefix(".")
        words = {"da": said.da, "en": said.en}.get(language, banner)
        assert words in table.read_text(encoding="utf-8-sig"), table
    pages = [
        output(checkout, LATER) / "ABOUT.txt",
        output(checkout, LATER) / "checks.html",
    ]
    assert all(banner in page.read_text(encoding="utf-8") for page in pages)
    about = Store(output(checkout, LATER) / "samspil.duckdb").read("main", "about")
    assert "demonstration" in set(about["value"])
    for event in later.all_events:
        if event.is_step_materialization:
            metadata = event.step_materialization_data.materialization.metadata
            assert metadata["data_purpose"].value == "demonstration", event.asset_key


@pytest.mark.long
def test_a_wave_that_is_not_published_is_named_and_no_error(
    later: object, checkout: Checkout
) -> None:
    result = compare(checkout)
    assert result.success
    (check,) = result.get_asset_check_evaluations()
    assert (check.check_name, check.passed) == (COMPLETE, False)
    assert check.description == "not published yet, so not compared: 2015"
    page = (output(checkout) / "trends.md").read_text(encoding="utf-8")
    assert "nothing to compare: published is 2018" in page
    assert pd.read_csv(output(checkout) / "trends.csv").empty


@pytest.mark.long
@pytest.mark.usefixtures("both")
def test_published_waves_are_compared(checkout: Checkout) -> None:
    result = compare(checkout)
    assert result.success
    assert all(check.passed for check in result.get_asset_check_evaluations())
    made = {e.asset_key for e in result.all_events if e.is_step_materialization}
    assert made == {FILES, *map(trends_key, SECTIONS)}
    frame = pd.read_csv(output(checkout) / "trends.csv", dtype=str, keep_default_na=False)
    assert len(frame) == 396
    assert set(frame["from_wave"] + frame["to_wave"]) == {WAVE + LATER}
    assert output(checkout).is_symlink()
    for name in ("trends.md", "ABOUT.txt"):
        text = (output(checkout) / name).read_text(encoding="utf-8")
        assert f"{WAVE}: {DATA_LABEL['constructed']}" in text
        assert f"{LATER}: {DATA_LABEL['demonstration']}" in text
    first = output(checkout).resolve()
    compare(checkout)
    assert output(checkout).resolve() != first
    again = pd.read_csv(output(checkout) / "trends.csv", dtype=str, keep_default_na=False)
    assert again.equals(frame)


@pytest.mark.long
@pytest.mark.usefixtures("both")
def test_a_snapshot_that_lacks_a_question_fails_and_replaces_nothing(checkout: Checkout) -> None:
    compare(checkout)
    before = output(checkout).resolve()
    store = Store(output(checkout, WAVE).resolve() / "samspil.duckdb")
    with store.connect() as connection:
        connection.execute("DROP TABLE answers.economy")
    result = compare(checkout)
    assert not result.success
    (failed,) = (e for e in result.all_events if e.is_step_failure)
    told = failed.step_failure_data.user_failure_data
    assert told is not None
    assert "output/2015 was published before the declarations changed" in str(told.description)
    assert output(checkout).resolve() == before


@pytest.mark.long
def test_a_run_of_a_wave_computes_no_trends(checkout: Checkout) -> None:
    definitions = build_definitions(load_study(checkout.study), str(checkout.root))
    wave = definitions.resolve_job_def(WAVE_JOB).asset_layer.selected_asset_keys
    trends = definitions.resolve_job_def(TRENDS_JOB).asset_layer.selected_asset_keys
    assert not wave & trends
    assert trends == {FILES, *map(trends_key, SECTIONS)}
    graph = definitions.resolve_asset_graph()
    assert PUBLISHED in graph.get(trends_key("role")).parent_keys
    assert graph.get(FILES).partitions_def is None

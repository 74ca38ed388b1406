"""The record of runs that a server started: which runs get one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run

import pipelines
from assets.step.workspace import Workspace
from pipelines.records.fingerprint import fingerprint, last_run
from pipelines.records.sealing import Whole, sealing_workspace
from pipelines.records.standing_runs import FINGERPRINT_TAG, STUDY_TAG
from runtime.output_versions import RECORD
from runtime.private.key_file import read_key
from tests.pipelines.test_abandoned import origin

WAVE = "7"
PARTITIONS = dg.StaticPartitionsDefinition([WAVE])
UPPER, PUBLISHED = dg.AssetKey("upper"), dg.AssetKey("published")
CHECK = dg.AssetCheckKey(PUBLISHED, "fine")


@dataclass
class Server:
    """A checkout with a job of two assets and a check, and events that may happen while it runs."""

    root: Path
    instance: dg.DagsterInstance
    meanwhile: list[Any] = field(default_factory=list)
    blocks: bool = False

    @property
    def study(self) -> Path:
        return self.root / "studies" / "samspil"

    @property
    def output(self) -> Path:
        return self.root / "output" / WAVE

    def run(self, selection: list[dg.AssetKey] | None = None, *, remote: bool = True) -> bool:
        """One run as a server or a command starts it. Returns whether it succeeded."""

        @dg.asset(partitions_def=PARTITIONS)
        def upper(workspace: Workspace) -> None:
            for happens in self.meanwhile:
                happens()

        @dg.asset(deps=[UPPER], partitions_def=PARTITIONS)
        def published(workspace: Workspace) -> None:
            self.output.mkdir(parents=True, exist_ok=True)
            (self.output / RECORD).unlink(missing_ok=True)
            (self.output / "quarantine.csv").write_text("unit,file_row,variable\n")
            (self.output / "ABOUT.txt").write_text("study: x\n")

        @dg.asset_check(asset=PUBLISHED, blocking=True)
        def fine() -> dg.AssetCheckResult:
            return dg.AssetCheckResult(passed=not self.blocks, description="found x")

        whole = Whole(frozenset({UPPER, PUBLISHED}), frozenset({CHECK}))
        job = dg.Definitions(
            assets=[upper, published],
            asset_checks=[fine],
            jobs=[dg.define_asset_job("wave")],
            resources={"workspace": sealing_workspace(str(self.root), "", self.study, whole, {})},
            executor=dg.in_process_executor,
        ).resolve_job_def("wave")
        run = self.instance.create_run_for_job(
            job.get_subset(asset_selection=set(selection)) if selection else job,
            tags={"dagster/partition": WAVE},
            asset_selection=frozenset(selection) if selection else None,
            remote_job_origin=origin("samspil") if remote else None,
        )
        return execute_run(InMemoryJob(job), run, self.instance).success

    def sealed(self) -> bool:
        """Whether a check of the wave finds it up to date."""
        record = last_run(self.output)
        now = fingerprint(self.root, self.study, WAVE, read_key())
        return record is not None and record["fingerprint"] == now


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("SAMSPIL_KEY_FILE", str(tmp_path / "key"))
    with dg.DagsterInstance.ephemeral() as instance:
        own = Server(tmp_path, instance)
        (own.study / "waves" / WAVE).mkdir(parents=True)
        (own.study / "waves" / WAVE / "dataset.csv").write_text("a\n1\n")
        monkeypatch.setattr(pipelines, "LOADED", time.time() + 1)
        yield own


def test_a_run_of_the_whole_wave_is_known_to_be_up_to_date(server: Server) -> None:
    assert server.run()
    assert server.sealed()
    record = last_run(server.output)
    assert record is not None
    assert record["failed_checks"] == 0
    assert "wave 7: 2 assets materialized, 1 of 1 checks passed" in record["summary"]


def test_a_run_of_a_part_is_not(server: Server) -> None:
    assert server.run()
    assert server.run([PUBLISHED])
    assert not server.sealed()


def test_a_run_that_failed_after_it_published_is_not(server: Server) -> None:
    server.blocks = True
    assert not server.run()
    assert last_run(server.output) is None


def test_inputs_that_were_written_meanwhile_are_not_taken_for_those_used(server: Server) -> None:
    dataset = server.study / "waves" / WAVE / "dataset.csv"
    content = dataset.read_bytes()
    # there and back: the fingerprint is as before, and other rows may have been read
    server.meanwhile = [lambda: dataset.write_text("b\n"), lambda: dataset.write_bytes(content)]
    assert server.run()
    assert last_run(server.output) is None


def test_declarations_that_changed_after_the_process_loaded_them_neither(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipelines, "LOADED", time.time() - 60)
    assert server.run()
    assert last_run(server.output) is None


def test_a_run_bears_the_fingerprint_of_what_it_read(server: Server) -> None:
    server.blocks = True
    assert not server.run()
    (run,) = server.instance.get_runs()
    mark = fingerprint(server.root, server.study, WAVE, read_key())
    assert (run.tags[STUDY_TAG], run.tags[FINGERPRINT_TAG]) == ("samspil", mark)


def test_a_command_writes_its_record_itself(server: Server) -> None:
    assert server.run(remote=False)
    assert last_run(server.output) is None

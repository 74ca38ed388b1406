"""If Dagster's event log differs from the locked one, Dagster's own is used, and runs work."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from runtime import event_log
from runtime.event_log import CachedSqliteEventLogStorage, remembered

SETTINGS = """
telemetry: {enabled: false}
event_log_storage: {module: runtime.event_log, class: CachedSqliteEventLogStorage}
"""


class Renamed(SqliteEventLogStorage):
    """Dagster's class as a later release might have it: `_connect` has another name."""

    @property
    def _connect(self) -> Any:
        raise AttributeError("_connect")

    @contextmanager
    def _connection(self, shard: str) -> Iterator[Any]:
        with SqliteEventLogStorage._connect(self, shard) as connection:
            yield connection

    def run_connection(self, run_id: str | None = None) -> Any:
        return self._connection(str(run_id))

    def index_connection(self) -> Any:
        return self._connection("index")


class Changed(SqliteEventLogStorage):
    """Dagster's class with a way of connecting that needs more than ours does."""

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Any]:
        with SqliteEventLogStorage._connect(self, shard) as connection:
            yield connection


@dg.op
def one() -> int:
    return 1


@dg.job
def job() -> None:
    one()


def storage_of_a_run(home: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """The event storage of an instance after a run."""
    home.mkdir()
    (home / "dagster.yaml").write_text(SETTINGS, encoding="utf-8")
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with dg.DagsterInstance.get() as instance:
        result = job.execute_in_process(instance=instance)
        assert result.success
        kinds = [entry.dagster_event_type for entry in instance.all_logs(result.run_id)]
        assert dg.DagsterEventType.RUN_SUCCESS in kinds
        assert (home / "history" / "runs" / f"{result.run_id}.db").is_file()
        return instance.event_log_storage


def test_with_the_locked_release_engines_are_kept_and_nothing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="samspil"):
        found = storage_of_a_run(tmp_path / "home", monkeypatch)
    assert type(found) is CachedSqliteEventLogStorage
    assert found._engines
    assert not caplog.records


@pytest.mark.parametrize("other", [Renamed, Changed])
def test_another_class_of_dagsters_is_used_as_it_is(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    other: type[SqliteEventLogStorage],
) -> None:
    monkeypatch.setattr(event_log, "SqliteEventLogStorage", other)
    with caplog.at_level(logging.WARNING, logger="samspil"):
        found = storage_of_a_run(tmp_path / "home", monkeypatch)
    assert type(found) is other
    (record,) = caplog.records
    assert "Dagster's own is used, and runs take longer" in record.getMessage()


def test_partitions_are_remembered_within_a_run_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dagster.yaml").write_text(SETTINGS, encoding="utf-8")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with dg.DagsterInstance.get() as run, dg.DagsterInstance.get() as other:
        run.add_dynamic_partitions("waves", ["2015"])
        with remembered(run):
            assert not run.has_dynamic_partition("waves", "2018")
            assert run.has_dynamic_partition("waves", "2015")
            other.add_dynamic_partitions("waves", ["2018"])
            assert run.has_dynamic_partition("waves", "2018")
            other.delete_dynamic_partition("waves", "2015")
            assert run.has_dynamic_partition("waves", "2015")
        assert not run.has_dynamic_partition("waves", "2015")
    with dg.DagsterInstance.ephemeral() as ephemeral, remembered(ephemeral):
        assert not ephemeral.has_dynamic_partition("waves", "2015")


def test_versions_are_remembered_until_the_asset_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within the block the storage answers as Dagster's own does after each event of its run."""
    (tmp_path / "dagster.yaml").write_text(SETTINGS, encoding="utf-8")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    keys = [dg.AssetKey("first"), dg.AssetKey("second")]
    kind, tags = dg.DagsterEventType.ASSET_MATERIALIZATION, ["dagster/data_version"]
    asked: list[str] = []

    def made(instance: dg.DagsterInstance, key: dg.AssetKey, version: str) -> None:
        instance.report_runless_asset_event(
            dg.AssetMaterialization(key, partition="2015", tags={tags[0]: version})
        )

    def versions(instance: dg.DagsterInstance) -> list[tuple[object, object]]:
        storage = instance.event_log_storage
        records = instance.get_asset_records(keys)
        last = {one.asset_entry.asset_key: one.asset_entry.last_materialization for one in records}
        return [
            (
                storage.get_latest_tags_by_partition(key, kind, tags, ["2015"]),
                materialization.tags if (materialization := last.get(key)) else None,
            )
            for key in keys
        ]

    def counted(storage: CachedSqliteEventLogStorage, shard: str) -> AbstractContextManager[object]:
        asked.append(shard)
        return connect(storage, shard)

    connect = CachedSqliteEventLogStorage._connect
    monkeypatch.setattr(CachedSqliteEventLogStorage, "_connect", counted)
    with dg.DagsterInstance.get() as run, dg.DagsterInstance.get() as fresh:
        with remembered(run):
            for key, version in zip([*keys, keys[0]], "abc", strict=True):
                made(run, key, version)
                assert versions(run) == versions(fresh)
            asked.clear()
            assert versions(run)[0] == versions(run)[0]
            assert not asked
            made(fresh, keys[0], "d")
            assert versions(run) != versions(fresh)
        assert versions(run) == versions(fresh)


def test_what_is_gone_has_no_digest() -> None:
    assert event_log.digest(SqliteEventLogStorage) == event_log.DIGEST
    assert event_log.digest(object) == ""

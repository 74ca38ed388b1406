"""Dagster's SQLite event log, with one SQLAlchemy engine per file instead of one per event.

Dagster's class builds an engine, with an empty statement cache, for every event that it stores or
reads. A run stores about 500 events, and compiling the same statements for each of them costs more
than all statistics. This subclass keeps the engines and remembers that the tables exist. For a run
it also remembers which partitions exist and the versions of the inputs of its steps. It changes
nothing else: files, tables and transactions per event are the same, and a connection between
transactions holds no lock.

The overridden methods are private to Dagster. If their source differs from the locked release,
samspil uses Dagster's own class with a warning. Runs are then slower but correct.
"""

from __future__ import annotations

import hashlib
import inspect
import logging
import os
import threading
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Dagster's documentation names this import path of the class.
from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.event import listen

if TYPE_CHECKING:
    from dagster import AssetKey, DagsterEventType, DagsterInstance, EventLogEntry
    from dagster._core.storage.event_log.base import AssetRecord
    from dagster._serdes import ConfigurableClassData

MOST_ENGINES = 50
BUSY_TIMEOUT_SECONDS = 30
# The digest for Dagster 1.13.27. Read the source of a new release before you replace it.
REPLACED = ("__init__", "_connect", "has_table")
DIGEST = "78ec15e285087107771513a8aeca66cea402a725a28a562dda5c2938108fc9b2"
log = logging.getLogger("samspil")


def digest(storage: type) -> str:
    """A hash of the source of the overridden code; empty if Dagster no longer has it."""
    try:
        source = "".join(inspect.getsource(getattr(storage, name)) for name in REPLACED)
    except (AttributeError, OSError, TypeError):
        return ""
    return hashlib.sha256(source.encode()).hexdigest()


@dataclass(frozen=True)
class _Remembered:
    """What a run knows: partitions that exist, and tags and records by asset."""

    partitions: set[tuple[str, str]] = field(default_factory=set)
    tags: dict[AssetKey, dict[Hashable, Mapping[str, Mapping[str, str]]]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    records: dict[AssetKey, AssetRecord] = field(default_factory=dict)


class CachedSqliteEventLogStorage(SqliteEventLogStorage):
    """SqliteEventLogStorage in its default folder below DAGSTER_HOME, with engines kept open."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        self._engines_lock = threading.Lock()
        self._tables: set[str] = set()
        self._run: _Remembered | None = None
        super().__init__(base_dir, inst_data)

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """No settings: DAGSTER_HOME determines the folder."""
        return {}

    @classmethod
    def from_config_value(  # type: ignore[override]
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> SqliteEventLogStorage:
        """Dagster builds the storage from dagster.yaml.

        If Dagster's source differs, its own class is used.
        """
        folder = str(Path(os.environ["DAGSTER_HOME"]) / "history" / "runs")
        if digest(SqliteEventLogStorage) == DIGEST:
            return cls(folder, inst_data)
        log.warning(
            "Dagster's SQLite event log differs from the release that samspil speeds up: "
            "Dagster's own is used, and runs take longer (runtime/event_log.py)"
        )
        return SqliteEventLogStorage(folder, inst_data)

    def _engine(self, shard: str) -> Engine:
        with self._engines_lock:
            if shard not in self._engines:
                if len(self._engines) >= MOST_ENGINES:
                    self._engines.pop(next(iter(self._engines))).dispose()
                engine = create_engine(
                    self.conn_string_for_shard(shard),
                    pool_size=1,
                    connect_args={"timeout": BUSY_TIMEOUT_SECONDS},
                )
                listen(engine, "connect", _sync_at_checkpoints)
                self._engines[shard] = engine
            return self._engines[shard]

    def has_table(self, table_name: str) -> bool:
        """Whether the index has the table; remembered, because tables are never removed."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    @contextmanager
    def remembering(self) -> Iterator[None]:
        """Remember partitions and versions of assets until the end of the block."""
        self._run = _Remembered()
        try:
            yield
        finally:
            self._run = None

    def has_dynamic_partition(self, partitions_def_name: str, partition_key: str) -> bool:
        """Whether a partition exists."""
        known = self._run.partitions if self._run else set()
        key = (partitions_def_name, partition_key)
        if key not in known and super().has_dynamic_partition(*key):
            known.add(key)
            return True
        return key in known

    def get_latest_tags_by_partition(
        self, asset_key: AssetKey, event_type: DagsterEventType, tag_keys: Sequence[str],
        asset_partitions: Sequence[str] | None = None, before_cursor: int | None = None,
        after_cursor: int | None = None,
    ) -> Mapping[str, Mapping[str, str]]:  # fmt: skip
        """Tags of the latest event of an asset by partition, such as its data version."""
        known = self._run.tags[asset_key] if self._run else {}
        partitions = None if asset_partitions is None else tuple(asset_partitions)
        asked = (event_type, tuple(tag_keys), partitions, before_cursor, after_cursor)
        if asked not in known:
            known[asked] = super().get_latest_tags_by_partition(
                asset_key, event_type, tag_keys, asset_partitions, before_cursor, after_cursor
            )
        return known[asked]

    def get_asset_records(self, asset_keys: Sequence[AssetKey] | None = None) -> list[AssetRecord]:
        """The records of assets with their last materialization; of all assets if none is named."""
        if self._run is None or asset_keys is None:
            return list(super().get_asset_records(asset_keys))
        known = self._run.records
        missing = [key for key in asset_keys if key not in known]
        found = super().get_asset_records(missing) if missing else ()
        known |= {record.asset_entry.asset_key: record for record in found}
        return [known[key] for key in asset_keys if key in known]

    def store_event(self, event: EventLogEntry) -> None:
        """Store an event; what is remembered of its asset is read again."""
        super().store_event(event)
        key = event.dagster_event.asset_key if event.dagster_event else None
        if self._run is not None and key is not None:
            self._run.tags.pop(key, None)
            self._run.records.pop(key, None)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection


def remembered(instance: DagsterInstance) -> AbstractContextManager[None]:
    """Ask an instance once for each partition that exists and each version of an asset.

    Within the block, a run asks twice per asset and per input whether its wave exists, and for the
    version of an input once per step that reads it. Versions are read again after an event of their
    asset. Do not use it in a server, which would not see that another process removed a wave.
    """
    storage = instance.event_log_storage
    if isinstance(storage, CachedSqliteEventLogStorage):
        return storage.remembering()
    return nullcontext()


def _sync_at_checkpoints(connection: Any, _: Any) -> None:
    """Turn off waiting for the disk at every event; the files are in WAL mode.

    A killed process loses nothing. A power cut may lose the last events but never the file.
    """
    connection.execute("PRAGMA synchronous=NORMAL")

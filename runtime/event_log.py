"""Dagster's SQLite event log, with one SQLAlchemy engine per file instead of one per event.

Dagster's class builds an engine, with an empty statement cache, for every event that it stores or
reads. A run stores about 500 events, and compiling the same statements for each of them costs more
than all statistics. This subclass keeps the engines and remembers that the tables exist, and for a
run which partitions exist. It changes nothing else: files, tables and transactions per event are
the same, and a connection between transactions holds no lock.

The overridden methods are private to Dagster. If their source differs from the locked release,
samspil uses Dagster's own class with a warning. Runs are then slower but correct.
"""

from __future__ import annotations

import hashlib
import inspect
import logging
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Dagster's documentation names this import path of the class.
from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.event import listen

if TYPE_CHECKING:
    from dagster import DagsterInstance
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


class CachedSqliteEventLogStorage(SqliteEventLogStorage):
    """SqliteEventLogStorage in its default folder below DAGSTER_HOME, with engines kept open."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        self._engines_lock = threading.Lock()
        self._tables: set[str] = set()
        self._partitions: set[tuple[str, str]] | None = None
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
        """Remember the partitions that exist until the end of the block."""
        self._partitions = set()
        try:
            yield
        finally:
            self._partitions = None

    def has_dynamic_partition(self, partitions_def_name: str, partition_key: str) -> bool:
        """Whether a partition exists."""
        known, key = self._partitions, (partitions_def_name, partition_key)
        if known is not None and key in known:
            return True
        found = super().has_dynamic_partition(partitions_def_name, partition_key)
        if found and known is not None:
            known.add(key)
        return found

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection


def remembered_partitions(instance: DagsterInstance) -> AbstractContextManager[None]:
    """Ask an instance once for each partition that exists, within the block.

    A run asks twice per asset and per input whether its wave exists. Do not use it in a server,
    which would not see that another process removed a wave.
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

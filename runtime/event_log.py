"""Dagster's SQLite event log, with one SQLAlchemy engine per file instead of one per event.

The class it extends builds an engine, and with it an empty statement cache, for every event it
stores or reads. A run of the chain stores about 500 events, and compiling the same few statements
again each time cost more than all of the statistics. Whether a table is there is asked until it is.
Nothing else is changed: same files, same tables, a transaction per event; a connection between
transactions holds no lock.

What is replaced is private to Dagster. In a release where it is not what it was, Dagster's own
class is used as it is, with a warning: runs are slower, and right.
"""

from __future__ import annotations

import hashlib
import inspect
import logging
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

# this place of the class is the one that Dagster's documentation names
from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.event import listen

if TYPE_CHECKING:
    from dagster._serdes import ConfigurableClassData

MOST_ENGINES = 50
BUSY_TIMEOUT_SECONDS = 30
# Of Dagster 1.13.27. A release with another source is read before its digest is put here.
REPLACED = ("__init__", "_connect", "has_table")
DIGEST = "78ec15e285087107771513a8aeca66cea402a725a28a562dda5c2938108fc9b2"
log = logging.getLogger("samspil")


def digest(storage: type) -> str:
    """A hash of the source of what the class below replaces or rests on; empty where it is gone."""
    try:
        source = "".join(inspect.getsource(getattr(storage, name)) for name in REPLACED)
    except (AttributeError, OSError, TypeError):
        return ""
    return hashlib.sha256(source.encode()).hexdigest()


class CachedSqliteEventLogStorage(SqliteEventLogStorage):
    """SqliteEventLogStorage in its default place below DAGSTER_HOME, with engines kept."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        self._engines_lock = threading.Lock()
        self._tables: set[str] = set()
        super().__init__(base_dir, inst_data)

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """No settings: the place follows from DAGSTER_HOME."""
        return {}

    @classmethod
    def from_config_value(  # type: ignore[override]
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> SqliteEventLogStorage:
        """Built by Dagster from dagster.yaml; Dagster's own class where that is another one."""
        folder = str(Path(os.environ["DAGSTER_HOME"]) / "history" / "runs")
        if digest(SqliteEventLogStorage) == DIGEST:
            return cls(folder, inst_data)
        log.warning(
            "Dagster's SQLite event log is not the one that samspil knows how to make faster: "
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
        """Whether the index has it; asked at every input of a partition, and a table stays."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection


def _sync_at_checkpoints(connection: Any, _: Any) -> None:
    """Do not wait for the disk at every event; the files are in WAL mode.

    A killed process loses nothing; a power cut may lose the last events, never the file.
    """
    connection.execute("PRAGMA synchronous=NORMAL")

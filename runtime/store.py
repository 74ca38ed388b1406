"""DuckDB files addressed by schema and relation, such as the working file of a wave.

While one process has a DuckDB file open for writing, no other can open it. A run therefore works in
its own file, and readers get a snapshot (`runtime/snapshot.py`).
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import duckdb

from runtime.faults import DamagedFileError, TooLittleMemoryError, is_disk_full, writing
from runtime.private.folder import close_to_others, make_private

if TYPE_CHECKING:
    # The process that writes a snapshot does not need it, and importing it takes long.
    import pandas as pd

# No extensions are downloaded. One thread: for a survey, starting more costs more than they save,
# and Dagster's runs share the machine.
SETTINGS: dict[str, Any] = {"autoinstall_known_extensions": "false", "threads": 1}
# the instance of DuckDB that all databases in memory share, and its first database
SHARED, FIRST = ":memory:samspil", "memory"
_numbers = count(1)
# Environment variables by the DuckDB setting they set. They override what a study declares.
MEMORY_LIMIT, THREADS = "memory_limit", "threads"
FROM_ENVIRONMENT = {"SAMSPIL_MEMORY": MEMORY_LIMIT, "SAMSPIL_THREADS": THREADS}
FORMS = {
    MEMORY_LIMIT: (
        re.compile(r"(?!0+(?:\.0+)? ?[KMGT])[0-9]{1,6}(?:\.[0-9]{1,3})? ?[KMGT]i?B"),
        "a number with its unit, such as 500MB or 2GB",
    ),
    THREADS: (re.compile(r"[1-9][0-9]{0,2}"), "a number of threads, such as 2"),
}

# DuckDB's messages for a file that is cut off, overwritten, or of another format.
DAMAGED_WORDS = (
    "not a valid DuckDB database",
    "Corrupt database file",
    "Could not read enough bytes",
    "replaying WAL",
    "sqlite_scanner",
    "with version number",
    "Is a directory",
)


def settings(path: Path, declared: Mapping[str, str] = MappingProxyType({})) -> dict[str, Any]:
    """Settings of a connection: DuckDB writes what exceeds memory next to the file.

    The environment overrides `declared`, the settings of a study. Raises ValueError for an invalid
    environment variable.
    """
    own = {}
    for key, name in FROM_ENVIRONMENT.items():
        text = os.environ.get(key, "").strip()
        if text:
            form, example = FORMS[name]
            if not form.fullmatch(text):
                raise ValueError(f"{key} is {text!r}, expected {example}")
            own[name] = text
    spill = str(path.with_name(f"{path.name}.spill"))
    return {**SETTINGS, "temp_directory": spill, **declared, **own}


@contextmanager
def database_in_memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database in memory, which is dropped at the end of the block.

    An instance of DuckDB takes 16 ms of processor time to start, a further database 1 ms.
    """
    _instance()
    name = f"own_{next(_numbers)}"
    with closing(duckdb.connect(SHARED, config=SETTINGS)) as connection:
        connection.execute(f"ATTACH ':memory:' AS {name}; USE {name}")
        try:
            yield connection
        finally:
            connection.execute(f"USE {FIRST}; DETACH {name}")


@cache
def _instance() -> duckdb.DuckDBPyConnection:
    """A connection that keeps the shared instance until the process ends."""
    return duckdb.connect(SHARED, config=SETTINGS)


@dataclass(frozen=True)
class Store:
    """A DuckDB file addressed by schema and relation name.

    For a private store, only the current user may read the file and its folders from `.work` on
    (0600, 0700). `declared` are settings of DuckDB that a study declares.
    """

    path: Path
    private: bool = False
    declared: Mapping[str, str] = field(default_factory=dict)

    @contextmanager
    def connect(self, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that is closed at the end of the block, also after an error.

        Raises DiskFullError, TooLittleMemoryError, and DamagedFileError if the file cannot be read.
        """
        with writing(self.path):
            if self.private:
                make_private(self.path.parent)
            else:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            config = settings(self.path, self.declared)
            try:
                with closing(
                    duckdb.connect(str(self.path), read_only=read_only, config=config)
                ) as connection:
                    if self.private:
                        close_to_others(self.path, 0o600)
                    yield connection
            except duckdb.OutOfMemoryException as error:
                raise TooLittleMemoryError(
                    f"the memory limit is too low for {self.path}: "
                    f"{str(error).splitlines()[0]}. Raise SAMSPIL_MEMORY, or `resources: memory` "
                    f"of study.yaml (now {config.get(MEMORY_LIMIT, 'four fifths of the memory')}), "
                    "or free space where DuckDB spills. The output is still that of the last good "
                    "run"
                ) from error
            except duckdb.Error as error:
                if read_only or is_disk_full(error) or not _says_damaged(error):
                    raise
                self.remove()
                raise DamagedFileError(
                    f"{self.path} was damaged and has been deleted; a run of the whole wave "
                    f"makes it again ({str(error).splitlines()[0]})"
                ) from error

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection in one transaction: all changes are kept, or none after an error."""
        with self.connect() as connection:
            connection.begin()
            yield connection
            connection.commit()

    def remove(self) -> None:
        """Delete the file and everything that belongs to it; no process may have it open."""
        for path in (self.path, *self.path.parent.glob(f"{self.path.name}.*")):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def write(
        self, frames: Mapping[tuple[str, str], pd.DataFrame], instead_of: str | None = None
    ) -> None:
        """Replace the relations {(schema, name): frame} in one transaction.

        `instead_of` names a schema whose other relations are dropped.
        """
        with self.connect() as connection:
            connection.begin()
            if instead_of is not None:
                connection.execute(f"DROP SCHEMA IF EXISTS {quote(instead_of)} CASCADE")
            create_relations(connection, frames)
            connection.commit()

    def read(self, schema: str, name: str) -> pd.DataFrame:
        """A whole relation. Raises LookupError if the stage that makes it has not run."""
        return self.read_all(schema, [name])[name]

    def read_all(self, schema: str, names: Iterable[str]) -> dict[str, pd.DataFrame]:
        """Several relations of a schema over one connection, by name."""
        with self.connect() as connection:
            return {name: read_relation(connection, schema, name) for name in names}

    def read_schema(self, schema: str) -> dict[str, pd.DataFrame]:
        """All relations of a schema, by name; empty if the schema does not exist."""
        with self.connect() as connection:
            names = connection.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = ?", [schema]
            ).fetchall()
            return {name: read_relation(connection, schema, name) for (name,) in names}


def _says_damaged(error: duckdb.Error) -> bool:
    kinds = (duckdb.SerializationException, duckdb.InternalException, duckdb.FatalException)
    return isinstance(error, kinds) or any(words in str(error) for words in DAMAGED_WORDS)


def create_relations(
    connection: duckdb.DuckDBPyConnection, frames: Mapping[tuple[str, str], pd.DataFrame]
) -> None:
    """Create or replace the relations {(schema, name): frame} in an open file."""
    for schema in dict.fromkeys(schema for schema, _ in frames):
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quote(schema)}")
    for (schema, name), frame in frames.items():
        write_frame(connection, f"TABLE {quote(schema)}.{quote(name)}", frame)


def write_frame(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    frame: pd.DataFrame,
    query: str = "FROM incoming",
) -> None:
    """Create or replace a relation (`TABLE name`, `TEMP TABLE name`) by a query of a frame.

    In the query the frame is called `incoming`.
    """
    connection.register("incoming", frame)
    connection.execute(f"CREATE OR REPLACE {relation} AS {query}")
    connection.unregister("incoming")


def read_relation(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> pd.DataFrame:
    """A whole relation of an open file, in stored order."""
    try:
        return connection.execute(f"FROM {quote(schema)}.{quote(name)}").df()
    except duckdb.CatalogException as error:
        raise LookupError(
            f"{schema}/{name} has not been materialized for this wave; materialize it first"
        ) from error


def quote(name: str) -> str:
    """An SQL identifier, quoted so that any character is safe."""
    return '"' + name.replace('"', '""') + '"'


def replace_text(target: Path, text: str) -> None:
    """Write UTF-8 text to a temporary file next to `target`, then rename it in one step."""
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        scratch.write_text(text, encoding="utf-8", newline="")
        os.replace(scratch, target)
    finally:
        scratch.unlink(missing_ok=True)


def text_literal(text: str) -> str:
    """A text as an SQL literal, escaped so that any character is safe."""
    return "'" + text.replace("'", "''") + "'"


def drop_relation(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> None:
    """Drop a relation of an open file: a table, a view, or nothing if it does not exist."""
    # information_schema takes three times as long, which matters for wide surveys
    view = connection.execute(
        "SELECT 1 FROM duckdb_views() WHERE database_name = current_database() "
        "AND schema_name = ? AND view_name = ?",
        [schema, name],
    ).fetchone()
    kind = "VIEW" if view else "TABLE"
    connection.execute(f"DROP {kind} IF EXISTS {quote(schema)}.{quote(name)}")


def relation_exists(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether an open file has the relation (schema.name)."""
    schema, _, relation = name.partition(".")
    found = connection.execute(
        "SELECT count(*) FROM information_schema.tables WHERE table_catalog = current_database() "
        "AND table_schema = ? AND table_name = ?",
        [schema, relation],
    ).fetchone()
    return bool(found and found[0])


def rows_hash(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[str, ...]:
    """Number of rows of a query and two sums over hashes of them, equal for the same rows."""
    found = connection.execute(
        "SELECT count(*), coalesce(sum(h::HUGEINT), 0), coalesce(sum(hash(h)::HUGEINT), 0) "
        f"FROM (SELECT hash(r) AS h FROM ({query}) AS r)"
    ).fetchone()
    return tuple(map(str, found or ()))

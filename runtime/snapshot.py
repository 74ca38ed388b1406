"""The snapshot of a wave: a DuckDB file for readers, and a hash of the rows of each relation.

DuckDB pads its files with memory it never set, which may be anything the process has read. A
process of its own therefore writes the snapshot. It has read the published rows and nothing else.
The padding and a random id make two files of equal rows differ, so rows are compared by hashes.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import duckdb

from runtime.faults import writing
from runtime.store import SETTINGS, Store, create_relations, quote, rows_hash

if TYPE_CHECKING:
    import pandas as pd

SNAPSHOT = "samspil.duckdb"


Place = tuple[str, str]
STORED = "stored.json"


@dataclass(frozen=True)
class Stored:
    """Relations that go from one database to the other without passing through Python.

    `tables` of the `store` are copied as they are; `views` are made over them, by their SQL.
    """

    store: Store
    tables: tuple[Place, ...] = ()
    views: Mapping[Place, str] = field(default_factory=dict)

    def export(self, folder: Path) -> None:
        """Write the tables as Parquet, and what is to be made of them."""
        files = []
        with self.store.connect() as connection:
            for number, (schema, name) in enumerate(self.tables):
                file = folder / f"stored_{number}.parquet"
                relation = f"{quote(schema)}.{quote(name)}"
                connection.execute(
                    f"COPY (FROM {relation}) TO '{_text(str(file))}' (FORMAT parquet)"
                )
                files.append((schema, name, file.name))
        views = [(*place, sql) for place, sql in self.views.items()]
        told = json.dumps({"tables": files, "views": views})
        (folder / STORED).write_text(told, encoding="utf-8")


def write_snapshot(
    target: Path,
    relations: Mapping[Place, pd.DataFrame],
    about: Mapping[str, Any],
    stored: Stored | None = None,
) -> None:
    """Write a new DuckDB file; `about` becomes the relation main.about (key, value).

    `relations` come from memory, `stored` from another DuckDB file. Raises DiskFullError, and
    RuntimeError with the words of DuckDB for other failures.
    """
    with writing(target), TemporaryDirectory(dir=target.parent) as folder:
        with duckdb.connect(":memory:", config=SETTINGS) as connection:
            connection.execute("CREATE TABLE about (key VARCHAR, value VARCHAR)")
            for name, value in about.items():
                connection.execute("INSERT INTO about VALUES (?, ?)", [name, str(value)])
            create_relations(connection, relations)
            connection.execute(f"EXPORT DATABASE '{_text(folder)}' (FORMAT parquet)")
        if stored is not None:
            stored.export(Path(folder))
        written = subprocess.run(  # noqa: S603
            [sys.executable, "-m", __name__, str(target.resolve()), str(Path(folder).resolve())],
            cwd=Path(__file__).resolve().parents[1],
            capture_output=True,
            text=True,
            check=False,
        )
        if written.returncode:
            raise RuntimeError(f"{target}: {written.stderr.strip()[-2000:]}")


def row_hashes(path: Path) -> dict[str, str]:
    """A hash of the columns and rows of each relation of a snapshot, by `schema.name`.

    Equal where the relations have the same columns and types and the same rows, in any order.
    Empty where there is no file. OSError where it cannot be read.
    """
    if not path.is_file():
        return {}
    try:
        with Store(path).connect(read_only=True) as connection:
            places = connection.execute(
                "SELECT schema_name, table_name FROM duckdb_tables() ORDER BY ALL"
            ).fetchall()
            return {f"{schema}.{name}": _hash(connection, schema, name) for schema, name in places}
    except duckdb.Error as error:
        raise OSError(f"{path} cannot be read ({str(error).splitlines()[0]})") from error


def _hash(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> str:
    relation = f"{quote(schema)}.{quote(name)}"
    columns = [line[:2] for line in connection.execute(f"DESCRIBE {relation}").fetchall()]
    # two sums over hashes of the rows: equal rows in any order, in memory that does not grow
    rows = rows_hash(connection, f"FROM {relation}")
    return hashlib.sha256(repr((columns, rows)).encode()).hexdigest()


def main(arguments: Iterable[str]) -> None:
    """Make the file named first from the relations exported to the folder named second."""
    target, folder = arguments
    with Store(Path(target)).connect() as connection:
        connection.execute(f"IMPORT DATABASE '{_text(folder)}'")
        _import_stored(connection, Path(folder))
        # closing moves the rows from the log into the file, and does not say where that failed
        connection.execute("CHECKPOINT")


def _import_stored(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    file = folder / STORED
    if not file.exists():
        return
    told = json.loads(file.read_text(encoding="utf-8"))
    for schema, name, parquet in told["tables"]:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quote(schema)}")
        connection.execute(
            f"CREATE TABLE {quote(schema)}.{quote(name)} AS "
            f"FROM read_parquet('{_text(str(folder / parquet))}')"
        )
    for schema, name, sql in told["views"]:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quote(schema)}")
        connection.execute(f"CREATE VIEW {quote(schema)}.{quote(name)} AS {sql}")


def _text(path: str) -> str:
    return path.replace("'", "''")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (OSError, duckdb.Error) as fault:
        sys.exit(str(fault))

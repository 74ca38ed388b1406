"""The snapshot of a wave: a DuckDB file for readers, and a hash of the rows of each relation.

DuckDB pads its files with uninitialised memory, which may contain anything that the process has
read. A separate process that has read only the published rows therefore writes the snapshot.
Because of the padding and a random id, files with equal rows differ. Hashes compare the rows.
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
from runtime.store import SETTINGS, Store, create_relations, quote, rows_hash, text_literal

if TYPE_CHECKING:
    import pandas as pd

SNAPSHOT = "samspil.duckdb"


Place = tuple[str, str]
STORED = "stored.json"


@dataclass(frozen=True)
class Stored:
    """Relations that are copied between databases without passing through Python.

    `tables` of the `store` are copied unchanged. `views` are created over them from their SQL.
    """

    store: Store
    tables: tuple[Place, ...] = ()
    views: Mapping[Place, str] = field(default_factory=dict)

    def export(self, folder: Path) -> None:
        """Write the tables as Parquet, with a description of the relations to create."""
        files = []
        with self.store.connect() as connection:
            for number, (schema, name) in enumerate(self.tables):
                file = folder / f"stored_{number}.parquet"
                relation = f"{quote(schema)}.{quote(name)}"
                connection.execute(
                    f"COPY (FROM {relation}) TO {text_literal(str(file))} (FORMAT parquet)"
                )
                files.append((schema, name, file.name))
        views = [(*place, sql) for place, sql in self.views.items()]
        found = json.dumps({"tables": files, "views": views})
        (folder / STORED).write_text(found, encoding="utf-8")


def write_snapshot(
    target: Path,
    relations: Mapping[Place, pd.DataFrame],
    about: Mapping[str, Any],
    stored: Stored | None = None,
) -> None:
    """Write a new DuckDB file; `about` becomes the relation main.about (key, value).

    `relations` are frames in memory, `stored` are relations of another DuckDB file. Raises
    DiskFullError, and RuntimeError with DuckDB's message for other failures.
    """
    with writing(target), TemporaryDirectory(dir=target.parent) as folder:
        with duckdb.connect(":memory:", config=SETTINGS) as connection:
            connection.execute("CREATE TABLE about (key VARCHAR, value VARCHAR)")
            for name, value in about.items():
                connection.execute("INSERT INTO about VALUES (?, ?)", [name, str(value)])
            create_relations(connection, relations)
            connection.execute(f"EXPORT DATABASE {text_literal(folder)} (FORMAT parquet)")
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

    Two hashes are equal if the relations have the same columns, types and rows, in any order.
    Returns an empty dict if the file does not exist. Raises OSError if it cannot be read.
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
    # Sums over hashes of the rows do not depend on their order and need constant memory.
    rows = rows_hash(connection, f"FROM {relation}")
    return hashlib.sha256(repr((columns, rows)).encode()).hexdigest()


def main(arguments: Iterable[str]) -> None:
    """Create the first file from the relations exported to the second, a folder."""
    target, folder = arguments
    with Store(Path(target)).connect() as connection:
        connection.execute(f"IMPORT DATABASE {text_literal(folder)}")
        _import_stored(connection, Path(folder))
        # Closing moves the rows from the log into the file and does not report a failure.
        connection.execute("CHECKPOINT")


def _import_stored(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    file = folder / STORED
    if not file.exists():
        return
    facts = json.loads(file.read_text(encoding="utf-8"))
    for schema, name, parquet in facts["tables"]:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quote(schema)}")
        connection.execute(
            f"CREATE TABLE {quote(schema)}.{quote(name)} AS "
            f"FROM read_parquet({text_literal(str(folder / parquet))})"
        )
    for schema, name, sql in facts["views"]:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quote(schema)}")
        connection.execute(f"CREATE VIEW {quote(schema)}.{quote(name)} AS {sql}")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (OSError, duckdb.Error) as fault:
        sys.exit(str(fault))

"""Personal data that can be recognised anywhere, and the search for them.

Every column of an export gets its own e-mail address, name and number like a person number. All of
them contain the same mark, so that one pass over a file finds them, also if they are shortened, in
other case, in hexadecimal or in base64.
"""

from __future__ import annotations

import base64
import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

MARK = "zqvxhemmelig"
CUT = MARK[:6]  # what is left of one that was cut short
DAY = "290263"
NUMBER = re.compile(rb"(?<![0-9a-f.])" + DAY.encode() + rb"[-./ ]?4[0-9]{3}(?![0-9a-f])")


def tokens(column: int) -> tuple[str, str, str]:
    """E-mail address, person number and name planted in a column."""
    letters = "".join(chr(ord("a") + int(digit)) for digit in f"{column:03d}")
    return (
        f"post{column}.{MARK}@{MARK}.example",
        f"{DAY}-4{column:03d}",
        f"Sørine {MARK.title()}{letters}sen",
    )


def leaks(content: bytes, secrets: Iterable[str] = ()) -> list[str]:
    """Planted data, or `secrets`, found in some bytes, with their encoding."""
    low = content.lower()
    found = [f"as text: {part}" for part in (CUT, *secrets) if part.lower().encode() in low]
    found += [f"as text: {hit}" for hit in _numbers(low)]
    # UTF-16 is text with a NUL before or after each letter
    dense = low.replace(b"\0", b"") if b"\0" in low else b""
    for part in (MARK, MARK.upper(), MARK.title(), f"{DAY}-4", f"{DAY}4"):
        if part.encode().hex().encode() in low:
            found.append(f"hexadecimal: {part}")
        found += [f"base64: {part}" for code in _base64(part) if code in content]
    for part in (CUT, f"{DAY}-4", f"{DAY}4"):
        dense_hits = dense.count(part.encode())
        if dense_hits and dense_hits > low.count(part.encode()):
            found.append(f"UTF-16: {part}")
    return sorted(set(found))


def _numbers(low: bytes) -> Iterator[str]:
    """Person numbers of the planted day. A plain search shows where to look closely."""
    at = low.find(DAY.encode())
    while at >= 0:
        hit = NUMBER.match(low, at)
        if hit:
            yield hit.group().decode()
        at = low.find(DAY.encode(), at + 1)


@cache
def _base64(part: str) -> tuple[bytes, ...]:
    """The characters of the base64 code that depend on the part alone, at each position."""
    found = []
    for before in range(3):
        code = base64.b64encode(b"\0" * before + part.encode())
        first = (8 * before + 5) // 6
        found.append(code[first : (8 * (before + len(part))) // 6])
    return tuple(found)


def leaking_files(folder: Path, secrets: Iterable[str] = ()) -> dict[str, list[str]]:
    """Files below a folder that contain planted data. Databases are opened."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*")):
        plain = path.read_bytes() if path.is_file() else b""
        hits = leaks(path.name.encode(), secrets) + leaks(plain, secrets)
        # what is plain to see need not be looked for in relations
        if not hits and path.suffix == ".duckdb":
            hits = [hit for text in relation_texts(path).values() for hit in leaks(text, secrets)]
        if not hits and plain.startswith(b"SQLite format 3"):
            hits = leaks(sqlite_texts(path), secrets)
        if hits:
            found[str(path.relative_to(folder))] = hits
    return found


def relation_texts(path: Path, *, only: str = "", without: str = "") -> dict[str, bytes]:
    """Every relation of a DuckDB file, or of a schema, as text, including column names."""
    with (
        closing(duckdb.connect(str(path), read_only=True)) as connection,
        TemporaryDirectory() as folder,
    ):
        relations = connection.execute(
            "SELECT DISTINCT table_schema, table_name FROM information_schema.columns "
            "WHERE table_schema <> $1 AND $2 IN ('', table_schema)",
            [without, only],
        ).fetchall()
        return {
            f"{schema}.{name}": _written(connection, f'"{schema}"."{name}"', Path(folder))
            for schema, name in relations
        }


def _written(connection: duckdb.DuckDBPyConnection, relation: str, folder: Path) -> bytes:
    """A relation as DuckDB writes it in CSV, which takes a fifth of the time of a data frame."""
    path = folder / "relation.csv"
    connection.execute(f"COPY (FROM {relation}) TO '{path}' (FORMAT csv, HEADER)")
    return path.read_bytes()


def sqlite_texts(path: Path) -> bytes:
    """Every cell of a SQLite file, long ones in one piece and compressed ones decompressed."""
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        cells = [
            opened(cell) if isinstance(cell, bytes) else str(cell).encode()
            for (name,) in names
            for row in connection.execute(f'SELECT * FROM "{name.decode()}"')
            for cell in row
        ]
    return b"\n".join(cells)


def opened(cell: bytes) -> bytes:
    """Decompressed content, as of Dagster's snapshots of jobs; anything else unchanged."""
    try:
        return zlib.decompress(cell)
    except zlib.error:
        return cell

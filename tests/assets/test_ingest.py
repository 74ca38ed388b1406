"""The streamed reading gives what the reading in memory gives: cells, line numbers, messages."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.raw.cells import text_file
from assets.raw.cells.ingest import Ingested, ingest_delimited, ingest_table
from assets.raw.cells.text_file import UnusualError
from assets.raw.delimited import RawTable, read_delimited
from assets.raw.errors import DataError
from assets.raw.readers.export import with_line_feeds
from tests.chain import STUDY

ENCODINGS = st.sampled_from(["auto", "utf-8", "cp1252", "latin-1", "utf-16", "utf-8-sig"])
DELIMITERS = st.sampled_from(["auto", ";", ",", "\t"])
# what makes a difference to the readers, and what the streamed one uses for itself
PIECE = st.sampled_from(
    ["a", "æ", "Ã¦", " ", '"', '""', ";", ",", "\t", "\n", "\r", "\r\n", "\x1f", "\x1e", "\x01",
     "\x10\x11\x10", "\x00", "1", "NULL", "NA", "\u2028", "\x85", "'", "\\", "#"]
)  # fmt: skip
TEXT = st.lists(PIECE, max_size=40).map("".join)


def in_memory(path: Path, delimiter: str, encoding: str) -> RawTable | str:
    try:
        return with_line_feeds(read_delimited(path, delimiter, encoding))
    except DataError as error:
        return str(error.findings)


def streamed(path: Path, delimiter: str, encoding: str) -> RawTable | None:
    """The streamed relation; None if the file needs the reader that loads it as a whole."""
    with duckdb.connect() as connection:
        scratch = path.with_suffix(".plain")
        try:
            found = ingest_delimited(connection, path, delimiter, encoding, "t", scratch)
        except UnusualError:
            return None
        return loaded(connection, found)


def loaded(connection: duckdb.DuckDBPyConnection, found: Ingested) -> RawTable:
    lines = connection.execute("FROM t ORDER BY file_row").fetchall()
    columns = [name for name, *_ in connection.execute("DESCRIBE t").fetchall()]
    assert columns == ["file_row", *found.columns]
    assert found.count == len(lines)
    rows = tuple(tuple(line[1:]) for line in lines)
    numbers = tuple(line[0] for line in lines)
    return RawTable(found.file, found.sha256, found.size, found.columns, rows, numbers, found.form)


def same(path: Path, delimiter: str, encoding: str) -> RawTable | None:
    expected, found = in_memory(path, delimiter, encoding), streamed(path, delimiter, encoding)
    assert found is None or found == expected
    assert not path.with_suffix(".plain").exists()
    if isinstance(expected, RawTable):
        with duckdb.connect() as connection:
            ingested = ingest_table(connection, expected, "t", path.with_suffix(".plain"))
            assert loaded(connection, ingested) == expected
    return found


@given(text=TEXT, encoding=ENCODINGS, delimiter=DELIMITERS)
def test_any_text(
    tmp_path_factory: pytest.TempPathFactory, text: str, encoding: str, delimiter: str
) -> None:
    path = tmp_path_factory.mktemp("text") / "dataset.csv"
    written = "utf-8" if encoding == "auto" else encoding
    path.write_bytes(text.encode(written, errors="replace"))
    same(path, delimiter, encoding)


@given(
    rows=st.lists(
        st.lists(st.lists(PIECE, max_size=4).map("".join), min_size=3, max_size=3), max_size=8
    ),
    spoiled=st.none() | st.tuples(st.integers(0, 400), PIECE),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=ENCODINGS,
)
def test_any_table(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]],
    spoiled: tuple[int, str] | None, ending: str, encoding: str,
) -> None:  # fmt: skip
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if set(text) & set(';"\r\n') else text

    lines = [["a", "b", "c"], *rows]
    text = "".join(";".join(map(cell, row)) + ending for row in lines).replace("\x00", "")
    if spoiled is not None:
        text = text[: spoiled[0]] + spoiled[1] + text[spoiled[0] :]
    path = tmp_path_factory.mktemp("table") / "dataset.csv"
    path.write_bytes(text.encode("utf-8" if encoding == "auto" else encoding, errors="replace"))
    same(path, ";", encoding)


@given(content=st.binary(max_size=200), encoding=ENCODINGS)
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes, encoding: str) -> None:
    path = tmp_path_factory.mktemp("bytes") / "dataset.csv"
    path.write_bytes(b"a;b\n1;2\n" + content)
    same(path, ";", encoding)


@pytest.mark.parametrize("size", [1, 7, 64])
@pytest.mark.parametrize(
    "content",
    [
        b"a;b\n1;\xe6\n2;\xc3\xa6\n",
        b"a;b\n1;\xc3\xa6\n2;\xe6\n",
        "a;b\n1;Ã¦\n2;x\n".encode(),
        b"a;b\n1;x\n2;\x00\n3;\x81\n",
        b"a;b\n1;\xc3\xa6\n2;\xc3",
        b"\xef\xbb\xbfa;b\n1;\xc3\xa6\n",
        b"\n\n   \n",
        b"a;b\n" + b"1;2\n" * 50 + b"3\n",
    ],
)
def test_the_size_of_blocks_makes_no_difference(
    tmp_path: Path, content: bytes, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_file, "BLOCK", size)
    path = tmp_path / "dataset.csv"
    path.write_bytes(content)
    for encoding in ("auto", "utf-8", "cp1252", "utf-8-sig"):
        same(path, ";", encoding)


def test_signs_that_cells_hold_are_not_used(tmp_path: Path) -> None:
    path = tmp_path / "dataset.csv"
    path.write_text('a;b\n\x1f;"1\n2"\n\x01;\x04\n', "utf-8")
    table = same(path, ";", "utf-8")
    assert isinstance(table, RawTable)
    assert table.rows == (("\x1f", "1\n2"), ("\x01", "\x04"))


def test_files_without_a_fault_are_streamed(tmp_path: Path) -> None:
    path = tmp_path / "dataset.csv"
    for text in ('a;b\n1;"2;""x"""\n3;"line\nbreak"\n', "a;b\r\n1;æ\r\n2;\r\n", "a,b\n1,2\n"):
        for encoding in ("utf-8", "cp1252", "auto"):
            path.write_bytes(text.encode("utf-8" if encoding == "auto" else encoding))
            delimiter = "auto" if "," in text else ";"
            assert same(path, delimiter, encoding) is not None


def test_the_committed_waves_are_streamed(tmp_path: Path) -> None:
    for wave in ("2015", "2018"):
        path = STUDY / "waves" / wave / "dataset.csv"
        scratch = tmp_path / "plain"
        with duckdb.connect() as connection:
            found = ingest_delimited(connection, path, ";", "cp1252", "t", scratch)
            assert loaded(connection, found) == in_memory(path, ";", "cp1252")

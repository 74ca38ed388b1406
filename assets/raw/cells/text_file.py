"""Scans a large text file in blocks, to check that all of it is text in its encoding."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from pathlib import Path

from assets.raw.decoding import BYTE_ORDER_MARKS, ONE_BYTE, TWICE, UTF8_LETTER
from assets.raw.delimited import AUTO

BLOCK = 1 << 22
SAMPLE = 1 << 20
# Encodings in which the byte of a line feed ends a line, so that a file can be cut after it.
BY_LINES = ("utf-8", "cp12", "iso8859", "ascii")


class UnusualError(Exception):
    """A fault that needs the reader of whole files; `row` is the line of the fault."""

    def __init__(self, row: int | None = None) -> None:
        self.row = row
        super().__init__(row)


def looked_through(path: Path, encoding: str) -> tuple[str, int, str]:
    """Checksum, size and encoding of a file. All of its content must be text."""
    tried = "utf-8" if encoding == AUTO else encoding
    name = codecs.lookup(tried).name
    if not name.startswith(BY_LINES):
        raise UnusualError
    decoder, digest = codecs.getincrementaldecoder(tried)(), hashlib.sha256()
    one_byte, size = name.startswith(ONE_BYTE), 0
    for block in _blocks(path):
        if not size and block.startswith(tuple(BYTE_ORDER_MARKS)):
            raise UnusualError
        digest.update(block)
        size += len(block)
        try:
            text = decoder.decode(block)
        except UnicodeDecodeError:
            raise UnusualError from None
        # letters that are encoded twice begin with Ã, whose first byte in UTF-8 is C3
        doubtful = UTF8_LETTER.search(block) if one_byte else b"\xc3\x83" in block
        if (doubtful and (one_byte or TWICE.search(text))) or "\x00" in text:
            raise UnusualError
    if decoder.getstate()[0]:
        raise UnusualError
    return digest.hexdigest(), size, tried


def _blocks(path: Path) -> Iterator[bytes]:
    """The bytes of a file in blocks that end in a line feed, except the last."""
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            yield block if block.endswith(b"\n") else block + stream.readline()


def beginning(path: Path, encoding: str) -> str:
    """The first characters of a file."""
    with path.open(encoding=encoding, newline="") as text:
        return text.read(SAMPLE)

"""Make a DuckDB file depend on its rows alone: equal rows, equal bytes.

Two things in a file differ from one writing to the next. Memory that was never set is written
where a segment is not filled; `assets/__init__.py` has the allocator set it to zero, and the
segments are not compressed, as the compressors leave more of it. And every file gets a random
id; it is replaced by one made from the content.
"""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

MAGIC = b"DUCK"
HEADER = 4096
# the main header has the id; the last of the three headers repeats it
COPIES = (0, 2 * HEADER)
ID = slice(124, 140)
CHECKSUM = slice(0, 8)
WORD = (1 << 64) - 1
MULTIPLIER = 0xBF58476D1CE4E5B9
START = 5381


def settle_id(path: Path) -> bool:
    """Replace the random id of a closed file by a hash of the rest; false where it has none.

    A file of a layout not known here stays as it is.
    """
    content = bytearray(path.read_bytes())
    headers = [memoryview(content)[start : start + HEADER] for start in COPIES]
    known = (
        all(len(h) == HEADER and h[CHECKSUM] == checksum(h) for h in headers)
        and content[8:12] == MAGIC
        and headers[0][ID] == headers[1][ID]
        and any(headers[0][ID])
    )
    if not known:
        return False
    for header in headers:
        header[ID], header[CHECKSUM] = bytes(16), bytes(8)
    settled = hashlib.sha256(content).digest()[:16]
    with path.open("r+b") as stream:
        for start, header in zip(COPIES, headers, strict=True):
            header[ID] = settled
            header[CHECKSUM] = checksum(header)
            stream.seek(start)
            stream.write(header)
    return True


def checksum(header: memoryview) -> bytes:
    """DuckDB's checksum of a header, over all that follows the checksum."""
    found = START
    for (word,) in struct.iter_unpack("<Q", header[CHECKSUM.stop :]):
        found ^= word * MULTIPLIER & WORD
    return struct.pack("<Q", found)

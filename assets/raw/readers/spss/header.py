"""Reads facts from the dictionary of a .sav file that pyreadstat does not return.

These are the weight variable and the encoding, by the record layout in PSPP's documentation
("System File Format"). The file gives the number of records, so every length is checked against its
size.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

MAGIC = (b"$FL2", b"$FL3")
HEADER_BYTES, WEIGHT_AT, LAYOUT_AT = 176, 76, 64
VARIABLE, VALUES, INDEXES, DOCUMENT, EXTENSION = 2, 3, 4, 6, 7
INTEGERS, LONG_NAMES, ENCODING = 3, 13, 20
CODE_PAGES = {2: "ascii", 3: "ascii", 4: "", 65001: "utf-8", 28591: "latin-1", 10000: "mac-roman"}
MOST = 1 << 24


@dataclass(frozen=True)
class Header:
    """The weight variable's name, the encoding if given, and long names by short names.

    Names are bytes decoded as Latin-1; short names are in capitals.
    """

    weight: str | None = None
    encoding: str | None = None
    long_names: Mapping[str, str] = field(default_factory=dict)

    def name(self, short: str) -> str:
        """The long name of a variable."""
        return self.long_names.get(short.upper(), short)


def read_header(content: bytes) -> Header:
    """The weight and the encoding in the dictionary; for a damaged one what can be read."""
    if content[:4] not in MAGIC or len(content) < HEADER_BYTES:
        return Header()
    order = "<" if content[LAYOUT_AT] in (2, 3) else ">"
    reader = _Records(content, order)
    with contextlib.suppress(struct.error, ValueError):
        reader.read()
    place = struct.unpack_from(f"{order}i", content, WEIGHT_AT)[0]
    short = reader.names[place - 1] if 0 < place <= len(reader.names) else None
    header = Header(None, reader.encoding, reader.long_names)
    return replace(header, weight=header.name(short) if short else None)


class _Records:
    def __init__(self, content: bytes, order: str) -> None:
        self.content, self.order, self.at = content, order, HEADER_BYTES
        # a string of more than eight letters has several positions
        self.names: list[str] = []
        self.long_names: dict[str, str] = {}
        self.encoding: str | None = None

    def read(self) -> None:
        while self.at < len(self.content):
            kind = self._number()
            if kind == VARIABLE:
                self._variable()
            elif kind == VALUES:
                for _ in range(self._count()):
                    length = self.content[self.at + 8]
                    self._skip(8 + (1 + length + 7) // 8 * 8)
            elif kind == INDEXES:
                self._skip(4 * self._count())
            elif kind == DOCUMENT:
                self._skip(80 * self._count())
            elif kind == EXTENSION:
                self._extension()
            else:
                return

    def _variable(self) -> None:
        _, labelled, missing, _, _ = (self._number() for _ in range(5))
        self.names.append(self._bytes(8).decode("latin-1").rstrip())
        if labelled:
            self._skip((self._count() + 3) // 4 * 4)
        self._skip(8 * abs(missing))

    def _extension(self) -> None:
        subtype, size, count = self._number(), self._count(), self._count()
        data = self._bytes(size * count)
        if subtype == INTEGERS and self.encoding is None and len(data) >= 32:
            page = struct.unpack_from(f"{self.order}i", data, 28)[0]
            self.encoding = CODE_PAGES.get(page, f"cp{page}" if 0 < page < 65000 else None) or None
        elif subtype == LONG_NAMES:
            pairs = (part.partition("=") for part in data.decode("latin-1").split("\t"))
            self.long_names = {
                short.strip().upper(): name.rstrip("\0 ") for short, _, name in pairs
            }
        elif subtype == ENCODING:
            self.encoding = data.decode("latin-1").strip("\0 ") or None

    def _skip(self, count: int) -> None:
        self.at += count

    def _number(self) -> int:
        found: int = struct.unpack_from(f"{self.order}i", self.content, self.at)[0]
        self.at += 4
        return found

    def _count(self) -> int:
        found = self._number()
        if not 0 <= found <= MOST:
            raise ValueError
        return found

    def _bytes(self, count: int) -> bytes:
        if self.at + count > len(self.content):
            raise ValueError
        found = self.content[self.at : self.at + count]
        self.at += count
        return found

"""Decodes a raw file with the declared or detected encoding, or says what contradicts it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from pathlib import Path

from assets.raw.detection import detect_encoding
from assets.raw.encodings import NAMES, USUAL, common_encoding
from assets.raw.errors import file_error

BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "UTF-8 with a byte-order mark",
    codecs.BOM_UTF16_LE: "UTF-16 little-endian",
    codecs.BOM_UTF16_BE: "UTF-16 big-endian",
}
# Encodings with one byte per letter. In these a UTF-8 letter appears as two, such as Ã¦ for æ,
# which nobody writes. One such pair shows that a file, or a part pasted into it, is UTF-8. The
# search covers æ ø å ä ö ü é and their capitals.
ONE_BYTE = ("cp12", "cp4", "cp8", "iso8859", "mac")
UTF8_LETTER = re.compile(rb"\xc3[\xa6\xb8\xa5\xa4\xb6\xbc\xa9\x86\x98\x85\x84\x96\x9c\x89]")
# The same letters after UTF-8 was read as a one-byte encoding and written as UTF-8 again.
TWICE = re.compile(
    "|".join(
        re.escape(letter.encode().decode(encoding))
        for encoding in ("cp1252", "latin-1")
        for letter in "æøåäöüéÆØÅÄÖÜÉ"
        if encoding == "latin-1" or letter.encode()[1] not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
    )
)


def by_words(content: bytes, beside: Sequence[Path], notes: list[str]) -> str:
    """The one-byte encoding whose words fit this file and the files in `beside`; adds a note."""
    others = [other.read_bytes() for other in beside if other.is_file()]
    decided = common_encoding([content, *(o for o in others if detect_encoding(o) == USUAL)])
    if decided.by_words:
        same = "".join(f" ({NAMES[name]} gives the same text)" for name in decided.alike)
        notes.append(
            f"the words of {NAMES[decided.encoding]}{same}, expected Windows-1252 or UTF-8 "
            f"(read as {decided.encoding}, `encoding` in source.yaml overrides it)"
        )
    return decided.encoding


def decode(path: Path, content: bytes, encoding: str, wanted: str) -> str:
    """The file's text in `encoding`, with its byte-order mark where the encoding keeps it.

    `wanted` completes the message `expected ...`. Raises DataError with the line for an empty file,
    a byte-order mark or letters of another encoding, text encoded twice, and NUL characters.
    """
    if not content.strip():
        raise file_error("not_empty", path, "a file with content", value="0 bytes of text")
    declared = codecs.lookup(encoding).name
    for mark, name in BYTE_ORDER_MARKS.items():
        if content.startswith(mark) and declared not in ("utf-8-sig", "utf-16"):
            raise file_error("encoding", path, wanted, 1, value=name)
    if declared.startswith(ONE_BYTE) and (letter := UTF8_LETTER.search(content)):
        row = content.count(b"\n", 0, letter.start()) + 1
        raise file_error("encoding", path, f"{encoding} throughout", row, value="UTF-8 text")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        found = content[error.start : error.start + 1].hex()
        if error.end == len(content):
            wanted += " (the file seems to be cut off here)"
        raise file_error("encoding", path, wanted, row, value=f"byte 0x{found}") from error
    if not declared.startswith(ONE_BYTE) and (letters := TWICE.search(text)):
        row = text.count("\n", 0, letters.start()) + 1
        raise file_error("encoding", path, f"{encoding} once", row, value="letters encoded twice")
    if "\x00" in text:
        row = text.count("\n", 0, text.index("\x00")) + 1
        raise file_error("encoding", path, "text without NUL characters", row, value="\\x00")
    return text

"""Detects the encoding and delimiter of a text file from its content."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable

DELIMITERS = {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}
SAMPLE = 200_000
# Bytes of æ, ø, å and similar letters in UTF-8. Such pairs are hardly ever text in Windows-1252.
UTF8_PAIR = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")


def detect_encoding(content: bytes) -> str:
    """The encoding by byte-order mark, NUL bytes, or valid UTF-8; else a one-byte encoding.

    The result for a one-byte encoding is Windows-1252; `encodings.decide` finds the right one.

    A damaged or truncated UTF-8 file is still detected as UTF-8, so that decoding fails with a
    message. Read as Windows-1252, it would give wrong letters without a message.
    """
    if content.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = content[:SAMPLE]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) > len(head) // 8:
        return "utf-16-le" if odd > even else "utf-16-be"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        broken = content.decode("utf-8", errors="replace").count("�")
        return "utf-8" if len(UTF8_PAIR.findall(content)) > broken else "cp1252"
    return "utf-8"


def detect_delimiter(text: str, width: int | None = None, likely: str | None = None) -> str | None:
    """The delimiter with which most records are as wide as the first; None if none fits.

    `width` is the number of fields, if known (a file without a header line). If several delimiters
    fit equally well, `likely` is returned.
    """
    sample = text[:SAMPLE]
    found: list[tuple[float, int, bool, str]] = []
    for delimiter in DELIMITERS:
        widths = list(_widths(sample, delimiter, width))
        if len(text) > SAMPLE and len(widths) > 1:
            # the last record of the sample may be incomplete
            widths.pop()
        if not widths:
            continue
        wanted = width or widths[0]
        share = sum(w == wanted for w in widths) / len(widths)
        if wanted > 1 and share > 0:
            found.append((share, wanted, delimiter == likely, delimiter))
    if not found and width is not None:
        # all lines have another width; a message about the file can say so
        return detect_delimiter(text, None, likely)
    return max(found, key=lambda entry: entry[:3])[3] if found else None


def named_delimiter(text: str, width: int | None, named: str, notes: list[str]) -> str:
    """The delimiter of a `sep=` line; another one if the next line does not contain it."""
    found = detect_delimiter(text, width, named)
    if found is None or found == named or named in text.split("\n", 1)[0]:
        return named
    notes.append(
        f"sep={named} on the first line, expected the sign between fields ({DELIMITERS[found]}, "
        "which is used)"
    )
    return found


def _widths(text: str, delimiter: str, width: int | None) -> Iterable[int]:
    csv.field_size_limit(SAMPLE)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    for record in reader:
        if record:
            surplus = width is not None and not any(cell.strip() for cell in record[width:])
            yield min(len(record), width) if surplus and width else len(record)

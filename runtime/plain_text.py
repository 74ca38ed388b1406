"""A normal form for texts that look alike, to compare groups, labels, names and codes."""

from __future__ import annotations

import re
import unicodedata

# Invisible characters: the soft hyphen, zero-width characters and byte-order marks.
SHAPELESS = re.compile("[\u00ad\u034f\u180e\u200b-\u200d\u2060\ufeff]")


def plain(text: str) -> str:
    """The text in NFC, on one line, with single blanks and none at the ends.

    All blanks are equal: no-break and thin spaces, tabs, line feeds. Texts that look the same to a
    reader become equal. Capitals stay.
    """
    if text.isascii():
        return " ".join(text.split())
    return " ".join(unicodedata.normalize("NFC", SHAPELESS.sub("", text)).split())


def same_text(text: str) -> str:
    """`plain`, ignoring capitals."""
    return plain(text).casefold()

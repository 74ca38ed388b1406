"""One spelling for texts that look alike: what groups, labels, names and codes are compared by."""

from __future__ import annotations

import re
import unicodedata

# They say where a word may break or how letters join, and show as nothing: the soft hyphen,
# zero-width characters and byte-order marks.
SHAPELESS = re.compile("[\u00ad\u034f\u180e\u200b-\u200d\u2060\ufeff]")


def plain(text: str) -> str:
    """The text composed (NFC), on one line, with single blanks and none around it.

    Any blank counts as one: no-break and thin blanks, tabs, line feeds. Two texts that a reader
    cannot tell apart become equal. Capitals stay as they are.
    """
    if text.isascii():
        return " ".join(text.split())
    return " ".join(unicodedata.normalize("NFC", SHAPELESS.sub("", text)).split())


def same_text(text: str) -> str:
    """`plain`, and capitals make no difference either."""
    return plain(text).casefold()

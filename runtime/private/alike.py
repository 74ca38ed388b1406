"""A text as patterns read it: letters and digits of any alphabet look like those of Danish."""

from __future__ import annotations

import re
import unicodedata

from runtime.plain_text import SHAPELESS

# Letters that patterns name. All other letters become one letter of the same case.
OWN = frozenset("æøåéöäüßÆØÅÉÖÄÜ’–—“”")
# Names of columns join words.
JOINT = re.compile(r"(?<=[^\W\d_])_(?=[^\W\d_])")


def without_shapeless(text: str) -> str:
    """The text without invisible characters, which would part a number or a name."""
    return text if text.isascii() else SHAPELESS.sub("", text)


def alike(text: str) -> str:
    """A text of the same length, for patterns.

    Letters of other alphabets with capitals are É or é, and so are the marks on them. Digits,
    blanks, dashes and wide forms are those of ASCII. A text in capitals only is in title case.
    """
    shown = JOINT.sub(" ", text if text.isascii() else "".join(map(_alike, text)))
    return _titled(shown) if shown.isupper() else shown


def _alike(character: str) -> str:
    if character.isascii() or character in OWN:
        return character
    kind = unicodedata.category(character)
    if kind == "Nd":
        return str(unicodedata.decimal(character))
    if kind == "Zs":
        return " "
    if kind == "Pd" or character == "\u2212":
        return "-"
    wide = unicodedata.normalize("NFKC", character)
    if len(wide) == 1 and wide.isascii():
        return wide
    if kind in ("Lu", "Lt"):
        return "É"
    return "é" if kind in ("Ll", "Mn") else character


def _titled(text: str) -> str:
    titled = text.title()
    return titled if len(titled) == len(text) else text

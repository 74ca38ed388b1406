"""Detects the one-byte encoding of a text by the words that each encoding gives."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

USUAL = "cp1252"
# If several encodings give the same text, the first one is named: DOS western, Nordic and original,
# old Macs.
OTHERS = ("cp850", "cp865", "cp437", "mac-roman")
NAMES = {
    "cp1252": "Windows-1252", "cp850": "DOS (CP850)", "cp865": "DOS Nordic (CP865)",
    "cp437": "DOS (CP437)", "mac-roman": "Mac Roman",
}  # fmt: skip
MOST_WORDS = 5_000
WORD = re.compile(rb"[^\s;,|\"']*[\x80-\xff][^\s;,|\"']*")
# Letters of the languages that use these encodings.
LETTERS = frozenset("æøåäöüéßñçèêëàáâãíîïóôõúûùìòðþœýÿÆØÅÄÖÜÉÑÇÈÊËÀÁÂÃÍÎÏÓÔÕÚÛÙÌÒÐÞŒ")
# Signs that occur next to a word or number, but not within a word.
SIGNS = frozenset("‘’“”„–—…«»•§°£€½¼¾´¨·®©™ \u00ad")


@dataclass(frozen=True)
class Decided:
    """An encoding, others that give the same text, and whether words decided between them."""

    encoding: str
    alike: tuple[str, ...] = ()
    by_words: bool = False


def common_encoding(contents: Iterable[bytes]) -> Decided:
    """The one-byte encoding of files that were written together.

    The result is Windows-1252 unless its words are invalid (signs within words, capitals after
    small letters, undefined bytes) and those of another encoding are valid.
    """
    words = list(dict.fromkeys(w for content in contents for w in WORD.findall(content)))
    words = words[:MOST_WORDS]
    facts = {name: _texts(words, name) for name in (USUAL, *OTHERS)}
    scores = {name: sum(map(word_score, texts)) for name, texts in facts.items()}
    best = max(OTHERS, key=lambda name: scores[name])
    if scores[USUAL] >= 0 or scores[best] <= 0:
        return Decided(USUAL)
    alike = tuple(name for name in OTHERS if name != best and facts[name] == facts[best])
    return Decided(best, alike, by_words=True)


def _texts(words: list[bytes], encoding: str) -> list[str]:
    return [word.decode(encoding, "replace") for word in words]


def word_score(word: str) -> float:
    """How well the letters beyond ASCII fit into words: 1 for each that fits, -1 for each other."""
    total = 0.0
    for at, letter in enumerate(word):
        if letter.isascii():
            continue
        before, after = word[at - 1 : at], word[at + 1 : at + 2]
        within = before.isalpha() and after.isalpha()
        if letter in LETTERS:
            amiss = (letter.isupper() and before.islower()) or before.isdigit() or after.isdigit()
            total += -1.0 if amiss else 1.0
        elif letter in SIGNS:
            amiss = (within and letter != "’") or (letter in "¼½¾´¨®" and before.isalpha())
            total += -1.0 if amiss else 0.2
        else:
            total += -0.5 if letter.isalpha() else -1.0
    return total


# UTF-8 that was read as a one-byte encoding: æ as Ã¦, Å as Ã… and so on.
MISREAD = re.compile(
    "[ÂÃÅ][\u0080-\u00bf‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€[\u0080-\u00bf\u2000-\u20ff™œž]"
)


def read_again(text: str) -> str:
    """Decode UTF-8 letters that were read as Windows-1252 or Latin-1; other texts are unchanged."""
    if not MISREAD.search(text):
        return text
    for encoding in ("cp1252", "latin-1"):
        try:
            found = _bytes(text, encoding).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
        if len(found) < len(text) and not any(unicodedata.category(c) == "Cc" for c in found
                                              if c not in "\t\r\n"):  # fmt: skip
            return found
    return text


def _bytes(text: str, encoding: str) -> bytes:
    # Windows-1252 leaves five bytes undefined; programs keep them as control characters
    return b"".join(
        bytes([ord(c)]) if encoding == "cp1252" and 0x80 <= ord(c) < 0xA0 else c.encode(encoding)
        for c in text
    )

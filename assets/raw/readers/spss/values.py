"""Values of an SPSS file as text: dates by their format, texts decoded by their bytes."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from assets.raw.encodings import NAMES, common_encoding, read_again
from assets.raw.readers.numbers import cell_text

EPOCH = datetime.datetime(1582, 10, 14)
DATES = re.compile(r"(?:[AEJS]?DATE|QYR|MOYR|WKYR)[0-9.]*")
MOMENTS = re.compile(r"(?:DATETIME|YMDHMS)[0-9.]*")
TIMES = re.compile(r"D?TIME[0-9.]*|MTIME[0-9.]*")
DAY = 86_400
UTF8 = "utf-8"
LONGEST_LETTER = 3


def is_date(kind: str) -> bool:
    """Whether numbers of this format are seconds."""
    return any(known.fullmatch(kind) for known in (DATES, MOMENTS, TIMES))


def date_text(seconds: Any, kind: str) -> str | None:
    """A date, moment or time in ISO form; None for an invalid one, such as a year 30000."""
    if seconds is None or seconds != seconds:
        return ""
    try:
        if TIMES.fullmatch(kind):
            if not 0 <= seconds < DAY:
                # a duration of days is not a time of day
                return cell_text(float(seconds)) if abs(seconds) < 1e9 else None
            moment = EPOCH + datetime.timedelta(seconds=float(seconds))
            return moment.time().isoformat()
        if seconds < DAY:
            # the calendar begins on the day after the epoch: 0 or -99 means something else
            return None
        moment = EPOCH + datetime.timedelta(seconds=float(seconds))
    except (OverflowError, ValueError):
        return None
    return moment.date().isoformat() if DATES.fullmatch(kind) else moment.isoformat()


class Texts:
    """Texts read as Latin-1 (one letter per byte), decoded as the file or the user declares.

    `named` is the user's encoding or None, `header` that of the file. If neither fits all texts,
    valid UTF-8 is decoded as UTF-8, and other texts by their words.
    """

    def __init__(self, texts: Iterable[str], header: str | None, named: str | None) -> None:
        raw = {text: text.encode("latin-1", "replace") for text in texts if not text.isascii()}
        self.header = (header or "").lower() or None
        self.again = 0
        self.found: dict[str, str] = {}
        self.used: Counter[str] = Counter()
        self.cut = 0
        wanted = named or self._fitting(raw.values())
        single = common_encoding(raw.values()).encoding if wanted is None else wanted
        for text, content in raw.items():
            decoded = self._decode(content, wanted, single)
            repaired = read_again(decoded) if named is None else decoded
            self.again += repaired != decoded
            self.found[text] = repaired

    def _fitting(self, contents: Iterable[bytes]) -> str | None:
        """The header's encoding, if all texts are valid words in it."""
        contents = list(contents)
        if not contents or self.header is None:
            return None
        try:
            for content in contents:
                content.decode(self.header)
        except (UnicodeDecodeError, LookupError):
            return None
        if not self.header.replace("_", "-").startswith("utf"):
            decided = common_encoding(contents)
            utf8 = sum(_valid(content) for content in contents)
            # texts with two bytes per letter are hardly ever valid UTF-8 by chance
            if decided.by_words or utf8 == len(contents):
                return None
        return self.header

    def _decode(self, content: bytes, wanted: str | None, single: str) -> str:
        if wanted is not None:
            self.used[wanted] += 1
            return content.decode(wanted, "replace")
        if _valid(content):
            self.used[UTF8] += 1
            return content.decode(UTF8)
        for cut in range(1, LONGEST_LETTER + 1):
            # a text as long as its field may end within a letter
            whole = content[:-cut]
            if whole and content[-cut] >= 0xC0 and not whole.isascii() and _valid(whole):
                self.cut += 1
                return whole.decode(UTF8)
        self.used[single] += 1
        return content.decode(single, "replace")

    def __call__(self, text: str) -> str:
        """The text decoded."""
        return self.found.get(text, text)

    @property
    def notes(self) -> list[str]:
        """Notes on texts that were not decoded with the header's encoding."""
        notes = []
        others = {name: n for name, n in self.used.items() if not _same(name, self.header)}
        if others:
            text = ", ".join(f"{n} texts in {NAMES.get(name, name)}" for name, n in others.items())
            said = f"{self.header} as the file says" if self.header else "the file to say so"
            notes.append(f"{text}, expected {said} (--encoding overrides it)")
        if self.again:
            notes.append(
                f"{self.again} texts of UTF-8 read as Windows-1252, expected letters (decoded "
                "again)"
            )
        if self.cut:
            notes.append(f"{self.cut} texts cut within a letter, expected whole ones (it is left "
                         "out)")  # fmt: skip
        return notes


def _valid(content: bytes) -> bool:
    try:
        content.decode(UTF8)
    except UnicodeDecodeError:
        return False
    return True


def _same(one: str, other: str | None) -> bool:
    def plain(name: str | None) -> str:
        return re.sub(r"[^a-z0-9]", "", (name or "").lower().replace("windows-", "cp"))

    return plain(one) == plain(other)

"""Text from outside, made safe for the place it is shown in: terminal, Markdown, spreadsheet.

Labels, column names and cells of an export are somebody else's text. They are stored as they
came; only what shows them changes them, by the functions below.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# Controls, formats (marks that turn the direction of writing, zero-width characters), halves of
# surrogate pairs, private use, line and paragraph separators. The soft hyphen is left alone.
HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
KEPT = frozenset({"\u00ad"})
NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}

# What a spreadsheet reads as the beginning of a formula, also in full width.
FORMULA = re.compile(r"[\s\"]*[=+\-@＝＋－＠]\s*\S")
# Where a spreadsheet may begin another cell: it splits by the delimiter of its own settings, and
# does not take a quote within a cell for one.
SPLITS = re.compile(r"([;,|\t\n])")
NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?(?:[eE][+-]?[0-9]+)?")
GUARD = "'"

MARKDOWN = re.compile(r"[\\`*\[\]|~<]|&(?=[#\w]+;)|(?<![^\W_])_|_(?![^\W_])")
# a heading, list, quote or rule where a line begins
LEADING = re.compile(r"#{1,6}(?=\s|$)|[+-](?=\s|$)|[0-9]{1,9}[.)](?=\s|$)|>|[=-]{2}")
ENTITIES = {"<": "&lt;", "&": "&amp;"}


def visible(text: str, keep: str = "") -> str:
    """The text with characters that do not show, or move the cursor, written as escapes.

    Control characters and with them terminal sequences, marks of direction, zero-width
    characters, lone surrogates; `keep` names those that stay, as the line break of a message.
    """
    if text.isprintable():
        return text
    return "".join(c if c in keep else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    if character in KEPT or unicodedata.category(character) not in HIDDEN_CATEGORIES:
        return character
    number = ord(character)
    if character in NAMED:
        return NAMED[character]
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def markdown_text(text: str) -> str:
    """The text as Markdown that renders as this text: no markup, link, image or table of its own.

    Stands on one line. Markdown of its own (a table, a list of ours) must not be passed.
    """
    shown = visible(" ".join(text.split()))
    escaped = MARKDOWN.sub(lambda m: ENTITIES.get(m.group(), f"\\{m.group()}"), shown)
    leading = LEADING.match(escaped)
    if leading is None:
        return escaped
    # of a list's number the point, of all others the first character
    place = leading.end() - 1 if escaped[0].isdigit() else 0
    return f"{escaped[:place]}\\{escaped[place:]}"


def code_span(text: str) -> str:
    """The text as a Markdown code span, on one line; a backtick in it cannot end it."""
    shown = visible(" ".join(text.split())).replace("|", "¦")
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    if not longest:
        return f"`{shown}`"
    fence = "`" * (longest + 1)
    return f"{fence} {shown} {fence}"


@functools.lru_cache(maxsize=1 << 16)
def spreadsheet_text(text: str) -> str:
    """The text as a spreadsheet may open it: "'" stands before what it would take for a formula.

    This holds for every part that may become a cell of its own, whatever delimiter the spreadsheet
    splits by. A plain number stays as it is, minus and exponent included. A carriage return becomes
    a line feed: a CSV file would stand unquoted with it, and break there.
    """
    shown = visible(text.replace("\r\n", "\n").replace("\r", "\n"), keep="\n\t")
    if NUMBER.fullmatch(shown):
        return shown
    guarded = "".join(_guarded_part(part) for part in SPLITS.split(shown))
    # a cell that begins with a tab or a line break is read without it
    return GUARD + guarded if guarded[:1] in ("\t", "\n") else guarded


def _guarded_part(part: str) -> str:
    formula = FORMULA.match(part) and not NUMBER.fullmatch(part.strip(' "'))
    return GUARD + part if formula else part


def spreadsheet_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with `spreadsheet_text` for its text cells and headers; numbers are not touched."""
    guarded = frame.copy()
    for place, kind in enumerate(frame.dtypes):
        if kind.kind in "OSU" or str(kind) in ("string", "str"):
            cells = frame.iloc[:, place].to_numpy(object)
            # most columns repeat a few texts
            texts = {cell for cell in cells if isinstance(cell, str)}
            shown = {text: spreadsheet_text(text) for text in texts}
            guarded.isetitem(place, [shown[c] if isinstance(c, str) else c for c in cells])
    guarded.columns = [spreadsheet_text(str(name)) for name in frame.columns]
    return guarded


def page_lines(text: str) -> str:
    """The same lines for a page that reads Markdown, which would run them together."""
    return "  \n".join(text.splitlines())


def plain_lines(text: str) -> str:
    """What `page_lines` was given, for a terminal or a notification."""
    return "\n".join(line.rstrip() for line in text.splitlines())

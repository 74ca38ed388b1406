"""Text from outside, escaped for the place that shows it: terminal, Markdown, spreadsheet.

Labels, column names and cells of an export may contain anything. samspil stores them unchanged. The
functions below escape them when they are shown.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# Control characters, format characters (direction marks, zero-width characters), lone surrogates,
# private use, line and paragraph separators. The soft hyphen stays.
HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
KEPT = frozenset({"\u00ad"})
NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}

# Characters that start a formula in a spreadsheet, also in full width, small, and as a minus sign.
SIGNS = "=+\\-@＝＋－＠﹦﹢﹣﹫\u2212"
FORMULA = re.compile(rf"[\s\"\u00ad]*[{SIGNS}]\s*\S")
# A formula may go on behind a line break within its cell.
BEGUN = re.compile(rf"[\s\"\u00ad]*[{SIGNS}]\s*")
# Characters after which a spreadsheet may start a new cell. It splits by its own delimiter and
# ignores quotes within a cell.
SPLITS = re.compile(r"([;,|\t\n])")
NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?(?:[eE][+-]?[0-9]+)?")
GUARD = "'"

MARKDOWN = re.compile(r"[\\`*\[\]|~<]|&(?=[#\w]+;)|(?<![^\W_])_|_(?![^\W_])")
# a heading, list, quote or rule at the start of a line
LEADING = re.compile(r"#{1,6}(?=\s|$)|[+-](?=\s|$)|[0-9]{1,9}[.)](?=\s|$)|>|[=-]{2}")
ENTITIES = {"<": "&lt;", "&": "&amp;"}


def visible(text: str, keep: str = "") -> str:
    """The text with invisible and cursor-moving characters written as escapes.

    These are control characters (and with them terminal sequences), direction marks, zero-width
    characters and lone surrogates. `keep` lists characters that stay, such as the line break of a
    message.
    """
    rest = text
    for character in keep:
        rest = rest.replace(character, "")
    if rest.isprintable():
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


@functools.lru_cache(maxsize=1 << 14)
def markdown_text(text: str) -> str:
    """Escape text so that Markdown shows it literally: no markup, link, image or table.

    The result is one line. Do not pass text that is meant as Markdown, such as a table.
    """
    shown = visible(" ".join(text.split()))
    escaped = MARKDOWN.sub(lambda m: ENTITIES.get(m.group(), f"\\{m.group()}"), shown)
    leading = LEADING.match(escaped)
    if leading is None:
        return escaped
    # In a list number the point is escaped, in all others the first character.
    place = leading.end() - 1 if escaped[0].isdigit() else 0
    return f"{escaped[:place]}\\{escaped[place:]}"


def code_span(text: str) -> str:
    """The text as a Markdown code span on one line; a backtick in it cannot end the span."""
    shown = visible(" ".join(text.split())).replace("|", "¦")
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    if not longest:
        return f"`{shown}`"
    fence = "`" * (longest + 1)
    return f"{fence} {shown} {fence}"


@functools.lru_cache(maxsize=1 << 16)
def spreadsheet_text(text: str) -> str:
    """Put "'" in front of text that a spreadsheet would read as a formula.

    This applies to every part that may become a cell, whatever delimiter the spreadsheet splits by.
    A plain number stays unchanged, with minus sign and exponent. A carriage return becomes a line
    feed, because a CSV file would contain it unquoted and break there.
    """
    shown = visible(text.replace("\r\n", "\n").replace("\r", "\n"), keep="\n\t")
    if NUMBER.fullmatch(shown):
        return shown
    parts = SPLITS.split(shown)
    guarded = "".join(_guarded_part(part, last=n == len(parts)) for n, part in enumerate(parts, 1))
    # A spreadsheet ignores a leading tab or line break of a cell.
    return GUARD + guarded if guarded[:1] in ("\t", "\n") else guarded


def _guarded_part(part: str, *, last: bool) -> str:
    formula = FORMULA.match(part) or (not last and BEGUN.fullmatch(part))
    return GUARD + part if formula and not NUMBER.fullmatch(part.strip(' "')) else part


def spreadsheet_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with `spreadsheet_text` applied to text cells and headers; numbers stay."""
    guarded = frame.copy()
    for place, kind in enumerate(frame.dtypes):
        if kind.kind in "OSU" or str(kind) in ("string", "str"):
            cells = frame.iloc[:, place].to_numpy(object)
            # most columns repeat few texts
            texts = {cell for cell in cells if isinstance(cell, str)}
            shown = {text: spreadsheet_text(text) for text in texts}
            guarded.isetitem(place, [shown[c] if isinstance(c, str) else c for c in cells])
    guarded.columns = [spreadsheet_text(str(name)) for name in frame.columns]
    return guarded


def page_lines(text: str) -> str:
    """Lines joined for Markdown, which would otherwise run them together."""
    return "  \n".join(text.splitlines())


def plain_lines(text: str) -> str:
    """The reverse of `page_lines`, for a terminal or a notification."""
    return "\n".join(line.rstrip() for line in text.splitlines())

"""Reads the text of a printed report: captions, blocks and rows of figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from replication.printed import Printed

FIGURE = re.compile(r"\d+(?:[.,]\d+)*|[.,]\d+")
# A run of figures at the end of a line; percent signs and stars belong to the figure before.
TAIL = re.compile(r"(?:^|\s)((?:(?:\d+(?:[.,]\d+)?|[.,]\d+)%?(?: ?\*{1,3})?(?:\s+|$))+)$")
TAIL_ITEM = re.compile(r"(\d+(?:[.,]\d+)?|[.,]\d+)%?(?: ?(\*{1,3}))?")
CAPTION = re.compile(r"^\s*(?P<kind>Tabel|Bilagstabel) (?P<number>\d+\.\d+) ")
FILE_NAME = re.compile(r"^table_(?P<chapter>[a-z]?\d+)_(?P<position>\d+)\.csv$")
DATE = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}")

# More lines than the longest row label or repeated page header, fewer than a page of prose.
MAX_GAP = 12


@dataclass(frozen=True)
class TextRow:
    """One line of the report that ends in figures.

    ``line`` is the index in the report, ``lead`` the text before the figures, ``tail`` the
    figures as (figure with decimal point, stars).
    """

    line: int
    lead: str
    tail: tuple[tuple[str, str], ...]

    @property
    def figures(self) -> tuple[str, ...]:
        """The figures of the line without their stars."""
        return tuple(figure for figure, _ in self.tail)


def table_number(path: Path) -> str:
    """Return the printed number of the table in ``path`` (``a1_1`` is ``1.1`` of an appendix)."""
    match = FILE_NAME.match(path.name)
    if match is None:
        raise ValueError(f"not the name of a printed table: {path.name}")
    return f"{match['chapter'].lstrip('a')}.{match['position']}"


def is_appendix(path: Path) -> bool:
    """Whether the table is in an appendix, where captions begin with another word."""
    return path.name.startswith("table_a")


def stars_of(figure: Printed) -> str:
    """The stars printed with a figure, or an empty string."""
    return figure.note if figure.note.strip("*") == "" else ""


def bound_of(figure: Printed) -> str:
    """The printed bound of p without its comparison sign (``.05``), or an empty string."""
    note = figure.note
    return "" if stars_of(figure) or "<" not in note else note.split("<", 1)[1].strip()


def printed_lines(figures: Iterable[Printed]) -> list[list[Printed]]:
    """Group figures into printed lines. A new line starts with a new row, group or first column.

    The appendix prints counts and percentages of a municipality on two lines under one set of
    column headings. The second occurrence of the line's first column therefore starts a new line
    too.
    """
    lines: list[list[Printed]] = []
    for figure in figures:
        first = lines[-1][0] if lines else None
        if (
            first is None
            or (first.row, first.group) != (figure.row, figure.group)
            or first.column == figure.column
        ):
            lines.append([])
        lines[-1].append(figure)
    return lines


def compact(text: str) -> str:
    """Return the letters and digits of ``text`` in lower case.

    Hyphens, spaces and line breaks are removed, so that a word divided over two lines becomes
    whole.
    """
    return "".join(character for character in text.lower() if character.isalnum())


def words_in_order(label: str, text: str, start: int = 0) -> int:
    """Find the words of ``label`` in compacted ``text`` from ``start``.

    Returns the position after the last word, or -1 if a word is missing.
    """
    for word in label.split():
        wanted = compact(word)
        if not wanted:
            continue
        found = text.find(wanted, start)
        if found < 0:
            return -1
        start = found + len(wanted)
    return start


def as_point(figure: str) -> str:
    """Return a printed figure with a decimal point."""
    return figure.replace(",", ".")


def figures_in(text: str) -> list[str]:
    """List the figure-like tokens of ``text`` with decimal points; dates are left out."""
    return [as_point(token) for token in FIGURE.findall(DATE.sub(" ", text))]


def text_row(index: int, line: str) -> TextRow | None:
    """Read a line of the report that ends in figures; None if it does not."""
    match = TAIL.search(line.strip())
    if match is None:
        return None
    tail = tuple((as_point(figure), stars) for figure, stars in TAIL_ITEM.findall(match[1]))
    return TextRow(index, line.strip()[: match.start(1)], tail)


def locate(report: Sequence[str], number: str, appendix: bool) -> tuple[int, int]:
    """Return (line of the caption, line of the next caption or end) of one table.

    Raises ``ValueError`` unless exactly one caption carries the number.
    """
    captions = [(i, match) for i, line in enumerate(report) if (match := CAPTION.match(line))]
    kind = "Bilagstabel" if appendix else "Tabel"
    own = [i for i, match in captions if (match["kind"], match["number"]) == (kind, number)]
    if len(own) != 1:
        raise ValueError(f"{len(own)} captions for {kind} {number}")
    return own[0], min((i for i, _ in captions if i > own[0]), default=len(report))


def block_rows(report: Sequence[str], start: int, end: int, widths: set[int]) -> list[TextRow]:
    """Return the rows of the table whose caption is on line ``start``, in reading order.

    ``widths`` are the numbers of figures per printed line. A row may end in two more tokens: its
    base and a bound. The table ends if no row follows within ``MAX_GAP`` lines.
    """
    rows: list[TextRow] = []
    for index in range(start, end):
        if rows and index - rows[-1].line > MAX_GAP:
            break
        row = text_row(index, report[index])
        # A single figure is a row only as a decimal: prose may end a line with an integer.
        if row is None or not any(
            width <= len(row.tail) <= width + 2
            and (width > 1 or any("." in figure[1:] for figure in row.figures))
            for width in widths
        ):
            continue
        rows.append(row)
    return rows

"""The layout of a table: title, columns, lines, figures, marks, notes, source, label of the data.

The objects define what is shown and in which order; renderers decide the appearance. All text is in
both languages (`Label`). Numbers are text with a decimal point, with the number itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from declarations.labels import Label
from declarations.tables.cells import BaseColumn

# kinds of notes, in their order below a table
BASE, TEST, MARK, SIC, PRINTED, WAVE, HIDDEN, LETTERS, GROUPS = (
    "base", "test", "mark", "sic", "printed", "wave", "suppressed", "letters", "groups",
)  # fmt: skip
NO_LABEL = Label("", "")
Place = tuple[str, str, str]
"""A figure's row, group line and column, by key."""


@dataclass(frozen=True)
class Note:
    """A note below the table. If it has a `number`, the table refers to it as [number]."""

    kind: str
    text: Label
    number: int | None = None


@dataclass(frozen=True)
class LayoutColumn:
    """A column of figures. `spanner` is a heading above this and the next columns."""

    key: str
    label: Label
    statistic: str = "percent"
    decimals: int = 1
    spanner: Label = NO_LABEL
    letter: str = ""


@dataclass(frozen=True)
class Figure:
    """A number as shown: `text` with a decimal point, `value` the same number (None: no number).

    `mark` are its stars, `letters` the columns that it differs from, `refs` the numbers of its
    notes.
    """

    text: str
    value: float | None
    mark: str = ""
    letters: str = ""
    refs: tuple[int, ...] = ()


@dataclass(frozen=True)
class LayoutLine:
    """A line of the table: row label, line label, and figures in the order of the columns.

    `base` is the text of the base column. `mark` is the mark of the whole line (a bound of p),
    `heading` the heading above it.
    """

    row: str
    group: str
    label: Label
    group_label: Label
    figures: tuple[Figure, ...]
    base: str = ""
    mark: str = ""
    heading: Label = NO_LABEL
    refs: tuple[int, ...] = ()


@dataclass(frozen=True)
class TableLayout:
    """The complete layout of a table of one wave.

    `grouped` tables have a second column of labels, `marked` tables a last column with the marks of
    the lines. `base` is None if no base is shown. `title_base` is the base in the title.
    `text_columns` are an overview's columns, which hold words and no figures.
    """

    id: str
    number: str
    chapter: str
    section: str
    title: Label
    wave: str
    columns: tuple[LayoutColumn, ...]
    lines: tuple[LayoutLine, ...]
    base: BaseColumn | None = None
    title_base: str = ""
    notes: tuple[Note, ...] = ()
    source: Label = NO_LABEL
    data_label: Label = NO_LABEL
    statement: Label = NO_LABEL
    text_columns: tuple[Label, ...] = ()
    text_lines: tuple[tuple[Label, ...], ...] = ()

    @cached_property
    def grouped(self) -> bool:
        """Whether lines have their own label within a row."""
        return any(line.group for line in self.lines)

    @cached_property
    def marked(self) -> bool:
        """Whether lines have marks."""
        return any(line.mark for line in self.lines)

    @cached_property
    def starred(self) -> frozenset[int]:
        """Positions of the columns in which a figure has a mark or letters."""
        return frozenset(
            place
            for line in self.lines
            for place, figure in enumerate(line.figures)
            if figure.mark or figure.letters
        )

    @cached_property
    def spanned(self) -> bool:
        """Whether columns share headings."""
        return any(column.spanner != NO_LABEL for column in self.columns)

    @property
    def printed(self) -> bool:
        """Whether a figure, line or note refers to print."""
        return any(note.kind in (SIC, PRINTED) for note in self.notes)

    @property
    def overview(self) -> bool:
        """Whether the table has words only."""
        return bool(self.text_columns)

    def heading(self, language: str) -> str:
        """Number and title in one language, with the base if print has it there."""
        word = "Tabel" if language == "da" else "Table"
        title = said(self.title, language)
        text = f"{word} {self.number} {title}" if self.number else title
        return f"{text} (N={self.title_base})" if self.title_base else text


def said(label: Label, language: str) -> str:
    """A label in one language."""
    return label.en if language == "en" else label.da


def in_notation(text: str, language: str) -> str:
    """A formatted number in the notation of the language."""
    return text.replace(".", ",") if language == "da" else text

"""The common result of the platform readers: columns with their description, as raw tables.

A reader sets names, texts, choices and labels. Unknown properties (is a column of texts a question
of codes?) stay unknown; `samspil init` decides them with a comment.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from assets.raw.delimited import RawTable, check_header
from assets.raw.readers.boxes import BOX_LABELS, describe
from assets.raw.readers.platforms.cells import Split, choices_of, find_split
from assets.raw.readers.structure_guess import GUESSED, LABEL_COLUMNS, STRUCTURE_COLUMNS
from runtime.plain_text import plain, same_text

# The content of a column. META came with the response and is not a question.
CLOSED, BOX, NUMBER, TEXT, UNKNOWN, META = "closed", "box", "number", "text", "unknown", "meta"
KINDS = {
    CLOSED: ("Closed", "Single"), BOX: ("Closed", "Multiple"), NUMBER: ("Open", "Number"),
    TEXT: ("Open", "String"), UNKNOWN: ("Open", "Unknown"),
}  # fmt: skip
UNTICKED = frozenset({"", "0", "n", "no", "nej", "false", "falsk", "unchecked", "not selected",
                      "ikke valgt", "n/a", "nei"})  # fmt: skip
Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PlatformColumn:
    """A column of the data set; `cells` are the texts that a run reads."""

    name: str
    cells: tuple[str, ...]
    text: str = ""
    kind: str = UNKNOWN
    question: str = ""
    choice: str = ""
    choice_text: str = ""
    labels: Labels = ()


@dataclass(frozen=True)
class PlatformSheet:
    """A file's lines of cells, each with its number, and how it was read."""

    file: str
    sha256: str
    size: int
    form: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    notes: tuple[str, ...] = ()

    def headed(
        self, header: int = 0, skip: int = 1
    ) -> tuple[list[str], list[tuple[int, list[str]]]]:
        """Unique plain names from the header line, and the lines from `skip` on in its width."""
        names = unique([plain(cell) for cell in self.rows[header][1]])
        width = len(names)
        body = [
            (line, [*cells[:width], *[""] * (width - len(cells))])
            for line, cells in self.rows[skip:]
            if any(cell.strip() for cell in cells)
        ]
        return names, body


@dataclass(frozen=True)
class ReadColumns:
    """What a platform's reader finds: the columns, and the number of each line of cells.

    `splits` are those that follow from the definition. `detects`: other columns of texts may hold
    several choices, too. `lacking` names the definition, and the part of it that describes a
    column, for a note on columns that it does not have.
    """

    lines: Sequence[int]
    columns: Sequence[PlatformColumn]
    notes: Sequence[str] = ()
    splits: Mapping[str, Split] = field(default_factory=dict)
    detects: bool = True
    lacking: tuple[str, str] | None = None


@dataclass(frozen=True)
class Export:
    """Data set, structure and labels as text, and the splits that were used."""

    dataset: RawTable
    structure: RawTable
    labels: RawTable
    splits: Mapping[str, Split] = field(default_factory=dict)


def unique(names: Sequence[str]) -> list[str]:
    """Unique, non-empty names: names that a platform repeats are numbered."""
    seen: dict[str, int] = {}
    found = []
    for place, name in enumerate(names, start=1):
        known = name or f"column {place}"
        known = "file_row_" if known.lower() == "file_row" else known
        seen[known.lower()] = seen.get(known.lower(), 0) + 1
        number = seen[known.lower()]
        found.append(known if number == 1 else f"{known} ({number})")
    return found


def across(body: Sequence[tuple[int, Sequence[str]]], width: int) -> list[tuple[str, ...]]:
    """Lines as columns."""
    return [tuple(cells[at] for _, cells in body) for at in range(width)]


def ticks(cells: Iterable[str], ticked: Collection[str] = ()) -> tuple[str, ...]:
    """A box as 1, 0 or empty.

    `ticked` lists the texts of a tick; by default every text except a "no".
    """
    wanted = set(map(same_text, ticked))
    read = []
    for cell in cells:
        text = same_text(cell)
        if text in wanted or (not wanted and text not in UNTICKED):
            read.append("1")
        else:
            # any other value is left to the scale check
            read.append("" if not text else "0" if text in UNTICKED else cell)
    return tuple(read)


def held_labels(labels: Labels, cells: Sequence[str]) -> Labels:
    """The labels of a column; in an export of labels, each label is used as its code."""
    given = {same_text(cell) for cell in cells if cell.strip()}
    codes, texts = ({same_text(pair[n]) for pair in labels} for n in (0, 1))
    if given and not given <= codes and len(given & texts) > len(given & codes):
        return tuple((label, label) for _, label in labels)
    return labels


def without_markup(text: str) -> str:
    """A text of a definition without HTML, on one line."""
    return plain(re.sub(r"<[^>]+>", " ", text).replace("&nbsp;", " ").replace("&amp;", "&"))


def boxes_of(column: PlatformColumn, split: Split) -> list[PlatformColumn]:
    """Split a column with several choices into boxes; an unknown choice gets its own box."""
    cells = [choices_of(cell, split) for cell in column.cells]
    known = {same_text(choice) for choice in split.choices}
    more = {p: None for parts in cells for p in parts if same_text(p) not in known}
    choices = [*split.choices, *more]
    labels = dict(column.labels)
    found = []
    for place, choice in enumerate(choices, start=1):
        wanted = same_text(choice)
        held = tuple(
            "" if not parts else "1" if wanted in set(map(same_text, parts)) else "0"
            for parts in cells
        )
        code = choice if choice.isascii() and choice.isdigit() and len(choice) < 6 else str(place)
        text = labels.get(choice, choice)
        name = f"{column.name} [{choice}]"
        found.append(
            PlatformColumn(name, held, column.text, BOX, column.name, str(int(code)), text)
        )
    return found


def _with_splits(
    found: ReadColumns, declared: Mapping[str, Split] | None
) -> tuple[list[PlatformColumn], dict[str, Split]]:
    """Columns with several choices as boxes: as declared, or as detected if nothing is declared."""
    columns: list[PlatformColumn] = []
    used: dict[str, Split] = {}
    for column in found.columns:
        split = (found.splits if declared is None else declared).get(column.name)
        detects = declared is None and found.detects and column.name not in found.splits
        if detects and column.kind == UNKNOWN:
            split = find_split(column.cells)
        if split is None:
            columns.append(column)
        else:
            used[column.name] = split
            columns += boxes_of(column, split)
    return columns, used


def tables(
    platform: str,
    grid: PlatformSheet,
    definition: PlatformSheet | None,
    found: ReadColumns,
    declared: Mapping[str, Split] | None,
) -> Export:
    """The raw tables of the columns.

    `definition` is the file of the labels. `declared` are the splits of cells with several choices;
    None detects them.
    """
    split, used = _with_splits(found, declared)
    columns, box_notes = _with_box_sets(split)
    notes = (*found.notes, *_lacking(found.lacking, split), *box_notes)
    names = tuple(unique([column.name for column in columns]))
    check_header(Path(grid.file), names)
    columns = [replace(c, name=n) for c, n in zip(columns, names, strict=True)]
    rows = tuple(zip(*(column.cells for column in columns), strict=True))
    source = definition or grid
    structure = tuple(
        (c.question or c.name, c.name, *KINDS[c.kind], c.text, c.choice, c.choice_text)
        for c in columns
        if c.kind != META
    )
    labels = tuple(
        (c.name, code, label)
        for c in columns
        for code, label in (BOX_LABELS if c.kind == BOX else c.labels)
    )

    def derived(titles: tuple[str, ...], body: tuple[tuple[str, ...], ...]) -> RawTable:
        form = f"{GUESSED}: from {platform}"
        return RawTable(
            source.file, source.sha256, source.size, titles, body, (0,) * len(body), form
        )

    own = f"{platform}, {grid.form}"
    dataset = RawTable(grid.file, grid.sha256, grid.size, names, rows, tuple(found.lines), own)
    parts = [*grid.notes, *(definition.notes if definition else ()), *notes]
    return Export(
        dataset.noted(*parts) if parts else dataset,
        derived(STRUCTURE_COLUMNS, structure), derived(LABEL_COLUMNS, labels), used,
    )  # fmt: skip


def _lacking(lacking: tuple[str, str] | None, columns: Sequence[PlatformColumn]) -> list[str]:
    names = [column.name for column in columns if column.kind == UNKNOWN]
    if lacking is None or not names:
        return []
    definition, expected = lacking
    shown = ", ".join(names[:5])
    note = f"{len(names)} columns that {definition} lacks ({shown}), expected {expected} for each"
    return [f"{note} (what they hold is guessed)"]


def _with_box_sets(columns: Sequence[PlatformColumn]) -> tuple[list[PlatformColumn], list[str]]:
    """Neighbouring columns of 0 and 1, labelled or not, as boxes of one question."""
    own = [c for c in columns if c.kind == CLOSED or (c.kind == UNKNOWN and _zero_or_one(c))]
    labels = {c.name: c.labels or (("0", ""), ("1", "")) for c in own}
    given = [(c.name, code, text) for c in own for code, text in labels[c.name]]
    texts = {c.name: "" if c.text == c.name and not c.labels else c.text for c in own}
    found = describe([c.name for c in columns], [c.cells for c in columns], given, texts)
    facts = {row[1]: row for row in found.structure if row[3] == "Multiple"}
    left = {c.name for c in own if c.kind == UNKNOWN}
    made = []
    for column, cells in zip(columns, found.columns, strict=True):
        row = facts.get(column.name)
        if row is not None:
            question, _, _, _, text, choice, choice_text = row
            name = choice_text or column.name
            column = replace(column, cells=tuple(cells), kind=BOX, question=question, text=text,
                             choice=choice, choice_text=name, labels=())  # fmt: skip
        elif column.name in left:
            column = replace(column, kind=CLOSED)
        made.append(column)
    return made, found.notes


def _zero_or_one(column: PlatformColumn) -> bool:
    held = {cell.strip() for cell in column.cells if cell.strip()}
    return bool(held) and held <= {"0", "1"}


def checksum(content: bytes) -> str:
    """The checksum of a file."""
    return hashlib.sha256(content).hexdigest()

"""Pairs every label of an export with its declared text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from assets.raw.delimited import RawTable
from assets.raw.rules.case import Case
from declarations import Item, Study
from declarations.platform import STATUS_FLAGS, STATUS_WORDS
from declarations.survey.questions import TICKED
from runtime.plain_text import plain, same_text

# In a grid, the text of a line follows the text that all lines share.
SEPARATOR = " - "
LONGEST = 499


class Named(NamedTuple):
    """A label of the export: its place, its subject, and the texts declared for it or others."""

    file: str
    line: int
    variable: str
    of: str
    text: str
    own: tuple[str, ...]
    others: dict[str, str]


def named_labels(case: Case) -> Iterator[Named]:
    """Every label of the export that can be compared with a declared text."""
    yield from _named_codes(case.study, case.raw.labels)
    yield from _named_items(case.study, case.raw.structure)
    yield from _named_questions(case.study, case.raw.structure)


def _named_codes(study: Study, table: RawTable) -> Iterator[Named]:
    scaled = {i.variable: i for i in study.items.values() if i.scale or i.special}
    for line, (name, written, text) in labels_of(table):
        item = scaled.get(name)
        given = (*item.scale, *item.special) if item else ()
        known = {plain(code.cell): code for code in given if code.labelled}
        code = known.get(written)
        if item is not None and code is not None:
            others = {
                comparable_text(other): f"code {each.code}"
                for each in known.values()
                if each is not code
                for other in each.texts
            }
            of = f"code {code.code} of {item.id}"
            yield Named(table.file, line, name, of, text, code.texts, others)


def _named_items(study: Study, table: RawTable) -> Iterator[Named]:
    """Boxes by the text of their choice, lines of a grid by the end of their question's text."""
    places = table.places
    variable, choice, asked = (
        places.get(name) for name in ("variablename", "choicetext", "questiontext")
    )
    if variable is None:
        return
    listed = {row[variable].strip(): at for at, row in enumerate(table.rows)}
    for question in study.questions:
        for kind, place in (("multiple", choice), ("grid", asked)):
            items = [item for item in question.items if item.type == kind]
            if place is None or len(items) < 2:
                continue
            for item in items:
                at = listed.get(item.variable)
                whole_text = table.rows[at][place] if at is not None else ""
                text = whole_text if kind == "multiple" else _line_of(whole_text, items)
                if at is None or not text.strip():
                    # a guessed structure has no texts
                    continue
                others = {
                    comparable_text(other): each.id for each in items if each is not item
                    for other in each.texts
                }  # fmt: skip
                of = f"box {item.id}" if kind == "multiple" else f"line {item.id}"
                yield Named(
                    table.file, table.lines[at], item.variable, of, text, item.texts, others
                )


def _named_questions(study: Study, table: RawTable) -> Iterator[Named]:
    """Questions with one variable, by the text of the question.

    A text counts as another question's only if that question has a different text in the export. In
    many exports several questions have the same text, and the declaration distinguishes them.
    """
    places = table.places
    variable, asked = places.get("variablename"), places.get("questiontext")
    if variable is None or asked is None:
        return
    single = {
        item.variable: item
        for item in study.items.values()
        if item.type not in ("multiple", "grid")
    }
    texts = {name: _asked_texts(study, item) for name, item in single.items()}
    found = [
        (line, single[row[variable].strip()], row[asked])
        for line, row in zip(table.lines, table.rows, strict=True)
        if row[variable].strip() in single and row[asked].strip()
    ]
    others = {
        comparable_text(other): item.id
        for _, item, text in found
        if comparable_text(text) not in map(comparable_text, texts[item.variable])
        for other in texts[item.variable]
    }
    for line, item, text in found:
        yield Named(
            table.file, line, item.variable, f"question {item.id}", text,
            texts[item.variable], others,
        )  # fmt: skip


def named_flags(case: Case) -> Iterator[Named]:
    """Status flags, by the text of their choice or of their code 1, if the platform knows it."""
    if not case.study.status_flags:
        return
    flags = dict(zip(STATUS_FLAGS, STATUS_WORDS, strict=True))
    meant = {comparable_text(word): flag for flag, words in flags.items() for word in words}
    table = case.raw.structure
    variable, choice = (table.places.get(name) for name in ("variablename", "choicetext"))
    texts = [
        (case.raw.labels.file, line, name, text)
        for line, (name, code, text) in labels_of(case.raw.labels)
        if code == str(TICKED)
    ]
    if variable is not None and choice is not None:
        texts += [
            (table.file, line, row[variable].strip(), row[choice])
            for line, row in zip(table.lines, table.rows, strict=True)
        ]
    for file, line, name, text in texts:
        if name in flags and comparable_text(text) in meant:
            others = {word: flag for word, flag in meant.items() if flag != name}
            yield Named(file, line, name, f"the status {name}", text, flags[name], others)


def _asked_texts(study: Study, item: Item) -> tuple[str, ...]:
    """The texts that may name an item: its own text, alone or after the text of its question.

    For the first line also the text of the question.
    """
    question = study.question[item.question]
    stems = tuple(dict.fromkeys((question.label.da, question.label.en)))
    joined = tuple(f"{stem}{SEPARATOR}{text}" for stem in stems for text in item.texts)
    first = stems if question.items[0].id == item.id else ()
    return (*item.texts, *first, *joined)


def _line_of(text: str, items: Sequence[Item]) -> str:
    """The part of a question's text that names a line: a declared text at its end, or the rest."""
    declared = sorted((t for item in items for t in item.texts), key=len, reverse=True)
    ends = [t for t in declared if t and comparable_text(text).endswith(f"- {comparable_text(t)}")]
    return ends[0] if ends else text.rpartition(SEPARATOR)[2]


def labels_of(table: RawTable) -> Iterator[tuple[int, tuple[str, str, str]]]:
    """The rows of the labels, each with variable, code and text."""
    for line, row in zip(table.lines, table.rows, strict=True):
        yield line, (plain(row[0]), plain(row[1]), row[2])


@lru_cache(maxsize=1 << 14)
def comparable_text(text: str) -> str:
    """A text for comparison: blanks, line breaks, normal form and capitals are ignored."""
    # a draft stores no more of a label
    return same_text(plain(text)[:LONGEST].rstrip("…"))

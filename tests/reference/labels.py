"""Rules about the export's labels: which codes it labels, and whether with the declared texts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from assets.raw.cells.reading import codes_listed, read_cell
from assets.raw.delimited import RawTable
from assets.raw.errors import Finding, Holds
from declarations import Item, Study
from declarations.platform import STATUS_FLAGS, STATUS_WORDS, TICKED_WORDS, UNTICKED_WORDS
from declarations.survey.questions import NOT_TICKED, TICKED
from runtime.masking import text_shown
from runtime.plain_text import plain, same_text
from runtime.private.persons import names_somebody
from tests.reference.case import Case, Part, whole

# The text of a grid's line follows the text all lines share.
SEPARATOR = " - "
# A label in a message, and in a draft, is no place for more.
SHOWN = 60
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


def label_codes(case: Case) -> list[Part]:
    """Labels of undeclared codes, declared codes without a label, codes with two labels.

    Boxes that hold nothing where they are not ticked need no label of 0.
    """
    table = case.raw.labels
    labelled: dict[str, dict[str, int]] = {}
    first: dict[tuple[str, str], tuple[int, str]] = {}
    twice: list[Finding] = []
    closed = [item for item in case.study.items.values() if item.closed]
    asked = {item.variable for item in closed}
    for line, (name, code, text) in _labels(table):
        labelled.setdefault(name, {}).setdefault(code, line)
        row, known = first.setdefault((name, code), (line, _plain(text)))
        if name in asked and known != _plain(text):
            expected = f"one label for every code (row {row} has another)"
            twice.append(Finding("label_code", table.file, line, name, code, expected))
    findings, checked = [], 0
    for item in closed:
        declared = _cells(item)
        unlabelled = {plain(code.cell) for code in item.scale if not code.labelled}
        # of a text that is its own label the export needs none
        unlabelled |= {
            plain(code.value) for code in item.scale if code.value and code.value in code.texts
        }
        if item.type == "multiple" and not _holds_unticked(case, item):
            unlabelled.add(str(NOT_TICKED))
        found = labelled.get(item.variable, {})
        checked += len(set(declared) | set(found))
        codes = codes_listed(item) if item.by_value else ", ".join(sorted(declared, key=int))
        findings += [
            Finding(
                "label_code", table.file, found[code], item.variable, code,
                f"one of the declared codes {codes}",
            )
            for code in sorted(set(found) - set(declared))
        ]  # fmt: skip
        findings += [
            Finding(
                "label_code", table.file, None, item.variable, None,
                f"a label for the declared code {code} of {item.id}",
            )
            for code in sorted(set(declared) - unlabelled - set(found), key=declared.index)
        ]  # fmt: skip
    return whole(checked, [*findings, *twice])


def _cells(item: Item) -> list[str]:
    """The declared codes as cells hold them, in their order (whole numbers by size)."""
    if item.by_value:
        return [plain(code.cell) for code in item.scale]
    return [str(code) for code in sorted(item.codes)]


def _holds_unticked(case: Case, item: Item) -> bool:
    """Whether any cell of a box says that it is not ticked. True if there is no such column."""
    if not case.lines.has(item.variable):
        return True
    cells = set(case.lines.column(item.variable))
    return any(cell and read_cell(item, cell).code == NOT_TICKED for cell in cells)


def labels_exchanged(case: Case) -> list[Part]:
    """Labels that are declared for another code, box or line of the same question.

    With such labels, answers to one would be counted as answers to the other. Status flags have the
    platform's own texts; exchanged, respondents who dropped out would count as complete.
    """
    findings, checked = [], 0
    for named in (*_named(case), *_named_flags(case)):
        checked += 1
        other = named.others.get(_plain(named.text))
        if other is not None and _plain(named.text) not in map(_plain, named.own):
            expected = f"{_shown(named.own[0])} as declared for {named.of}; this is {other}'s"
            findings.append(_finding("label_exchanged", named, expected))
    boxes = list(_boxes(case))
    findings += _reversed_boxes(case.raw.labels.file, boxes)
    return whole(checked + len(boxes), findings)


def label_texts(case: Case) -> list[Part]:
    """Labels of codes and boxes that are neither the declared text nor that of another answer."""
    findings, checked = [], 0
    for named in _named(case):
        if named.of.startswith("line "):
            # the words of a question are declared for reading, and often shorter
            continue
        checked += 1
        text = _plain(named.text)
        if text not in map(_plain, named.own) and text not in named.others:
            expected = f"{_shown(named.own[0])} as declared for {named.of} (or add `exported`)"
            findings.append(_finding("label_text", named, expected))
    return whole(checked, findings)


def _finding(rule: str, named: Named, expected: str) -> Finding:
    told = " ".join(named.text.split())
    holds: Holds = "cell" if names_somebody(told) else "fact"
    return Finding(rule, named.file, named.line, named.variable, told, expected, holds)


def _named(case: Case) -> Iterator[Named]:
    """Every label of the export that can be compared with a declared text."""
    yield from _named_codes(case.study, case.raw.labels)
    yield from _named_items(case.study, case.raw.structure)
    yield from _named_questions(case.study, case.raw.structure)


def _named_codes(study: Study, table: RawTable) -> Iterator[Named]:
    scaled = {i.variable: i for i in study.items.values() if i.scale or i.special}
    for line, (name, written, text) in _labels(table):
        item = scaled.get(name)
        given = (*item.scale, *item.special) if item else ()
        known = {plain(code.cell): code for code in given if code.labelled}
        code = known.get(written)
        if item is not None and code is not None:
            others = {
                _plain(other): f"code {each.code}"
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
                    _plain(other): each.id for each in items if each is not item
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
        _plain(other): item.id
        for _, item, text in found
        if _plain(text) not in map(_plain, texts[item.variable])
        for other in texts[item.variable]
    }
    for line, item, text in found:
        yield Named(
            table.file, line, item.variable, f"question {item.id}", text,
            texts[item.variable], others,
        )  # fmt: skip


def _named_flags(case: Case) -> Iterator[Named]:
    """Status flags, by the text of their choice or of their code 1, if the platform knows it."""
    if not case.study.status_flags:
        return
    flags = dict(zip(STATUS_FLAGS, STATUS_WORDS, strict=True))
    meant = {_plain(word): flag for flag, words in flags.items() for word in words}
    table = case.raw.structure
    variable, choice = (table.places.get(name) for name in ("variablename", "choicetext"))
    texts = [
        (case.raw.labels.file, line, name, text)
        for line, (name, code, text) in _labels(case.raw.labels)
        if code == str(TICKED)
    ]
    if variable is not None and choice is not None:
        texts += [
            (table.file, line, row[variable].strip(), row[choice])
            for line, row in zip(table.lines, table.rows, strict=True)
        ]
    for file, line, name, text in texts:
        if name in flags and _plain(text) in meant:
            others = {word: flag for word, flag in meant.items() if flag != name}
            yield Named(file, line, name, f"the status {name}", text, flags[name], others)


def _asked_texts(study: Study, item: Item) -> tuple[str, ...]:
    """The texts that may name an item: its own text, also after the question's text.

    The first item may have the question's text alone.
    """
    question = study.question[item.question]
    stems = tuple(dict.fromkeys((question.label.da, question.label.en)))
    joined = tuple(f"{stem}{SEPARATOR}{text}" for stem in stems for text in item.texts)
    first = stems if question.items[0].id == item.id else ()
    return (*item.texts, *first, *joined)


def _line_of(text: str, items: Sequence[Item]) -> str:
    """The part of a question's text that names a line: a declared ending, or the last part."""
    declared = sorted((t for item in items for t in item.texts), key=len, reverse=True)
    ends = [t for t in declared if t and _plain(text).endswith(f"- {_plain(t)}")]
    return ends[0] if ends else text.rpartition(SEPARATOR)[2]


def _boxes(case: Case) -> Iterator[tuple[Item, int, str, str]]:
    """Boxes whose two codes have labels: item, row of the first, labels of 0 and of 1."""
    table = case.raw.labels
    found: dict[str, dict[str, tuple[int, str]]] = defaultdict(dict)
    for line, (name, code, text) in _labels(table):
        found[name].setdefault(code, (line, _plain(text)))
    for item in case.study.items.values():
        own = found.get(item.variable, {})
        unticked, ticked = own.get(str(NOT_TICKED)), own.get(str(TICKED))
        if item.type == "multiple" and unticked and ticked:
            yield item, unticked[0], unticked[1], ticked[1]


def _reversed_boxes(file: str, boxes: Iterable[tuple[Item, int, str, str]]) -> list[Finding]:
    """Boxes with exchanged labels of 0 and 1: by their words, or by most other boxes."""
    boxes = list(boxes)
    pairs = Counter((unticked, ticked) for _, _, unticked, ticked in boxes)
    return [
        Finding(
            "label_exchanged", file, line, item.variable,
            f"0: {text_shown(unticked)}, 1: {text_shown(ticked)}",
            f"0: {_shown(text_shown(ticked))}, 1: {_shown(text_shown(unticked))}", "fact",
        )
        for item, line, unticked, ticked in boxes
        if unticked != ticked and (
            unticked in TICKED_WORDS or ticked in UNTICKED_WORDS
            or (pairs[(ticked, unticked)] >= pairs[(unticked, ticked)]
                and unticked not in UNTICKED_WORDS and ticked not in TICKED_WORDS)
        )
    ]  # fmt: skip


def _labels(table: RawTable) -> Iterator[tuple[int, tuple[str, str, str]]]:
    for line, row in zip(table.lines, table.rows, strict=True):
        yield line, (plain(row[0]), plain(row[1]), row[2])


def _plain(text: str) -> str:
    """A text for comparison: blanks, line breaks, normal form and capitals are ignored."""
    # a draft keeps no more of a label
    return same_text(plain(text)[:LONGEST].rstrip("…"))


def _shown(text: str) -> str:
    joined = " ".join(text.split())
    return f"'{joined[:SHOWN]}…'" if len(joined) > SHOWN else f"'{joined}'"

"""Rules about the export's labels: the labelled codes, and their texts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from assets.raw.cells.reading import codes_listed
from assets.raw.errors import Finding, Holds
from assets.raw.rules.case import Case, Part, whole
from assets.raw.rules.named import Named, comparable_text, labels_of, named_flags, named_labels
from declarations import Item
from declarations.platform import TICKED_WORDS, UNTICKED_WORDS
from declarations.survey.questions import NOT_TICKED, TICKED
from runtime.masking import text_shown
from runtime.plain_text import plain
from runtime.private.persons import names_somebody, without_persons

# Maximum length of a label in a message and in a draft.
SHOWN = 60


def label_codes(case: Case) -> list[Part]:
    """Labels of undeclared codes, declared codes without a label, codes with two labels.

    Boxes with empty cells where not ticked need no label of 0.
    """
    table = case.raw.labels
    labelled: dict[str, dict[str, int]] = {}
    first: dict[tuple[str, str], tuple[int, str]] = {}
    twice: list[Finding] = []
    closed = [item for item in case.study.items.values() if item.closed]
    asked = {item.variable for item in closed}
    for line, (name, code, text) in labels_of(table):
        labelled.setdefault(name, {}).setdefault(code, line)
        row, known = first.setdefault((name, code), (line, comparable_text(text)))
        if name in asked and known != comparable_text(text):
            where = f"row {row} has another" if row else "there are two"
            expected = f"one label for every code ({where})"
            twice.append(Finding("label_code", table.file, line, name, code, expected))
    findings, checked = [], 0
    for item in closed:
        declared = _cells(item)
        unlabelled = {plain(code.cell) for code in item.scale if not code.labelled}
        # an answer whose text is its own label needs no label in the export
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
    """Whether any cell of a box states that it is not ticked. True if there is no such column."""
    own = case.judged.judgements.get(item.id)
    return own is None or bool(own.numbers({NOT_TICKED}))


def labels_exchanged(case: Case) -> list[Part]:
    """Labels that are declared for another code, box or line of the same question.

    With such labels, answers to one would be counted as answers to the other. Status flags have the
    platform's own texts; exchanged, respondents who dropped out would count as complete.
    """
    findings, checked = [], 0
    for named in (*named_labels(case), *named_flags(case)):
        checked += 1
        other = named.others.get(comparable_text(named.text))
        if other is not None and comparable_text(named.text) not in map(comparable_text, named.own):
            expected = f"{_shown(named.own[0])} as declared for {named.of}; this is {other}'s"
            findings.append(_finding("label_exchanged", named, expected))
    boxes = list(_boxes(case))
    findings += _reversed_boxes(case.raw.labels.file, boxes)
    return whole(checked + len(boxes), findings)


def label_texts(case: Case) -> list[Part]:
    """Labels of codes and boxes that are neither the declared text nor that of another answer."""
    findings, checked = [], 0
    for named in named_labels(case):
        if named.of.startswith("line "):
            # a declared wording of a question is often shortened for readers
            continue
        checked += 1
        text = comparable_text(named.text)
        known = {*map(comparable_text, named.own), *named.others}
        # a draft has such labels masked
        if not known & {text, comparable_text(without_persons(named.text))}:
            expected = f"{_shown(named.own[0])} as declared for {named.of} (or add `exported`)"
            findings.append(_finding("label_text", named, expected))
    return whole(checked, findings)


def _finding(rule: str, named: Named, expected: str) -> Finding:
    text = " ".join(named.text.split())
    holds: Holds = "cell" if names_somebody(text) else "fact"
    return Finding(rule, named.file, named.line, named.variable, text, expected, holds)


def _boxes(case: Case) -> Iterator[tuple[Item, int, str, str]]:
    """Boxes whose two codes have labels: item, row of the first, labels of 0 and of 1."""
    table = case.raw.labels
    found: dict[str, dict[str, tuple[int, str]]] = defaultdict(dict)
    for line, (name, code, text) in labels_of(table):
        found[name].setdefault(code, (line, comparable_text(text)))
    for item in case.study.items.values():
        own = found.get(item.variable, {})
        unticked, ticked = own.get(str(NOT_TICKED)), own.get(str(TICKED))
        if item.type == "multiple" and unticked and ticked:
            yield item, unticked[0], unticked[1], ticked[1]


def _reversed_boxes(file: str, boxes: Iterable[tuple[Item, int, str, str]]) -> list[Finding]:
    """Boxes with exchanged labels of 0 and 1: by the platform's words, or by most other boxes."""
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


def _shown(text: str) -> str:
    joined = " ".join(text.split())
    return f"'{joined[:SHOWN]}…'" if len(joined) > SHOWN else f"'{joined}'"

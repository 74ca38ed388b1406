"""Whether the tables name answers, items and groups as the questionnaire does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import combinations

from declarations.labels import Label
from declarations.tables.cells import OTHERS, STATUS_ITEM
from replication.consistency.constraints import LOW, MEDIUM, AuditRule, Constraint
from replication.consistency.printed_report import Layout
from replication.consistency.references import PrintedFigure

# Words that add no meaning to a label.
EMPTY = frozenset(
    {
        *("af", "at", "de", "den", "der", "det", "eller", "en", "er", "et", "flere", "for", "fra"),
        *("har", "hos", "i", "inden", "med", "mv", "mfl", "og", "ol", "om", "over", "på", "samt"),
        *("som", "til", "ved", "vi", "inkl", "fx", "dvs"),
    }
)
# Number of first letters that two words must share to count as forms of one word.
STEM = 4


def constraints(layout: Layout) -> Iterator[Constraint]:
    """Constraints on labels of answers, items and levels, and on lines with equal labels."""
    for table, figures in layout.by_table.items():
        for axis, (printed, declared) in AXES.items():
            yield from _as_declared(table, axis, figures, printed, declared)
            if figures[0].slot[0] != STATUS_ITEM:
                yield from _along(table, [(printed(f), f) for f in figures], axis, layout)
        yield from _distinct(table, figures)


# Labels of each axis: as printed, and as the table declares them.
LabelOf = Callable[[PrintedFigure], str]
AXES: dict[str, tuple[LabelOf, LabelOf]] = {
    "row": (lambda f: f.labels[0], lambda f: f.cell.row_label.da),
    "line": (lambda f: f.labels[1], lambda f: f.cell.group_label.da),
    "column": (lambda f: f.labels[2], lambda f: f.cell.column_label.da),
}


def _as_declared(
    table: str, axis: str, figures: list[PrintedFigure], printed: LabelOf, declared: LabelOf
) -> Iterator[Constraint]:
    """Compare every printed label with the label that the table declares."""
    pairs: dict[tuple[str, str], PrintedFigure] = {}
    for figure in figures:
        pairs.setdefault((printed(figure), declared(figure)), figure)
    for (found, wanted), figure in pairs.items():
        yield _label(
            f"{table}:{axis}:{figure.ref}",
            figure,
            found,
            f"the declared table: {wanted}",
            all_words(found) == all_words(wanted),
            LOW if same_meaning(found, wanted) else MEDIUM,
        )


def _along(
    table: str, labelled: list[tuple[str, PrintedFigure]], axis: str, layout: Layout
) -> Iterator[Constraint]:
    """The labels of an axis on which each label names one thing: an item, an answer or a level."""
    for kind, named in (("item", _item), ("answer", _answer), ("group", _level)):
        found: dict[str, set[tuple[str, str, str]]] = {}
        first: dict[str, PrintedFigure] = {}
        for label, figure in labelled:
            if label and not figure.cell.of:
                found.setdefault(label, set()).add(named(figure, layout))
                first.setdefault(label, figure)
        keys = {key for things in found.values() for key, _, _ in things}
        if len(keys) > 1:
            for label, things in found.items():
                # A label that covers several things names none of them, so it is not compared.
                ((key, declared, asked),) = things if len(things) == 1 else (("", "", ""),)
                if declared:
                    yield _agrees(f"{table}:{kind}:{axis}:{key}", label, declared, asked, first)


# key, declared label, and the label in the questionnaire if it is declared
Named = tuple[str, str, str]


def _item(figure: PrintedFigure, layout: Layout) -> Named:
    item = layout.study.items[figure.slot[0]]
    return item.id, item.label.da, item.questionnaire or ""


def _answer(figure: PrintedFigure, layout: Layout) -> Named:
    code = next((c for c in layout.study.items[figure.slot[0]].scale
                 if c.code == figure.cell.code), None)  # fmt: skip
    return (code.key, code.label.da, "") if code else (str(figure.cell.code), "", "")


def _level(figure: PrintedFigure, layout: Layout) -> Named:
    _, group, level = figure.slot
    if group == "all" or level.startswith(OTHERS):
        return level, "", ""
    return f"{group}:{level}", layout.study.group[group].level(level).label.da, ""


def _agrees(
    key: str, printed: str, declared: str, asked: str, first: dict[str, PrintedFigure]
) -> Constraint:
    """Whether labels agree.

    Words of the questionnaire, if they are declared, are compared word by word.
    """
    if asked:
        same, other = all_words(printed) == all_words(asked), f"the questionnaire: {asked}"
    else:
        same, other = same_meaning(printed, declared), f"the question or group: {declared}"
    return _label(key, first[printed], printed, other, same, LOW)


def _label(
    key: str, figure: PrintedFigure, printed: str, other: str, same: bool, severity: str
) -> Constraint:
    return Constraint(
        "labels",
        key,
        figure.ref,
        (f"{key}:label",),
        lambda _: same,
        lambda _: f"the table has the label: {printed}; {other}",
        arithmetic=False,
        severity=severity,
    )


def same_meaning(first: str, second: str) -> bool:
    """Whether the other label contains the shorter label's words, numbers and order words.

    Forms of a word are equal: only the beginnings of words are compared.
    """
    a, b = content_words(first), content_words(second)
    short, long = sorted((a, b), key=len)
    if not short:
        return True
    shared = sum(any(_same_word(x, y) for y in long) for x in short)
    return shared * 2 >= len(short)


def content_words(label: str) -> list[str]:
    """Words of a label that carry its meaning, in lower case, compounds divided at hyphens."""
    return [word for word in all_words(label) if word not in EMPTY]


def all_words(label: str) -> list[str]:
    """All words of a label in lower case, without signs between them."""
    return re.findall(r"[^\W_]+", label.lower())


def _same_word(first: str, second: str) -> bool:
    length = min(len(first), len(second))
    if length < STEM:
        return first == second
    return first[:STEM] == second[:STEM] or first in second or second in first


def _distinct(table: str, figures: list[PrintedFigure]) -> Iterator[Constraint]:
    """Rows of different items or levels have different labels."""
    rows: dict[str, PrintedFigure] = {}
    for figure in figures:
        rows.setdefault(figure.cell.row, figure)
    for first, second in combinations(rows.values(), 2):
        label = first.labels[0]
        if label == second.labels[0]:
            numbers = f"{first.cell.row_number} and {second.cell.row_number}"
            yield _twice(table, label, numbers, first, second)


def _twice(
    table: str, label: str, numbers: str, first: PrintedFigure, second: PrintedFigure
) -> Constraint:
    return Constraint(
        "labels",
        f"{table}:twice:{first.cell.row}={second.cell.row}",
        first.ref,
        (f"{table}:{first.cell.row}:label", f"{table}:{second.cell.row}:label"),
        lambda _: False,
        lambda _: f"rows {numbers} have the same label: {label}",
        arithmetic=False,
        severity=LOW,
    )


RULE = AuditRule(
    "labels",
    Label("Hedder svarene det samme?", "Are answers called the same?"),
    "The printed labels of rows, lines and columns are the declared ones and those of the "
    "questionnaire. They may be shortened but not changed. If the words of the questionnaire "
    "are declared, they are compared word by word. No two rows have the same label.",
    constraints,
)

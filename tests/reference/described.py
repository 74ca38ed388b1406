"""The rule about the export's structure: type, choice and place of every variable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from assets.raw.delimited import RawTable
from assets.raw.errors import Finding, Holds
from assets.raw.readers.numbers import code_text
from assets.raw.readers.structure_guess import GUESSED
from declarations import Item
from declarations.platform import TYPE_WORDS
from runtime.masking import column_shown, is_harmless
from tests.reference.case import Case, Part, whole

# More than this share of columns elsewhere: another order, no exchange.
MOSTLY = 0.5


def structures(case: Case) -> list[Part]:
    """Variables with another type or choice than declared, without a row, or in another position.

    The platform writes columns in the order of the structure, so a column in another position may
    have the name of its neighbour. The structure lists every question, but not all columns of the
    respondent list. A guessed structure is not compared.
    """
    table = case.raw.structure
    places = table.places
    if "variablename" not in places or table.form.startswith(GUESSED):
        return whole(0, [])
    listed = [row[places["variablename"]].strip() for row in table.rows]
    items = {item.variable: item for item in case.study.items.values()}
    findings: list[Finding] = []
    for at, name in enumerate(listed):
        if name in items:
            findings += _differences(table, places, at, items[name])
    unlisted = _unlisted(case, listed)
    findings += [
        Finding("structure", table.file, None, item.variable, None, f"a row for {item.id}")
        for item in unlisted
    ]
    checked = len(listed) + len(unlisted)
    return whole(checked, [*findings, *_misplaced(case.raw.dataset, listed)])


def _unlisted(case: Case, listed: Sequence[str]) -> list[Item]:
    """Items with a column but without a row under any spelling (blanks, capitals)."""
    known = {name.casefold() for name in listed}
    return [
        item
        for question in case.study.questions
        if not question.of_invitations
        for item in question.items
        if case.lines.has(item.variable) and item.variable.strip().casefold() not in known
    ]


def _differences(table: RawTable, places: dict[str, int], at: int, item: Item) -> Iterator[Finding]:
    def cell(column: str) -> str:
        return table.rows[at][places[column]].strip() if column in places else ""

    def finding(value: str, expected: str, *, known: bool) -> Finding:
        # a row that slipped has a cell of another column here
        holds: Holds = "fact" if known else "cell"
        row = table.lines[at]
        return Finding("structure", table.file, row, item.variable, value, expected, holds)

    kind, sub, choice = cell("questiontype"), cell("subtype"), code_text(cell("choicevalue"))
    told = f"{kind} {sub}".strip()
    if (wanted := _type_wanted(kind.lower(), sub.lower(), item)) is not None:
        known = all(word in TYPE_WORDS for word in told.casefold().split())
        yield finding(told, f"{wanted}, as {item.id} is declared {item.type}", known=known)
    elif item.type == "multiple" and choice and choice != str(item.choice):
        known = is_harmless(choice)
        value = f"choice {choice}" if known else choice
        yield finding(value, f"choice {item.choice} as declared for {item.id}", known=known)


def _type_wanted(kind: str, sub: str, item: Item) -> str | None:
    """The expected type in the structure, if it gives another one."""
    if not kind:
        return None
    if item.closed and kind != "closed":
        return "Closed"
    if item.type == "open" and kind == "closed":
        return "an open type"
    if kind == "closed" and sub and (sub == "multiple") != (item.type == "multiple"):
        return "Multiple" if item.type == "multiple" else "Single"
    return None


def _misplaced(dataset: RawTable, listed: Sequence[str]) -> list[Finding]:
    """Columns in another position than in the structure, ignoring columns that only one has.

    If two columns exchanged places, one is named. A data set in a completely different order was
    sorted on purpose, so its order is not compared.
    """
    known, there = set(listed), set(dataset.columns)
    wanted = [name for name in dict.fromkeys(listed) if name in there]
    found = [name for name in dataset.columns if name in known]
    kept = {
        found[at]
        for block in SequenceMatcher(None, wanted, found, autojunk=False).get_matching_blocks()
        for at in range(block.b, block.b + block.size)
    }
    if len(found) - len(kept) > MOSTLY * len(found):
        return []
    before = dict(zip(wanted[1:], wanted, strict=False))
    return [
        Finding(
            "structure", dataset.file, 1, name, f"column {dataset.position(name) + 1}",
            (f"it after {column_shown(before[name])}" if name in before else "it first")
            + ", as the structure lists it (was a column renamed or moved?)",
            "fact",
        )
        for name in found
        if name not in kept
    ]  # fmt: skip

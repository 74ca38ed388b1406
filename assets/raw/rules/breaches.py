"""Rules about answers as SQL: how much is examined, what breaks a rule, and the first cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from assets.raw.cells.ingest import FILE_ROW
from assets.raw.errors import Finding, Holds
from assets.raw.rules.case import WITHHELD, Case, Offence, Part
from declarations import Item
from runtime.store import quote, text_literal

Conditions = Sequence[tuple[Item, str]]


@dataclass(frozen=True)
class Breach:
    """One way to break a rule. All text is SQL over the lines.

    `where` finds the lines, one offence each. `shown` are the items that the message names, each
    with its condition. `aside` are the items to quarantine (by default those shown). `lines` is the
    relation, by default the accepted lines.
    """

    where: str
    expected: str
    shown: Conditions
    aside: Conditions = ()
    lines: str | None = None


@dataclass(frozen=True)
class AnswerCheck:
    """What a rule examines in one part of the data: conditions to count, and breaches."""

    name: str
    counted: Sequence[str]
    breaches: Sequence[Breach]


FindInAnswers = Callable[[Case], list[AnswerCheck]]


def parts_of(rule: str, case: Case, checks: Sequence[AnswerCheck]) -> list[Part]:
    """Run the checks of a rule."""
    by_lines: dict[str, list[str]] = {case.accepted: []}
    for check in checks:
        by_lines[case.accepted] += check.counted
        for breach in check.breaches:
            by_lines.setdefault(breach.lines or case.accepted, []).append(breach.where)
    counts = {lines: _counts(case, lines, own) for lines, own in by_lines.items() if own}
    parts = []
    for check in checks:
        checked = sum(counts[case.accepted][condition] for condition in check.counted)
        found = [counts[b.lines or case.accepted][b.where] for b in check.breaches]
        offences = [
            offence
            for breach, n in zip(check.breaches, found, strict=True)
            if n
            for offence in _offences(rule, case, breach)
        ]
        offences.sort(key=lambda offence: offence.finding.row or 0)
        parts.append(Part(check.name, checked, offences[: case.most], sum(found)))
    return parts


def broken_cells(case: Case, checks: Iterable[AnswerCheck]) -> Iterator[str]:
    """Queries of the cells to quarantine, with columns file_row, item, expected."""
    row = quote(FILE_ROW)
    for breach in (breach for check in checks for breach in check.breaches):
        lines = breach.lines or case.accepted
        if not case.one(f"SELECT count(*) FROM {lines} WHERE {breach.where}")[0]:
            continue
        # one query for all items: the condition on the lines names many columns
        items = ", ".join(
            f"CASE WHEN {condition} THEN {text_literal(item.id)} END"
            for item, condition in breach.aside or breach.shown
        )
        yield (
            f"SELECT {row}, item, expected FROM (SELECT {row}, unnest([{items}]) AS item, "
            f"{breach.expected} AS expected FROM {lines} WHERE {breach.where}) "
            "WHERE item IS NOT NULL"
        )


def _counts(case: Case, lines: str, conditions: Sequence[str]) -> dict[str, int]:
    wanted = list(dict.fromkeys(conditions))
    text = ", ".join(f"sum(({condition})::INTEGER)" for condition in wanted)
    return dict(zip(wanted, case.one(f"SELECT {text} FROM {lines}"), strict=True))


def _offences(rule: str, case: Case, breach: Breach) -> list[Offence]:
    aside = breach.aside or breach.shown
    conditions = [condition for _, condition in (*breach.shown, *aside)]
    limit = "" if case.most is None else f" LIMIT {case.most}"
    row = quote(FILE_ROW)
    found = case.connection.execute(
        f"SELECT {row}, {breach.expected}, {', '.join(conditions)} "
        f"FROM {breach.lines or case.accepted} WHERE {breach.where} ORDER BY {row}{limit}"
    ).fetchall()
    lines = []
    for number, expected, *met in found:
        both = zip((*breach.shown, *aside), met, strict=True)
        items = [item for (item, _), holds in both if holds]
        shown = [item for (item, _), holds in zip(breach.shown, met, strict=False) if holds]
        lines.append((number, expected, shown, items[len(shown) :]))
    texts = _texts(case, [(number, shown[0]) for number, _, shown, _ in lines if len(shown) == 1])
    return [
        _offence(rule, case.file, number, expected, shown, own, texts)
        for number, expected, shown, own in lines
    ]


def _texts(case: Case, cells: Sequence[tuple[int, Item]]) -> dict[tuple[int, str], str]:
    """The texts of some cells without blanks at their ends."""
    rows: dict[str, list[int]] = {}
    for number, item in cells:
        if item.type != "open":
            rows.setdefault(item.variable, []).append(number)
    return {
        (number, variable): text.strip()
        for variable, own in rows.items()
        for number, text in case.connection.execute(
            f"SELECT {quote(FILE_ROW)}, {quote(variable)} FROM {case.judged.wide.relation} "
            f"WHERE {quote(FILE_ROW)} IN (SELECT unnest($1::BIGINT[]))",
            [own],
        ).fetchall()
    }


def _offence(
    rule: str,
    file: str,
    number: int,
    expected: str,
    shown: Sequence[Item],
    aside: Sequence[Item],
    texts: dict[tuple[int, str], str],
) -> Offence:
    """The message about a line's answers to some items; it shows a value only for a single item."""
    variables = [item.variable for item in shown]
    value: str | None = None
    holds: Holds = "cell"
    if len(shown) == 1 and shown[0].type == "open":
        value, holds = WITHHELD, "fact"
    elif len(shown) == 1:
        value = texts[number, variables[0]]
    column = ", ".join(variables) if len(shown) < 4 else f"{variables[0]}..{variables[-1]}"
    finding = Finding(rule, file, number, column, value, expected, holds)
    return Offence(finding, tuple(item.variable for item in aside))

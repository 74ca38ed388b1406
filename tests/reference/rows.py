"""Rules about whole lines of the data set. Under quarantine the whole line is quarantined."""

from __future__ import annotations

import difflib
from collections import defaultdict

from assets.raw.errors import Finding
from declarations.platform import STATUS_FLAGS
from runtime.plain_text import plain
from tests.reference.answers import answered_lines, completed_lines
from tests.reference.case import Case, Part, whole


def unique_respondents(case: Case) -> list[Part]:
    """Lines of a respondent with several lines, and lines without an identifier.

    Of identical lines the first is kept. If the lines of a respondent differ, all break the rule,
    because it is unknown which is right.
    """
    column, lines = case.study.respondent_column, case.lines
    if column is None or not lines.has(column):
        return whole(0, [])
    places: dict[str, list[int]] = defaultdict(list)
    for at, value in enumerate(lines.column(column)):
        places[value].append(at)
    cells = lines.whole() if any(len(own) > 1 for own in places.values()) else []
    expected: dict[int, str] = {}
    for value, own in places.items():
        rows = [lines.numbers[at] for at in own]
        if not value:
            expected |= dict.fromkeys(rows, "an identifier of the respondent")
        elif len(own) == 1:
            continue
        elif len({cells[at] for at in own}) == 1:
            said = f"every respondent once (row {rows[0]} repeated)"
            expected |= dict.fromkeys(rows[1:], said)
        else:
            for row in rows:
                other = next(other for other in rows if other != row)
                expected[row] = f"every respondent once (row {other} differs)"
    values = lines.column(column)
    findings = [
        Finding("unique_respondent", lines.file, row, column, values[at], expected[row], "personal")
        for at, row in enumerate(lines.numbers)
        if row in expected
    ]
    return whole(len(lines.numbers), findings)


def repeated_lines(case: Case) -> list[Part]:
    """Lines without an identifier whose answers equal those of an earlier line in every cell.

    They may be one respondent twice or two who agree. Under quarantine the first line is kept.
    """
    lines, columns = case.lines, case.raw.dataset.columns
    answered = sorted(answered_lines(case.study, lines))
    across = f"{columns[0]}..{columns[-1]}" if columns else None
    cells = lines.whole() if answered else []
    first: dict[tuple[str, ...], int] = {}
    findings = []
    for at in answered:
        row, earlier = lines.numbers[at], first.setdefault(cells[at], lines.numbers[at])
        if earlier != row:
            expected = f"a line of its own (row {earlier} is the same in every cell)"
            findings.append(Finding("repeated_line", lines.file, row, across, None, expected))
    return whole(len(answered), findings)


def unknown_municipalities(case: Case) -> list[Part]:
    """Invitations to a municipality that the register does not have."""
    column, register, lines = case.study.municipality_column, case.raw.municipalities, case.lines
    if column is None or register is None:
        return whole(0, [])
    name_column = case.study.register_columns["name"]
    # other rules name a column that is missing
    if not lines.has(column) or name_column not in register.columns:
        return whole(0, [])
    names = {plain(row[register.position(name_column)]) for row in register.rows}
    known = f"a municipality named in {register.file} (column {name_column})"
    expected = {
        # a misspelt cell is told by its shape only; the names are the register's
        value: known + (f"; near it: {', '.join(near)}" if near else "")
        for value in set(lines.column(column))
        if plain(value) not in names
        for near in [difflib.get_close_matches(value[:60], sorted(names), n=2)]
    }
    findings = [
        Finding("unknown_municipality", lines.file, row, column, value, expected[value])
        for row, value in zip(lines.numbers, lines.column(column), strict=True)
        if plain(value) not in names
    ]
    return whole(len(lines.numbers), findings)


def one_status(case: Case) -> list[Part]:
    """Lines on which not exactly one status flag is set."""
    lines = case.lines
    if not lines.has(*STATUS_FLAGS):
        return whole(0, [])
    flags = zip(*(lines.column(flag) for flag in STATUS_FLAGS), strict=True)
    between = f"{STATUS_FLAGS[0]}..{STATUS_FLAGS[-1]}"
    expected = "exactly one flag 1, the others 0"
    findings = [
        Finding("one_status", lines.file, row, between, ",".join(found), expected)
        for row, found in zip(lines.numbers, flags, strict=True)
        if sorted(found) != ["0", "0", "0", "0", "1"]
    ]
    return whole(len(lines.numbers), findings)


def complete_but_empty(case: Case) -> list[Part]:
    """Lines with the status complete and without an answer."""
    lines = case.lines
    flags = [str(flag) for flag in case.study.status_flags.get("complete") or ()]
    if not lines.has(*flags):
        return whole(0, [])
    complete = completed_lines(case.study, lines)
    answered = answered_lines(case.study, lines)
    findings = [
        Finding(
            "complete_but_empty", lines.file, lines.numbers[at], ", ".join(flags), "1",
            "an answer to any question",
        )
        for at in sorted(complete - answered)
    ]  # fmt: skip
    return whole(len(complete), findings)

"""The rule about how files were read: what was interpreted, corrected or left out."""

from __future__ import annotations

from assets.raw.errors import Finding
from tests.reference.case import Case, Part, whole

EXPECTED = ", expected "


def readings(case: Case) -> list[Part]:
    """Notes of the readers, and closed items with a single code.

    Such an item always shows 100 %. It is a tick box whose question was not recognised, or an item
    whose other answers are not declared.
    """
    tables = [table for table in vars(case.raw).values() if table is not None]
    findings = []
    for table in tables:
        for note in table.notes:
            found, _, expected = note.partition(EXPECTED)
            findings.append(Finding("reading", table.file, None, None, found, expected, "fact"))
    alone = [
        item
        for item in case.study.items.values()
        if item.type in ("single", "grid") and len(item.scale) == 1 and not item.exclusive
    ]
    findings += [
        Finding(
            "reading", case.raw.dataset.file, None, item.variable, "one answer",
            f"other answers of {item.id}, or a tick box of a multiple question (its share is "
            "always 100 %)", "fact",
        )
        for item in alone
    ]  # fmt: skip
    return whole(len(tables) + len(alone), findings)

"""Groups of respondents in blocks, so that answers are counted once for many groups.

A block of overlapping groups is a mask with one bit per level. A block of exclusive groups is a key
with one digit per group. Answers are counted per pattern of a block. The count of a level is then a
sum over patterns. The SQL is standard, so other engines can run it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from declarations import Study
from runtime.store import quote, text_literal

# Maximum number of patterns in a block, small enough to count without hashing.
MOST_PATTERNS = 4096
MOST_BITS = 12
ALL = ("all", ("all",))


@dataclass(frozen=True)
class CountedGroups:
    """Groups with their levels; `overlapping` if a respondent may be in several levels."""

    name: str
    overlapping: bool
    groups: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def weights(self) -> list[tuple[str, str, int]]:
        """Group, level, and the number that membership adds to the pattern."""
        found, unit = [], 1
        for group, levels in self.groups:
            for place, level in enumerate(levels, start=1):
                found.append(
                    (group, level, unit << (place - 1) if self.overlapping else unit * place)
                )
            unit = unit << len(levels) if self.overlapping else unit * (len(levels) + 1)
        return found

    def condition(self, group: str, level: str) -> str | None:
        """The SQL condition that a pattern includes a level; None for a level of another block."""
        column, unit = quote(self.name), 1
        for name, levels in self.groups:
            digits = len(levels) + 1
            if name == group and level in levels:
                place = levels.index(level)
                if self.overlapping:
                    return f"({column} & {unit << place}) > 0"
                return f"({column} // {unit}) % {digits} = {place + 1}"
            unit = unit << len(levels) if self.overlapping else unit * digits
        return None

    @property
    def patterns(self) -> int:
        """The number of possible patterns."""
        if self.overlapping:
            return 1 << sum(len(levels) for _, levels in self.groups)
        return prod(len(levels) + 1 for _, levels in self.groups)

    def levels_of(self, pattern: int) -> list[tuple[str, str]]:
        """The levels of a pattern."""
        if self.overlapping:
            return [(group, level) for group, level, bit in self.weights if pattern & bit]
        found = []
        for group, levels in self.groups:
            pattern, place = divmod(pattern, len(levels) + 1)
            if place:
                found.append((group, levels[place - 1]))
        return found


def blocks_of(study: Study) -> list[CountedGroups]:
    """All groups of a study, including everyone, in as few blocks as their patterns allow."""
    exclusive: list[tuple[str, tuple[str, ...]]] = [ALL]
    overlapping: list[tuple[str, tuple[str, ...]]] = []
    for group in study.groups:
        levels = tuple(level.key for level in group.levels)
        if levels and group.overlapping:
            # each part of a mask can be counted separately
            parts = range(0, len(levels), MOST_BITS)
            overlapping += [(group.id, levels[start : start + MOST_BITS]) for start in parts]
        elif levels:
            exclusive.append((group.id, levels))
    return [*_packed(exclusive, overlapping=False), *_packed(overlapping, overlapping=True)]


def in_level(blocks: Sequence[CountedGroups], group: str, level: str) -> str:
    """The SQL condition that a respondent is in a level; false for an unknown level."""
    found = (block.condition(group, level) for block in blocks)
    return next((condition for condition in found if condition is not None), "false")


def _packed(
    groups: Sequence[tuple[str, tuple[str, ...]]], *, overlapping: bool
) -> list[CountedGroups]:
    kind = "mask" if overlapping else "key"
    blocks: list[CountedGroups] = []
    for group in groups:
        if blocks:
            wider = CountedGroups(blocks[-1].name, overlapping, (*blocks[-1].groups, group))
            if wider.patterns <= MOST_PATTERNS:
                blocks[-1] = wider
                continue
        blocks.append(CountedGroups(f"{kind}_{len(blocks) + 1}", overlapping, (group,)))
    return blocks


def patterns_sql(blocks: Sequence[CountedGroups], memberships: str, number: str) -> str:
    """The pattern of every respondent in every block, from the memberships (quoted names)."""
    columns = []
    for block in blocks:
        cases = " ".join(
            f'WHEN "group" = {text_literal(group)} AND level = {text_literal(level)} THEN {weight}'
            for group, level, weight in block.weights
        )
        columns.append(f"CAST(SUM(CASE {cases} ELSE 0 END) AS INTEGER) AS {quote(block.name)}")
    return f"SELECT {number}, {', '.join(columns)} FROM {memberships} GROUP BY {number}"


def lines_sql(answers: str, blocks: Sequence[CountedGroups], patterns: str, number: str) -> str:
    """The answers to a question with the patterns of the respondents (quoted names)."""
    columns = ", ".join(f"p.{quote(block.name)}" for block in blocks)
    return (
        f"SELECT a.*, {columns} FROM {answers} AS a JOIN {patterns} AS p ON p.{number} = a.{number}"
    )


def count_sql(lines: str, items: Sequence[str], value: str, block: CountedGroups) -> str:
    """Number of respondents per item, value and pattern of a block.

    `lines` is a relation made by `lines_sql`. Columns: item, the value, pattern, n. One query per
    item groups two small numbers, which is six times as fast as one query over UNPIVOT.
    """
    pattern = quote(block.name)
    return " UNION ALL ".join(
        f"SELECT {text_literal(item)} AS item, {quote(item)} AS {value}, {pattern} AS pattern, "
        f"COUNT(*) AS n FROM {lines} WHERE {quote(item)} IS NOT NULL "
        f"GROUP BY {quote(item)}, {pattern}"
        for item in items
    )


def invited_sql(answers: str, items: Sequence[str], value: str) -> str:
    """Number of respondents per item and value, over everyone invited; columns item, value, n."""
    names = ", ".join(map(quote, items))
    return (
        f"SELECT item, {value}, COUNT(*) AS n "
        f"FROM {answers} UNPIVOT ({value} FOR item IN ({names})) GROUP BY item, {value}"
    )

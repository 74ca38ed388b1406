"""Splits cells that hold several choices: finds the separator and the choices."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from runtime.plain_text import plain

# The most reliable first. Within a choice a comma is often followed by a blank, as between
# choices.
SIGNS = (";", "|", "\n", ", ", ",")
MOST_CHOICES, LONGEST_CHOICE = 40, 120
FEWEST_SEVERAL = 2


@dataclass(frozen=True)
class Split:
    """The separator, and the choices in order."""

    by: str
    choices: tuple[str, ...]


def choices_of(cell: str, split: Split) -> list[str]:
    """The choices in a cell. A choice that contains the separator is matched by its whole text."""
    sign = split.by.strip(" ")
    rest = cell.strip().strip(sign or None).strip()
    by = re.escape(sign) if sign else r"\s"
    known = sorted((c for c in split.choices if (sign or " ") in c), key=len, reverse=True)
    found: list[str] = []
    for choice in known:
        words = r"\s+".join(map(re.escape, choice.split()))
        pattern = rf"(?:^|{by})\s*{words}\s*(?=$|{by})"
        if re.search(pattern, rest):
            found.append(choice)
            rest = re.sub(pattern, split.by, rest, count=1)
    found += [part for p in rest.split(sign or None) if (part := plain(p))]
    return list(dict.fromkeys(found))


def find_split(cells: Iterable[str]) -> Split | None:
    """The separator that splits cells into a few recurring choices; None if there is none."""
    counted = Counter(cell.strip() for cell in cells if cell.strip())
    found = [Split(by, tuple(own)) for by in SIGNS if (own := _choices(counted, by)) is not None]
    # the real separator gives the fewest distinct parts; any other character also splits choices
    return min(found, key=lambda split: len(split.choices)) if found else None


def _choices(counted: Counter[str], by: str) -> list[str] | None:
    split = {cell: _plain_parts(cell, by) for cell in counted}
    several = [parts for parts in split.values() if len(parts) > 1]
    if len(several) < FEWEST_SEVERAL and not (by == ";" and several):
        return None
    if any(len(set(parts)) < len(parts) for parts in split.values()):
        return None
    split = _merged(split, by)
    several = [parts for parts in split.values() if len(parts) > 1]
    choices = Counter({p: 0 for parts in split.values() for p in parts})
    for cell, n in counted.items():
        for part in split[cell]:
            choices[part] += n
    # Parts of sentences rarely recur. If a single choice contains the character, there are more
    # distinct parts than answers.
    repeated = sum(n > 1 for n in choices.values())
    fits = (
        several
        and len(choices) <= MOST_CHOICES
        and 2 * repeated >= len(choices)
        and all(len(choice) <= LONGEST_CHOICE for choice in choices)
        and len(split) >= len(choices)
        and all(map(_no_number, choices))
    )
    return _in_order(split.values(), choices) if fits else None


def _no_number(choice: str) -> bool:
    # 1,5 is a number, not two choices
    return re.fullmatch(r"[0-9]+", choice) is None or len(choice) < 3


def _plain_parts(cell: str, by: str) -> list[str]:
    return [part for p in cell.strip(by.strip() or None).split(by) if (part := plain(p))]


def _merged(split: dict[str, list[str]], by: str) -> dict[str, list[str]]:
    """Join parts that always occur together: they are one choice that contains the separator."""
    while True:
        after: dict[str, set[str | None]] = {}
        before: dict[str, set[str | None]] = {}
        for parts in split.values():
            for one, other in zip([None, *parts], [*parts, None], strict=True):
                if one is not None:
                    after.setdefault(one, set()).add(other)
                if other is not None:
                    before.setdefault(other, set()).add(one)
        pair = next(
            (
                (one, other)
                for one, others in after.items()
                for other in others
                if len(others) == 1 and other is not None and before[other] == {one}
            ),
            None,
        )
        if pair is None:
            return split
        # a blank after a separator within a choice belongs to the choice
        blank = any(f"{pair[0]}{by} {pair[1]}" in plain(cell) for cell in split)
        sign = f"{by} " if blank else by
        split = {cell: _joined(parts, pair, sign) for cell, parts in split.items()}


def _joined(parts: Sequence[str], pair: tuple[str, str], by: str) -> list[str]:
    found: list[str] = []
    for part in parts:
        if found and (found[-1], part) == pair:
            found[-1] = f"{found[-1]}{by}{part}"
        else:
            found.append(part)
    return found


def _in_order(split: Iterable[Sequence[str]], choices: Counter[str]) -> list[str]:
    """The choices in the order in which cells list them, else by frequency."""
    earlier: dict[str, set[str]] = {choice: set() for choice in choices}
    for parts in split:
        for at, part in enumerate(parts):
            earlier[part] |= set(parts[:at])
    left, found = [choice for choice, _ in choices.most_common()], []
    while left:
        free = [c for c in left if not earlier[c] & set(left) - {c}]
        following = free[0] if free else left[0]
        found.append(following)
        left.remove(following)
    return found

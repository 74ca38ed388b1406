"""Background variables: from register columns and open answers to group levels.

Pure functions of a group's declaration and values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

import pandas as pd

from declarations import Study
from declarations.survey.groups import CutsGroup, Group, TextLevel, ValuesGroup
from runtime.plain_text import plain

NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
# to a Danish reader, 58.000 inhabitants are fifty-eight thousand
THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}")


def areas_of(text: str, group: Group) -> tuple[str, ...]:
    """Levels whose declared rules match an open answer, in declared order.

    The text is made `plain` first, so normal forms, kinds of blanks, line feeds and soft hyphens
    make no difference. A level matches if the text in lower case contains one of its `any` patterns
    and none of its `none` patterns. Several levels may match; an empty text matches none.
    """
    lowered = plain(text).lower()
    return tuple(level.key for level in group.levels if _fires(level, lowered))


def _fires(level: TextLevel, lowered: str) -> bool:
    if not any(_pattern(p).search(lowered) for p in level.rules.any):
        return False
    return not any(_pattern(p).search(lowered) for p in level.rules.none)


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def cut_level(value: float, group: CutsGroup) -> str:
    """Level of a number by declared bounds: `from` <= value < `below`; either may be absent.

    Raises ValueError if no level contains the value.
    """
    for level in group.levels:
        low, high = level.from_, level.below
        if (low is None or value >= low) and (high is None or value < high):
            return level.key
    raise ValueError(f"no level of {group.id} contains {value}")


def mapped_level(value: str, group: ValuesGroup) -> str:
    """Level whose declared `values` (or `value`) contain the value.

    Raises ValueError with the value and the declared values if no level contains it.
    """
    for level in group.levels:
        if plain(value) in map(plain, level.accepted):
            return level.key
    accepted = [v for level in group.levels for v in level.accepted]
    raise ValueError(f"{value!r} is in no level of {group.id}; expected one of {accepted}")


def quantile_levels(values: Mapping[str, float], group: Group) -> dict[str, str]:
    """Level of each unit by rank: unit r (from 0) of n goes to level `floor(r * k / n)` of k.

    Units are ranked by value, and units with equal values by key.
    """
    ranked = sorted(values, key=lambda unit: (values[unit], unit))
    k = len(group.levels)
    return {unit: group.levels[rank * k // len(ranked)].key for rank, unit in enumerate(ranked)}


def municipalities(register: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The wave's register under declared names, with one column per municipality group (level key).

    Raises ValueError with municipality, column and value if a value has no level.
    """
    columns = study.register_columns
    frame = pd.DataFrame({name: register[column].str.strip() for name, column in columns.items()})
    rows = [{c: row[n] for n, c in columns.items()} for row in frame.to_dict("records")]
    for group in study.groups:
        if group.by_municipality and group.kind != "identity":
            frame[group.id] = frame["code"].map(municipality_levels(rows, group, columns))
    return frame


def municipality_levels(
    rows: Sequence[Mapping[str, str]], group: Group, columns: Mapping[str, str]
) -> dict[str, str]:
    """Level of every municipality for a group whose source is a register column.

    `rows` are register rows (text cells), `columns` maps declared names to register columns.
    Returns {municipality code: level key}. Raises ValueError with municipality and value.
    """
    code, source = columns["code"], columns[group.source]
    if group.kind == "identity":
        return {row[code]: row[code] for row in rows}
    if group.kind == "quantile":
        return quantile_levels({r[code]: _number(r[source], r[code], source) for r in rows}, group)
    levels = {}
    for row in rows:
        try:
            if isinstance(group, CutsGroup):
                levels[row[code]] = cut_level(_number(row[source], row[code], source), group)
            elif isinstance(group, ValuesGroup):
                levels[row[code]] = mapped_level(row[source], group)
        except ValueError as error:
            raise ValueError(f"municipality {row[code]}, column {source}: {error}") from error
    return levels


def _number(text: str, unit: str, column: str) -> float:
    # float() would also accept nan, inf and 1_000
    if not NUMBER.fullmatch(text):
        raise ValueError(f"municipality {unit}, column {column}: {text!r} is not a number")
    if THOUSANDS.fullmatch(text):
        raise ValueError(
            f"municipality {unit}, column {column}: {text!r} may be thousands; "
            f"expected {text.replace('.', '')} or {text}0"
        )
    return float(text)

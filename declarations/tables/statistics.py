"""The statistics a cell may show, each registered once.

From an entry follow what a cell must be (`of`), the decimals, what the disclosure gate takes the
figure for, the JSON Schema and the documentation. The function of the same name in
`assets/statistics/descriptive.py` computes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, WithJsonSchema

from declarations.errors import listed
from declarations.model import wrong

# what a statistic is computed of
COUNTED: Final = "counted"
NUMBERS: Final = "numbers"
COLUMNS: Final = "columns"


@dataclass(frozen=True)
class StatisticRule:
    """One statistic; its function takes what `of` says.

    counted: the number of an answer and its base. numbers: how often each number was given to a
    numeric item, `{number: count}`; such a figure tells of the whole distribution. columns: the
    values of two other columns of the row.
    """

    name: str
    of: Literal["counted", "numbers", "columns"]
    says: str
    decimals: int = 1


STATISTICS: Mapping[str, StatisticRule] = {
    rule.name: rule
    for rule in (
        StatisticRule("count", COUNTED, "How many gave the answer.", decimals=0),
        StatisticRule("percent", COUNTED, "100 * count / base."),
        StatisticRule("mean", NUMBERS, "Mean of the numbers given."),
        StatisticRule("median", NUMBERS, "Median of the numbers given."),
        StatisticRule("difference", COLUMNS, "a - b, of two columns."),
        StatisticRule("relative_difference", COLUMNS, "100 * (a - b) / a, of two columns."),
    )
}


def names_of(kind: str) -> tuple[str, ...]:
    """The statistics that are computed of this."""
    return tuple(name for name, rule in STATISTICS.items() if rule.of == kind)


def _known(name: str) -> str:
    if name not in STATISTICS:
        raise wrong(name, f"one of {listed(STATISTICS)}", known=tuple(STATISTICS))
    return name


Statistic = Annotated[
    str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(STATISTICS)})
]

"""The statistics that a cell may show, each registered once.

An entry determines which cells may show the statistic (`of`), its decimals, how the disclosure gate
treats it, the JSON Schema and the documentation. The function of the same name in
`assets/statistics/descriptive.py` computes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, WithJsonSchema

from declarations.errors import listed
from declarations.model import wrong

# the input of a statistic
COUNTED: Final = "counted"
NUMBERS: Final = "numbers"
COLUMNS: Final = "columns"


@dataclass(frozen=True)
class StatisticRule:
    """One statistic. `of` is the input of its function.

    counted: the count of an answer and its base. numbers: how often each number was given to a
    numeric item, `{number: count}`; such a figure reveals something about the whole distribution.
    columns: the values of two other columns of the row.
    """

    name: str
    of: Literal["counted", "numbers", "columns"]
    says: str
    decimals: int = 1


STATISTICS: Mapping[str, StatisticRule] = {
    rule.name: rule
    for rule in (
        StatisticRule(
            "count", COUNTED, ("The number of respondents who gave the answer."), decimals=0
        ),
        StatisticRule("percent", COUNTED, "100 * count / base."),
        StatisticRule("mean", NUMBERS, "Mean of the numbers given."),
        StatisticRule("median", NUMBERS, "Median of the numbers given."),
        StatisticRule("difference", COLUMNS, "a - b, of two columns."),
        StatisticRule("relative_difference", COLUMNS, "100 * (a - b) / a, of two columns."),
    )
}


def names_of(kind: str) -> tuple[str, ...]:
    """The statistics with this input."""
    return tuple(name for name, rule in STATISTICS.items() if rule.of == kind)


def _known(name: str) -> str:
    if name not in STATISTICS:
        raise wrong(name, f"one of {listed(STATISTICS)}", known=tuple(STATISTICS))
    return name


Statistic = Annotated[
    str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(STATISTICS)})
]

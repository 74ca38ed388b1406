"""The rules, each registered when its module is imported; their order is that of the findings."""

from expectations.audit.rules import (
    appendix,
    base,
    derived,
    groups_total,
    labels,
    no_count,
    prose,
    row_sum,
    same_quantity,
)  # isort: skip

__all__ = [
    "appendix",
    "base",
    "derived",
    "groups_total",
    "labels",
    "no_count",
    "prose",
    "row_sum",
    "same_quantity",
]

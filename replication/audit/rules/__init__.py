"""The rules, each registered when its module is imported; their order is that of the findings."""
# ruff: noqa: I001

from replication.audit.rules import (
    no_count,
    row_sum,
    groups_total,
    same_quantity,
    derived,
    base,
    labels,
    appendix,
    significance,
)  # fmt: skip

__all__ = [
    "appendix",
    "base",
    "derived",
    "groups_total",
    "labels",
    "no_count",
    "row_sum",
    "same_quantity",
    "significance",
]

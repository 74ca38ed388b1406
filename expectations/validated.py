"""One expectation of Great Expectations on the distinct answers to questions.

The module imports no declarations, because the second process that validates needs none.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from typing import Any

import pandas as pd

IN_SET, MATCHING = "expect_column_values_to_be_in_set", "expect_column_values_to_match_regex"


def rejected_lines(kind: str, wanted: Sequence[str], answers: pd.DataFrame) -> list[int]:
    """Positions of the lines that an expectation rejects.

    IN_SET compares the column `answer` with the texts in `wanted`, MATCHING the column `value` with
    the only pattern in `wanted`.
    """
    import great_expectations as gx
    import great_expectations.expectations as gxe

    expectation: Any = (
        # Item and code in one column: a set per item would be an expectation each, and the
        # expectation on column pairs goes through the answers one by one.
        gxe.ExpectColumnValuesToBeInSet(column="answer", value_set=list(wanted))
        if kind == IN_SET
        else gxe.ExpectColumnValuesToMatchRegex(column="value", regex=wanted[0])
    )
    lines = answers[["answer", "value"]].rename_axis("place").reset_index()
    outcome = (
        _batches()
        .get_batch({"dataframe": lines})
        .validate(
            gx.ExpectationSuite(name="scales", expectations=[expectation]),
            result_format={
                "result_format": "COMPLETE",
                "unexpected_index_column_names": ["place"],
            },
        )
    )
    return _unexpected(outcome)


@functools.cache
def _batches() -> Any:
    """Frames as batches of an ephemeral context: nothing is written or sent."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    # Importing Great Expectations takes seconds; the code location must not need it.
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    source = context.data_sources.add_pandas("answers")
    return source.add_dataframe_asset("long").add_batch_definition_whole_dataframe("questions")


def _unexpected(outcome: Any) -> list[int]:
    found = []
    for result in outcome.results:
        if result.exception_info and result.exception_info.get("raised_exception"):
            raise RuntimeError(f"Great Expectations failed: {result.exception_info}")
        found += [int(line["place"]) for line in result.result.get("unexpected_index_list") or ()]
    return found

"""A column of weights: one number above 0 per respondent, and not the same for everyone."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import duckdb
import pytest

from assets.tabulate.relations import Relations
from assets.tabulate.weighting import weights_of
from declarations import Study
from declarations.tabulation.tabulation import TabulationError
from tests.poll import write_poll

DECLARED: dict[str, Any] = {
    "weights/w.yaml": {"id": "w", "kind": "column", "column": "weight"},
    "weights/cut.yaml": {
        "id": "cut", "kind": "column", "column": "weight", "trim": {"lower": 0.5, "upper": 2},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def poll(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return write_poll(tmp_path_factory.mktemp("poll"), DECLARED)


def weighted(poll: Study, column: list[str], name: str = "w") -> list[float]:
    """The weights of respondents with these cells."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE person (p INTEGER, weight VARCHAR)")
        connection.executemany("INSERT INTO person VALUES (?, ?)", [*enumerate(column)])
        relations = cast("Relations", SimpleNamespace(study=poll))
        return [*weights_of(name, relations, connection, Path()).values]


def test_a_column_gives_the_weights_in_order(poll: Study) -> None:
    assert weighted(poll, ["0.001", "2", "1.5"]) == [0.001, 2, 1.5]


def test_weights_are_cut_at_multiples_of_their_mean(poll: Study) -> None:
    # the mean is 2: 8 becomes 4, and what is lost is spread over the others
    assert weighted(poll, ["1.2", "1.2", "1.6", "8", "1", "1", "1", "1"], "cut")[3] == 4
    with pytest.raises(TabulationError, match="cut to these bounds: no weight is left") as refused:
        weighted(poll, ["1", "1", "1", "1", "8"], "cut")
    assert "weights/cut.yaml" in str(refused.value)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (["0", "1", "2"], "found 0 (1 respondents have 0 or less), expected weights above 0"),
        (["-0.5", "0", "2"], "found -0.5 (2 respondents have 0 or less), expected weights above 0"),
        (["-3", "1", "2"], "found -3 (1 respondents have 0 or less), expected weights above 0"),
        (["", "1", "x"], "found no number for 2 of 3 respondents, expected one for each"),
        (["2", "2.0"], "found the same weight 2 for everyone, expected weights that differ"),
    ],
)
def test_a_column_that_gives_no_weights_is_refused(
    poll: Study, column: list[str], words: str
) -> None:
    with pytest.raises(TabulationError) as refused:
        weighted(poll, column)
    assert words in str(refused.value)
    assert "weights/w.yaml" in str(refused.value)

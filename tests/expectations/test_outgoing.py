"""Which figures a wave publishes, and how results without a table are released."""

from __future__ import annotations

import pandas as pd
import pytest

from assets.analysis.deviations import deviations
from assets.step.declaring import FIGURES
from assets.tables.results import counts_index, table_results
from declarations import Study
from declarations.survey.disclosure import Disclosure
from declarations.tables.cells import TOTAL
from declarations.tables.unnumbered import Unnumbered, read_unnumbered
from expectations.disclosure.outgoing import DISTRIBUTION, outgoing_figures
from expectations.disclosure.release import sort_relations
from tests.chain import WAVE, Chain

ALL = ("all", "all")
UNNUMBERED = ("results", "unnumbered")


@pytest.fixture(scope="module")
def spoken(study: Study) -> list[Unnumbered]:
    """Two results without a table, of closed items."""
    every = read_unnumbered(study)
    return [one for one in every if one.question.type in ("single", "grid")][:2]


def covering(*names: str) -> Disclosure:
    return Disclosure.model_validate({"policy": "suppress", "k": 3, "covers": names})


def test_the_lines_of_the_deviations_are_published_only_if_covered(
    study: Study, committed: Chain
) -> None:
    tables = outgoing_figures(study, (), covering())
    found = outgoing_figures(study, (), covering("deviations"))
    lines = deviations(study, committed.index, WAVE)
    told = set(lines[["item", "group", "level"]].itertuples(index=False, name=None))
    everyone = {(item, *ALL) for item, *_ in told}
    added = {(item, *place) for item, what, *place in found - tables if what == DISTRIBUTION}
    # items with one answer have no line, but count as if they had one
    more = {item for item, *_ in added - told - everyone}
    assert told | everyone <= added
    assert all(len(study.items[item].codes) == 1 for item in more)
    assert {(item, *place) for item, what, *place in found if what == TOTAL} >= told
    assert {what for _, what, *_ in found - tables} == {DISTRIBUTION, TOTAL}
    # whatever is published, it is known how many answered
    assert {(item, TOTAL, *ALL) for item, *_ in found} <= found


def test_results_without_a_table_are_published_only_if_covered(
    study: Study, spoken: list[Unnumbered]
) -> None:
    tables = outgoing_figures(study, (), covering())
    assert outgoing_figures(study, spoken, covering()) == tables
    cells = {
        (cell.item, str(cell.code), cell.group, cell.level)
        for result in spoken for cell in result.table.cells if cell.statistic == "count"
    }  # fmt: skip
    found = outgoing_figures(study, spoken, covering("unnumbered"))
    assert cells <= found
    assert {item for item, *_ in found - tables} <= {item for item, *_ in cells}


@pytest.mark.parametrize("statistic", ["count", "percent"])
def test_results_without_a_table_are_released_masked_and_in_their_order(
    study: Study, committed: Chain, spoken: list[Unnumbered], statistic: str
) -> None:
    """A hidden base hides its line, a hidden answer its cell."""
    frame = pd.concat(
        [
            table_results(
                one.table, counts_index(committed.counts[one.question.id]), WAVE, study
            ).assign(table=one.id)
            for one in spoken
        ],
        ignore_index=True,
    )
    # a relation of a database has no order of its own
    frame.index = pd.RangeIndex(5, 5 + len(frame))
    cell = next(c for c in spoken[1].table.cells if c.group != "all" and c.statistic == statistic)
    hidden = {(str(cell.item), str(cell.code), cell.group, cell.level)}
    relations = {UNNUMBERED: frame, ("results", "results"): frame}
    tables, settings = [one.table for one in spoken], covering("unnumbered")
    released = sort_relations(relations, {UNNUMBERED: FIGURES}, [], tables, settings, hidden)
    masked = released.relations[UNNUMBERED]
    assert masked["table"].tolist() == frame["table"].tolist()
    assert masked.index.tolist() == list(range(len(frame)))
    frame = frame.reset_index(drop=True)
    own = (
        (frame["table"] == spoken[1].id) & (frame["row"] == cell.row)
        & (frame["group"] == cell.group_key)
    )  # fmt: skip
    if statistic == "percent":
        own &= frame["column"] == cell.column
    gone = masked["note"].str.contains("suppressed")
    assert gone.tolist() == own.tolist()
    assert set(masked.loc[gone, "formatted"]) == {settings.mark}
    assert masked.loc[~gone, "formatted"].tolist() == frame.loc[~gone, "formatted"].tolist()
    # without it they are no examined figures
    other = sort_relations(relations, {UNNUMBERED: FIGURES}, [], tables, covering(), hidden)
    assert other.withheld == ["results.unnumbered"]

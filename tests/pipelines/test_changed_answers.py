"""A changed code in one answer of the raw file changes the tables that use it, and no others."""

from __future__ import annotations

import pandas as pd
import pytest

from assets.step.names import CLEAN, RAW_FILES, REJECTED_ROWS, answers, clean, counts, raw, table
from runtime.store import Store
from tests.chain import WAVE, Chain, compute_frames, declared_study
from tests.checkout import Checkout

DECLARED = declared_study().in_wave("2015")


def differing(before: dict[str, pd.DataFrame], after: dict[str, pd.DataFrame]) -> set[str]:
    """Tables whose lines differ."""
    assert before.keys() == after.keys()
    return {name for name, frame in before.items() if not frame.equals(after[name])}


def recomputed(committed: Chain, row: int, variable: str, text: str) -> dict[str, pd.DataFrame]:
    """All tables with another text in one cell of the data set, by the pure functions."""
    dataset = committed.dataset.copy()
    dataset.loc[dataset["file_row"] == row, variable] = text
    return compute_frames(DECLARED, dataset, committed.register).tables


def line_with(committed: Chain, item: str, code: int, group: str) -> int:
    """A line on which the item has the code, of a respondent in a level of the group."""
    members = committed.memberships
    placed = set(members.loc[members["group"] == group, "respondent"])
    own = committed.answers[DECLARED.items[item].question]
    own = own[(own["item"] == item) & (own["code"] == code) & own["respondent"].isin(placed)]
    return int(own["file_row"].iloc[0])


# item, code before and after, breakdown of one of its tables, the tables that print it
CHANGES = [
    ("actor_churches", 1, 3, "area", {"table_4_1", "table_4_2"}),
    ("reason_quality", 1, 2, "pressure_half", {"table_6_1", "table_6_2", "table_6_5"}),
    ("position", 1, 2, "area", set()),
    ("actor_drop_in", 1, 3, "area", {"table_4_1", "table_4_3"}),
    ("initiation_user_run", 1, 2, "pressure_band", {"table_5_1", "table_5_2"}),
    ("area_policy", 1, 2, "area", {"table_3_2", "table_3_3"}),
    ("actor_other", 1, 3, "area", set()),
]
SHORT = 3


@pytest.mark.parametrize(
    ("item", "old", "new", "group", "tables"),
    [
        pytest.param(*change, id=change[0], marks=[pytest.mark.long] if place >= SHORT else [])
        for place, change in enumerate(CHANGES)
    ],
)
def test_a_changed_code_changes_the_tables_that_print_the_item(
    committed: Chain, item: str, old: int, new: int, group: str, tables: set[str]
) -> None:
    row = line_with(committed, item, old, group)
    after = recomputed(committed, row, DECLARED.items[item].variable, str(new))
    assert differing(committed.tables, after) == tables
    using = {spec.id for spec in DECLARED.tables if item in spec.items}
    assert using == tables


def test_a_code_written_in_another_way_changes_nothing(committed: Chain) -> None:
    row = line_with(committed, "actor_churches", 1, "area")
    variable = DECLARED.items["actor_churches"].variable
    assert differing(committed.tables, recomputed(committed, row, variable, "1.0")) == set()


@pytest.mark.long
def test_a_changed_raw_file_changes_the_same_tables_through_dagster(
    committed: Chain, tmp_path_factory: pytest.TempPathFactory
) -> None:
    checkout = Checkout.create(tmp_path_factory.mktemp("changed"))
    chosen = [spec for spec in DECLARED.tables if spec.cells and spec.unit == "respondents"]
    keys = [raw(name) for name in (*RAW_FILES, REJECTED_ROWS)] + [clean(name) for name in CLEAN]
    keys += [answers(q.id) for q in DECLARED.questions]
    keys += [counts(q.id) for q in DECLARED.counted_questions]
    keys += [table(spec.id) for spec in chosen]
    cells, expected = {}, set()
    for item, old, new, group, tables in (CHANGES[0], CHANGES[4]):
        row, variable = line_with(committed, item, old, group), DECLARED.items[item].variable
        assert checkout.cell(row, variable) == str(old)
        cells[(row, variable)] = str(new)
        expected |= tables
    with checkout.changed(cells):
        assert checkout.execute(keys).success
    store = Store(checkout.root / ".work" / f"{WAVE}.duckdb")
    after = store.read_all("tables", [spec.id for spec in chosen])
    columns = ["row", "group", "column", "formatted", "base"]
    changed = {
        name
        for name, frame in after.items()
        if frame[columns].astype(str).to_numpy().tolist()
        != committed.tables[name][columns].astype(str).to_numpy().tolist()
    }
    assert changed == expected == {"table_4_1", "table_4_2", "table_5_1", "table_5_2"}

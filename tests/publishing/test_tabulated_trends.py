"""Changes of tables equal those of the items in the same settings, and groups are counted."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from assets.analysis.tabulated_trends import tabulated_changes
from declarations import load_study
from tests.chain import STUDY, declared_study
from tests.checkout import Checkout
from tests.poll import put

DECLARED = {
    "tables/plain.yaml": {"id": "plain", "of": ["partners", "collaborations"], "by": ["bloc"]},
    "tables/derived.yaml": {"id": "derived", "of": "top", "by": ["size > bloc"], "weight": "fit"},
    "variables/top.yaml": {"id": "top", "kind": "net", "of": "value_trust", "codes": [1, 2]},
    "weights/fit.yaml": {"id": "fit", "kind": "rake", "margins": {"size": {"register": "units"}}},
}


@pytest.fixture(scope="module")
def changes(
    both_waves: Checkout, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[pd.DataFrame]:
    folder = tmp_path_factory.mktemp("trends") / "studies" / "samspil"
    folder.mkdir(parents=True)
    shutil.copy(STUDY / "study.yaml", folder)
    # questions name the tables that report them
    shutil.copytree(STUDY / "tables", folder / "tables")
    for name in ("questions", "waves"):
        (folder / name).symlink_to(STUDY / name)
    for path, data in DECLARED.items():
        put(folder / path, data)
    study = load_study(folder)
    assert study.trend is not None
    paths = {
        wave: both_waves.root / "output" / wave / "samspil.duckdb" for wave in ("2015", "2018")
    }
    opened = {wave: duckdb.connect(str(path), read_only=True) for wave, path in paths.items()}
    yield tabulated_changes(study, opened, study.trend)
    for connection in opened.values():
        connection.close()


def test_changes_of_everyone_are_those_of_the_items(
    changes: pd.DataFrame, checkout: Checkout
) -> None:
    items = pd.read_csv(checkout.root / "output" / "trends" / "trends.csv", dtype={"code": str})
    items = items[items["question"].isin(["partners", "collaborations"]) & items["change"].notna()]
    own = changes[(changes["table"] == "plain") & (changes["group"] == "all")]
    study = declared_study()
    compared = 0
    for line in own.to_dict("records"):
        item = study.items[line["row"]]
        code = next((str(c.code) for c in item.scale if c.key == line["column"]), None)
        found = items[(items["item"] == item.id) & (items["statistic"] == line["statistic"])]
        if code is not None:
            found = found[found["code"].astype(float) == float(code)]
        if found.empty:
            continue
        theirs = found.iloc[0]
        for name in ("from_value", "to_value", "from_base", "to_base", "change", "low", "high",
                     "standard_error", "t", "df", "p"):  # fmt: skip
            assert line[name] == pytest.approx(theirs[name], rel=1e-9, abs=1e-9), (name, line)
        compared += 1
    assert compared >= 18


def test_groups_weights_and_variables_are_those_of_the_tables(
    changes: pd.DataFrame, checkout: Checkout
) -> None:
    path = Path(checkout.root / "output" / "2015" / "samspil.duckdb")
    with closing(duckdb.connect(str(path), read_only=True)) as connection:
        people = connection.execute(
            "SELECT r.respondent, a.code, s.level AS size, b.level AS bloc "
            "FROM clean.respondents r "
            "LEFT JOIN answers.value a ON a.respondent = r.respondent AND a.item = 'value_trust' "
            "JOIN clean.memberships s ON s.respondent = r.respondent AND s.\"group\" = 'size' "
            "JOIN clean.memberships b ON b.respondent = r.respondent AND b.\"group\" = 'bloc'"
        ).df()
        units = connection.execute(
            "SELECT size, COUNT(*) AS n FROM clean.municipalities GROUP BY 1"
        ).df().set_index("size")["n"]  # fmt: skip
    w = people["size"].map(units / people["size"].value_counts())
    own = changes[(changes["table"] == "derived") & (changes["column"] == "in")]
    seen = 0
    for line in own.to_dict("records"):
        if line["group"] == "all":
            continue
        size, bloc = line["level"].split(" > ")
        who = (people["size"] == size) & (people["bloc"] == bloc) & people["code"].notna()
        hit = who & people["code"].isin([1, 2])
        assert line["from_base"] == who.sum()
        assert line["from_value"] == pytest.approx(w[hit].sum() / w[who].sum() * 100)
        seen += 1
    assert seen >= 6
    assert np.isfinite(own["p"].dropna()).all()

"""The demonstration wave: the same bytes every time, and the declared drift."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml

from declarations import load_study
from reconstruction.demonstration.__main__ import demonstrate
from tests.reconstruction import recount

FOLDER = recount.STUDY / "waves" / "2018"
WISHES = yaml.safe_load(
    (Path(__file__).resolve().parents[2] / "reconstruction" / "demonstration.yaml").read_text(
        "utf-8"
    )
)


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return pd.read_csv(
        FOLDER / "dataset.csv", sep=";", encoding="cp1252", dtype=str, keep_default_na=False
    )


def test_rebuild_gives_the_committed_bytes(tmp_path: Path) -> None:
    demonstrate(recount.STUDY, tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_bytes() for path in FOLDER.iterdir()}


@pytest.mark.parametrize("entry", WISHES["drift"], ids=lambda e: f"{e['item']} {e['points']}")
def test_the_declared_drift_is_in_the_answers(entry: dict[str, object], data: pd.DataFrame) -> None:
    item, code = recount.items()[str(entry["item"])], int(str(entry["code"]))
    before = recount.answers(str(entry["item"])).dropna()
    column = data[item["variable"]]
    if item["type"] == "multiple":
        boxes = [i["variable"] for i in item["question"]["items"] if "choice" in i]
        column = column[(data[boxes] == "1").any(axis=1)]
    after = pd.to_numeric(column[column != ""])
    points = 100 * ((after == code).mean() - (before == code).mean())
    assert points == pytest.approx(float(str(entry["points"])), abs=50 / len(after) + 1e-9)


def test_it_is_about_the_size_of_the_first_wave(data: pd.DataFrame) -> None:
    answering = (data[["stato_3", "stato_4", "stato_5"]] == "1").any(axis=1)
    assert 800 < len(data) < 880
    assert 420 < answering.sum() < 500
    before = recount.export()
    assert not set(data["respondent"]) & set(before["respondent"])
    both = set(data.loc[answering, "kommune"]) & set(before["kommune"])
    assert len(both) > 80


def test_one_item_is_new_one_is_gone_and_two_names_are_new(data: pd.DataFrame) -> None:
    before = recount.export()
    assert set(data.columns) - set(before.columns) == {"s_125"}
    assert set(before.columns) - set(data.columns) == {"s_22"}
    assert set(data["s_125"]) == {"", "1", "2", "3", "4"}
    old, new = (
        pd.read_csv(recount.STUDY / "waves" / wave / "municipalities.csv").set_index("code")
        for wave in ("2015", "2018")
    )
    changed = old.index[old["name"] != new["name"]]
    assert sorted(changed) == sorted(map(int, WISHES["renamed"]))
    assert set(data["kommune"]) <= set(new["name"])
    assert set(new.loc[changed, "name"]) <= set(data["kommune"])
    assert old.drop(columns="name").equals(new.drop(columns="name"))


def test_measuring_nothing_still_excludes_every_other_measure(data: pd.DataFrame) -> None:
    boxes = [f"s_98_{n}" for n in range(1, 10)]
    assert not (data.loc[data["s_98_10"] == "1", boxes] == "1").any().any()


def test_it_says_what_it_is() -> None:
    sheet = load_study(recount.STUDY).source_sheet("2018")
    assert sheet.constructed
    assert sheet.demonstration
    assert sheet.shown_as == "demonstration"
    assert "opdigtet" in sheet.statement.da
    assert "invented" in sheet.statement.en
    assert "Invented for the demonstration" in sheet.notes["names"]

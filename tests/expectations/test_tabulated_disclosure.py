"""Short tables and the banner book before the gate: they are attacked, and answers are hidden."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from assets.tabulate.request import requests_of
from declarations import load_study
from declarations.fields.fields import fields_of
from declarations.survey.disclosure import Disclosure
from expectations.disclosure.tabulated import Tabulated, mask_tabulated, tabulated_figures
from tests.checkout import execute
from tests.poll import WAVE, write_poll
from tests.small import Small, line
from tests.tabulated import computed

TABLE = {"id": "t", "of": ["view_1", "both"], "by": ["use > town"], "show": ["percent", "n"]}
BOTH = {"id": "both", "kind": "all", "of": ["view"], "codes": [1]}
TOWN = {
    "id": "town", "label": "Town", "kind": "category", "source": "name",
    "levels": [{"key": t, "text": t, "values": [t.capitalize()]}
               for t in ("aby", "bby", "cby", "dby")],
}  # fmt: skip


def small(root: Path, policy: str) -> Small:
    """A real wave in which one respondent of Aby is alone in a cell of the table."""
    made = Small(root)
    made.lines = [line(n, 4, use="1" if n > 1 else "2", use_text="") for n in range(1, 31)]
    made.sheet["invited"] = 30
    made.write()
    path = made.folder / "study.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8")) | {"groups": [TOWN]}
    data["disclosure"] = {"policy": policy, "k": 40, "identifying": ["municipality"]}
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    sheet = made.folder / "waves" / "1" / "source.yaml"
    told = yaml.safe_load(sheet.read_text(encoding="utf-8")) | {"origin": "real"}
    sheet.write_text(yaml.safe_dump(told), encoding="utf-8")
    for name, declared in (("tables/t.yaml", TABLE), ("variables/both.yaml", BOTH)):
        (made.folder / name).parent.mkdir(exist_ok=True)
        (made.folder / name).write_text(yaml.safe_dump(declared), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def suppressed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of a run whose policy suppresses."""
    root = tmp_path_factory.mktemp("suppressed")
    made = small(root, "suppress")
    assert execute(load_study(made.folder), root, "1").success
    return root / "output" / "small" / "1"


def test_cells_about_one_respondent_are_suppressed(suppressed: Path) -> None:
    frame = pd.read_csv(suppressed / "crosstabs.csv", keep_default_na=False, dtype=str)
    alone = frame[(frame["level"] == "code_2 > aby") & (frame["statistic"] == "percent")]
    assert len(alone) > 0
    assert set(alone["formatted"]) == {":"}
    assert set(alone["value"]) == set(alone["numerator"]) == {""}
    assert set(alone["note"]) == {"suppressed"}
    hidden = pd.read_csv(suppressed / "suppression.csv", dtype=str)
    places = set(zip(hidden["item"], hidden["group"], strict=True))
    assert ("view_1", "use > town") in places
    # a derived variable is attacked as an item of its own
    assert ("both", "use > town") in places


def test_a_policy_that_blocks_stops_the_run(tmp_path: Path) -> None:
    made = small(tmp_path, "block")
    assert not execute(load_study(made.folder), tmp_path, "1").success
    assert not (tmp_path / "output" / "small" / "1" / "crosstabs.csv").exists()


def test_what_is_reported_is_every_cell_with_its_base(tmp_path: Path) -> None:
    declared: dict[str, Any] = {
        "tables/t.yaml": {"id": "t", "of": ["trust_1", "income"], "by": ["gender > party"],
                          "filter": {"item": "trust_2", "codes": [5]}},
        "tables/u.yaml": {"id": "u", "of": "reads", "by": ["party"]},
    }  # fmt: skip
    study = write_poll(tmp_path, declared)
    with computed(study, WAVE) as connection:
        found = tabulated_figures(study.in_wave(WAVE), connection)
    filtered = "gender > party | trust_2=5"
    assert ("trust_1", "5", filtered, "woman > p1") in found.keys
    assert ("income", "distribution", filtered, "man > p2") in found.keys
    assert ("read_1", "total", "party", "p3") in found.keys
    assert ("read_1", "1", "all", "all") in found.keys
    own = found.memberships[found.memberships["group"] == filtered]
    assert 0 < own["respondent"].nunique() < 400
    assert Tabulated().keys == frozenset()


def test_masks_reach_what_rests_on_a_hidden_figure(tmp_path: Path) -> None:
    declared = {
        "tables/t.yaml": {"id": "t", "of": ["trust_1"], "by": ["gender"], "scores": "codes",
                          "show": ["percent", "n", "mean"], "compare": "columns"},
    }  # fmt: skip
    study = write_poll(tmp_path, declared).in_wave(WAVE)
    fields = fields_of(study)
    from tests.tabulated import table

    with computed(study, WAVE) as connection:
        asked = {k: v for k, v in declared["tables/t.yaml"].items() if k != "id"}
        frame = table(connection, study, WAVE, asked)
    hidden = {("trust_1", "5", "gender", "woman")}
    masked = mask_tabulated(frame, requests_of(study, fields), hidden, "x")
    gone = masked[masked["formatted"] == "x"]
    at = set(zip(gone["column"], gone["level"], gone["statistic"], strict=True))
    assert ("a5", "woman", "percent") in at
    assert ("a5", "woman", "n") in at
    assert ("", "woman", "mean") in at
    assert ("", "", "test") in at
    assert ("a4", "woman", "percent") not in at
    assert ("a5", "man", "percent") not in at
    assert mask_tabulated(frame, [], set(), "x") is frame
    assert Disclosure(policy="warn").covers == ("tables",)

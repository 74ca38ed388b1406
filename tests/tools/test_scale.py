"""The tools of `make scale`: what they write and recount, against figures worked out by hand."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pyreadstat

from declarations import load_study
from tests.chain import STUDY, Chain
from tools.scale.grow import OUTSIDE, RAISED, grow
from tools.scale.recount import areas, levels_of_places, recount
from tools.scale.variables import write_sav

ROOT = Path(__file__).resolve().parents[2]


def test_a_wide_file_has_grids_single_questions_and_numbers(tmp_path: Path) -> None:
    write_sav(tmp_path / "wide.sav", 20, 50, seed=1)
    frame, meta = pyreadstat.read_sav(str(tmp_path / "wide.sav"))
    grid = [f"g1_{line}" for line in range(1, 9)]
    single = [f"q{number}" for number in range(9, 19)]
    assert [*frame] == ["id", *grid, *single, "n19", "n20"]
    assert [*frame["id"]] == [f"P{number:06d}" for number in range(50)]
    assert meta.column_labels == [
        "Respondent",
        *(f"Statements about subject 1 - Statement {line}" for line in range(1, 9)),
        *(f"What do you do about matter {number}?" for number in range(9, 19)),
        "How many hours do you spend on matter 19?",
        "How many hours do you spend on matter 20?",
    ]
    assert {name: len(codes) for name, codes in meta.variable_value_labels.items()} == {
        **dict.fromkeys(grid, 5),
        **{f"q{number + 1}": 2 + number % 7 for number in range(8, 18)},
    }
    for name in (*grid, *single):
        assert set(frame[name].dropna()) <= set(meta.variable_value_labels[name])
    # of 1,000 answers about 100 are missing: 30 is more than three standard errors
    assert abs(int(frame.isna().sum().sum()) - 100) <= 30


def test_levels_of_places_by_hand() -> None:
    register = pd.DataFrame(
        {
            "code": ["1", "2", "3", "4", "5"],
            "population_2015_01_01": [34999, 35000, 50000, 74999, 75000],
            "expenditure_pressure": [105.0, 94.9, 95.0, 104.9, 100.0],
            "mayor_party_2014": ["V", "A", "C", "B", "T"],
            "region": ["Sjælland", "Midtjylland", "Sjælland", "Hovedstaden", "Ærø"],
        },
        index=pd.Index(["a", "b", "c", "d", "e"], name="name"),
    )
    levels = levels_of_places(register)
    found = {" ".join(one): "".join(levels.index[levels[one]]) for one in levels.columns.tolist()}
    # by pressure the order is b c e d a
    assert found == {
        "size under_35000": "a", "size from_35000": "b", "size from_50000": "cd",
        "size from_75000": "e",
        "pressure_band lowest": "b", "pressure_band low_mid": "c", "pressure_band high_mid": "de",
        "pressure_band highest": "a",
        "pressure_half low": "bce", "pressure_half high": "ad",
        "pressure_quintile q1": "b", "pressure_quintile q2": "c", "pressure_quintile q3": "e",
        "pressure_quintile q4": "d", "pressure_quintile q5": "a",
        "bloc blue": "ac", "bloc red": "bd", "bloc local": "e",
        "region sjaelland": "ac", "region midtjylland": "b", "region hovedstaden": "d",
        "region aeroe": "e",
    }  # fmt: skip


def test_an_area_is_any_of_its_patterns() -> None:
    rules = {"any": ["skole", "barn.*"]}
    assert areas(
        {"groups": [{"id": "size"}, {"id": "area", "levels": [{"key": "k", "rules": rules}]}]}
    ) == {"k": "(?:skole)|(?:barn.*)"}


def test_the_recount_of_the_committed_wave_is_that_of_the_assets(
    committed: Chain, tmp_path: Path
) -> None:
    planted = tmp_path / "planted.csv"
    planted.write_text("file_row,variable,rule\n", encoding="utf-8")
    found = recount(STUDY, STUDY / "waves" / "2015", planted)
    ours = {key: n for key, n in committed.index.items() if n and key[0] != "status"}
    assert dict(found) == ours


def test_a_grown_wave_is_damaged_where_it_says_so(tmp_path: Path) -> None:
    grown = grow(ROOT, tmp_path, 400, 0.02, seed=7)
    study = load_study(tmp_path / "studies" / "samspil").in_wave("2015")
    assert [*study.waves] == ["2015"]
    with grown.dataset.open(encoding="cp1252", newline="") as stream:
        lines = [*csv.DictReader(stream, delimiter=";")]
    assert grown.rows == len(lines) == 400
    assert grown.bytes == grown.dataset.stat().st_size
    assert [next(iter(line.values())) for line in lines] == [f"G{n:09d}" for n in range(400)]
    with grown.planted.open(encoding="utf-8", newline="") as stream:
        planted = {
            (int(one["file_row"]), one["variable"]): one["rule"] for one in csv.DictReader(stream)
        }
    assert set(planted.values()) == set(RAISED)
    closed = [item for item in study.items.values() if item.type in ("single", "grid")]
    outside = {
        (row, item.variable)
        for row, line in enumerate(lines, 2)
        for item in closed
        if line[item.variable] in OUTSIDE
    }
    assert outside == {place for place, rule in planted.items() if rule == "scale"}
    for row, variable in (place for place, rule in planted.items() if rule == "exclusive"):
        assert lines[row - 2][variable] == {"s_53": "4", "s_54": "1"}[variable]
    for row, variable in (
        place for place, rule in planted.items() if rule == "status_says_unanswered"
    ):
        line = lines[row - 2]
        assert (line[variable], "1" in (line["stato_1"], line["stato_2"])) == ("1", True)
    assert {rule: study.policies[rule].threshold for rule in RAISED} == dict.fromkeys(RAISED, 0.5)

"""Ten everyday needs, each in at most six lines added to a study drafted from an export."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyreadstat
import pytest

from assets.tabulate.counting import Counter
from assets.tabulate.request import request_of
from assets.tabulate.results import tabulate_requests
from declarations import load_study
from declarations.fields.fields import fields_of
from pipelines.draft.folder import draft_study
from tests.poll import BOXES, ITEMS, people
from tests.tabulated import computed, figure

CHECKOUT = Path(__file__).resolve().parents[2]
PLACES = [parent / "shared" / "surveyxact-example" for parent in CHECKOUT.parents]
EXAMPLE = next((place for place in PLACES if place.is_dir()), None)
WAVE = "1"


@dataclass(frozen=True)
class Need:
    """Files by path, the place of a figure, and the value that pandas computes for it."""

    files: dict[str, str]
    place: dict[str, str]
    expected: Callable[[pd.DataFrame], float]
    alpha: Callable[[pd.DataFrame], float] | None = field(default=None)


def share(frame: pd.DataFrame, hit: Any, base: Any, w: Any = 1.0) -> float:
    weights = pd.Series(w, index=frame.index)
    return float(weights[hit & base].sum() / weights[base].sum() * 100)


def alpha(frame: pd.DataFrame) -> float:
    own = frame.dropna()
    k = own.shape[1]
    return float(k / (k - 1) * (1 - own.var(ddof=1).sum() / own.sum(axis=1).var(ddof=1)))


def numbers(frame: pd.DataFrame, names: Any, without: str = "") -> pd.DataFrame:
    found = frame[list(names)].apply(pd.to_numeric, errors="coerce")
    return found.where(frame[list(names)] != without)


def fitted(d: pd.DataFrame) -> pd.Series:
    """Poststratified to 60, 37 and 3 percent of those who gave an answer."""
    d = d[(d["stato_3"] == "1") | (d["stato_4"] == "1")]
    known = d["b_1"] != ""
    wanted = d["b_1"].map({"1": 0.60, "2": 0.37, "3": 0.03}) * known.sum()
    return (wanted / d["b_1"].map(d["b_1"].value_counts())).where(known, 1.0)


def age_of(d: pd.DataFrame) -> Any:
    return d["age"].astype(int)


SAV = {
    "a breakdown by an answer": Need(
        {"tables/t.yaml": "id: t\nof: trust_1\nby: [gender]\n"},
        {"column": "code_5", "level": "code_1", "statistic": "percent"},
        lambda d: share(d, d["trust_1"] == "5", (d["trust_1"] != "") & (d["gender"] == "1")),
    ),
    "a weight": Need(
        {"weights/w.yaml": "id: w\nkind: column\ncolumn: weight\n",
         "tables/t.yaml": "id: t\nof: party\nweight: w\n"},
        {"column": "code_1", "level": "all", "statistic": "percent"},
        lambda d: share(d, d["party"] == "A1", d["party"] != "", d["weight"].astype(float)),
    ),
    "merged categories": Need(
        {"variables/v.yaml": "id: v\nkind: recode\nof: trust_1\ncodes:\n"
         "  - {key: low, codes: [1, 2]}\n  - {key: high, codes: [3, 4, 5]}\n",
         "tables/t.yaml": "id: t\nof: v\n"},
        {"column": "low", "level": "all", "statistic": "percent"},
        lambda d: share(d, d["trust_1"].isin(["1", "2"]), d["trust_1"].isin(list("12345"))),
    ),
    "don't know out of the base": Need(
        {"variables/v.yaml": "id: v\nkind: recode\nof: trust_1\nrest: keep\n"
         "codes: [{key: dk, codes: [8], missing: true}]\n",
         "tables/t.yaml": "id: t\nof: v\n"},
        {"column": "code_5", "level": "all", "statistic": "percent"},
        lambda d: share(d, d["trust_1"] == "5", d["trust_1"].isin(list("12345"))),
    ),
    "a filter with a breakdown": Need(
        {"tables/t.yaml": "id: t\nof: party\nby: [gender]\n"
         "filter: {item: trust_1, codes: [4, 5]}\n"},
        {"column": "code_1", "level": "code_2", "statistic": "percent"},
        lambda d: share(
            d, d["party"] == "A1",
            (d["party"] != "") & (d["gender"] == "2") & d["trust_1"].isin(["4", "5"]),
        ),
    ),
    "two nested breakdowns": Need(
        {"tables/t.yaml": "id: t\nof: trust_1\nby: [gender > party]\n"},
        {"column": "code_5", "level": "code_1 > code_2", "statistic": "percent"},
        lambda d: share(
            d, d["trust_1"] == "5",
            (d["trust_1"] != "") & (d["gender"] == "1") & (d["party"] == "B2"),
        ),
    ),
    "the mean of a 0-10 item": Need(
        {"variables/v.yaml": "id: v\nkind: scale\nof: liking\n"
         "scores: {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7, 8: 8, 9: 9, 10: 10}\n",
         "tables/t.yaml": "id: t\nof: v\nby: [gender]\n"},
        {"level": "code_1", "statistic": "mean"},
        lambda d: float(numbers(d[d["gender"] == "1"], ["liking"], "99")["liking"].mean()),
    ),
    "an index with alpha": Need(
        {"variables/v.yaml": "id: v\nkind: index\nof: [trust_1, trust_2, trust_3]\n"
         "scores: {1: 1, 2: 2, 3: 3, 4: 4, 5: 5}\n",
         "tables/t.yaml": "id: t\nof: v\n"},
        {"level": "all", "statistic": "mean"},
        lambda d: float(numbers(d, ITEMS[:3], "8").dropna().mean(axis=1).mean()),
        lambda d: alpha(numbers(d, ITEMS[:3], "8")),
    ),
    "a number by bands of another": Need(
        {"groups/g.yaml": "id: g\nkind: bands\nof: age\n"
         "levels: [{key: young, below: 40}, {key: old, from: 40}]\n",
         "tables/t.yaml": "id: t\nof: income\nby: [g]\nshow: [mean, quartiles]\n"},
        {"level": "old", "statistic": "median"},
        lambda d: float(numbers(d[age_of(d) >= 40], ["income"])["income"].median()),
    ),
    "a top-two box with letters": Need(
        {"variables/v.yaml": "id: v\nkind: net\nof: trust_1\ncodes: [4, 5]\n",
         "tables/t.yaml": "id: t\nof: v\nby: [party]\ncompare: columns\n"},
        {"level": "code_1", "statistic": "percent", "column": "in"},
        lambda d: share(
            d, d["trust_1"].isin(["4", "5"]), (d["trust_1"] != "") & (d["party"] == "A1")
        ),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def sav(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study drafted from the invented poll as a .sav file."""
    root = tmp_path_factory.mktemp("sav")
    raw = people()
    party = {"A1": 1, "B2": 2, "-oth-": 3}
    frame = pd.DataFrame({"id": raw["id"]})
    frame["gender"] = pd.to_numeric(raw["gender"], errors="coerce")
    frame["party"] = raw["party"].map(party).astype(float)
    for name in ("liking", *ITEMS, *BOXES, "income", "age", "weight"):
        frame[name] = pd.to_numeric(raw[name], errors="coerce")
    labels: dict[str, dict[float, str]] = {
        "gender": {1: "Woman", 2: "Man", 9: "Refused"},
        "party": {1: "Reds", 2: "Blues", 3: "Others"},
        "liking": {**{float(n): str(n) for n in range(11)}, 99: "No idea"},
        **{name: {0: "Ikke valgt", 1: "Valgt"} for name in BOXES},
    }
    agree: dict[float, str] = {
        1: "Not at all",
        2: "Little",
        3: "Some",
        4: "Much",
        5: "Very much",
        8: "Cannot say",
    }
    labels |= {name: dict(agree) for name in ITEMS}
    texts: dict[str, str] = {str(name): str(name) for name in frame} | {
        f"read_{n}": f"What one reads: {n}" for n in (1, 2, 3)
    }
    pyreadstat.write_sav(
        frame, root / "poll.sav", variable_value_labels=labels,
        column_labels=[texts[str(name)] for name in frame],
    )  # fmt: skip
    (root / "studies").mkdir()
    return draft_study(root / "poll.sav", root / "studies", "ten", WAVE, None).folder


@pytest.fixture(scope="module")
def sav_relations(sav: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = computed(load_study(sav), WAVE)
    yield connection
    connection.close()


def met(need: Need, folder: Path, connection: duckdb.DuckDBPyConnection, raw: pd.DataFrame) -> None:
    """Check that the figure equals pandas', with at most six lines in each file."""
    made = [folder / path for path in need.files]
    for path, text in zip(made, need.files.values(), strict=True):
        assert len(text.splitlines()) <= 6
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    try:
        study = load_study(folder).in_wave(WAVE)
    finally:
        for path in made:
            path.unlink()
    assert sum(len(text.splitlines()) for text in need.files.values()) <= 12
    fields = fields_of(study)
    counter = Counter(connection, study, fields)
    request = request_of(study.tabulation.table["t"], study, fields)
    frame = tabulate_requests(counter, [request], WAVE, folder / "waves" / WAVE)["t"]
    assert figure(frame, **need.place)["value"] == pytest.approx(need.expected(raw))
    if need.alpha is not None:
        from assets.tabulate.derived_assets import reliability_lines

        lines = list(reliability_lines(WAVE, fields, study, counter.relations, connection))
        assert lines[0][4] == pytest.approx(need.alpha(raw))
        assert np.isfinite(lines[0][5])


@pytest.mark.parametrize("name", SAV)
def test_a_sav_file(name: str, sav: Path, sav_relations: duckdb.DuckDBPyConnection) -> None:
    met(SAV[name], sav, sav_relations, people())


IN_EXAMPLE = {
    "a breakdown by an answer": Need(
        {"tables/t.yaml": "id: t\nof: i_01\nby: [b_1]\n"},
        {"column": "code_4", "level": "code_1", "statistic": "percent"},
        lambda d: share(d, d["i_01"] == "4", (d["i_01"] != "") & (d["b_1"] == "1")),
    ),
    "a weight": Need(
        {"weights/w.yaml": "id: w\nkind: poststratify\nmargins: {b_1: {code_1: 60, code_2: 37, "
         "code_3: 3}}\nunknown: keep\n",
         "tables/t.yaml": "id: t\nof: i_01\nweight: w\n"},
        {"column": "code_4", "level": "all", "statistic": "percent"},
        lambda d: share(d, d["i_01"] == "4", d["i_01"] != "", fitted(d)),
    ),
    "merged categories": Need(
        {"variables/v.yaml": "id: v\nkind: recode\nof: up_01\ncodes:\n"
         "  - {key: against, codes: [1, 2]}\n  - {key: yes_, codes: [3, 4]}\n",
         "tables/t.yaml": "id: t\nof: v\n"},
        {"column": "against", "level": "all", "statistic": "percent"},
        lambda d: share(d, d["up_01"].isin(["1", "2"]), d["up_01"] != ""),
    ),
    "don't know out of the base": Need(
        {"variables/v.yaml": "id: v\nkind: recode\nof: b_2\nrest: keep\n"
         "codes: [{key: dk, codes: [6], missing: true}]\n",
         "tables/t.yaml": "id: t\nof: v\n"},
        {"column": "code_1", "level": "all", "statistic": "percent"},
        lambda d: share(d, d["b_2"] == "1", d["b_2"].isin(list("12345"))),
    ),
    "a filter with a breakdown": Need(
        {"tables/t.yaml": "id: t\nof: i_01\nby: [b_1]\nfilter: {item: m_1, codes: [1]}\n"},
        {"column": "code_4", "level": "code_2", "statistic": "percent"},
        lambda d: share(
            d, d["i_01"] == "4", (d["i_01"] != "") & (d["b_1"] == "2") & (d["m_1"] == "1")
        ),
    ),
    "two nested breakdowns": Need(
        {"tables/t.yaml": "id: t\nof: i_01\nby: [b_1 > m_1]\n"},
        {"column": "code_4", "level": "code_1 > code_2", "statistic": "percent"},
        lambda d: share(
            d, d["i_01"] == "4", (d["i_01"] != "") & (d["b_1"] == "1") & (d["m_1"] == "2")
        ),
    ),
    "the mean of a scale": Need(
        {"tables/t.yaml": "id: t\nof: i_01\nby: [b_1]\nshow: [mean]\n"},
        {"level": "code_1", "statistic": "mean"},
        lambda d: float(numbers(d[d["b_1"] == "1"], ["i_01"])["i_01"].mean()),
    ),
    "an index with alpha": Need(
        {"variables/v.yaml": "id: v\nkind: index\nof: [i_01, i_02, i_03]\n",
         "tables/t.yaml": "id: t\nof: v\n"},
        {"level": "all", "statistic": "mean"},
        lambda d: float(numbers(d, ["i_01", "i_02", "i_03"]).dropna().mean(axis=1).mean()),
        lambda d: alpha(numbers(d, ["i_01", "i_02", "i_03"])),
    ),
    "boxes as columns": Need(
        {"tables/t.yaml": "id: t\nof: i_01\nby: [v_1]\n"},
        {"column": "code_4", "level": "v_1_1", "statistic": "percent"},
        lambda d: share(d, d["i_01"] == "4", (d["i_01"] != "") & (d["v_1_1"] == "1")),
    ),
    "a top-two box with letters": Need(
        {"variables/v.yaml": "id: v\nkind: net\nof: i_01\ncodes: [3, 4]\n",
         "tables/t.yaml": "id: t\nof: v\nby: [b_1]\ncompare: columns\n"},
        {"level": "code_1", "statistic": "percent", "column": "in"},
        lambda d: share(d, d["i_01"].isin(["3", "4"]), (d["i_01"] != "") & (d["b_1"] == "1")),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study drafted from the export in shared/."""
    assert EXAMPLE is not None
    studies = tmp_path_factory.mktemp("example") / "studies"
    studies.mkdir()
    return draft_study(EXAMPLE, studies, "ten", WAVE, None).folder


@pytest.fixture(scope="module")
def example_relations(example: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = computed(load_study(example), WAVE)
    yield connection
    connection.close()


@pytest.mark.skipif(EXAMPLE is None, reason="no export beside the checkout (shared/)")
@pytest.mark.parametrize("name", IN_EXAMPLE)
def test_the_export_in_shared(
    name: str, example: Path, example_relations: duckdb.DuckDBPyConnection
) -> None:
    assert EXAMPLE is not None
    raw = pd.read_csv(
        EXAMPLE / "dataset.csv", sep=";", dtype=str, encoding="cp1252", keep_default_na=False
    )
    met(IN_EXAMPLE[name], example, example_relations, raw)

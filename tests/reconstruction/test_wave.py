"""The committed wave against print, and against the form of a real export."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import pandas as pd
import pytest
import yaml

from tests.reconstruction import recount

TABLES = sorted(
    path.stem
    for path in (recount.STUDY / "tables").glob("*.yaml")
    if "columns" in yaml.safe_load(path.read_text(encoding="utf-8"))
    and (recount.STUDY / "printed" / f"{path.stem}.csv").is_file()
)


def published(table: str) -> list[dict[str, str]]:
    path = recount.STUDY / "printed" / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def errata() -> dict[tuple[str, int, str, str, str], dict[str, object]]:
    return {
        (e["table"], e["row"], e["group"] or "", e["column"], e["printed"]): e
        for e in recount.declared("printed/errata.yaml")
    }


@pytest.mark.parametrize("table", TABLES)
def test_every_printed_figure_comes_out(table: str) -> None:
    declared = recount.declared(f"tables/{table}.yaml")
    lines, found = published(table), recount.figures(declared)
    assert len(lines) == len(found)
    known = errata()
    # A wrong base applies to all figures of its printed row in one column or line.
    wrong_base = {
        (e["table"], e["row"], e["group"] or "", e["column"] if table == "table_4_3" else "")
        for e in known.values()
        if e.get("likely_n")
    }
    for line, (shown, base) in zip(lines, found, strict=True):
        key = (table, int(line["row"]), line["group"], line["column"], line["printed"])
        erratum = known.get(key)
        expected = line["printed"]
        if erratum is not None:
            expected = str(erratum["likely"] or erratum["constructed"])
        assert shown == expected, f"{key}: {shown}"
        row = (table, key[1], key[2], key[3] if table == "table_4_3" else "")
        if line["n"] and row not in wrong_base:
            assert base == int(line["n"]), f"{key}: base {base}, printed {line['n']}"
        if erratum is not None and erratum.get("likely_n"):
            assert base == erratum["likely_n"]


def test_one_line_per_invited_and_one_status_each() -> None:
    data = recount.export()
    assert len(data) == 838
    assert data["respondent"].is_unique
    flags = data[[f"stato_{i}" for i in range(1, 6)]].astype(int)
    assert (flags.sum(axis=1) == 1).all()
    assert recount.status().value_counts().to_dict() == {
        "none": 393,
        "complete": 288,
        "partial": 157,
    }
    assert (data["stato_3"] == "1").sum() > 130


def test_respondents_drop_out_and_do_not_come_back() -> None:
    """The base falls from question to question. Gaps within a question stay within it."""
    base: dict[int, int] = {}
    for item, entry in recount.items().items():
        if entry["type"] in ("single", "grid", "multiple") and entry.get("reported", True) != []:
            if item == "collaborations_dont_know":
                continue
            count = int(recount.answers(item).notna().sum())
            order = entry["question"]["order"]
            base[order] = max(base.get(order, 0), count)
    falling = [base[order] for order in sorted(base)]
    assert falling == sorted(falling, reverse=True)
    assert falling[0] == 445
    complete = recount.export()["stato_4"] == "1"
    last = recount.answers("challenge_capacity").notna()
    assert last.sum() == 320
    assert (last | ~complete).all()


def test_codes_are_declared_and_texts_only_where_they_belong() -> None:
    data = recount.export()
    for entry in recount.items().values():
        column = data[entry["variable"]]
        if entry["type"] in ("single", "grid"):
            allowed = {str(code["code"]) for code in entry["scale"]} | {""}
            assert set(column) <= allowed, entry["id"]
        elif entry["type"] == "multiple":
            assert set(column) <= {"0", "1"}
    for text, item, codes in (
        ("position_other", "position", {4}),
        ("placement_other", "placement", {4}),
        ("measure_other_text", "measure_other", {1}),
        ("inspiration_other_text", "inspiration_other", {1}),
    ):
        written = data[recount.items()[text]["variable"]] != ""
        assert written.any()
        assert set(recount.answers(item)[written]) <= codes, text


def test_measuring_nothing_excludes_every_other_measure() -> None:
    boxes = [i for i, e in recount.items().items() if e["type"] == "multiple"]
    ticks = pd.DataFrame({box: recount.answers(box) == 1 for box in boxes})
    nothing = ticks.pop("measure_none")
    assert not (nothing & ticks.any(axis=1)).any()
    assert (nothing | ticks.any(axis=1)).sum() == 324


def test_everybody_with_an_area_policy_answer_has_one_to_three_areas() -> None:
    number = recount.levels()["area"].sum(axis=1)[recount.answers("area_policy").notna()]
    assert len(number) == 410
    assert number.between(1, 3).all()


def test_number_of_collaborations_as_the_prose_has_it() -> None:
    numbers = recount.answers("collaborations")
    unknown = recount.answers("collaborations_dont_know").notna()
    assert unknown.sum() == 130
    assert not (unknown & numbers.notna()).any()
    assert numbers.median() == 5
    assert round(numbers.mean()) == 12
    means = {key: numbers[inside].mean() for key, inside in recount.levels()["area"].items()}
    rounded = {key: round(mean) for key, mean in means.items()}
    assert rounded["health"] == 17
    assert rounded["school"] == rounded["citizen_service"] == 15
    assert rounded["employment"] == 7
    assert rounded["management"] == 4
    assert all(9.5 <= means[area] < 12.5 for area in ("social", "culture", "technical"))


def test_no_pressure_lies_on_a_cut() -> None:
    register = pd.read_csv(recount.WAVE / "municipalities.csv")
    values = register["expenditure_pressure"]
    assert values.between(85, 115).all()
    assert values.is_unique
    assert not values.isin([95, 100, 105]).any()


def test_files_are_as_the_source_sheet_says() -> None:
    sheet = recount.declared("waves/2015/source.yaml")
    assert sheet["origin"] == "constructed"
    assert set(sheet["statement"]) == {"da", "en"}
    for entry in sheet["files"].values():
        content = (recount.WAVE / entry["name"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
        assert b"\r" not in content
    (recount.WAVE / "dataset.csv").read_bytes().decode("cp1252")


def test_provenance_has_every_item() -> None:
    items = recount.declared("waves/2015/provenance.yaml")["items"]
    assert list(items) == list(recount.items())


@pytest.mark.parametrize("table", ["table_4_2", "table_4_3"])
def test_every_star_and_every_missing_star_comes_out(table: str) -> None:
    """Pearson chi-square of the whole distribution, area against everyone else."""
    from scipy.stats import chi2_contingency

    declared = recount.declared(f"tables/{table}.yaml")
    for cell, line in zip(recount.cells(declared), published(table), strict=True):
        answers = recount.answers(cell["item"]).dropna()
        inside = recount.within(cell["group"], cell["level"])[answers.index]
        p = chi2_contingency(pd.crosstab(inside, answers), correction=False)[1]
        stars = "".join("*" for bound in (0.05, 0.01, 0.001) if p < bound)
        assert stars == line["note"], (line["row_label"], line["column"], p)


def test_rebuild_gives_the_committed_bytes(tmp_path: Path) -> None:
    from reconstruction.write import reconstruct

    register = recount.STUDY.parents[1] / "reconstruction" / "register.csv"
    missed = reconstruct(recount.STUDY, register, tmp_path)
    assert missed == [], "differences the report states do not show"
    for path in sorted(recount.WAVE.iterdir()):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name

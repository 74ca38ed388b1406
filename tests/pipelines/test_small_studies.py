"""Studies with little content: only numbers, or no table. They run like any other."""

from __future__ import annotations

import re
import shutil
import stat
from pathlib import Path

import dagster as dg
import duckdb
import pandas as pd
import pytest
import yaml

from assets.step.declaring import Check
from assets.step.sections import gathered_checks, gathered_results
from assets.tables.results import RESULT_COLUMNS
from declarations import load_study
from tests.checkout import contents, execute
from tests.pipelines.test_rules_in_a_run import said
from tests.small import Small

NUMBERS = ["4", "12", "2,5", "4", "0", "1.000"]
TABLE = {
    "id": "table_1", "number": "1", "chapter": 1, "title": "Numbers", "cell": {"item": "many"},
    "rows": [{"key": "all", "text": "All"}],
    "columns": [
        {"key": "mean", "text": "Mean", "statistic": "mean"},
        {"key": "median", "text": "Median", "statistic": "median"},
        {"key": "few", "text": "To 4", "range": [0, 4], "statistic": "count"},
        {"key": "n", "text": "N", "code": "total", "statistic": "count"},
    ],
}  # fmt: skip


@pytest.fixture
def numbers(tmp_path: Path) -> Small:
    """The small study with one question left, which asks for a number, and a table of it."""
    small = Small(tmp_path, checks={"scale": {"policy": "quarantine", "threshold": 0.5}})
    small.header = ("id", "place", "many", *(f"stato_{n}" for n in range(1, 6)))
    small.lines = small.lines[: len(NUMBERS)]
    for cells, number in zip(small.lines, NUMBERS, strict=True):
        cells["many"] = number
    small.sheet["invited"] = len(NUMBERS)
    small.write()
    for path in (small.folder / "questions").glob("*.yaml"):
        path.unlink()
    question = {"id": "many", "order": 1, "label": "Many", "type": "numeric", "section": "first",
                "items": [{"id": "many", "variable": "many"}]}  # fmt: skip
    (small.folder / "questions" / "1_many.yaml").write_text(yaml.safe_dump(question))
    (small.folder / "tables" / "table_1.yaml").write_text(yaml.safe_dump(TABLE))
    return small


def test_a_table_may_rest_on_numbers_alone(numbers: Small, tmp_path: Path) -> None:
    result = execute(load_study(numbers.folder), tmp_path, "1")
    assert result.success, said(result, tmp_path)
    output = tmp_path / "output" / "small" / "1"
    results = pd.read_csv(output / "results.csv").set_index("column")["value"]
    # of 4, 12, 2.5, 4 and 0; 1.000 may be one or a thousand
    assert results.to_dict() == {"mean": 4.5, "median": 4.0, "few": 4.0, "n": 5.0}
    set_aside = pd.read_csv(output / "quarantine.csv", dtype=str)
    assert list(zip(set_aside["file_row"], set_aside["value"], strict=True)) == [("7", "1.000")]
    # every level of what holds respondents' words is closed to others
    for folder in (tmp_path / ".work", tmp_path / ".work" / "small"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.long
def test_a_study_without_tables_is_published(numbers: Small, tmp_path: Path) -> None:
    shutil.rmtree(numbers.folder / "tables")
    result = execute(load_study(numbers.folder), tmp_path, "1")
    assert result.success, said(result, tmp_path)
    output = tmp_path / "output" / "small" / "1"
    results = pd.read_csv(output / "results.csv")
    assert list(results.columns) == list(RESULT_COLUMNS)
    assert results.empty
    with duckdb.connect(str(output / "samspil.duckdb"), read_only=True) as connection:
        counted = connection.execute("SELECT sum(n) FROM counts.counts WHERE item = 'many' AND"
                                     " \"group\" = 'all'").fetchone()  # fmt: skip
    assert counted == (5,)


@pytest.mark.long
def test_a_study_without_questions_runs(numbers: Small, tmp_path: Path) -> None:
    for folder in ("tables", "questions"):
        shutil.rmtree(numbers.folder / folder)
        (numbers.folder / folder).mkdir()
    edited = yaml.safe_load((numbers.folder / "study.yaml").read_text("utf-8"))
    edited["export"]["background"] = ["many"]
    (numbers.folder / "study.yaml").write_text(yaml.safe_dump(edited), encoding="utf-8")
    result = execute(load_study(numbers.folder), tmp_path, "1")
    assert result.success, said(result, tmp_path)


def test_an_asset_per_section_computes_what_one_per_question_does(tmp_path: Path) -> None:
    small = Small(tmp_path)
    small.lines[2]["view_1"], small.lines[3]["use"] = "7", "x"
    small.checks = {"scale": {"policy": "quarantine", "threshold": 0.5}}
    study = small.write()
    (small.folder / "crosstabs.yaml").write_text("by: [use]\n", encoding="utf-8")
    apart = execute(load_study(study.folder), tmp_path, "1")
    assert apart.success, said(apart, tmp_path)
    output = tmp_path / "output" / "small" / "1"
    before = contents(output)
    path = small.folder / "study.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "assets_per: section\n", encoding="utf-8")
    together = execute(load_study(small.folder), tmp_path, "1")
    assert together.success, said(together, tmp_path)
    after = contents(output)
    # the pages link to the assets there are
    same = {name for name in before if not name.startswith("report/")}
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert set(after) == set(before)
    made = {
        event.asset_key.to_user_string(): event.materialization
        for event in together.all_events
        if event.is_step_materialization and event.asset_key
    }
    pages = "\n".join(p.read_text("utf-8") for p in (output / "report").rglob("*.html"))
    linked = set(re.findall(r"127\.0\.0\.1:3000/assets/([^\"]+)", pages))
    folders = {name.partition("/")[0] for name in made} | {"audit", "claims", "models", "trends"}
    assert linked - folders <= set(made)
    assert any(name.startswith("banner/") for name in linked)
    questions = {"use", "boxes", "many", "view", "last"}
    assert not any(name.partition("/")[2] in questions for name in made)
    shown = made["answers/2_second"].metadata
    assert "boxes" in str(shown["members"].value)
    checks = {
        (one.asset_key.to_user_string(), one.check_name): one
        for one in together.get_asset_check_evaluations()
    }
    of_third = checks["answers/3_third", "scale"]
    assert not of_third.passed
    assert of_third.metadata["outside_scale"].value == 1
    assert "view_1" in str(of_third.description)
    assert checks["answers/2_second", "scale"].passed


@pytest.mark.parametrize("worst", [dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN])
def test_a_check_of_a_section_fails_as_its_worst_member(worst: dg.AssetCheckSeverity) -> None:
    keys = [dg.AssetKey(["answers", name]) for name in ("a", "b", "c")]
    section = dg.AssetKey(["answers", "1_first"])
    shown = dict.fromkeys(keys, section)
    checks = [Check("scale", key, "", blocking=key == keys[1]) for key in keys]
    (check,) = gathered_checks(checks, shown)
    assert (check.asset, check.blocking) == (section, True)
    warn = dg.AssetCheckSeverity.WARN
    outcomes = [(True, warn), (False, warn), (False, worst)]
    results = [
        dg.AssetCheckResult(
            asset_key=key, check_name="scale", passed=passed, severity=severity,
            description=None if passed else "wrong", metadata={"outside": 2},
        )
        for key, (passed, severity) in zip(keys, outcomes, strict=True)
    ]  # fmt: skip
    (told,) = gathered_results(results, shown)
    assert (told.asset_key, told.passed, told.severity) == (section, False, worst)
    assert told.metadata["outside"].value == 6
    assert told.description == "b: wrong  \nc: wrong"

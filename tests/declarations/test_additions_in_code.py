"""Additions in code as in docs/adding.md: a statistic and an asset.

The long test makes all additions at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pandas as pd
import pytest
from pydantic import TypeAdapter

from assets.raw.rules import files
from assets.raw.rules.judge import FILE_FINDERS, PASSED, WARNED
from assets.statistics import descriptive
from assets.step.factory import Step
from assets.tables import results
from assets.tables.results import OF_NUMBERS
from declarations import SpecError, Study, load_study
from declarations.claims import kinds
from declarations.survey import rules
from declarations.tables import statistics
from declarations.tables.statistics import COLUMNS, NUMBERS, STATISTICS, names_of
from expectations.disclosure.outgoing import DISTRIBUTION, value_key
from replication.deciding import kinds as deciding
from replication.deciding import numbers
from tests import claims
from tests.chain import WAVE, Chain, compute_tables
from tests.checkout import REPOSITORY
from tests.declarations.documented import Block, copy_of_checkout, copy_of_study, of, python
from tests.small import NOTHING, Small

OF_CLAIMS = {str(block.path): block for block in of("A kind of claim") if len(block.text) > 60}
OF_RULES = {str(block.path): block for block in of("A rule") if len(block.text) > 60}
BY_SECTION = {block.path.name: block for block in of("A statistic", "An asset")}
TABLE = "table_4_9"


def module_of(block: Block, patch: pytest.MonkeyPatch) -> ModuleType:
    """The block as an imported module."""
    name = ".".join(block.path.with_suffix("").parts)
    module = ModuleType(name)
    patch.setitem(sys.modules, name, module)
    exec(compile(block.text, str(block.path), "exec"), module.__dict__)
    return module


def run_tests_of(block: Block, patch: pytest.MonkeyPatch) -> None:
    """The tests that the page shows."""
    found = [v for k, v in vars(module_of(block, patch)).items() if k.startswith("test_")]
    assert found
    for test in found:
        test()


@pytest.fixture
def without_largest(monkeypatch: pytest.MonkeyPatch) -> None:
    """No statistic of the page, if the checkout has it."""
    monkeypatch.delitem(cast("dict[str, Any]", STATISTICS), "largest", raising=False)


@pytest.fixture
def with_largest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The statistic of the page, from its two blocks."""
    function, entry = (BY_SECTION[name] for name in ("descriptive.py", "statistics.py"))
    own: dict[str, Any] = dict(vars(descriptive))
    exec(function.text, own)
    (rule,) = eval(f"({entry.text})", vars(statistics))
    assert rule.name == "largest"
    monkeypatch.setattr(descriptive, "largest", own["largest"], raising=False)
    monkeypatch.setitem(cast("dict[str, Any]", STATISTICS), "largest", rule)
    # made from the registered names when the module is loaded
    made = {name: getattr(descriptive, name) for name in names_of(NUMBERS)}
    monkeypatch.setattr(results, "OF_NUMBERS", made)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy with the table that shows the statistic."""
    copy = copy_of_study(tmp_path)
    BY_SECTION[f"{TABLE}.yaml"].apply(tmp_path)
    return copy


def test_every_registered_statistic_has_its_function() -> None:
    assert set(OF_NUMBERS) == set(names_of(NUMBERS))
    assert set(results.DERIVED) == set(names_of(COLUMNS))


@pytest.mark.usefixtures("without_largest")
def test_a_statistic_that_is_not_registered_is_no_statistic(folder: Path) -> None:
    with pytest.raises(SpecError, match="statistic: found 'largest', expected one of count"):
        load_study(folder)


@pytest.mark.usefixtures("with_largest")
def test_guard_format_gate_and_figures_follow_from_one_entry(
    folder: Path, committed: Chain
) -> None:
    study = load_study(folder)
    (small, everyone) = study.table[TABLE].cells
    assert everyone.decimals == 0
    assert value_key(small) == ("collaborations", DISTRIBUTION, "size", "under_35000")
    numbers = pd.to_numeric(committed.answers["collaborations"]["number"])
    shown = compute_tables(study.in_wave(WAVE), committed.counts)[TABLE]
    assert shown["formatted"].iloc[-1] == str(int(numbers.max()))
    path = folder / "tables" / f"{TABLE}.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("item: collaborations", "item: new_focus"), "utf-8")
    with pytest.raises(SpecError, match=r"statistic: found 'largest', .*new_focus is not numeric"):
        load_study(folder)


@pytest.mark.usefixtures("with_largest")
def test_the_test_of_the_statistic_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    run_tests_of(BY_SECTION["test_largest.py"], monkeypatch)


def test_an_asset_is_its_module_and_its_test(
    study: Study, committed: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = module_of(BY_SECTION["completion_assets.py"], monkeypatch)
    run_tests_of(BY_SECTION["test_completion.py"], monkeypatch)
    (one,) = made.steps(study)
    assert isinstance(one, Step)
    (asset,) = one.assets
    assert [place.place for place in asset.published] == [("checks", "completion")]
    usable = pd.concat(committed.answers[q.id] for q in study.counted_questions)
    frame = made.completion(usable, WAVE)
    assert list(frame.columns) == list(asset.columns)
    assert frame["respondents"].sum() == usable["respondent"].nunique()
    assert (frame["items"] * frame["respondents"]).sum() == len(
        usable.drop_duplicates(["respondent", "item"])
    )


def test_a_kind_of_claim_is_its_model_and_its_function(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, function = (
        OF_CLAIMS[name]
        for name in ("declarations/claims/kinds.py", "replication/deciding/numbers.py")
    )
    own = {**vars(kinds)}
    exec(model.text, own)
    made = {**vars(numbers), "Majority": own["Majority"]}
    exec(function.text, made)
    adapter: TypeAdapter[Any] = TypeAdapter(own["Majority"])
    monkeypatch.setitem(
        cast("dict[str, Any]", deciding.DECIDES), "majority", made["decide_majority"]
    )
    monkeypatch.setattr(claims, "ADAPTER", adapter)
    made_test = vars(module_of(OF_CLAIMS["tests/expectations/test_majority.py"], monkeypatch))
    test = made_test["test_a_majority_is_more_than_half"]
    (cases,) = (mark.args[1] for mark in test.pytestmark)
    assert len(cases) == 3
    for case in cases:
        test(study, *case)


def test_a_rule_is_its_entry_and_its_function(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {**vars(files)}
    exec(OF_RULES["assets/raw/rules/files.py"].text, own)
    ((name, rule),) = eval(f"({OF_RULES['declarations/survey/rules.py'].text})", vars(rules))
    monkeypatch.setitem(cast("dict[str, Any]", rules.CATALOGUE), name, rule)
    monkeypatch.setitem(cast("dict[str, Any]", FILE_FINDERS), name, own[name])
    cases = eval(f"{{{OF_RULES['tests/assets/test_rules.py'].text}}}", {"NOTHING": NOTHING})
    small = Small(tmp_path)
    assert small.verdicts()[name].outcome == PASSED
    damage, places, column, checked = cases[name]
    damage(small)
    verdict = small.verdicts()[name]
    assert [(f.row, f.column) for f in verdict.findings] == [(row, column) for row in places]
    assert verdict.checked == checked
    assert verdict.outcome == WARNED


@pytest.mark.long
def test_all_additions_at_once_leave_documents_run_and_tests_green(tmp_path: Path) -> None:
    """A copy of the checkout with everything the page adds, run, documented and tested."""
    root = copy_of_checkout(tmp_path / "copy")
    from tests.declarations.documented import blocks
    from tests.foreign import write_delimited

    for block in blocks():
        if block.path.name != "try_wave.py":
            block.apply(root)
    write_delimited(tmp_path / "download")
    done(root, "-m", "pipelines.cli", "init", str(tmp_path / "download"), "--study", "skole",
         "--wave", "2020")  # fmt: skip
    done(root, "-m", "pipelines.cli", "check")
    done(root, "-m", "pipelines.cli", "run", "skole")
    told = done(root, "-m", "pipelines.cli", "run")
    assert "1467 exact, 7 errata (print cannot be right), 0 differ" in told
    output = root / "output" / WAVE
    for name, text in {
        "completion.csv": "wave,items,respondents", "tables/table_4_9.csv": "256",
        "claims.csv": "c5_900", "models.csv": "m_4_1_new_focus_size",
        "significance.csv": "table_5_9", "results.csv": "table_5_10",
    }.items():  # fmt: skip
        assert text in (output / name).read_text(encoding="utf-8"), name
    before = {p: p.read_bytes() for p in written(root)}
    for tool in ("schema", "dictionary", "data_flow", "audit_document", "reference"):
        done(root, "-m", f"tools.{tool}")
    changed = {str(p.relative_to(root)) for p in written(root) if before.get(p) != p.read_bytes()}
    assert changed == {
        "declarations/schema/claims.json", "declarations/schema/study.json",
        "declarations/schema/table.json", "declarations/schema/unnumbered.json",
        "docs/data-dictionary.md", "docs/data-flow.md", "studies/README.md",
    }  # fmt: skip
    done(root, "-m", "ruff", "check", ".")
    done(root, "-m", "mypy")
    done(root, "-m", "ruff", "format", "--check", ".")
    done(root, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not long and not browser",
         "tests", limit=5400)  # fmt: skip


def written(root: Path) -> list[Path]:
    """The generated documents and schemas."""
    return [*(root / "docs").glob("*.md"), *(root / "declarations" / "schema").glob("*.json"),
            root / "studies" / "README.md"]  # fmt: skip


def done(root: Path, *arguments: str, limit: float = 600) -> str:
    """The output of a command that must succeed within `limit` seconds."""
    result = python(root, *arguments, limit=limit)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    assert root != REPOSITORY
    return result.stdout

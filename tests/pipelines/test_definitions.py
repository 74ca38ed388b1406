"""The code location: valid, light to import, and every asset described."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import dagster as dg
import pytest

from assets.step.names import OWNERS, table
from declarations import Study
from pipelines.definitions import defs
from pipelines.operate.freshness import fresh_key
from pipelines.records.standing_runs import WAVE_JOB
from pipelines.records.waves import register_waves
from pipelines.steps import wave_steps
from publishing.chapters import PUBLISHED
from tests.chain import WAVE, declared_study

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("great_expectations", "statsmodels", "ortools", "scipy")


def specs() -> list[dg.AssetSpec]:
    return list(defs.resolve_all_asset_specs())


def test_loading_imports_nothing_heavy() -> None:
    code = (
        "import sys, pipelines.definitions\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_the_definitions_are_valid() -> None:
    dg.Definitions.validate_loadable(defs)


@pytest.mark.long
def test_dg_finds_nothing_to_complain_about(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dagster_dg_cli.cli", "check", "defs"],
        cwd=ROOT,
        env=clean_environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "warning" not in said.lower(), said


def clean_environment(home: Path) -> dict[str, str]:
    (home / "dagster.yaml").write_bytes((ROOT / "dagster.yaml").read_bytes())
    return os.environ | {
        "DAGSTER_HOME": str(home),
        "DAGSTER_DG_UPDATE_CHECK_ENABLED": "0",
        "VIRTUAL_ENV": sys.prefix,
    }


def test_every_asset_says_what_it_is_and_who_owns_it() -> None:
    for spec in specs():
        name = spec.key.to_user_string()
        assert spec.description, name
        assert spec.kinds, name
        assert spec.owners == OWNERS, name
        assert spec.group_name, name
        assert spec.group_name != "default", name
        # a change belongs to two waves, so trends have no partition of one; freshness is by asset
        waves = dg.DynamicPartitionsDefinition(name="samspil_waves")
        without = spec.group_name == "trends" or spec.freshness_policy is not None
        assert spec.partitions_def == (None if without else waves), name


def test_no_group_is_too_large_to_be_seen_at_a_glance(study: Study) -> None:
    # one for each wave, so a long series has many
    of_waves = {fresh_key(wave) for wave in study.waves}
    groups = Counter(spec.group_name for spec in specs() if spec.key not in of_waves)
    assert {group: n for group, n in groups.items() if n > 15} == {}
    assert len(groups) > 20


@pytest.fixture(scope="module")
def declared() -> Study:
    """The study over all its waves, as the graph has it."""
    return declared_study()


def test_a_wave_with_a_declared_time_has_its_freshness_policy(study: Study) -> None:
    declared = study.operation.lags(study.waves)
    assert set(declared) == set(study.waves)
    policies = {s.key: s.freshness_policy for s in specs() if s.freshness_policy is not None}
    assert set(policies) == {fresh_key(wave) for wave in declared}
    for wave, lag in declared.items():
        assert policies[fresh_key(wave)] == dg.FreshnessPolicy.time_window(fail_window=lag)


def test_there_is_an_asset_per_question_and_table(study: Study) -> None:
    keys = {spec.key.to_user_string() for spec in specs()}
    assert {f"answers/{q.id}" for q in study.questions} <= keys
    assert {f"counts/{q.id}" for q in study.counted_questions} <= keys
    assert {f"tables/{t.id}" for t in study.tables} <= keys


def test_what_is_published_stands_by_chapter_below_its_results(declared: Study) -> None:
    parents = {spec.key: {dep.asset_key for dep in spec.deps} for spec in specs()}
    parts = parents[PUBLISHED]
    assert 8 < len(parts) < 16
    above = [key for part in parts for key in parents[part]]
    made = {key for one in wave_steps(declared) for a in one.assets for key in [a.key]}
    # everything is published, and by one of them
    assert sorted(above) == sorted(made - parts - {PUBLISHED})
    for spec in declared.tables:
        name = f"chapter_{spec.chapter}" if spec.chapter.isdigit() else spec.chapter
        assert table(spec.id) in parents[dg.AssetKey(["report", name])], spec.id


def test_a_table_stands_below_the_questions_it_prints(declared: Study) -> None:
    parents = {spec.key: {dep.asset_key for dep in spec.deps} for spec in specs()}
    for spec in declared.tables:
        above = {key.path[-1] for key in parents[table(spec.id)]}
        wanted = {q.id for q in declared.questions_of(spec)}
        assert above == (wanted or ({"status"} if spec.cells else set())), spec.id


def test_every_table_with_figures_names_its_export_columns(study: Study) -> None:
    descriptions = {spec.key: spec.description or "" for spec in specs()}
    for spec in study.tables:
        for item in (study.items[i] for i in spec.items if i in study.items):
            assert f"`{item.variable}`" in descriptions[table(spec.id)], (spec.id, item.id)


def test_every_check_is_of_the_wave_and_blocking_where_it_must_be(study: Study) -> None:
    checks = {
        key: check.get_spec_for_check_key(key)
        for check in defs.asset_checks or ()
        if isinstance(check, dg.AssetChecksDefinition)
        for key in check.check_keys
    }
    assert sum(key.name == "agrees_with_print" for key in checks) == 26
    for key, spec in checks.items():
        warns = key.name in study.policies and study.policies[key.name].kind == "warn"
        blocking = key.name != "agrees_with_print" and not warns
        assert spec.blocking is blocking, key
        assert spec.description, key


def test_the_jobs_hold_everything_between_them() -> None:
    wave, trends, publish = (
        set(defs.resolve_job_def(name).asset_layer.selected_asset_keys)
        for name in ("wave", "trends", "publish")
    )
    assert wave | trends | publish == {s.key for s in specs() if s.freshness_policy is None}
    assert trends == {s.key for s in specs() if s.group_name == "trends"}
    assert not wave & trends


def test_a_wave_that_appears_becomes_a_partition_without_a_reload(study: Study) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert register_waves(instance, study, (WAVE, "2018")) == (WAVE, "2018")
        assert register_waves(instance, study, (WAVE, "2018")) == ()
        assert register_waves(instance, study, (WAVE, "2021")) == ("2021",)
        job = defs.resolve_job_def(WAVE_JOB)
        assert job.partitions_def is not None
        keys = job.partitions_def.get_partition_keys(dynamic_partitions_store=instance)
        assert list(keys) == [WAVE, "2018", "2021"]


def test_steps_that_read_the_export_mask_unexpected_errors() -> None:
    """An error may quote the cell at which it occurred."""
    steps = wave_steps(declared_study())
    reading = {
        one.name
        for one in steps
        if any(key.path[0] == "raw" for asset in one.assets for key in (asset.key, *asset.deps))
        or any(check.asset.path[0] in ("raw", "answers") for check in one.checks)
    }
    assert {one.name for one in steps if one.reads_cells} >= reading - {"report__published"}
    assert {"read_raw_files", "check_structure", "check_scales", "collect_quarantine"} <= reading

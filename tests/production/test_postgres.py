"""A production instance on PostgreSQL, as deploy/dagster.yaml configures it: quick checks.

`make production` tests the whole process with daemon, web servers, runs and a crash.
"""

from __future__ import annotations

import configparser
import importlib.util
from pathlib import Path

import dagster as dg
import pytest
import yaml

from declarations import Study
from pipelines.records.standing_runs import WAVE_JOB, wave_tags
from pipelines.records.waves import register_waves
from tests.production.postgres import missing, postgres

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))


def test_both_instances_have_the_same_settings_but_for_where_they_keep_things() -> None:
    own = yaml.safe_load((ROOT / "dagster.yaml").read_text(encoding="utf-8"))
    production = yaml.safe_load((DEPLOY / "dagster.yaml").read_text(encoding="utf-8"))
    assert own.pop("event_log_storage")
    assert production.pop("storage") == {
        "postgres": {"postgres_url": {"env": "SAMSPIL_POSTGRES_URL"}}
    }
    assert own == production


def test_services_start_what_is_installed_on_this_machine_only() -> None:
    commands = {}
    for path in UNITS:
        unit = configparser.ConfigParser(interpolation=None, strict=False)
        unit.optionxform = str  # type: ignore[assignment,method-assign]
        unit.read(path, encoding="utf-8")
        command = unit["Service"]["ExecStart"].replace("\\\n", " ").split()
        # a command of .venv/bin would point to where the checkout was made
        assert command[:2] == ["/srv/samspil/.venv/bin/python", "-m"]
        assert importlib.util.find_spec(command[2]) is not None, command[2]
        commands[path.stem] = command
    assert set(commands) == {"samspil-daemon", "samspil-webserver", "samspil-readonly"}
    assert "--read-only" in commands["samspil-readonly"]
    ports = {c[c.index("--port") + 1] for c in commands.values() if "--port" in c}
    assert len(ports) == 2


@pytest.mark.skipif(bool(missing()), reason=missing() or "PostgreSQL is there")
def test_history_survives_the_process_that_wrote_it_and_a_restart_of_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, study: Study
) -> None:
    (tmp_path / "dagster.yaml").write_bytes((DEPLOY / "dagster.yaml").read_bytes())
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))

    @dg.job(name=WAVE_JOB, tags=wave_tags(study, "mark"))
    def job() -> None:
        pass

    with postgres() as server:
        monkeypatch.setenv("SAMSPIL_POSTGRES_URL", server.url())
        with dg.DagsterInstance.get() as instance:
            assert "Postgres" in type(instance.event_log_storage).__name__
            new = register_waves(instance, study, ("2015", "2018"))
            run = job.execute_in_process(instance=instance)
            before = [str(event.dagster_event) for event in instance.all_logs(run.run_id)]
            # what has the instance open goes on after a restart, as daemon and pages do
            server.restart()
            logged = instance.all_logs(run.run_id)
            assert [str(event.dagster_event) for event in logged] == before
            after = job.execute_in_process(instance=instance)
            assert after.success
            instance.delete_run(after.run_id)
        with dg.DagsterInstance.get() as instance:
            assert new == ("2015", "2018")
            assert instance.get_dynamic_partitions("samspil_waves") == ["2015", "2018"]
            assert [r.run_id for r in instance.get_runs()] == [run.run_id]
            assert len(instance.all_logs(run.run_id)) == len(run.all_events)
        # what docs/production.md says of a backup
        server.run("createdb", "restored")
        dumped = server.folder / "samspil.dump"
        server.run("pg_dump", "--format=custom", f"--file={dumped}", "samspil")
        server.run("pg_restore", "--dbname=restored", str(dumped))
        monkeypatch.setenv("SAMSPIL_POSTGRES_URL", server.url("restored"))
        with dg.DagsterInstance.get() as instance:
            assert [r.run_id for r in instance.get_runs()] == [run.run_id]
    assert not list(tmp_path.rglob("*.db"))

"""Files of another user in the checkout: every message says whose they are and what to do.

As root, the tests take the rights of a user who owns nothing. As any other user, they remove the
permissions.
"""

from __future__ import annotations

import codecs
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import dagster as dg
import pytest
from click.testing import CliRunner

import runtime.paths
from assets.step.workspace import PARTITION_TAG, Workspace
from declarations import Study
from declarations.operation import Landing
from pipelines.operate.landing import look_at_landing
from pipelines.records.history import history, opened
from pipelines.records.summary import summarize_run
from pipelines.run.wave_run import FAILED
from pipelines.serve.daemon import main as daemon
from runtime.faults import NotAllowedError, writing
from runtime.output_versions import new_version
from runtime.store import Store
from tests.checkout import samspil

NOBODY = 65534
AS_ROOT = os.geteuid() == 0
# Python loads a codec when it is first used: another user cannot where Python is in root's home
codecs.lookup("utf-8-sig")


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A checkout in which everybody may make files.

    The files that the tests make belong to others.
    """
    # pytest's own folders are closed to others
    with TemporaryDirectory(prefix="samspil-") as folder:
        Path(folder).chmod(0o777)
        taken_for_own(Path(folder), monkeypatch)
        yield Path(folder)


def taken_for_own(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime.paths, "ROOT", root)
    monkeypatch.setattr(runtime.paths, "STUDIES", root / "studies")
    monkeypatch.setattr(runtime.paths, "OUTPUT", root / "output")
    monkeypatch.setenv("DAGSTER_HOME", str(root / ".dagster_home"))


@contextmanager
def somebody_else(*closed: Path) -> Iterator[None]:
    """Within the block these folders cannot be written and these files cannot be read."""
    modes = {path: path.stat().st_mode for path in closed}
    for path in closed:
        path.chmod(0o700 if AS_ROOT else 0o500 if path.is_dir() else 0)
    if AS_ROOT:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if AS_ROOT:
            os.seteuid(0)
        for path, mode in modes.items():
            path.chmod(mode)


def says_whose(said: object, top: Path) -> None:
    """The message about the folder `top`: its owner, or its permissions."""
    text = str(said)
    assert "may not be used by" in text
    assert not re.search("unexpected|Traceback", text)
    if AS_ROOT:
        assert f"{top} belongs to " in text
        assert re.search(rf"\(sudo chown -R \S+ {re.escape(str(top))}\)", text), text
    else:
        assert "the modes of" in text


def test_work_of_another_user_stops_a_run_before_it_begins(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work, wave = root / ".work", root / "studies" / "samspil" / "waves" / "2015"
    work.mkdir()
    wave.mkdir(parents=True)
    for path in (wave / "source.yaml", wave.parents[1] / "study.yaml"):
        path.touch()
    with somebody_else(work):
        assert samspil("run", "--wave", "2015") == FAILED
    says_whose(capsys.readouterr().err, work)


def test_a_working_file_of_another_user_is_not_taken_for_damaged(root: Path) -> None:
    store = Store(root / ".work" / "2015.duckdb")
    with store.connect():
        pass
    before = store.path.read_bytes()
    with somebody_else(store.path), pytest.raises(NotAllowedError) as raised, store.connect():
        pass
    says_whose(raised.value, store.path.parent)
    assert store.path.read_bytes() == before


def test_output_of_another_user_stops_a_run_before_its_first_step(root: Path) -> None:
    ran = []

    @dg.op(required_resource_keys={"workspace"})
    def step() -> None:
        ran.append(1)

    @dg.job(resource_defs={"workspace": Workspace(root=str(root))}, tags={PARTITION_TAG: "2015"})
    def job() -> None:
        step()

    versions = root / "output" / ".published" / "2015"
    versions.mkdir(parents=True)
    # also imports what another user cannot read where the tests run as root
    with dg.DagsterInstance.ephemeral() as instance:
        assert job.execute_in_process(instance=instance).success
    assert ran == [1]
    (root / ".work").chmod(0o777)
    (root / ".work" / "2015.lock").chmod(0o666)
    (root / ".work" / "2015.duckdb").unlink()
    for closed in (root / "output", versions):
        with dg.DagsterInstance.ephemeral() as instance, somebody_else(closed):
            result = job.execute_in_process(instance=instance, raise_on_error=False)
        assert not result.success
        said = [
            str(event.event_specific_data)
            for event in result.all_events
            if "may not be used by" in str(event.event_specific_data)
        ]
        assert said
        assert "Change the owner" in said[0] or "the modes of" in said[0]
        # no step failed, and the summary has the reason nevertheless
        summary = summarize_run([result], root / "output" / "2015", root / "page.html")["summary"]
        says_whose(summary, root / "output")
    assert ran == [1]


def test_output_of_another_user_stops_a_publication_and_links_are_not_blamed(root: Path) -> None:
    link = root / "output" / "2015"
    with new_version(link) as folder:
        (folder / "results.csv").touch()
    with (
        somebody_else(link.parent),
        pytest.raises(NotAllowedError) as raised,
        writing(link),
        new_version(link),
    ):
        pass
    says_whose(raised.value, link.parent)
    assert [path.name for path in link.iterdir()] == ["results.csv"]


def test_a_history_of_another_user_stops_commands_and_services(root: Path) -> None:
    home = root / ".dagster_home"
    home.mkdir()
    (root / "workspace.yaml").write_text("load_from: []", encoding="utf-8")
    with somebody_else(home):
        with pytest.raises(NotAllowedError) as raised, opened():
            pass
        started = CliRunner().invoke(daemon)
    says_whose(raised.value, home)
    assert started.exit_code == 1
    says_whose(started.output, home)


def test_a_file_of_the_history_that_cannot_be_opened_is_found(root: Path) -> None:
    home = root / ".dagster_home"
    file = home / "history" / "runs.db"
    file.parent.mkdir(parents=True)
    for name in (file, home / "other.db"):
        with closing(sqlite3.connect(name)) as connection:
            connection.execute("CREATE TABLE runs (id)")
    with (
        somebody_else(file),
        pytest.raises(NotAllowedError) as raised,
        writing(home),
        history(home),
        closing(sqlite3.connect(file)) as connection,
    ):
        connection.execute("SELECT * FROM runs")
    says_whose(raised.value, home)
    assert str(raised.value).startswith(f"{file} may not")


def test_declarations_of_another_user_are_not_an_unexpected_error(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    declared = root / "studies" / "samspil" / "study.yaml"
    declared.parent.mkdir(parents=True)
    declared.touch()
    with somebody_else(declared):
        assert samspil("check") == FAILED
    assert capsys.readouterr().err == "samspil: study.yaml: cannot be read: Permission denied\n"


def test_a_landing_folder_of_another_user_is_reported_at_each_look(
    root: Path, study: Study
) -> None:
    folder = root / "landing"
    folder.mkdir()
    if not AS_ROOT:
        pytest.skip("its own folder can be read by the user that runs the tests")
    with somebody_else(folder):
        outcome = look_at_landing(root, study, Landing(folder=Path("landing")), {}, 0.0)
    assert outcome.waiting.keys() == {"landing"}
    assert "cannot be read: PermissionError" in outcome.waiting["landing"]

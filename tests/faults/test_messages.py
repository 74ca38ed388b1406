"""The faults of `docs/errors.md` under "Running": a test produces each of them.

Those that no other file tests are here.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from click.testing import CliRunner
from dagster_shared.error import SerializableErrorInfo

import runtime.paths
from assets.step.restricted import masked_errors
from pipelines.commands.shared import plain_errors
from pipelines.records.summary import _unexpected
from pipelines.run.wave_run import FAILED, run_wave
from pipelines.serve.__main__ import main as serve
from pipelines.serve.server import ServerError, must_be_free, must_be_readable
from runtime.faults import is_transient
from runtime.paths import OWN
from runtime.store import Store
from tests.checkout import REPOSITORY

PSEUDONYMS, MACHINE = "assets/test_pseudonyms.py", "faults/test_machine.py"
OTHERS, HERE = "faults/test_other_users.py", "faults/test_messages.py"
LOCK, VERSIONS = "faults/test_wave_lock.py", "faults/test_output_versions.py"
# How a message begins in the document, and the test that brings it about.
TESTED = {
    "the key of respondent ids": (PSEUDONYMS, "names_file_variable_and_reason"),
    "... holds another key": (PSEUDONYMS, "another_key_than_that_of_the_checkouts_ids"),
    "expected one line of": (PSEUDONYMS, "a_malformed_key_is_an_error"),
    "others on this machine": (PSEUDONYMS, "a_key_others_may_read_is_warned_of"),
    "made a key": (PSEUDONYMS, "the_key_is_made_once_for_the_user_alone"),
    "two respondents": (PSEUDONYMS, "a_collision_is_an_error_that_names_nobody"),
    "unexpected": (HERE, "an_error_that_may_quote_an_answer"),
    "step ... failed": ("pipelines/test_summary.py", "an_unexpected_error_is_reported_by_kind"),
    "samspil needs Python": (HERE, "without_a_python_that_is_new_enough"),
    "cannot make environments": (HERE, "without_a_python_that_is_new_enough"),
    "there is no wave": (HERE, "a_wave_that_is_not_there"),
    "output/... was published": (
        "pipelines/test_trends.py",
        "a_snapshot_that_lacks_a_question_fails",
    ),
    "not published yet": ("pipelines/test_trends.py", "that_is_not_published_is_named"),
    "... is reserved for other results": (
        "pipelines/test_init.py",
        "errors_are_messages_and_exit_codes",
    ),
    "study.yaml ...: found 'waves'": ("declarations/test_mistakes.py", "a_mistake_is_reported"),
    "source.yaml ...: wave": ("pipelines/test_landing.py", "a_damaged_wave_is_turned_away"),
    "... has not been materialized": ("pipelines/test_summary.py", "what_we_miss_ourselves"),
    "a blocking check": ("pipelines/test_rules_in_a_run.py", "a_blocking_rule_stops"),
    "the run failed": ("pipelines/test_runs.py", "a_missing_file_stops_the_command"),
    "wave ... is being worked on": (LOCK, "another_process_waits_is_reported_for_whom"),
    "another run has worked": (LOCK, "a_run_whose_wave_another_had_meanwhile"),
    "this file system has no locks": (LOCK, "a_file_system_without_locks_is_named"),
    "no symbolic link": (VERSIONS, "without_symbolic_links_it_says_so"),
    "an input was written": ("pipelines/test_sealing.py", "inputs_that_were_written_meanwhile"),
    "the disk is full": ("faults/test_full_disk.py", "a_stage_without_room_says_so"),
    "... was damaged": (MACHINE, "a_working_file_of_another_format_is_reported_and_made_anew"),
    "... may not be used by ...: ... belongs": (OTHERS, "a_history_of_another_user_stops"),
    "... may not be used by ...: the modes": (MACHINE, "the_file_is_the_one_the_system_named"),
    "... is damaged": (MACHINE, "a_damaged_history_is_reported_with_its_file"),
    "a file of Dagster's history": (MACHINE, "a_locked_history_is_reported"),
    "HOME is not set": (MACHINE, "without_home_no_other_users_key_is_taken"),
    "run 'make setup'": (HERE, "a_checkout_without_its_environment"),
    "Could not set lock": (HERE, "a_working_file_that_another_program_has_open"),
    "port ... of 127.0.0.1": (HERE, "a_port_that_is_taken"),
    ".../dagster.yaml cannot be used": (MACHINE, "settings_of_dagster_that_cannot_be_read"),
    "the database server that": (MACHINE, "a_server_of_the_history_that_does_not_answer"),
    "a database below ... lacks": (MACHINE, "a_history_that_lacks_a_table"),
    "... is a file, expected": (MACHINE, "what_is_in_the_place_of_a_folder_or_file"),
    "the second process of the run": (MACHINE, "a_second_process_that_was_killed"),
    "too many files are open": (HERE, "too_many_open_files"),
    "the current folder no": (HERE, "a_current_folder_that_was_removed"),
    ".../workspace.yaml": (HERE, "code_locations_that_cannot_be_read"),
}


def test_every_fault_of_a_run_has_a_test_that_brings_it_about() -> None:
    text = (REPOSITORY / "docs" / "errors.md").read_text(encoding="utf-8")
    section = text.partition("\n## Running\n")[2].partition("\n## ")[0]
    messages = re.findall(r"(?m)^\| `(.*?)` ", section)
    assert len(messages) >= 30
    found = {message: [b for b in TESTED if message.startswith(b)] for message in messages}
    assert {message for message, begins in found.items() if len(begins) != 1} == set()
    assert {begin for begins in found.values() for begin in begins} == set(TESTED)
    for file, name in TESTED.values():
        tests = (REPOSITORY / "tests" / file).read_text(encoding="utf-8")
        assert re.search(rf"def test_\w*{name}", tests), f"{file} has no test {name}"


def test_an_error_that_may_quote_an_answer_is_reported_by_kind_and_place() -> None:
    with (
        pytest.raises(
            Exception, match=r"unexpected KeyError in .*its message may quote an"
        ) as told,
        masked_errors(),
    ):
        raise KeyError("what somebody wrote")
    assert "what somebody wrote" not in str(told.value)


def test_a_wave_that_is_not_there_is_named_with_those_that_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runtime.paths, "ROOT", tmp_path)
    assert run_wave(OWN, "1999") == FAILED
    assert "there is no wave '1999'" in capsys.readouterr().err


def program(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("python", "said"),
    [
        # an older one answers the question for its version with failure, as one that is missing
        ("exit 1", "samspil needs Python 3.11 or newer; tried: "),
        ('case "$2" in *ensurepip*) exit 1;; esac', "cannot make environments: install its venv"),
    ],
    ids=["old", "without-venv"],
)
def test_without_a_python_that_is_new_enough_make_says_what_to_install(
    tmp_path: Path, python: str, said: str
) -> None:
    for name in ("Makefile", "requirements-bootstrap.txt", "requirements.lock", "dagster.yaml"):
        shutil.copy(REPOSITORY / name, tmp_path)
    found = program(tmp_path / "python", python)
    done = subprocess.run(
        ["make", "setup", f"PYTHON={found}"], cwd=tmp_path, capture_output=True, text=True,
        check=False, env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert done.returncode != 0
    assert said in done.stderr
    assert not (tmp_path / ".venv" / ".bootstrapped").exists()


def test_a_checkout_without_its_environment_says_how_to_make_it(tmp_path: Path) -> None:
    # a moved checkout with a .venv whose Python is gone
    (tmp_path / "bin").mkdir()
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(REPOSITORY / "bin" / "samspil", tmp_path / "bin")
    (tmp_path / ".venv" / "bin" / "python").symlink_to(tmp_path / "gone" / "python3")
    done = subprocess.run(
        [tmp_path / "bin" / "samspil", "status"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == f"samspil: run 'make setup' in {tmp_path} first\n"


def test_a_port_that_is_taken_is_reported_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime.paths, "ROOT", tmp_path)
    (tmp_path / "workspace.yaml").touch()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = CliRunner().invoke(serve, ["--port", str(port)])
    assert done.exit_code == 1
    assert f"port {port} of 127.0.0.1 cannot be used (Address already in use)" in done.output
    assert not (tmp_path / ".dagster_home").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "is missing"),
        ("a: [b", "line 2: is not valid YAML: did not find expected"),
        ("- a", "expected an entry load_from"),
        ("load_from: x", "expected an entry load_from"),
    ],
)
def test_code_locations_that_cannot_be_read_are_reported_before_anything_starts(
    tmp_path: Path, content: str | None, said: str
) -> None:
    file = tmp_path / "workspace.yaml"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(ServerError) as raised:
        must_be_readable(file)
    assert f"{file}" in str(raised.value)
    assert said in str(raised.value)
    must_be_readable(REPOSITORY / "workspace.yaml")


@pytest.mark.parametrize("port", ["0", "99999", "x"])
def test_a_port_that_cannot_be_is_wrong_usage(port: str) -> None:
    assert CliRunner().invoke(serve, ["--port", port]).exit_code == 2


def test_too_many_open_files_are_reported_with_the_limit() -> None:
    said = SerializableErrorInfo("OSError: [Errno 24] Too many open files: 'x'\n", [], "OSError")
    assert "ulimit -n 1024" in _unexpected(said)
    assert "unexpected OSError" in _unexpected(SerializableErrorInfo("OSError: x", [], "OSError"))


@pytest.mark.parametrize("command", ["status", "--help"])
def test_a_reader_that_has_enough_gets_no_complaint(command: str) -> None:
    """As with `| head`: nothing on standard error, whatever is left to write."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", command],
        cwd=REPOSITORY, stdout=writing, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


def test_a_current_folder_that_was_removed_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit), plain_errors():
        raise FileNotFoundError(errno.ENOENT, "No such file or directory")
    assert "the current folder no longer exists" in capsys.readouterr().err
    with pytest.raises(SystemExit), plain_errors():
        (tmp_path / "x").read_bytes()
    assert str(tmp_path / "x") in capsys.readouterr().err


def test_a_connection_closed_a_moment_ago_does_not_block_the_port() -> None:
    with socket.socket() as server, socket.socket() as client:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        client.connect(("127.0.0.1", port))
        served, _ = server.accept()
        # whoever closes first waits: the port of the pages, for a minute
        served.close()
        assert client.recv(1) == b""
    with socket.socket() as probe, pytest.raises(OSError, match="Address already in use"):
        probe.bind(("127.0.0.1", port))
    must_be_free(port)


def test_a_working_file_that_another_program_has_open_is_tried_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "2015.duckdb")
    holder = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(store.path)], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline()
        with pytest.raises(duckdb.IOException, match="Could not set lock on file") as raised:
            store.write({("raw", "files"): pd.DataFrame({"n": [1]})})
        other.communicate(b"\n")
    # the step is tried again, and then it goes well
    assert is_transient(raised.value)
    store.write({("raw", "files"): pd.DataFrame({"n": [1]})})

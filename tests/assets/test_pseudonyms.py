"""Respondent ids: keyed hashes, equal across waves, and the file of the key."""

from __future__ import annotations

import errno
import logging
import multiprocessing
import os
import stat
from pathlib import Path

import dagster as dg
import pytest

import runtime.paths
from assets.clean import pseudonyms
from assets.clean.pseudonyms import CollisionError, keyed_hashes
from assets.step.workspace import Workspace
from pipelines.run.wave_run import FAILED, run_wave
from runtime.paths import OWN
from runtime.private.key_file import (
    VARIABLE,
    KeyFileError,
    existing_key,
    key_of,
    key_path,
    read_key,
)

KEY = bytes(range(32))


def test_ids_are_what_openssl_gives() -> None:
    # printf 'skole\0navn@sted.dk' | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102...1f
    assert keyed_hashes(KEY, "skole", ["navn@sted.dk"]) == ["b65ff65f148fd28a4943"]


def test_ids_depend_on_key_study_and_identifier_only() -> None:
    one = keyed_hashes(KEY, "skole", ["a", "b"])
    assert keyed_hashes(KEY, "skole", ["b", "x", "a"])[::2] == one[::-1]
    assert len({*one, *keyed_hashes(bytes(32), "skole", ["a", "b"])}) == 4
    assert len({*one, *keyed_hashes(KEY, "anden", ["a", "b"])}) == 4
    # the NUL keeps study and identifier apart
    assert keyed_hashes(KEY, "skolea", ["b"]) != keyed_hashes(KEY, "skole", ["ab"])


def test_an_identifier_on_two_lines_is_one_respondent() -> None:
    first, second = keyed_hashes(KEY, "skole", ["a", "a"])
    assert first == second


def test_a_collision_is_an_error_that_names_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pseudonyms, "DIGITS", 1)
    with pytest.raises(CollisionError, match="same hash of 1 digits") as stopped:
        keyed_hashes(KEY, "skole", [f"navn{n}" for n in range(17)])
    assert "navn" not in str(stopped.value)


def test_the_key_is_made_once_for_the_user_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "new" / "key"))
    assert existing_key() is None
    with caplog.at_level(logging.WARNING):
        key = read_key()
    assert len(key) == 32
    assert read_key() == existing_key() == key
    path = tmp_path / "new" / "key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["key"]
    assert "made a key" in caplog.text
    assert key.hex() not in caplog.text


def _made(start: object, path: str, results: object) -> None:
    os.environ[VARIABLE] = path
    start.wait()  # type: ignore[attr-defined]
    results.put(read_key())  # type: ignore[attr-defined]


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    start, results = context.Barrier(8), context.Queue()
    path = str(tmp_path / "samspil" / "key")
    processes = [context.Process(target=_made, args=(start, path, results)) for _ in range(8)]
    for process in processes:
        process.start()
    keys = [results.get(timeout=30) for _ in processes]
    for process in processes:
        process.join(timeout=30)
    assert len(set(keys)) == 1
    assert [path.name for path in (tmp_path / "samspil").iterdir()] == ["key"]


@pytest.mark.parametrize(
    "content",
    ["", "ab" * 31, "xy" * 32, "ab" * 32 + "c", "ab" * 3000, "æ" * 64, "ab" * 32 + "\nab\n"],
    ids=["empty", "short", "not-hex", "odd", "long", "not-ascii", "two-lines"],
)
def test_a_malformed_key_is_an_error_that_does_not_tell_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    path = tmp_path / "key"
    path.write_text(content, encoding="utf-8")
    monkeypatch.setenv(VARIABLE, str(path))
    with pytest.raises(KeyFileError, match="at least 64 hexadecimal digits") as stopped:
        read_key()
    assert str(path) in str(stopped.value)
    assert not content.strip() or content.strip() not in str(stopped.value)
    assert path.read_text(encoding="utf-8") == content


def test_a_key_others_may_read_is_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "key"
    path.write_text(KEY.hex(), encoding="ascii")
    path.chmod(0o640)
    monkeypatch.setenv(VARIABLE, str(path))
    assert read_key() == read_key() == KEY
    assert [record.message for record in caplog.records] == [
        f"{path}: others on this machine may read the key; chmod 600 it"
    ]


@pytest.mark.parametrize(
    ("place", "why"),
    [("file/key", errno.ENOTDIR), ("folder", errno.EISDIR), ("loop", errno.ELOOP)],
)
def test_a_key_that_cannot_be_read_or_made_names_file_variable_and_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, why: int
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    monkeypatch.setenv(VARIABLE, str(tmp_path / place))
    with pytest.raises(KeyFileError, match=VARIABLE) as stopped:
        read_key()
    assert str(tmp_path / place) in str(stopped.value)
    assert f"({os.strerror(why)})" in str(stopped.value)


def test_the_key_is_below_the_configuration_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("HOME", "/h/somebody")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/etc/own")
    assert key_path() == Path("/etc/own/samspil/key")
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    assert key_path() == Path("/h/somebody/.config/samspil/key")
    monkeypatch.delenv("XDG_CONFIG_HOME")
    assert key_path() == Path("/h/somebody/.config/samspil/key")


def test_without_a_home_the_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)

    monkeypatch.setenv("HOME", "/h/somebody")

    def nobody(path: Path) -> Path:
        raise RuntimeError("no home")

    monkeypatch.setattr(Path, "expanduser", nobody)
    with pytest.raises(KeyFileError, match=VARIABLE):
        key_path()


def test_another_key_than_that_of_the_checkouts_ids_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, other, record = tmp_path / "own", tmp_path / "other", tmp_path / ".work" / "key.json"
    monkeypatch.setenv(VARIABLE, str(own))
    key = key_of(tmp_path)
    assert key == read_key() == key_of(tmp_path)
    assert key.hex() not in record.read_text(encoding="utf-8")
    assert stat.S_IMODE(record.parent.stat().st_mode) == 0o700
    # of the same key it does not matter where it is kept
    other.write_bytes(own.read_bytes())
    other.chmod(0o600)
    monkeypatch.setenv(VARIABLE, str(other))
    assert key_of(tmp_path) == key
    other.write_text("ab" * 32, encoding="ascii")
    said = f"other holds another key, but the ids of this checkout were made with {own} by "
    with pytest.raises(KeyFileError) as raised:
        key_of(tmp_path)
    assert said in str(raised.value)
    assert f"Name that file with {VARIABLE}; or, to have new ids, delete {record}" in str(
        raised.value
    )
    assert "ab" * 32 not in str(raised.value)
    # no key is made where another one was in use
    monkeypatch.setenv(VARIABLE, str(tmp_path / "none"))
    with pytest.raises(KeyFileError, match="none: there is no key, but the ids"):
        key_of(tmp_path)
    assert not (tmp_path / "none").exists()
    record.unlink()
    assert key_of(tmp_path) != key


def test_a_run_by_somebody_else_stops_before_it_changes_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runtime.paths, "ROOT", tmp_path)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "own"))
    key_of(tmp_path)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "other"))
    assert run_wave(OWN, "2015") == FAILED
    assert "all ids would change" in capsys.readouterr().err
    with pytest.raises(dg.Failure, match="all ids would change"):
        Workspace(root=str(tmp_path)).key()
